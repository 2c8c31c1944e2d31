"""Captions that say one thing in several cues: said once, with the times of its words.

In the order in which they are looked for, each only where the file has the habit:

1.  *Tokens*: a cue for each token (``whisper.cpp --max-len 1``). They join to words, a leading space
    beginning one, and words to sentences, which end with their mark or a silence.
2.  *Highlighted*: the same sentence again, with another word marked (``whisper --highlight_words True``), and
    *growing*: the sentence so far, with a word more each time. Such cues touch in time.
3.  *Rolling*: the line above shown again with a new one under it.

For example the cues "Mind", "Mind the", "Mind the step" at 2, 2.5 and 3 seconds are "Mind the step", whose
words begin at 2, 2.5 and 3.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from episodic.canonical.normalizers.speech.dialogue import SENTENCE_END
from episodic.canonical.sources import Utterance, Word
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import are_unspaced, fold, is_unspaced, spaced, tokenize

type _Times = tuple[float | None, float | None]

_CLOSING: Final = pattern(r"[^\w\s\"'\u201c\u2018\u00ab(\[\u00bf\u00a1#$\u20ac\u00a3]+|['\u2019]\w+")
_OPENING: Final = pattern(r"[\u00bf\u00a1(\[{\u201c\u2018\u00ab\u201e]+")
_NO_TOKEN: Final = pattern(r"(?:[-\u2013\u2014]|>+|\s)*")  # nothing, or a change of speaker
_PAUSE_SECONDS: Final = 2.0
_TOUCH_SECONDS: Final = 0.3
# So many must there be, with spaces that begin words or without: a few short answers are no tokens.
_FEW_TOKENS, _MANY_TOKENS = 4, 8
_TOKEN_SAMPLE: Final = 200
_BETWEEN: Final = frozenset(" \n")  # a token stands on one line
_FEW_STEPS: Final = 4  # in which sentences grow
_SAMPLE: Final = 24
_SCROLLED: Final = 8  # lines that captions have on the screen; a cue of a hundred thousand would take minutes


def once(
    pieces: Sequence[Utterance], marked: Sequence[range | None]
) -> tuple[Sequence[Utterance], str | None]:
    """Pieces that say each thing once, and what was put together.

    Parameters
    ----------
    pieces
        What the cues show, with their line ends.
    marked
        For each piece where what stands out in it does, in characters without white space.
    """
    if are_tokens(pieces):
        return list(joined(pieces)), "cues of single words were joined to sentences"
    note, growing = None, _are_growing(pieces)
    shown = map(_Shown, pieces, marked, strict=True)
    whole = list(_whole(shown, growing=growing)) if growing or any(marked) else pieces
    if len(whole) < len(pieces):
        note = "cues that show a sentence word by word were said once"
    if _is_rolling([_lines(piece) for piece in whole[:_SAMPLE]]):
        return list(_unrolled(whole)), "rolling captions: repeated lines were collapsed"
    return whole, note


def _are_growing(pieces: Sequence[Utterance]) -> bool:
    texts = [piece.text for piece in pieces]
    if sum(map(str.startswith, texts[1:], texts, strict=False)) < max(_FEW_STEPS, len(pieces) * 2 / 5):
        return False
    steps = sum(itertools.starmap(_grows, itertools.pairwise(pieces)))
    return steps >= _FEW_STEPS and steps * 5 >= len(pieces) * 2


def are_tokens(pieces: Sequence[Utterance]) -> bool:
    """Whether nearly every piece is a single token."""
    sample = pieces[:_TOKEN_SAMPLE]
    several = sum([not _BETWEEN.isdisjoint(piece.text.strip()) for piece in sample])
    if several * 5 > len(sample):
        return False
    shown = [piece for piece in sample if not _NO_TOKEN.fullmatch(piece.text)]
    spaced = any(piece.text[:1] == " " for piece in shown)
    if len(shown) < (_FEW_TOKENS if spaced else _MANY_TOKENS) or several * 5 > len(shown):
        return False
    tokens = [len(tokenize([piece.text]).forms) for piece in shown]
    return sum(1 for count in tokens if count <= 2) * 10 >= len(tokens) * 8


def joined(pieces: Sequence[Utterance]) -> Iterator[Utterance]:
    """Tokens as sentences, each with its words; a speaker, a sentence's end or a silence ends one."""
    spaced = any(piece.text[:1] == " " for piece in pieces)
    words: list[Word] = []
    first: Utterance | None = None
    for piece in pieces:
        if not (text := fold(piece.text)):
            continue
        ended = words and (
            (first is not None and piece.speaker != first.speaker)
            or SENTENCE_END.search(words[-1].text)
            or _gap(words[-1].end, piece.start) > _PAUSE_SECONDS
        )
        goes_on = bool(words) and not (piece.text[:1] == " " if spaced else not _CLOSING.fullmatch(text))
        if ended and not (goes_on and _CLOSING.fullmatch(text)):
            assert first is not None
            yield _sentence(first, words)
            words, goes_on = [], False
        if goes_on or (words and _OPENING.fullmatch(words[-1].text)):
            words[-1] = Word(words[-1].text + text, words[-1].start, piece.end, words[-1].confidence)
            continue
        if not words:
            first = piece
        words.append(Word(text, piece.start, piece.end, piece.confidence))
    if first is not None and words:
        yield _sentence(first, words)


