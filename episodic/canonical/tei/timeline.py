"""Timelines: points in time with an id each, in the order of time."""

from collections.abc import Iterator
from typing import Final

# The name of the canonical transcript's.
CANONICAL: Final = "t"


class Clock:
    """The points in time of a recording, of which each is named by itself.

    The canonical transcript is on the clock of one of its witnesses, and these two have one timeline.

    Parameters
    ----------
    name
        Prefix of the points' ids, before their milliseconds: ``"s1.t"`` names ``s1.t3340``.
    siglum
        Whose clock it is; ``None``: nobody's.
    """

    def __init__(self, name: str, siglum: str | None = None) -> None:
        self._name = name
        self._points: dict[float, int] = {}  # by the times that were pointed to, of which most come again
        self.siglum = siglum

    def pointer(self, attribute: str, time: float | None) -> str:
        """Give an attribute that points to a time, as markup; nothing where there is none."""
        if time is None:
            return ""
        point = self._points.get(time)
        if point is None:
            point = self._points[time] = milliseconds(time)
        return f' {attribute}="#{self._name}{point}"'

    @property
    def is_used(self) -> bool:
        """Whether any point was pointed to."""
        return bool(self._points)

    @property
    def opening(self) -> str:
        """The start tag of its timeline."""
        source = f' source="#{self.siglum}"' if self.siglum else ""
        return f'<timeline unit="s" origin="#{self._name}0"{source}>'

    def points(self) -> Iterator[str]:
        """Yield the points that were pointed to, from the start of the recording, as markup."""
        yield f'<when xml:id="{self._name}0" absolute="00:00:00"/>'
        for point in sorted({*self._points.values()} - {0}):
            yield f'<when xml:id="{self._name}{point}" interval="{point / 1000}"/>'


def milliseconds(time: float) -> int:
    """Give a time as the documents have it."""
    return max(0, round(time * 1000))
