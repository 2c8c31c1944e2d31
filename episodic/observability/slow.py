"""Says once of each task that takes long where it is."""

import asyncio
import logging
from contextvars import ContextVar

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome, parse_task_name
from episodic.observability.inspection import TaskThreads, where

log = logging.getLogger(__name__)


class SlowTasks(TaskObserver):
    """Logs a warning for each task of one operation that takes longer than a limit.

    Parameters
    ----------
    operation
        The ``operation_name`` of those tasks.
    limit
        Seconds.
    threads
        The loop's default executor.
    """

    def __init__(self, operation: str, limit: float, threads: TaskThreads) -> None:
        self._operation = operation
        self._limit = limit
        self._threads = threads
        self._alarm: ContextVar[asyncio.TimerHandle] = ContextVar("episodic_slow_alarm")

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        """Set the alarm."""
        if metadata.get("operation_name") == self._operation:
            # It goes off in this context, so that its log record bears the task's correlation id.
            self._alarm.set(asyncio.get_running_loop().call_later(self._limit, self._warn, name))

    def finished(
        self, metadata: TaskMetadata, _name: str, _outcome: TaskOutcome, _ns: int, _: BaseException | None, /
    ) -> None:
        """Take the alarm back."""
        if metadata.get("operation_name") == self._operation:
            self._alarm.get().cancel()

    def _warn(self, name: str) -> None:
        says = parse_task_name(name)
        task = next((task for task in asyncio.all_tasks() if task.get_name() == name), None)
        if task is not None:
            label = (says and says.label) or name
            log.warning("%s has taken %g s and is at %s", label, self._limit, where(task, self._threads))
