"""A timeline of tasks in Chrome's trace-event format, which Perfetto and ``chrome://tracing`` open.

Format: "Trace Event Format", the JSON array format with complete events (``"ph": "X"``).
"""

import heapq
import json
import logging
import os
import time
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Self, override

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome, parse_task_name
from episodic.whole_file import replacing

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """A task that has started: its lane, its start in nanoseconds, and what the event will say."""

    lane: int
    start: int
    name: str
    metadata: TaskMetadata


class TimelineWriter(TaskObserver):
    """Writes an event for each task; tasks that overlap in time are on different lanes.

    A context manager: events are written as tasks end, those of tasks still running when it closes, and the
    array's end, then. Both viewers also open a file whose end is missing, which is what is left where the
    disk is full; the run goes on.

    Parameters
    ----------
    path
        The file, created or replaced when the block is left: meanwhile it is written beside its place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # One's own: another writer beside this one keeps its own.
        self._open: ContextVar[_Open] = ContextVar("episodic_timeline_task")
        self._running: set[_Open] = set()
        self._free: list[int] = []  # a heap: the lowest free lane is taken first, which keeps lanes few
        self._lanes = 0
        self._stack = ExitStack()
        self._origin = time.perf_counter_ns()

    def __enter__(self) -> Self:
        # It names sources and episodes: what is made for the user is the user's alone.
        # Without a buffer: what has failed once would fail again at its end.
        draft = self._stack.enter_context(replacing(self._path, mode=0o600))
        self._file = self._stack.enter_context(draft.open("wb", buffering=0))
        process = {"ph": "M", "name": "process_name", "pid": os.getpid(), "args": {"name": "episodic"}}
        self._put(f"[\n{json.dumps(process)}")
        return self

    def __exit__(self, *_: object) -> None:
        for task in sorted(self._running, key=lambda task: task.start):
            self._write(task, "running", None)
        self._running.clear()
        self._put("\n]\n")
        try:
            self._stack.close()
        except OSError as error:
            log.warning("the timeline %s cannot be kept: %s", self._path, error.strerror)

    @override
    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        """Take a lane."""
        if self._free:
            lane = heapq.heappop(self._free)
        else:
            self._lanes += 1
            lane = self._lanes
        task = _Open(lane, time.perf_counter_ns(), name, metadata)
        self._running.add(task)
        self._open.set(task)

    @override
    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        """Write the event and give the lane back."""
        task = self._open.get()
        if task in self._running:
            self._running.discard(task)
            self._write(task, outcome, error)
            heapq.heappush(self._free, task.lane)

    def _write(self, task: _Open, outcome: str, error: BaseException | None) -> None:
        arguments = {**task.metadata, "task_name": task.name, "outcome": outcome}
        if error is not None:
            arguments["error"] = f"{type(error).__name__}: {error}"
        operation = task.metadata.get("operation_name", task.name)
        says = parse_task_name(task.name)
        label = says.label if says else None
        event = {
            "ph": "X",
            # What a bar has room for: of what it is, before what all of its kind have in common.
            "name": f"{operation.rpartition('.')[2]} {label}" if label else operation,
            "cat": operation,
            "pid": os.getpid(),
            "tid": task.lane,
            "ts": (task.start - self._origin) / 1000,  # microseconds
            "dur": (time.perf_counter_ns() - task.start) / 1000,
            "args": arguments,
        }
        self._put(f",\n{json.dumps(event)}")

    def _put(self, text: str) -> None:
        if self._file.closed:
            return
        left = memoryview(text.encode())
        try:
            while left:  # a disk that fills up takes a part
                left = left[self._file.write(left) :]
        except OSError as error:
            self._file.close()
            log.warning("the timeline %s ends early: %s", self._path, error.strerror)
