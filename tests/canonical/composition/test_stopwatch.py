"""Steps are timed one by one, also those that fail and those at the same time."""

from datetime import UTC, datetime, timedelta

import pytest

from episodic.canonical.composition import stopwatch
from episodic.canonical.composition.stopwatch import Stopwatch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that the next looks at the clock give."""
    looks: list[float] = []
    monkeypatch.setattr(stopwatch, "perf_counter", lambda: looks.pop(0))
    return looks


def test_a_step_is_as_long_as_its_block_in_microseconds(clock: list[float]) -> None:
    clock += [100.0, 101.0, 103.50000042, 110.0, 110.25]
    watch = Stopwatch()
    with watch.step("read", "a.txt"):
        pass
    with watch.step("write"):
        pass
    first, second = watch.steps
    assert (first.name, first.about, first.seconds) == ("read", "a.txt", 2.5)
    assert (second.name, second.about, second.seconds) == ("write", None, 0.25)
    assert second.started_at - first.started_at == timedelta(seconds=9)
    assert abs(first.started_at - datetime.now(UTC)) < timedelta(seconds=60)


def test_a_step_that_fails_says_so_and_steps_stand_in_the_order_of_their_beginnings() -> None:
    watch = Stopwatch()
    with pytest.raises(ValueError, match="inner"), watch.step("outer"), watch.step("inner"):
        raise ValueError("inner")
    with watch.step("after"):
        pass
    assert [(step.name, step.failed) for step in watch.steps] == [
        ("outer", True),
        ("inner", True),
        ("after", False),
    ]
