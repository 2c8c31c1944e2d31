"""Timelines: points in time with an id each, in the order of time."""

from collections.abc import Iterable

from episodic.canonical.tei.elements import Element, append_list


class Clock:
    """The points in time of one witness, or of the canonical transcript.

    Parameters
    ----------
    name
        Prefix of the points' ids.
    times
        Seconds, in any order and number; ``None`` is no time.
    """

    def __init__(self, name: str, times: Iterable[float | None]) -> None:
        points = sorted({_milliseconds(time) for time in times if time is not None} - {0})
        self._name = name
        self._ids = {point: f"{name}{number}" for number, point in enumerate(points, 1)}

    def pointer(self, time: float | None) -> str | None:
        """Point to a time; ``None`` where there is none."""
        if time is None:
            return None
        return f"#{self._ids.get(_milliseconds(time), f'{self._name}0')}"

    def write(self, parent: Element, source: str | None = None) -> None:
        """Add the timeline, with the start of the recording as its origin."""
        origin = f"{self._name}0"
        whens = (
            f'<when xml:id="{name}" interval="{point / 1000:.3f}" since="#{origin}"/>'
            for point, name in self._ids.items()
        )
        first = f'<when xml:id="{origin}" absolute="00:00:00"/>'
        append_list(parent, "timeline", (first, *whens), unit="s", origin=f"#{origin}", source=source)


def _milliseconds(time: float) -> int:
    return max(0, round(time * 1000))
