"""Running an ingestion under a person's hands: signals, and threads that would not let the program go."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from episodic import asyncio_tasks
from episodic.asyncio_tasks import TaskObserver
from episodic.cli.exits import INTERRUPTED

_THREADS: Final = "episodic-task"


class Interrupted(BaseException):
    """The run was interrupted and has ended in order."""


def run[T](main: Coroutine[Any, Any, T], *, observers: Sequence[TaskObserver] = ()) -> T:
    """Run `main` with its tasks observed; the first SIGINT or SIGTERM cancels it, the second leaves at once.

    Raises
    ------
    Interrupted
        When `main` has ended because of the first.
    """
    return asyncio_tasks.run(_interruptible(main), observers=observers)


async def _interruptible[T](main: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.get_running_loop()
    threads = ThreadPoolExecutor(64, _THREADS)
    loop.set_default_executor(threads)
    task = asyncio.ensure_future(main)
    try:
        with _signals(lambda: loop.call_soon_threadsafe(task.cancel)):
            return await task
    except asyncio.CancelledError:
        raise Interrupted from None
    finally:
        # Closing the loop waits for its threads, also for one that hangs in a source that was given up.
        threads.shutdown(wait=False, cancel_futures=True)
        loop.set_default_executor(ThreadPoolExecutor(1))


@contextmanager
def _signals(stop: Callable[[], object]) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            # Whatever it was doing: no buffer, no lock and no loop is waited for.
            os.write(
                2, b"\x1b[?25h\nepisodic: left at once\n" if os.isatty(2) else b"episodic: left at once\n"
            )
            os._exit(INTERRUPTED)
        asked = True
        stop()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave(code: int) -> int:
    """Return `code`, or end the program with it when a thread hangs in a source and would be waited for."""
    hanging = [thread for thread in threading.enumerate() if thread.name.startswith(_THREADS)]
    for thread in hanging:
        thread.join(0.2)
    if any(thread.is_alive() for thread in hanging):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code
