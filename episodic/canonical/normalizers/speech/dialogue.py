"""Who speaks: one model of evidence for every format.

A format gives its pieces of speech in order (cues, paragraphs, segments; their line ends kept), and gets them
back with speakers (`attribute`). What a label is (`labelling`), is decided on all of them:

1.  *Form* (`names.standing`): what stands before a colon or in brackets at the start of a line may be a
    name, a word, a phrase or none.
2.  *Recurrence*: people come again after others have spoken. A label counts where labels return so, in a
    tenth of the pieces or often enough; one at the top names nobody, and neither does a word that comes twice
    in a hundred.
3.  *Throughout*: where half of the pieces have a label, each that looks like a name is one, though it stand
    once; phrases and nicknames, too, if they come again.
4.  *Chevrons* (``>> Tom:``) call somebody: nothing else stands there. Without a name, they and dashes say
    that another speaker begins, of whom nothing is known.
5.  *Everywhere*: where every piece begins with something and a colon, and these return, whatever stands there
    is who speaks, as people call themselves and their telephones in calls: ``+1 415 555 0100: Yes.``
6.  A name holds until the next name or mark. Credits and labels that do not count stay among the words.

For example, of five cues::

    Transcriber: Ann Lee    a phrase, and labels are no people's yet: what is said, by nobody
    MAYA: How far?          a word, and it returns after another's: Maya
    TOMAS: Eight miles.     a word that stands once, but half of the cues have labels: Tomas
    On a clear night.       Tomas
    MAYA: Fact: I slept.    Maya, who says "Fact: I slept."
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from episodic.canonical.normalizers.speech.labelling import (
    ASKS,
    DIRECTIONS,
    EVERYWHERE,
    WIDE,
    Label,
    Labels,
    count_returns,
    doubted_languages,
    find_label,
    find_labels,
)
from episodic.canonical.normalizers.speech.names import Standing, standing
from episodic.canonical.sources import Doubt, Signals, Utterance, Word
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold, fold_each

# A dash or chevrons begin the words of another speaker in captions; chevrons also within a line. Many write
# a hyphen without a space, but a longer dash then goes on with what was said, and a digit makes it a minus.
_CHANGE: Final = pattern(
    rf"[{DIRECTIONS}]*(>>+|[-\u2013\u2014](?=[^\S\n])|-(?=[^\W\d_]|[\"'\u2018\u201c\u2026\u00bf\u00a1(\[\u266a]))[^\S\n]*"
)
_LONG_DASHES: Final = pattern(rf"^[{DIRECTIONS}]*[\u2013\u2014](?=\w)", re.MULTILINE)
# ``[SPEAKER_TURN]`` is whisper.cpp's (``--tinydiarize``), behind the words before.
_CHANGE_INSIDE: Final = pattern(r"(?:(?<=\s)|(?=\[))(>>|\[SPEAKER_TURN\])(?:[^\S\n]+|$)")
# What a text has that has a label or a mark of a change.
_TELLING: Final = pattern(
    rf"[:{WIDE}]|>>|\[SPEAKER_TURN\]|^[^\S\n{DIRECTIONS}]*(?:[{DIRECTIONS}][^\S\n{DIRECTIONS}]*)*"
    r"[->\u2013\u2014\[(\u3010\uff3b\u3014\uff08]",
    re.MULTILINE,
)
_FEW_PIECES: Final = 6
_FEW_NAMES: Final = 4
_MEANWHILE: Final = pattern(r"//\s*+([^/:]{1,60}):\s*+([^/]++)//")
_NO_WORD: Final = pattern(r"[\d@]")
_END: Final = "[.?!\u2026\u3002\uff01\uff1f\u061f\u0964\u0589\u1362]"
QUESTION_END: Final = pattern(rf"(?:{ASKS.pattern})\W*$")
SENTENCE_END: Final = pattern(rf"(?:{_END}|{ASKS.pattern})[\"'\u201d\u2019)\u00bb\u300d\]]*$")


class AttributedSpeech(NamedTuple):
    """Speech with its speakers, and what a person should know about how they were found."""

    utterances: tuple[Utterance, ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def attribute(said: Sequence[Utterance]) -> AttributedSpeech:
    """Find out who speaks.

    Parameters
    ----------
    said
        Pieces of speech in order, in whose texts line ends are kept and nothing else is taken out. A speaker
        that is given stands; `words` lose those of the label.

    Returns
    -------
    The pieces with folded texts, more where several people speak in one; those without words are left out.
    """
    said = _below_names(said)
    parted = [
        split_changes(piece.text.strip("\n")) if piece.speaker is None and not _is_plain(piece.text) else None
        for piece in said
    ]
    found = find_labels(_lines(itertools.chain.from_iterable(filter(None, parted))))
    if found and (words := _introducing(found, said) | _shown(found, said)):
        found = [label for label in found if label.name not in words]
    names = [label.name for label in found]
    languages = tuple(doubted_languages([(label.name, label.words) for label in found]))
    labels = Labels.among(found, len(said)).including(() if languages else _everywhere(said))
    made: list[Utterance] = []
    speaker: str | None = None
    turn = False  # whether another speaker has begun, of whom nothing is said yet
    changes = 0
    for piece, parts, whole in zip(said, parted, fold_each([piece.text for piece in said]), strict=True):
        text, where, given, start, end, confidence, words, turns = piece
        if given is None and parts is None and not (turn or turns):
            if whole and speaker is None and whole == text:
                made.append(piece)
            elif whole:
                made.append(Utterance(whole, where, speaker, start, end, confidence, words))
            continue
        if given is not None:
            turn = False
            if folded := fold(_without_name(text, given)):
                made.append(piece._replace(text=folded, words=_within(words, folded)))
            continue
        if turns:
            turn, speaker = True, None
        for mark, part in parts or (("", text),):
            if mark:
                changes += 1
                turn, speaker = True, None
            for name, spoken in labels.split_lines(part):
                if name is not None:
                    changes -= bool(mark)
                    mark = ""  # noqa: PLW2901 - a named change is not an unnamed one
                    turn, speaker = False, name
                if folded := fold(spoken):
                    left = _within(words, folded)
                    made.append(Utterance(folded, where, speaker, start, end, confidence, left, turn))
                    turn = False
    notes = (f"changes of speaker marked without a name: {changes}",) if changes else ()
    return AttributedSpeech(tuple(made), notes, languages if labels.names.isdisjoint(names) else ())


def meanwhile(said: Sequence[Utterance]) -> Sequence[Utterance]:
    """Speech with what another says meanwhile apart, which noScribe writes as ``//S01: Yes.//`` within."""
    if not any("//" in each.text for each in said):
        return said
    names = {each.speaker for each in said}
    made: list[Utterance] = []
    for each in said:
        text, *others = _MEANWHILE.split(each.text)
        if names.isdisjoint(others[::3]):
            made.append(each)
            continue
        parts = [(each.speaker, text)]
        for name, words, rest in itertools.batched(others, 3, strict=True):
            parts += [(name, words), (each.speaker, rest)]
        made += [
            each._replace(text=fold(text), speaker=name, words=(), turn=each.turn and not at)
            for at, (name, text) in enumerate(parts)
            if text.strip()
        ]
    return made


