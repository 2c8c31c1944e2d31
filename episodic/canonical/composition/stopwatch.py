"""When each step of a run was taken, for those who ask later what took so long."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import perf_counter

from episodic.canonical.jobs import Step


class Stopwatch:
    """Takes the time of steps, also of steps at the same time."""

    def __init__(self) -> None:
        # One look at the clock on the wall, which may be set while the steps are taken.
        self._origin = datetime.now(UTC), perf_counter()
        self._steps: list[Step] = []

    @contextmanager
    def step(self, name: str, about: str | None = None) -> Generator[None]:
        """Record what the block takes, and whether it fails; the parameters are those of `Step`."""
        begun = perf_counter()
        failed = True
        try:
            yield
            failed = False
        finally:
            wall, origin = self._origin
            started_at = wall + timedelta(seconds=begun - origin)
            self._steps.append(Step(name, about, started_at, round(perf_counter() - begun, 6), failed))

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that have ended, in the order in which they began."""
        return tuple(sorted(self._steps, key=lambda step: step.started_at))
