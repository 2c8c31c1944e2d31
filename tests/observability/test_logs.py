"""Log records that say which task wrote them."""

import asyncio
import io
import json
import logging
from collections.abc import Generator

import pytest

from episodic.asyncio_tasks import TaskMetadata, create_task
from episodic.observability.logs import JsonFormatter, TaskContextFilter

METADATA: TaskMetadata = {"operation_name": "normalize", "correlation_id": "job-7", "priority_hint": 0}


class Log:
    """A logger whose lines of JSON can be read back."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.addFilter(TaskContextFilter())
        self.handler.setFormatter(JsonFormatter())
        self.logger = logging.getLogger("tests.observability.logs")

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log() -> Generator[Log]:
    log = Log()
    log.logger.addHandler(log.handler)
    log.logger.propagate = False
    yield log
    log.logger.removeHandler(log.handler)


async def test_record_of_a_task_is_stamped(log: Log) -> None:
    async def work() -> None:
        log.logger.warning("%s läuft", "Folge 1")

    await create_task(work(), name="mine", metadata=METADATA)
    [line] = log.lines()
    time = line.pop("time")
    assert isinstance(time, str)
    assert time.endswith("+00:00")
    assert line == {
        "level": "WARNING",
        "logger": "tests.observability.logs",
        "message": "Folge 1 läuft",
        "operation_name": "normalize",
        "correlation_id": "job-7",
        "priority_hint": 0,
        "task_name": "mine",
    }


async def test_thread_of_a_task_is_stamped(log: Log) -> None:
    async def work() -> None:
        await asyncio.to_thread(log.logger.warning, "from a thread")

    await create_task(work(), metadata=METADATA)
    assert log.lines()[0]["correlation_id"] == "job-7"


def test_record_outside_any_task_passes_without_stamps(log: Log) -> None:
    log.logger.warning("hello")
    assert set(log.lines()[0]) == {"time", "level", "logger", "message"}


async def test_what_a_record_brings_itself_is_kept(log: Log) -> None:
    async def work() -> None:
        log.logger.warning("hello", extra={"correlation_id": "its own"})

    await create_task(work(), metadata=METADATA)
    assert log.lines()[0]["correlation_id"] == "its own"


def test_exception_and_stack_are_on_the_same_line(log: Log) -> None:
    try:
        {}["nothing there"]
    except KeyError:
        log.logger.exception("failed", stack_info=True)
    [line] = log.lines()
    assert "KeyError: 'nothing there'" in str(line["exception"])
    assert "test_exception_and_stack_are_on_the_same_line" in str(line["stack"])


def test_text_formats_can_use_the_stamps_everywhere() -> None:
    record = logging.makeLogRecord({"msg": "hello"})
    assert TaskContextFilter().filter(record)
    assert logging.Formatter("%(operation_name)s %(message)s").format(record) == "None hello"