def _without_name(text: str, speaker: str) -> str:
    """A text without the name of its speaker before a colon, which some write beside a voice."""
    label = find_label(text) if text.lstrip().startswith(speaker) else None
    return text if label is None or label.name != speaker else text[label.end :]


def _below_names(said: Sequence[Utterance]) -> Sequence[Utterance]:
    """The pieces with who says them where each has a name on a first line of its own, and these return."""
    heads: list[str] = []
    for piece in said:
        name, below, _ = piece.text.strip("\n").partition("\n")
        if not below or piece.speaker is not None or standing(name) < Standing.WORD:
            return said
        heads.append(name)
    if len(heads) < _FEW_NAMES or len(set(heads)) * 2 > len(heads) or count_returns(heads) < 2:
        return said
    return [
        piece._replace(speaker=name, text=piece.text.strip("\n").partition("\n")[2])
        for name, piece in zip(heads, said, strict=True)
    ]


def _introducing(found: Sequence[Label], said: Sequence[Utterance]) -> frozenset[str]:
    """Words that introduce something, as "Spoiler": small letters follow them, as they begin nobody's turn.

    In a text that has no capitals, that says nothing; where most pieces have labels, little: only of a word
    that stands once, if a few have none and hardly a turn begins small.
    """
    small = Counter(label.name for label in found if label.small and label.standing is Standing.WORD)
    most = len(found) * 2 >= len(said)
    if not small or (most and (len(found) >= len(said) or small.total() * 5 > len(found))):
        return frozenset()
    if sum(piece.text[:1].isupper() for piece in said) * 3 < len(said):
        return frozenset()
    counts = Counter(label.name for label in found)
    return frozenset(
        name
        for name, times in small.items()
        if (counts[name] == 1 if most else times * 3 >= counts[name] * 2)
    )


