"""What a process is doing: its tasks, since when, and where each of them is; from outside and from inside.

From outside, Python's remote inspection gives names, stacks and awaiters, and the rest is decoded from the
names. From inside, the code that a task waits for in a thread is seen as well.
"""

import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import get_ident
from types import FrameType
from typing import Final

from episodic.canonical.errors import EpisodicError
from episodic.canonical.text.patterns import pattern
from episodic.task_names import TaskName, parse_task_name

# Files of the standard library, but not what is installed below it, and of what waits for a database.
_STANDARD: Final = pattern(
    rf"<|{re.escape(str(Path(os.__file__).parent))}/(?!site-packages|dist-packages)"
    r"|.*/(?:site|dist)-packages/(?:psycopg|psycopg_pool|sqlalchemy|aiosqlite)/"
)


class InspectionError(EpisodicError):
    """A process cannot be looked into."""


@dataclass(frozen=True, slots=True)
class SeenTask:
    """A task: its name, what that says, the innermost line of code that it waits at, and its process."""

    name: str
    says: TaskName | None
    where: str
    pid: int


def in_order(seen: Sequence[SeenTask]) -> list[SeenTask]:
    """Sort them, the oldest first and those that nobody named last."""
    return sorted(
        seen, key=lambda task: (task.says is None, task.says.started_at if task.says else None, task.name)
    )


def table(seen: Sequence[SeenTask], now: datetime) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Make columns and rows of tasks for people."""
    columns = ("age", "operation", "source or episode", "job", "is at", "process")
    rows = [(*_described(task, now), task.where, str(task.pid)) for task in seen]
    return columns, rows


def _described(task: SeenTask, now: datetime) -> tuple[str, ...]:
    if (says := task.says) is None:
        return "", task.name, "", ""
    age = f"{(now - says.started_at).total_seconds():.1f} s"
    return age, says.operation_name or "", says.label or "", says.correlation_id or ""


# --- from inside --------------------------------------------------------------------------------------


class TaskThreads(ThreadPoolExecutor):
    """An event loop's default executor that knows which task each of its threads works for."""

    def __init__(self, count: int, prefix: str) -> None:
        super().__init__(count, prefix)
        self._of: dict[asyncio.Task[object], int] = {}

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function in a thread, for the current task."""
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        if task is None:
            return super().submit(fn, *args, **kwargs)
        return super().submit(self._work_for, task, fn, *args, **kwargs)

    def _work_for[**P, T](
        self, task: asyncio.Task[object], fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        self._of[task] = get_ident()
        try:
            return fn(*args, **kwargs)
        finally:
            del self._of[task]

    def frame(self, task: asyncio.Task[object]) -> FrameType | None:
        """Return the innermost frame of the thread that works for a task, if one does."""
        thread = self._of.get(task)
        # In spite of its name, it is documented, and there is no other way.
        return None if thread is None else sys._current_frames().get(thread)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def look_inside(loop: asyncio.AbstractEventLoop, threads: TaskThreads) -> list[SeenTask]:
    """Look at the tasks of a loop of this process that the codec named; from any thread."""
    return in_order(
        [
            SeenTask(task.get_name(), says, where(task, threads), os.getpid())
            for task in asyncio.all_tasks(loop)
            if (says := parse_task_name(task.get_name())) and not task.done()
        ]
    )


def where(task: asyncio.Task[object], threads: TaskThreads) -> str:
    """The innermost line that a task is at: of the thread that works for it, or of its coroutine."""
    return _line(_frames(threads.frame(task))) or _line(_awaited(task))


def _awaited(task: asyncio.Task[object]) -> list[tuple[str, int, str]]:
    graph = asyncio.capture_call_graph(task)
    calls = graph.call_stack if graph else ()
    return [(call.frame.f_code.co_filename, call.frame.f_lineno, call.frame.f_code.co_name) for call in calls]


def _frames(frame: FrameType | None) -> Iterator[tuple[str, int, str]]:
    while frame is not None:
        yield frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name
        frame = frame.f_back


# --- from outside -------------------------------------------------------------------------------------


def look(pid: int) -> list[SeenTask]:
    """Look at the tasks of a process and of the processes that it started; raises `InspectionError`."""
    if pid == os.getpid():
        raise InspectionError(f"process {pid} is this very command; name the ingest's")
    seen = _tasks(pid)
    for worker in started_by(pid):
        try:
            seen += _tasks(worker)
        except InspectionError:
            continue  # it has no event loop, or has ended
    return in_order(seen)


def _tasks(pid: int) -> list[SeenTask]:
    import asyncio.tools

    try:
        threads = asyncio.tools.get_all_awaited_by(pid)
    except PermissionError:
        asked = f", or have it print the same (kill -USR1 {pid})" if answers_signal(pid) else ""
        raise InspectionError(
            f"the kernel forbids looking into process {pid}; be its user and allow ptrace "
            f"(sysctl kernel.yama.ptrace_scope=0, or the container's SYS_PTRACE){asked}"
        ) from None
    except (OSError, RuntimeError, OverflowError) as error:
        raise InspectionError(_why_not(pid, error)) from error
    return [
        SeenTask(
            task.task_name,
            parse_task_name(task.task_name),
            _line((f.filename, _line_of(f), f.funcname) for s in task.coroutine_stack for f in s.call_stack),
            pid,
        )
        for thread in threads
        for task in thread.awaited_by
    ]


def _line_of(frame: object) -> int:
    """The line that a frame is at: of Python 3.14's ``lineno``, of 3.15's ``location``; 0 if it has none."""
    found: int | tuple[int, ...] = getattr(frame, "lineno", None) or getattr(frame, "location", None) or 0
    return found if isinstance(found, int) else found[0]


def answers_signal(pid: int) -> bool:
    """Whether a process handles SIGUSR1, which ends one that does not."""
    import signal

    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (signal.SIGUSR1 - 1) & 1)


def is_stopped(pid: int) -> bool:
    """Whether a process stands still, as after Ctrl-Z, as far as the system tells."""
    try:
        return _status(pid)[0] == "T"
    except OSError, IndexError:
        return False


def _status(pid: int | str) -> list[str]:
    """State, parent and more of a process; its name, in parentheses, may have spaces and parentheses."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def started_by(pid: int) -> list[int]:
    """Processes below a process, as far as the system tells."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(_status(stat.parent.name)[1])
        except OSError, ValueError, IndexError:
            continue
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sorted(family - {pid})


def _line(frames: Iterable[tuple[str, int, str]]) -> str:
    found = list(frames)
    if not found:
        return ""
    # The innermost frame of ours, or of a library, tells more than the lock or future that it waits for.
    ours = (frame for frame in found if not _STANDARD.match(frame[0]))
    file, line, function = next(ours, found[0])
    return f"{function} {Path(file).name}:{line}" if line else f"{function} {Path(file).name}"


def _why_not(pid: int, error: BaseException) -> str:
    if not Path(f"/proc/{pid}").exists() and Path("/proc").exists():
        return f"there is no process {pid}; `episodic tasks` without one shows the running jobs"
    while error.__context__ is not None:
        error = error.__context__
    version = ".".join(map(str, sys.version_info[:2]))
    return f"process {pid} is not a Python {version} program that can be inspected ({error})"
