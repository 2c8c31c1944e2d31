"""Progress, told by tasks."""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Sequence
from types import SimpleNamespace
from typing import Never

import pytest

from episodic import asyncio_tasks
from episodic.asyncio_tasks import TaskMetadata, create_task, task_name
from episodic.observability.progress import Progress

COUNTED = "make"

type Told = Callable[..., str]


def task(
    operation: str, label: str | None, work: Coroutine[None, Never, object], run: str = "r"
) -> asyncio.Task[object]:
    metadata: TaskMetadata = {"operation_name": operation, "correlation_id": run}
    return create_task(work, name=task_name(metadata, label), metadata=metadata)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Tells what is told while tasks run, as soon as it matches."""

    def show(
        pattern: str,
        total: int,
        *running: tuple[str, str | None, str],
        ended: Sequence[tuple[str, Coroutine[None, Never, object]]] = (),
    ) -> str:
        async def main() -> str:
            over = asyncio.Event()
            each = [task(operation, label, over.wait(), run) for operation, label, run in running]
            each += [task(COUNTED, label, work) for label, work in ended]
            lines: list[str] = []
            async with asyncio.timeout(60):
                while not any(found := [line for line in lines if re.search(pattern, line)]):
                    await asyncio.sleep(0.02)
                    lines = capsys.readouterr().err.splitlines()
            over.set()
            await asyncio.gather(*each, return_exceptions=True)
            return found[0]

        with Progress(COUNTED, total, "things", interval=0.1) as progress:
            return asyncio_tasks.run(main(), observers=[progress])

    return show


def test_lines_say_how_much_is_done_and_what_runs_now(told: Told) -> None:
    line = told("^1 of 3 things, ", 3, (COUNTED, "/long/path/to/b", "r2"), ended=[("a", asyncio.sleep(0))])
    assert re.search(r"left; now to/b \(\d+\.", line)


def test_a_short_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        await task(COUNTED, "a", asyncio.sleep(0))

    with Progress(COUNTED, 1, "things", interval=60) as progress:
        asyncio_tasks.run(main(), observers=[progress])
    assert capsys.readouterr() == ("", "")


def test_parts_are_shown_instead_of_what_they_are_parts_of(told: Told) -> None:
    line = told("now part", 1, (COUNTED, "whole", "r1"), ("read", "part", "r1"))
    assert re.match(r"0 of 1 things; now part \(\d+\.", line)
    assert "whole" not in line


def test_what_two_tasks_are_for_is_shown_once(told: Told) -> None:
    line = told("now whole", 1, (COUNTED, "whole", "r1"), ("compose", "whole", "r1"))
    assert line.count("whole (") == 1


def test_housekeeping_which_has_no_label_is_not_shown(told: Told) -> None:
    assert told("^1 of", 1, ("beat", None, "r1"), ended=[("a", asyncio.sleep(0))]).endswith("now nothing")


def test_of_many_the_oldest_are_shown_and_the_rest_counted(told: Told) -> None:
    line = told("and 2 more$", 9, *((COUNTED, f"n{number}", f"r{number}") for number in range(6)))
    assert all(f"n{number} (" in line for number in range(4))


def test_failures_are_counted_and_what_needs_nothing_is_not_expected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def fail() -> None:
        raise ValueError

    async def main() -> None:
        await asyncio.gather(task(COUNTED, "a", fail()), return_exceptions=True)
        progress.expect_fewer()
        async with asyncio.timeout(60):
            while "1 of 2 things, 1 failed, " not in capsys.readouterr().err:  # noqa: ASYNC110  # a thread tells
                await asyncio.sleep(0.02)

    with Progress(COUNTED, 3, "things", interval=0.1) as progress:
        asyncio_tasks.run(main(), observers=[progress])


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