def _shown(found: Sequence[Label], said: Sequence[Utterance]) -> frozenset[str]:
    """Words above what is shown, as "SIGN: CLOSED": they stand once, and no mark ends what is behind them.

    Where nearly all else that is said up to the next label ends with one.
    """
    counts = Counter(label.name for label in found)
    once = {label.name for label in found if label.standing is Standing.WORD and counts[label.name] == 1}
    if not once or len(found) * 2 < len(said):
        return frozenset()
    labels = [find_label(piece.text) for piece in said]
    ended = [
        (label.name, not piece.text.rstrip()[-1:].isalnum())
        for (piece, label), after in itertools.pairwise(zip(said, labels, strict=True))
        if label is not None and after[1] is not None
    ]
    if sum(end for _, end in ended) * 5 < len(ended) * 4:
        return frozenset()
    return frozenset(name for name, end in ended if name in once and not end)


def _everywhere(said: Sequence[Utterance]) -> frozenset[str]:
    """What stands before a colon in every piece, if it returns as names do; else nothing."""
    if len(said) < _FEW_PIECES or any(":" not in piece.text or piece.speaker is not None for piece in said):
        return frozenset()
    heads = [head[1] for piece in said if (head := EVERYWHERE.match(piece.text)) is not None]
    names = Counter(heads)
    often = len(heads) == len(said) and len(names) * 3 <= len(heads) and len(names) > 1
    if not often or count_returns(heads) < 2:
        return frozenset()
    # What stands once may also be "He said:"; a number or an address is no word.
    return frozenset(name for name, times in names.items() if times > 1 or _NO_WORD.search(name))


def _lines(parts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The lines of texts that were split where another speaker begins, each first one after its mark."""
    for mark, part in parts:
        first, *others = part.split("\n")
        yield f"{mark} {first}".lstrip()
        yield from others


def _is_plain(text: str) -> bool:
    """Whether a text has no label and no mark of a change; most have none of their characters."""
    pointed = ":" in text or "-" in text or ">" in text or "[" in text or "(" in text or not text.isascii()
    return not pointed or _TELLING.search(text) is None


def split_changes(text: str) -> list[tuple[str, str]]:
    """Split a text where another speaker begins; each part after its mark, which is empty without one."""
    if "\n" not in text and ">>" not in text and "[S" not in text:
        mark = None if text[:1].isalnum() else _CHANGE.match(text)
        return [(mark[1], text[mark.end() :]) if mark else ("", text)]
    parts: list[tuple[str, str]] = []
    # In two lines of one text, a long dash does as well.
    dialogue = not text.isascii() and len(_LONG_DASHES.findall(text)) > 1
    for line in text.split("\n"):
        mark = _CHANGE.match(_LONG_DASHES.sub("-", line) if dialogue else line)
        said, *others = (line[mark.end() :] if mark else line,)
        if ">>" in said or "[S" in said:
            said, *others = _CHANGE_INSIDE.split(said)
        if mark is not None or not parts:
            parts.append((mark[1] if mark else "", said))
        else:
            parts[-1] = parts[-1][0], f"{parts[-1][1]}\n{said}"
        parts.extend(itertools.batched(others, 2, strict=True))
    return parts if parts[0][0] or parts[0][1].strip() or len(parts) == 1 else parts[1:]


def covered(signals: Signals, utterances: Sequence[Utterance]) -> Signals:
    """Signals with the shares of the words that have a speaker, and times; whether these go backwards."""
    words = spoken = timed = 0
    latest, backwards = -math.inf, ""
    for utterance in utterances:
        count = utterance.text.count(" ") + 1
        words += count
        if utterance.speaker is not None:
            spoken += count
        if utterance.start is not None:
            timed += count
            if utterance.start < latest:
                backwards = backwards or utterance.where
            latest = utterance.start
    doubt = Doubt.damaged(f"times go backwards at {backwards}")
    if backwards and doubt not in signals.doubts:
        signals = replace(signals.with_doubts(doubt), well_formed=False)
    if not words:
        return signals
    return replace(signals, speaker_coverage=spoken / words, timing_coverage=timed / words)


def _within(words: tuple[Word, ...], text: str) -> tuple[Word, ...]:
    """The last of the words that spell the text, without those of its label."""
    if not words:
        return ()
    letters = text.replace(" ", "")
    rest: list[Word] = []
    size = 0
    for word in reversed(words):
        if size >= len(letters):
            break
        rest.append(word)
        size += len(word.text)
    rest.reverse()
    return tuple(rest) if "".join(word.text for word in rest).replace(" ", "") == letters else ()
