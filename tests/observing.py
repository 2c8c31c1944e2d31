"""What the tests of observers share: one that notes all that it is told, and tasks to be told of."""

import asyncio

from episodic.asyncio_tasks import (
    TaskMetadata,
    TaskObserver,
    TaskOutcome,
)

METADATA: TaskMetadata = {"operation_name": "a.b", "correlation_id": "job-7", "priority_hint": 1}


class Recorder(TaskObserver):
    def __init__(self) -> None:
        self.starts: list[tuple[TaskMetadata, str]] = []
        self.ends: list[tuple[TaskMetadata, str, TaskOutcome, int, BaseException | None]] = []

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        self.starts.append((metadata, name))

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        self.ends.append((metadata, name, outcome, ns, error))


async def succeed() -> int:
    return 1


async def fail() -> None:
    raise LookupError("nothing there")


async def wait_forever() -> None:
    await asyncio.Event().wait()


async def settle() -> None:
    """Let callbacks of finished tasks run."""
    for _ in range(3):
        await asyncio.sleep(0)
