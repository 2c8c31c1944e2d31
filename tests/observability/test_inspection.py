"""What a process is doing, seen from inside; the whole program is looked into in tests/cli."""

import asyncio
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from episodic import asyncio_tasks
from episodic.asyncio_tasks import TaskMetadata, create_task, current_task_metadata, task_name
from episodic.observability import inspection
from episodic.observability.inspection import (
    InspectionError,
    SeenTask,
    TaskThreads,
    answers_signal,
    look,
    look_inside,
)
from episodic.observability.slow import SlowTasks

READ = "read"


def read(work: Callable[[], object], label: str) -> asyncio.Task[object]:
    metadata: TaskMetadata = {"operation_name": READ, "correlation_id": "r1"}
    return create_task(asyncio.to_thread(work), name=task_name(metadata, label), metadata=metadata)


def stuck_in_the_parser(entered: threading.Event, leave: threading.Event) -> None:
    entered.set()
    leave.wait()


async def test_a_task_is_where_the_thread_is_that_works_for_it() -> None:
    loop, threads = asyncio.get_running_loop(), TaskThreads(4, "test")
    loop.set_default_executor(threads)
    entered, leave = threading.Event(), threading.Event()
    first = read(lambda: stuck_in_the_parser(entered, leave), "a.vtt")
    second = read(lambda: time.sleep(0), "b.vtt")
    await second
    await asyncio.to_thread(entered.wait)
    found: list[SeenTask] = await asyncio.to_thread(look_inside, loop, threads)
    leave.set()
    await first
    (task,) = found
    assert task.says is not None
    assert (task.says.label, task.says.correlation_id) == ("a.vtt", "r1")
    # Not where the standard library waits, which says nothing.
    assert task.where.startswith("stuck_in_the_parser test_inspection.py:")


async def test_a_task_that_waits_for_no_thread_is_where_its_coroutine_is() -> None:
    loop, threads = asyncio.get_running_loop(), TaskThreads(1, "test")
    never = asyncio.Event()

    async def reads_a_network() -> None:
        await never.wait()

    metadata: TaskMetadata = {"operation_name": READ}
    task = create_task(reads_a_network(), name=task_name(metadata, "feed"), metadata=metadata)
    await asyncio.sleep(0)
    (seen,) = look_inside(loop, threads)
    assert "reads_a_network test_inspection.py:" in seen.where
    never.set()
    await task


def test_a_process_that_does_not_handle_the_signal_is_not_sent_it() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        assert not answers_signal(process.pid)
        process.kill()
    handles = (
        "import signal; signal.signal(signal.SIGUSR1, print); print('ready', flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", handles], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert answers_signal(process.pid)
        process.kill()
    assert not answers_signal(2**22 + 1)


def test_a_process_that_is_not_there_or_no_python_is_an_error_that_says_so() -> None:
    with pytest.raises(InspectionError, match="there is no process 4194305"):
        look(2**22 + 1)
    with subprocess.Popen(["sleep", "60"]) as process:
        with pytest.raises(InspectionError, match=rf"process {process.pid} is not a Python 3|kernel forbids"):
            look(process.pid)
        process.send_signal(signal.SIGKILL)


def test_a_task_is_said_to_be_slow_once_and_a_quick_one_never(caplog: pytest.LogCaptureFixture) -> None:
    threads = TaskThreads(4, "test")
    seen_in: list[TaskMetadata | None] = []
    told = threading.Event()

    class Context(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            seen_in.append(current_task_metadata())
            told.set()
            return True

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(threads)
        other: TaskMetadata = {"operation_name": "other"}
        await asyncio.gather(
            read(lambda: told.wait(60), "slow.vtt"),
            read(lambda: None, "quick.vtt"),
            create_task(asyncio.to_thread(told.wait, 60), name=task_name(other, "other"), metadata=other),
        )

    caplog.handler.addFilter(Context())
    asyncio_tasks.run(main(), observers=[SlowTasks(READ, 1.0, threads)])
    (record,) = caplog.records
    assert record.getMessage().startswith("slow.vtt has taken 1 s and is at <lambda> test_inspection.py:")
    assert [found and found.get("correlation_id") for found in seen_in] == ["r1"]


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        (SimpleNamespace(lineno=7), 7),  # Python 3.14
        (SimpleNamespace(location=(7, 9, 0, 4)), 7),  # Python 3.15
        (SimpleNamespace(location=None), 0),
    ],
)
def test_line_of_a_frame_is_read_on_every_python(frame: object, line: int) -> None:
    whole: Any = inspection
    assert whole._line_of(frame) == line
