"""Who speaks when, where it stands beside what is said: a list of starts, ends and speakers without words.

So programs write it that transcribe first and tell speakers apart then (``diarization``), and editors whose
paragraphs say who speaks the words of another list. Each word is said in the turn that it stands in, or is
nearest to, and an utterance is parted where its words change the turn.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from episodic.canonical.sources import Utterance, Word
from episodic.canonical.text.tokens import spaced

_OTHER_UNIT = 50  # times as late
_NEAR = 4  # turns before a moment that may still go on


class Turn(NamedTuple):
    """From when to when somebody speaks, in seconds."""

    start: float
    end: float
    speaker: str


def told_apart(said: Sequence[Utterance], turns: Sequence[Turn]) -> Sequence[Utterance]:
    """Give utterances that name nobody the speakers of the turns that they are said in."""
    if not turns or any(each.speaker for each in said):
        return said
    ordered = sorted(turns)
    until = max((each.end or each.start or 0.0 for each in said), default=0.0)
    if not until / _OTHER_UNIT <= ordered[-1].end <= until * _OTHER_UNIT:
        return said  # they count something else
    starts = [turn.start for turn in ordered]

    def speaker(of: Utterance | Word, before: str | None) -> str | None:
        if of.start is None:
            return before
        middle = (of.start + (of.start if of.end is None else of.end)) / 2
        at = bisect_right(starts, middle)
        near = ordered[max(0, at - _NEAR) : at + 1]
        return min(
            near, key=lambda turn: (max(turn.start - middle, middle - turn.end, 0.0), -turn.start)
        ).speaker

    return [part for each in said for part in _parted(each, speaker)]


def _parted(
    each: Utterance, speaker: Callable[[Utterance | Word, str | None], str | None]
) -> Iterator[Utterance]:
    whole = speaker(each, None)
    spoken: list[tuple[str | None, Word]] = []
    for word in each.words:
        spoken.append((speaker(word, spoken[-1][0] if spoken else whole), word))
    if len({name for name, _ in spoken}) < 2:
        yield each._replace(speaker=spoken[0][0] if spoken else whole)
        return
    for name, run in groupby(spoken, key=itemgetter(0)):
        words = tuple(word for _, word in run)
        text = spaced(word.text for word in words)
        yield each._replace(text=text, speaker=name, start=words[0].start, end=words[-1].end, words=words)
