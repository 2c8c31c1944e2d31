"""What times count, where a source does not say it: parts of a second, or from when on."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from episodic.canonical.editing.addresses import clock
from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.format import Structure
from episodic.canonical.sources import ClaimField, Doubt, Utterance, number_text

_FEW_SPANS: Final = 3
_ENOUGH: Final = 5  # characters that tell
# Masters of broadcasters begin at 10:00:00 or at 01:00:00, and somebody speaks within two minutes. The times
# of a day, as calls write them, are later than all that they say lasts.
_HOUR_SECONDS: Final = 3600
_SOON_SECONDS: Final = 120
_LATE_HOURS: Final = 10
_LATE_SECONDS: Final = 4 * _HOUR_SECONDS


class TimeUnit(NamedTuple):
    """How many of them are a second, and what they are called."""

    per_second: int
    name: str

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What a person should know of it."""
        if self.per_second == 1:
            return ()
        why = "as seconds they would be too slow for speech"
        return (Doubt.guessed(f"times taken for {self.name}: {why}"),)


SECONDS: Final = TimeUnit(1, "seconds")
MILLISECONDS: Final = TimeUnit(1000, "milliseconds")
# Characters that people say in a second are five to twenty, with pauses and in any script. What is said in a
# unit is far from that in all units but one: the least of each lies in the middle between two of them.
_SLOWEST: Final = {
    SECONDS: 0.6,
    TimeUnit(100, "hundredths of a second"): 0.03,
    MILLISECONDS: 2e-4,
    TimeUnit(10**6, "microseconds"): 3e-6,
    TimeUnit(10**7, "ticks of 100 nanoseconds"): 1e-7,
    TimeUnit(10**9, "nanoseconds"): 6e-10,
}


def time_unit(spans: Iterable[tuple[float | None, float | None, int]]) -> TimeUnit:
    """The unit of starts and ends, told by how many characters are said between them.

    Nobody takes a minute for a sentence. Numbers with a fraction are seconds.

    Raises
    ------
    UnreadableError
        When there is too little speech to tell by, and it is too slow for seconds; or when they count the
        characters of a text, as what marks names in one has them.
    """
    rates: list[float] = []
    characters = counted = 0
    latest = -1.0
    for start, end, length in spans:
        if start is None or end is None:
            continue
        if not (start.is_integer() and end.is_integer()):
            return SECONDS
        if end > start and length:
            rates.append(length / (end - start))
            characters += length
            counted += end - start == length and start > latest  # a space lies between
            latest = end
    if not rates:
        return SECONDS
    if counted == len(rates) > 1:
        raise UnreadableError(
            "has starts and ends that count the characters of its texts, and no times; is it a transcript?"
        )
    rate = sorted(rates)[len(rates) // 2]
    unit = next((unit for unit, slowest in _SLOWEST.items() if rate >= slowest), None)
    if unit is None or (unit is not SECONDS and characters < _ENOUGH):
        raise UnreadableError(
            "has times in whole numbers, and too few words to tell whether they are seconds;"
            " write them with a fraction (12.0)"
        )
    return unit


def is_too_slow(spans: Iterable[tuple[float | None, float | None, int]], fewest: int = _FEW_SPANS) -> bool:
    """Whether what is said between starts and ends, in seconds, is too little for speech in most of them."""
    rates = sorted(
        length / (end - start)
        for start, end, length in spans
        if start is not None and end is not None and end > start
    )
    return len(rates) >= fewest and rates[len(rates) // 2] < _SLOWEST[SECONDS]


def retimed(said: Iterable[Utterance], change: Callable[[float], float]) -> Iterator[Utterance]:
    """The same at other times, also of words."""

    def changed(time: float | None) -> float | None:
        return None if time is None else change(time)

    for each in said:
        words = (replace(word, start=changed(word.start), end=changed(word.end)) for word in each.words)
        yield each._replace(start=changed(each.start), end=changed(each.end), words=tuple(words))


def in_seconds(said: Sequence[Utterance]) -> tuple[Sequence[Utterance], TimeUnit]:
    """What was said, in seconds where its times are whole numbers of something else beyond doubt."""
    spans = [(each.start, each.end, len(each.text)) for each in said]
    unit = SECONDS
    if is_too_slow(spans, 2):
        with contextlib.suppress(UnreadableError):  # it cannot be told
            unit = time_unit(spans)
    return said if unit is SECONDS else [*retimed(said, lambda time: time / unit.per_second)], unit


def from_the_beginning(structure: Structure) -> Structure:
    """A structure whose times count from where its recording begins, whatever its clock shows there."""
    if not (since := _beginning(structure.utterances)):
        return structure
    said = retimed(structure.utterances, lambda time: max(0.0, round(time - since, 6)))
    claims = (
        replace(each, qualifier=number_text(float(each.qualifier) - since))
        if each.field is ClaimField.CHAPTER and each.qualifier and float(each.qualifier) >= since
        else each
        for each in structure.claims
    )
    what = "times of day" if since % _HOUR_SECONDS else "times"
    doubt = Doubt.guessed(f"{what} counted from {clock(since)}, where they begin")
    signals = structure.signals.with_doubts(doubt)
    return replace(structure, utterances=tuple(said), claims=tuple(claims), signals=signals)


def _beginning(utterances: Sequence[Utterance]) -> float:
    """What the clock of a source shows where its recording begins."""
    first = next((each.start for each in utterances if each.start is not None), 0.0)
    if first < _HOUR_SECONDS:
        return 0.0  # as nearly always
    starts = [each.start for each in utterances if each.start is not None]
    first = min(starts)
    hour, since = divmod(first, _HOUR_SECONDS)
    if since < _SOON_SECONDS and (hour == 1 or hour >= _LATE_HOURS):  # at others, it may be a later part
        return hour * _HOUR_SECONDS
    return first if first >= _LATE_SECONDS and max(starts) - first <= first else 0.0
