"""Running an ingestion under a person's hands: signals, and threads that would not let the program go."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final, Never

from episodic import asyncio_tasks
from episodic.asyncio_tasks import TaskObserver
from episodic.canonical.errors import SettingsError
from episodic.canonical.ingestion_service import NORMALIZE
from episodic.cli.interrupts import Handler, handled, heard, heard_by
from episodic.cli.output import drawn_table, width_of
from episodic.observability.inspection import SeenTask, TaskThreads, look_inside, table
from episodic.observability.notes import NotesObserver
from episodic.observability.progress import Progress
from episodic.observability.slow import SlowTasks
from episodic.observability.terminal import tell

# A source in a thread may hang for ever, so this is no measure of what runs at the same time.
_COUNT: Final = 64


class Interrupted(BaseException):
    """The run was interrupted and has ended in order."""


@contextmanager
def observing(progress: Progress | None, timeline: Path | None) -> Generator[list[TaskObserver]]:
    """Give the observers of a run: a timeline if there is a file for it, and progress unless nobody looks."""
    observers: list[TaskObserver] = []
    with ExitStack() as stack:
        if timeline is not None:
            from episodic.observability.timeline import TimelineWriter

            try:
                observers.append(stack.enter_context(TimelineWriter(timeline)))
            except OSError as error:
                raise SettingsError(f"--timeline {timeline} cannot be written: {error.strerror}") from error
        if progress is not None:
            observers.append(stack.enter_context(progress))
        yield observers


def task_threads() -> TaskThreads:
    """Make the threads in which a loop's tasks work."""
    return TaskThreads(_COUNT, "episodic-task")


def run[T](
    main: Coroutine[object, Never, T],
    *,
    slow_source: float,
    observers: Sequence[TaskObserver] = (),
    ask: Callable[[], None] = lambda: None,
) -> T:
    """Run `main` with its tasks observed, and with signals.

    The first SIGINT, SIGTERM or SIGHUP cancels it, the second leaves at once. SIGUSR1 and SIGQUIT, which is
    Ctrl and the backslash, print what it is doing, and what other processes do for it.

    Parameters
    ----------
    slow_source
        Seconds after which a source is said to be slow.
    ask
        Has the processes that work for `main` print what they are doing.

    Raises
    ------
    Interrupted
        When `main` has ended because it was cancelled.
    """
    threads = task_threads()
    told = [*own_observers(slow_source, threads), *observers]
    whole = _interruptible(main, threads, ask)
    try:
        return asyncio_tasks.run(whole, observers=told)
    except asyncio.CancelledError:
        raise Interrupted from None
    finally:
        # Where there was no loop to run them, they would complain.
        whole.close()
        main.close()


def own_observers(slow_source: float, threads: TaskThreads) -> tuple[TaskObserver, ...]:
    """Make the observers that every process which reads sources has."""
    return NotesObserver(), SlowTasks(NORMALIZE, slow_source, threads)


async def _interruptible[T](
    main: Coroutine[object, Never, T], threads: TaskThreads, ask: Callable[[], None]
) -> T:
    loop = asyncio.get_running_loop()
    with working_in(threads, loop, ask):
        task = asyncio.ensure_future(main)
        with _stopped_by_signals(lambda: loop.call_soon_threadsafe(task.cancel)):
            return await task


@contextmanager
def working_in(
    threads: TaskThreads, loop: asyncio.AbstractEventLoop, ask: Callable[[], None]
) -> Generator[None]:
    """Have the tasks of a loop work in threads, of which none is waited for, and tell of them at a signal."""

    def report() -> None:
        ask()
        tell(described(look_inside(loop, threads)))

    loop.set_default_executor(threads)
    main = threading.current_thread() is threading.main_thread()
    signals = (signal.SIGUSR1, signal.SIGQUIT) if main else ()
    try:
        with handled(in_a_thread(report), *signals):
            yield
    finally:
        # Closing the loop waits for its threads, also for one that hangs in a source that was given up.
        threads.shutdown(wait=False, cancel_futures=True)
        loop.set_default_executor(ThreadPoolExecutor(1))


def described(seen: Sequence[SeenTask]) -> str:
    """What `episodic tasks` would print, drawn for stderr."""
    if not seen:
        return f"process {os.getpid()}: no task at the moment"
    columns, rows = table(seen, datetime.now(UTC))
    drawn = drawn_table(columns, rows, right=("age",), width=width_of(sys.stderr))
    return f"process {os.getpid()}:\n{drawn.rstrip()}"


@contextmanager
def _stopped_by_signals(stop: Callable[[], object]) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ends = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as nohup has it
        ends.append(signal.SIGHUP)
    with heard_by(stop), handled(heard, *ends):
        yield


def in_a_thread(report: Callable[[], None]) -> Handler:
    """Make a handler of signals that reports: what it interrupts may hold the locks that printing takes."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=report, daemon=True).start()

    return handle
