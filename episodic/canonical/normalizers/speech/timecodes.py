"""Times that count frames, ``00:00:02:12``, as editing programs write them, with fractions instead.

1.  How many frames a second has is what the text says above the first: "25 fps", "Frame rate: 29.97".
2.  Else a semicolon, of drop-frame, means thirty; other times have the least usual rate that all their frames
    are below, and at least 25. So a time is wrong by a fifth of a second at most, and that is said.
3.  At 23.976 or 29.97 frames a second, times without a semicolon fall behind the clock, by 3.6 seconds an
    hour, from the whole hour in which a program begins: they count whole frames.
"""

import re
from dataclasses import dataclass
from typing import Final

from episodic.canonical.normalizers.speech.names import Standing, standing
from episodic.canonical.sources import Doubt
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import ARROW
from episodic.canonical.text.tokens import fold

_TIME: Final = r"(?<![\d:;.])(\d{1,2})[:;]([0-5]\d)[:;]([0-5]\d)([:;])(\d\d)(?![\d:;]|[.]\d)"
_FRAMES: Final = pattern(_TIME, re.ASCII)
_LIKELY: Final = pattern("[:;][0-5][0-9][:;][0-5][0-9][:;][0-9][0-9]")  # told in a twentieth of the time
# A time, or two, in front of what is said, or beside a name.
_LEADING: Final = pattern(
    rf"(?P<before>[^\n]{{0,61}}?){_TIME}(?:(?P<between>\s*(?:{ARROW.pattern}|[-\u2010-\u2015~,])\s*|\s+){_TIME})?",
    re.ASCII,
)
_STATED: Final = pattern(
    r"\b(?:fps|frame[ _-]?rate|frames per second)\W{1,3}(\d{2,3}(?:[.,]\d{1,3})?)|"
    r"\b(\d{2,3}(?:[.,]\d{1,3})?) ?(?:fps|frames per second)\b",
    re.IGNORECASE | re.ASCII,
)
_USUAL: Final = (25, 30, 50, 60, 100)
_DROPPING: Final = 30


@dataclass(frozen=True, slots=True)
class Timecodes:
    """How a text counts frames.

    Parameters
    ----------
    rate
        Frames a second.
    stated
        Whether the text says so.
    begins
        The whole hour that times begin in, in seconds.
    """

    rate: float
    stated: bool
    begins: int = 0

    @classmethod
    def found_in(cls, text: str) -> Timecodes | None:
        """How the times of a text count frames; ``None`` where none does."""
        first = _FRAMES.search(text) if _LIKELY.search(text) else None
        if first is None:
            return None
        most = max(int(time[5]) for time in _FRAMES.finditer(text, first.start()))
        if said := _STATED.search(text, 0, first.start()):
            rate = float((said[1] or said[2]).replace(",", "."))
            if rate > most:
                return cls(rate, stated=True, begins=int(first[1]) * 3600)
        least = _DROPPING if first[4] == ";" else 0
        return cls(next(rate for rate in _USUAL if rate > most and rate >= least), stated=False)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What was assumed."""
        if self.stated:
            return ()
        assumed = f"times count frames, {self.rate:g} a second, which is assumed: the file does not say"
        return (Doubt.guessed(assumed),)

    def in_front(self, line: str) -> str:
        """A line with fractions in the time, or the two, that stand in front or behind a name."""
        match = _LEADING.match(line)
        if match is None:
            return line
        before, between = match["before"], match["between"]
        name = fold(before).strip(" :*[]()|,-\u2013\u2014")
        if name and standing(name) is Standing.NONE:
            return line
        groups = match.groups()
        times = self._plain(*groups[1:6])
        if between is not None:
            times += (between if between.strip(" ,") else " - ") + self._plain(*groups[7:])
        return f"{before}{times}{line[match.end() :]}"

    def _plain(self, hours: str, minutes: str, seconds: str, sign: str, frames: str) -> str:
        """A time with a fraction."""
        whole, counted = (int(hours) * 60 + int(minutes)) * 60 + int(seconds), round(self.rate)
        total = whole + int(frames) / counted
        if sign == ":":
            total = self.begins + (total - self.begins) * counted / self.rate
        minute, rest = divmod(round(total * 1000), 60_000)
        return f"{minute // 60:02}:{minute % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
