"""When the words of an utterance are said: between the moments that a document knows, by their letters."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from episodic.canonical.tei.reader import Spoken
from episodic.publishing.breaking import pieces


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word, and when it begins and ends, in seconds."""

    text: str
    start: float
    end: float


def timed_words(spoken: Spoken) -> list[TimedWord]:
    """Give the words of an utterance with their times; none where it has no start and end."""
    if spoken.start is None or spoken.end is None:
        return []
    when = course(spoken, spoken.start, spoken.end)
    found: list[TimedWord] = []
    for piece in pieces(spoken.text, max(1, len(spoken.text))):
        start, end = when(piece.offset), when(piece.offset + len(piece.text))
        found.append(TimedWord(piece.text, round(start, 3), round(end, 3)))
    return found


def course(spoken: Spoken, start: float, end: float) -> Callable[[int], float]:
    """Make a function from a number of characters to seconds, for an utterance that lasts so long."""
    inside = [(at, time) for at, time in spoken.moments if 0 < at < len(spoken.text) and start <= time <= end]
    places = [0, *(at for at, _ in inside), max(1, len(spoken.text))]
    times = [start, *(time for _, time in inside), end]

    def when(place: int) -> float:
        after = min(max(bisect_right(places, place), 1), len(places) - 1)
        share = (place - places[after - 1]) / (places[after] - places[after - 1])
        return times[after - 1] + share * (times[after] - times[after - 1])

    return when
