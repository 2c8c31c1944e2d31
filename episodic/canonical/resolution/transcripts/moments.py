"""When words inside of an utterance are said: as few times as tell those of all others.

Between two moments, time follows letters. So a moment is needed only where the course of the text bends: one
goes on as long as a straight line passes all times by at most a quarter of a second, and puts a moment where
none does any more (the swinging door, Bristol 1990)::

    letters  0         12        24        36        48
    course   0.0       1.0       2.0       6.0       7.0
    moments                      2.0       6.0              one before the pause, one after it
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from episodic.canonical.document import Text, accepted
from episodic.canonical.resolution.transcripts.clocks import Clocks

_NEAR: Final = 0.25

type Moment = tuple[int, float]


def moments(
    text: Text, edges: Sequence[int], clocks: Clocks, start: float | None, end: float | None
) -> tuple[Moment, ...]:
    """Find the moments of an utterance.

    Parameters
    ----------
    edges
        The columns where each piece of the text begins, and the one after the last.
    start, end
        When it begins and ends, in seconds.

    Returns
    -------
    Numbers of characters, and when the word after so many begins.
    """
    if len(text) == 1 and not clocks.bends(*edges):
        return ()
    known = dict(_known(text, edges, clocks))
    length = sum(len(accepted(piece)) for piece in text)
    low, high = start or 0.0, float("inf") if end is None else end
    inside = [moment for moment in known.items() if 0 < moment[0] < length and low < moment[1] < high]
    # One at least: it says that the words are timed, and not only the utterance.
    return tuple(_bends(inside, start, length, end)) or tuple(inside[len(inside) // 2 :][:1])


def _bends(known: Sequence[Moment], start: float | None, length: int, end: float | None) -> Iterator[Moment]:
    """Yield those of the known moments between which all others lie on straight lines."""
    if not known:
        return
    if start is None:
        yield known[0]
    origin = known[0] if start is None else (0, start)
    last: Moment | None = None
    low, high = float("-inf"), float("inf")
    for moment in [*known, *([] if end is None else [(length, end)])]:
        if moment[0] <= origin[0]:
            continue
        if last is not None and not low <= _slope(origin, moment) <= high:
            yield last
            origin, low, high = last, float("-inf"), float("inf")
        low = max(low, _slope(origin, moment, -_NEAR))
        high = min(high, _slope(origin, moment, _NEAR))
        last = moment
    if end is None and last is not None:
        yield last


def _slope(one: Moment, other: Moment, off: float = 0.0) -> float:
    return (other[1] + off - one[1]) / (other[0] - one[0])


def _known(text: Text, edges: Sequence[int], clocks: Clocks) -> Iterator[Moment]:
    """Yield the times of the course that stand where a moment can: between words, not in a variation."""
    at = 0
    for piece, (start, end) in zip(text, pairwise(edges), strict=True):
        if isinstance(piece, str):
            first = clocks.places[start]
            if len(piece) == clocks.places[end] - first:
                for place, time in clocks.points(start, end):
                    yield at + place - first, time
        elif (time := clocks.start(start)) is not None:
            yield at, time
        at += len(accepted(piece))