def _sentence(first: Utterance, words: Sequence[Word]) -> Utterance:
    text = spaced(word.text for word in words)
    return first._replace(text=text, start=words[0].start, end=words[-1].end, words=tuple(words))


class _Shown(NamedTuple):
    """A piece, and where what stands out in it does."""

    piece: Utterance
    mark: range | None


def _whole(shown: Iterable[_Shown], *, growing: bool) -> Iterator[Utterance]:
    """Runs of pieces in which one sentence is highlighted or grows, as one piece each."""
    run: list[_Shown] = []
    for each in shown:
        grows = growing and run and _grows(run[-1].piece, each.piece)
        if run and not (grows or _is_again(run, each)):
            yield _run(run)
            run = []
        run.append(each)
    if run:
        yield _run(run)


def _run(run: Sequence[_Shown]) -> Utterance:
    first, last = run[0].piece, run[-1].piece
    if len(run) == 1:
        return first
    again = any(mark is not None for _, mark in run)
    times: dict[int, _Times] = {}
    cuts: set[int] = set()
    spoken = 0
    for piece, mark in run:
        count = width(piece.text)
        if said := mark or (None if again else range(spoken, count)):
            times |= dict.fromkeys(said, (piece.start, piece.end))
            cuts |= {said.start, said.stop}
        spoken = count
    return last._replace(where=first.where, start=first.start, words=tuple(_timed(last.text, times, cuts)))


def _timed(text: str, times: Mapping[int, _Times], cuts: Collection[int]) -> Iterator[Word]:
    """The words of a text with the times of their characters; scripts without spaces are cut at marks."""
    position = 0
    for token in text.split():
        begin = 0
        # ASCII has spaces between its words: nothing is cut in it.
        for at in (len(token),) if token.isascii() else range(1, len(token) + 1):
            inside = at < len(token) and not (
                position + at in cuts and are_unspaced(token[at - 1], token[at])
            )
            if not inside:
                yield Word(token[begin:at], *times.get(position + begin, (None, None)))
                begin = at
        position += len(token)


def width(text: str) -> int:
    """How many characters there are without white space."""
    return sum(map(len, text.split()))


def _grows(before: Utterance, after: Utterance) -> bool:
    """Whether a piece says what the one before says, and more."""
    if not after.text.startswith(before.text):
        return False
    more = after.text[len(before.text) :]
    apart = more[:1].isspace() or (before.text and more and is_unspaced(before.text[-1]))
    return bool(apart) and bool(before.text) and _touch(before, after)


def _is_again(run: Sequence[_Shown], shown: _Shown) -> bool:
    """Whether a piece shows the sentence of the run again, with other words marked or none."""
    before, mark = run[-1], shown.mark
    if before.piece.text != shown.piece.text or not _touch(before.piece, shown.piece) or before.mark == mark:
        return False
    # Marks go forward: where the first word is marked again, the sentence is said again.
    latest = next((each.mark for each in reversed(run) if each.mark is not None), None)
    return mark is None or latest is None or mark.start > latest.start


def _touch(before: Utterance, after: Utterance) -> bool:
    return before.speaker == after.speaker and _gap(before.end, after.start) <= _TOUCH_SECONDS


def _gap(end: float | None, start: float | None) -> float:
    return 0.0 if end is None or start is None else start - end


def _lines(piece: Utterance) -> tuple[str, ...]:
    return tuple(folded for line in piece.text.split("\n") if (folded := fold(line)))


def _unrolled(pieces: Sequence[Utterance]) -> Iterator[Utterance]:
    """Drop the lines with which a piece repeats the end of the one before."""
    shown: tuple[str, ...] = ()
    for piece in pieces:
        lines = _lines(piece)
        fresh = lines[_overlap(shown, lines) :]
        shown = lines
        if fresh:
            letters = len("".join(fresh).replace(" ", ""))
            yield piece._replace(text="\n".join(fresh), words=_last(piece.words, letters))


def _last(words: Sequence[Word], characters: int) -> tuple[Word, ...]:
    """The words that so many characters at the end are."""
    first = len(words)
    while first and characters > 0:
        first -= 1
        characters -= len(words[first].text)
    return tuple(words[first:])


def _overlap(before: tuple[str, ...], after: tuple[str, ...]) -> int:
    """How many lines at the end of one piece begin the next."""
    for count in range(min(len(before), len(after), _SCROLLED), 0, -1):
        if before[-count:] == after[:count]:
            return count
    return 0


def _is_rolling(sample: Sequence[tuple[str, ...]]) -> bool:
    """Whether pieces show the line above again with a new one under it.

    People who say the same twice do not do so all the time, and not on two lines.
    """
    scrolled = repeated = 0
    for before, after in itertools.pairwise(sample):
        if overlap := _overlap(before, after):
            repeated += 1
            scrolled += overlap < len(after)
    return scrolled >= 2 and repeated * 2 >= len(sample) - 1
