"""Progress, told by tasks."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from episodic import asyncio_tasks
from episodic.asyncio_tasks import TaskMetadata, create_task, task_name
from episodic.observability.progress import Progress

COUNTED = "make"


def task(
    operation: str, label: str | None, seconds: float, run: str = "r", *, fails: bool = False
) -> asyncio.Task[None]:
    async def work() -> None:
        await asyncio.sleep(seconds)
        if fails:
            raise ValueError

    metadata: TaskMetadata = {"operation_name": operation, "correlation_id": run}
    return create_task(work(), name=task_name(metadata, label), metadata=metadata)


async def gather(*tasks: tuple[str, str | None, float, str]) -> None:
    await asyncio.gather(*(task(*each) for each in tasks))


def show(total: int, *tasks: tuple[str, str | None, float, str], interval: float = 0.1) -> None:
    with Progress(COUNTED, total, "things", interval=interval) as progress:
        asyncio_tasks.run(gather(*tasks), observers=[progress])


def test_lines_say_how_much_is_done_and_what_runs_now(capsys: pytest.CaptureFixture[str]) -> None:
    show(3, (COUNTED, "a", 0.0, "r1"), (COUNTED, "/long/path/to/b", 0.5, "r2"))
    first, *_ = capsys.readouterr().err.splitlines()
    assert first.startswith("1 of 3 things, ")
    assert "left; now to/b (0." in first


def test_a_short_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show(1, (COUNTED, "a", 0.0, "r1"), interval=5)
    assert capsys.readouterr() == ("", "")


def test_parts_are_shown_instead_of_what_they_are_parts_of(capsys: pytest.CaptureFixture[str]) -> None:
    show(1, (COUNTED, "whole", 0.3, "r1"), ("read", "part", 0.3, "r1"))
    first, *_ = capsys.readouterr().err.splitlines()
    assert "0 of 1 things; now part (0." in first
    assert "whole" not in first


def test_what_two_tasks_are_for_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    show(1, (COUNTED, "whole", 0.3, "r1"), ("compose", "whole", 0.3, "r1"))
    first, *_ = capsys.readouterr().err.splitlines()
    assert first.count("whole (0.") == 1


def test_housekeeping_which_has_no_label_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show(1, ("beat", None, 0.3, "r1"))
    assert capsys.readouterr().err.splitlines()[0] == "0 of 1 things; now nothing"


def test_of_many_the_oldest_are_shown_and_the_rest_counted(capsys: pytest.CaptureFixture[str]) -> None:
    show(9, *((COUNTED, f"n{number}", 0.3, f"r{number}") for number in range(6)))
    first, *_ = capsys.readouterr().err.splitlines()
    assert all(f"n{number} (" in first for number in range(4))
    assert first.endswith("and 2 more")


def test_failures_are_counted_and_what_needs_nothing_is_not_expected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def main() -> None:
        await asyncio.gather(task(COUNTED, "a", 0.0, fails=True), return_exceptions=True)
        progress.expect_fewer()
        await asyncio.sleep(0.3)

    with Progress(COUNTED, 3, "things", interval=0.1) as progress:
        asyncio_tasks.run(main(), observers=[progress])
    assert capsys.readouterr().err.splitlines()[0].startswith("1 of 2 things, 1 failed, ")


def test_a_slow_rate_is_told_by_the_minute_and_no_time_is_left_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr("episodic.observability.progress.time", SimpleNamespace(monotonic=lambda: now))
    told: list[str] = []
    with Progress(COUNTED, 3, "things", interval=0.05) as progress:
        for _ in range(3):
            now += 90
            progress.finished({"operation_name": COUNTED}, "a", "returned", 0, None)
            capsys.readouterr()
            lines: list[str] = []
            while len(lines) < 2:  # the first may have been begun before
                time.sleep(0.05)
                lines += capsys.readouterr().err.splitlines()
            told.append(lines[-1])
    assert told == [
        "1 of 3 things, 0.7/min, 3:00 left; now nothing",
        "2 of 3 things, 0.7/min, 1:30 left; now nothing",
        "3 of 3 things; now nothing",
    ]
