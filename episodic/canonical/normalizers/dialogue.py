"""Who speaks: one model of evidence for every format.

A format gives its pieces of speech in order (cues, paragraphs, segments; their line ends kept), and gets them
back with speakers (`attribute`). What a label is, is decided on all of them:

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
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from episodic.canonical.normalizers.lexicon import ROLES
from episodic.canonical.normalizers.names import Standing, is_sound, standing
from episodic.canonical.sources import Signals, Utterance, Word

_DIRECTIONS: Final = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_DIRECTION: Final = re.compile(f"[{_DIRECTIONS}]")
_BLANK: Final = rf"[\s{_DIRECTIONS}]"
_CLOSINGS: Final = "\u202c\u2069\u200e\u200f"
_WIDE: Final = "\uff1a\ufe13\ufe55"  # of Chinese and Japanese
# "Name:", "Name :", "Name [off]:" and "[SPEAKER_00] words", also as "[SPEAKER_00]: words"; a colon needs a
# space after it, where no wide one or a letter without case follows.
_LABEL: Final = re.compile(
    rf"{_BLANK}*(?:(?P<mark>>>+|[-\u2013\u2014]){_BLANK}*)?"
    rf"(?:(?:\[(?P<square>[^\[\]\n]{{1,60}})\]|\((?P<round>[^()\n]{{1,60}})\)|[\u3010\uff3b\u3014\uff08]"
    rf"(?P<lenticular>[^\u3011\uff3d\u3015\uff09\n]{{1,60}})[\u3011\uff3d\u3015\uff09]){_BLANK}*+(?P<colon>[:{_WIDE}])?"
    rf"|(?P<name>[^\n:{_WIDE}\[\]<>?!;\u2026|]{{1,60}}?)(?:[ ]\[[^\[\]\n:]{{1,30}}\])?{_BLANK}*"
    rf"(?::(?={_BLANK}|$|[^\W\d_a-zA-Z])|[{_WIDE}])){_BLANK}*"
)
# A dash or chevrons begin the words of another speaker in captions; chevrons also within a line. Many write
# a hyphen without a space, but a longer dash then goes on with what was said, and a digit makes it a minus.
_CHANGE: Final = re.compile(
    rf"[{_DIRECTIONS}]*(>>+|[-\u2013\u2014](?=[^\S\n])|-(?=[^\W\d_]|[\"'\u2018\u201c\u2026\u00bf\u00a1(\[\u266a]))[^\S\n]*"
)
# ``[SPEAKER_TURN]`` is whisper.cpp's (``--tinydiarize``), behind the words before.
_LONG_DASHES: Final = re.compile(rf"^[{_DIRECTIONS}]*[\u2013\u2014](?=\w)", re.MULTILINE)
_CHANGE_INSIDE: Final = re.compile(r"(?:(?<=\s)|(?=\[))(>>|\[SPEAKER_TURN\])(?:[^\S\n]+|$)")
# What a text has that has a label or a mark of a change.
_TELLING: Final = re.compile(
    rf"[:{_WIDE}]|>>|\[SPEAKER_TURN\]|^[^\S\n{_DIRECTIONS}]*(?:[{_DIRECTIONS}][^\S\n{_DIRECTIONS}]*)*"
    r"[->\u2013\u2014\[(\u3010\uff3b\u3014\uff08]",
    re.MULTILINE,
)
# The least share of the pieces that labels stand in front of, where people come again.
_SHARE: Final = 0.1
_OFTEN: Final = 4
_EVERYWHERE: Final = re.compile(r"[^\S\n]*([^\n:<>]{1,60}?)[^\S\n]*:(?=\s)")
_FEW_PIECES: Final = 6
_NO_WORD: Final = re.compile(r"[\d@]")


_END: Final = "[.?!\u2026\u3002\uff01\uff1f\u061f\u0964\u0589\u1362]"
SENTENCE_END: Final = re.compile(rf"{_END}[\"'\u201d\u2019)\u00bb\u300d\]]*$")


class Label(NamedTuple):
    """What may name a speaker at the start of a text: how it stands there, and where the speech begins.

    Parameters
    ----------
    called
        Whether chevrons call it.
    bare
        Whether it has a line of its own, in brackets, as what is heard has.
    small
        Whether a small letter follows.
    """

    name: str
    standing: Standing
    called: bool
    end: int
    bare: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Labels:
    """The speaker labels of one transcript, decided on the whole of it.

    Parameters
    ----------
    names
        Those that count.
    returns
        How often a name comes again after another.
    """

    names: frozenset[str] = frozenset()
    returns: int = 0

    @classmethod
    def among(cls, found: Sequence[Label], total: int) -> Labels:
        """Decide on labels in their order, of so many pieces: cues, paragraphs, segments."""
        found = named(found)
        return cls.decided([(label.name, label.standing) for label in found], total).including(
            label.name for label in found if label.called and label.standing >= Standing.WORD
        )

    @classmethod
    def decided(cls, found: Sequence[tuple[str, Standing]], total: int) -> Labels:
        """Decide which labels name people, of all in their order."""
        counts = Counter(name for name, _ in found)
        forms = dict(found)
        people = [name for name, form in found if form >= Standing.WORD]
        returns = count_returns(people)
        if not returns:
            people = [name for name in people if name.casefold() not in ROLES]
        throughout = len(people) * 2 >= total and (len(people) > 1 or total == 1)
        named = any(forms[name] is Standing.NAME for name, times in Counter(people).items() if times > 1)
        again = returns > 0 and (
            named or len(people) >= _SHARE * total or (returns >= _OFTEN and len(people) * 40 >= total)
        )
        numbered = {name for name in people if counts[name] > 1 and any(map(str.isdigit, name))}
        names = (
            numbered
            if not (throughout or again)
            else {name for name in people if counts[name] > 1 or throughout or forms[name] is Standing.NAME}
        )
        if len(found) * 5 >= total * 4:
            names |= set(people) if len(people) < len(found) else set()
            # Where all is labelled, somebody may have said no more, and phrases are people, as in Vietnamese.
            everywhere = len(found) >= total and count_returns([name for name, _ in found]) > 1
            names |= {
                name
                for name, times in counts.items()
                if (forms[name] is Standing.NICKNAME and times > 1 - everywhere)
                or (forms[name] is Standing.PHRASE and times > 1 and everywhere)
            }
        if throughout or (names and len(found) * 2 >= total):
            names |= {name for name, times in counts.items() if times > 1 and forms[name] is Standing.PHRASE}
        return cls(frozenset(names), returns)

    def including(self, names: Iterable[str]) -> Labels:
        """Labels with names that are known from elsewhere."""
        return replace(self, names=self.names.union(names))

    def split(self, text: str) -> tuple[str | None, str]:
        """The speaker whose label `text` begins with, and the rest."""
        if not self.names:
            return None, text
        label = find_label(text)
        if label is not None and label.name not in self.names:
            name, _, aside = label.name.partition(" (")
            if aside and name in self.names:  # "MAYA (whispering): Come in."
                return name, f"({aside} {text[label.end :]}"
        if label is None or label.name not in self.names:
            head = _EVERYWHERE.match(text)
            if head is None or head[1] not in self.names:
                return None, text
            return head[1], text[head.end() :]
        rest = text[label.end :]
        # In bold text and after it, some write the name twice.
        again = find_label(rest)
        if again is not None and again.name == label.name:
            rest = rest[again.end :]
        return label.name, rest.rstrip(_CLOSINGS)

    def split_lines(self, text: str) -> list[tuple[str | None, str]]:
        """Split `text` at the lines that begin with a label; what stands before the first has no name."""
        if not self.names:
            return [(None, text)]
        parts: list[tuple[str | None, str]] = []
        name: str | None = None
        lines: list[str] = []
        for line in text.split("\n"):
            label, rest = self.split(line)
            if label is not None:
                if lines:
                    parts.append((name, " ".join(lines)))
                name, lines = label, [rest]
            else:
                lines.append(line)
        parts.append((name, " ".join(lines)))
        return parts


class Attributed(NamedTuple):
    """Speech with its speakers, and what a person should know about how they were found."""

    utterances: tuple[Utterance, ...]
    notes: tuple[str, ...] = ()


def attribute(said: Sequence[Utterance]) -> Attributed:
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
    parted = [
        split_changes(piece.text.strip("\n")) if piece.speaker is None and not _is_plain(piece.text) else None
        for piece in said
    ]
    found = find_labels(_lines(itertools.chain.from_iterable(filter(None, parted))))
    if found and (words := _introducing(found, said)):
        found = [label for label in found if label.name not in words]
    labels = Labels.among(found, len(said)).including(_everywhere(said))
    made: list[Utterance] = []
    speaker: str | None = None
    turn = False  # whether another speaker has begun, of whom nothing is said yet
    changes = 0
    for piece, parts in zip(said, parted, strict=True):
        text, where, given, start, end, confidence, words, turns = piece
        if given is None and parts is None and not (turn or turns):
            folded = " ".join(text.split())
            if folded and folded == text and speaker is None:
                made.append(piece)
            elif folded:
                made.append(Utterance(folded, where, speaker, start, end, confidence, words))
            continue
        if given is not None:
            turn = False
            if folded := fold(text):
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
    return Attributed(tuple(made), notes)


def _introducing(found: Sequence[Label], said: Sequence[Utterance]) -> frozenset[str]:
    """Words that introduce something, as "Spoiler": small letters follow them, as they begin nobody's turn.

    In a text that has no capitals, and where most pieces have labels, that says nothing.
    """
    small = Counter(label.name for label in found if label.small and label.standing is Standing.WORD)
    if not small or len(found) * 2 >= len(said):
        return frozenset()
    if sum(piece.text[:1].isupper() for piece in said) * 3 < len(said):
        return frozenset()
    counts = Counter(label.name for label in found)
    return frozenset(name for name, times in small.items() if times * 3 >= counts[name] * 2)


def _everywhere(said: Sequence[Utterance]) -> frozenset[str]:
    """What stands before a colon in every piece, if it returns as names do; else nothing."""
    if len(said) < _FEW_PIECES or any(":" not in piece.text or piece.speaker is not None for piece in said):
        return frozenset()
    heads = [head[1] for piece in said if (head := _EVERYWHERE.match(piece.text)) is not None]
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


def find_label(text: str) -> Label | None:
    """What may name a speaker at the start of `text`."""
    if not (":" in text or "[" in text or "(" in text) and text.isascii():
        return None  # the pattern would look far for a colon
    match = _LABEL.match(text)
    if match is None:
        return None
    inside = match["square"] or match["round"] or match["lenticular"]
    name = _cleaned(inside or match["name"] or "")
    form = standing(name)
    if form is Standing.NONE or (inside is not None and not match["colon"] and _is_aside(name, form)):
        return None
    bare = inside is not None and not match["colon"] and match.end() == len(text)
    called = (match["mark"] or "").startswith(">")
    return Label(name, form, called, match.end(), bare, text[match.end() : match.end() + 1].islower())


def find_labels(lines: Iterable[str]) -> Sequence[Label]:
    """The labels in front of lines."""
    return [label for line in lines if (label := find_label(line)) is not None]


def named(found: Sequence[Label]) -> Sequence[Label]:
    """The labels without those in brackets on a line of their own, unless most stand so."""
    others = [label for label in found if not label.bare]
    return others if len(others) * 2 >= len(found) else found


def split_changes(text: str) -> list[tuple[str, str]]:
    """Split a text where another speaker begins; each part after its mark, which is empty without one."""
    if "\n" not in text and ">>" not in text and "[S" not in text:
        mark = _CHANGE.match(text)
        return [(mark[1], text[mark.end() :]) if mark else ("", text)]
    parts: list[tuple[str, str]] = []
    # In two lines of one text, a long dash does as well.
    dialogue = not text.isascii() and len(_LONG_DASHES.findall(text)) > 1
    for line in text.split("\n"):
        mark = _CHANGE.match(_LONG_DASHES.sub("-", line) if dialogue else line)
        said, *others = _CHANGE_INSIDE.split(line[mark.end() :] if mark else line)
        if mark is not None or not parts:
            parts.append((mark[1] if mark else "", said))
        else:
            parts[-1] = parts[-1][0], f"{parts[-1][1]}\n{said}"
        parts.extend(itertools.batched(others, 2, strict=True))
    return parts if parts[0][0] or parts[0][1].strip() or len(parts) == 1 else parts[1:]


def fold(text: str) -> str:
    """Fold white space to single spaces."""
    return " ".join(text.split())


def fold_lines(text: str) -> str:
    """Fold the white space of each line, and leave empty ones out."""
    return "\n".join(filter(None, map(fold, text.split("\n"))))


def covered(signals: Signals, utterances: Sequence[Utterance]) -> Signals:
    """Signals with the shares of the words that have a speaker, and that have times."""
    words = spoken = timed = 0
    for utterance in utterances:
        count = utterance.text.count(" ") + 1
        words += count
        if utterance.speaker is not None:
            spoken += count
        if utterance.start is not None:
            timed += count
    if not words:
        return signals
    return replace(signals, speaker_coverage=spoken / words, timing_coverage=timed / words)


def count_returns(names: Sequence[str]) -> int:
    """How often a name comes again after another."""
    seen: set[str] = set()
    count = 0
    for before, name in itertools.pairwise(["", *names]):
        count += name in seen and name != before
        seen.add(name)
    return count


def _cleaned(name: str) -> str:
    """A name without directions, and without what marks it."""
    return fold(_DIRECTION.sub("", name)).strip(" *_>/-\u2013\u2014")


def _is_aside(name: str, form: Standing) -> bool:
    """Whether words in brackets are heard, not said: only names are so written without a colon."""
    return form < Standing.WORD or is_sound(name)


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
