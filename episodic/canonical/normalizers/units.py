"""The unit of times that a source writes as whole numbers without saying what of."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from episodic.canonical.sources import Doubt

# Characters that people say in a second are five to twenty, with pauses and in any script. What is said in a
# unit is far from that in all units but one: the borders lie in the middle between two of them.
_SLOWEST_IN_SECONDS: Final = 0.6
_SLOWEST_IN_HUNDREDTHS: Final = 0.03
_ENOUGH: Final = 5  # characters that tell


class UnknownUnitError(ValueError):
    """Whole numbers that may be seconds, and may be parts of one."""


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
HUNDREDTHS: Final = TimeUnit(100, "hundredths of a second")


def time_unit(spans: Iterable[tuple[float | None, float | None, int]]) -> TimeUnit:
    """The unit of starts and ends, told by how many characters are said between them.

    Nobody takes a minute for a sentence. Numbers with a fraction are seconds.

    Raises
    ------
    UnknownUnitError
        When there is too little speech to tell by, and it is too slow for seconds.
    """
    rates: list[float] = []
    characters = 0
    for start, end, length in spans:
        if start is None or end is None:
            continue
        if not (start.is_integer() and end.is_integer()):
            return SECONDS
        if end > start and length:
            rates.append(length / (end - start))
            characters += length
    if not rates:
        return SECONDS
    rate = sorted(rates)[len(rates) // 2]
    if rate >= _SLOWEST_IN_SECONDS:
        return SECONDS
    if characters < _ENOUGH:
        raise UnknownUnitError(
            "has times in whole numbers, and too few words to tell whether they are seconds;"
            " write them with a fraction (12.0)"
        )
    return HUNDREDTHS if rate >= _SLOWEST_IN_HUNDREDTHS else MILLISECONDS
