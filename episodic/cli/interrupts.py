"""Interrupts: the first has the program end in order, the next one at once, and each is heard once.

There is one handler from the first moment on, and what an interrupt means is a matter of where it comes:

1. While the command line loads, it ends the program: nothing has begun, and much of what loads holds no
   exception out. Before this module is there, it does so without a word (`episodic/__main__.py`).
2. In a command, it is raised, or does what the command says, which is to cancel a task (`heard_by`).
3. Another one leaves at once, whatever the program is at. What comes within a moment is an echo of the first:
   `timeout` and `uv run` send it to the process, and the process group has it as well.
"""

import math
import os
import signal
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from types import FrameType
from typing import Final, Never

from episodic.cli.exits import INTERRUPTED
from episodic.observability.terminal import Stderr, told

_ECHO: Final = 0.25  # seconds

type Handler = Callable[[int, FrameType | None], None]


class AskedToEnd:
    """Counts how often a process was asked to end."""

    def __init__(self) -> None:
        self._times = 0
        self._last = -math.inf

    def again(self) -> int:
        """Give the number of times, this one with them; 0 when this is an echo of the last."""
        now = time.monotonic()
        if now - self._last < _ECHO:
            return 0
        self._last = now
        self._times += 1
        return self._times


def _end() -> Never:
    _leave("interrupted")


def _raise() -> Never:
    raise KeyboardInterrupt


class _Meaning:
    """What an interrupt means at the moment."""

    def __init__(self) -> None:
        self.asked = AskedToEnd()
        self.does: Callable[[], object] = _end
        self.code: int | None = None  # with which the program ends, once all is said


_now: Final = _Meaning()


def hear() -> None:
    """Hear interrupts from now on, unless they are ignored, as shells have it for what runs beside them."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, heard)


def heard(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal that asks for the end."""
    times = _now.asked.again()
    if times > 1:
        _leave("left at once")
    elif times:
        _now.does()


def raised() -> AbstractContextManager[None]:
    """Have an interrupt raised within a block: what it does may have something to put in order."""
    return heard_by(_raise)


def all_is_said(code: int) -> None:
    """Have an interrupt change nothing any more but the time of the end."""
    _now.code = code


@contextmanager
def heard_by(does: Callable[[], object]) -> Generator[None]:
    """Have the first interrupt within the block call something that ends it."""
    before, _now.does, _now.asked = _now.does, does, AskedToEnd()
    try:
        yield
    finally:
        _now.does = before


@contextmanager
def handled(handler: Handler, *numbers: signal.Signals) -> Generator[None]:
    """Have signals handled within the block, and as before behind it."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def finished[T](main: Coroutine[object, Never, T]) -> T:
    """Run a coroutine on a loop of its own; an interrupt cancels it, and is raised if it is not too late."""
    import asyncio

    async def whole() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task
        with heard_by(lambda: loop.call_soon_threadsafe(task.cancel)):
            return await main

    waiting = whole()
    try:
        return asyncio.run(waiting)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        # Where there was no loop to run them, they would complain.
        waiting.close()
        main.close()


def _leave(says: str) -> Never:
    """End the program: no buffer, no lock and no loop is waited for."""
    if _now.code is None:
        line = told(f"episodic: {says}", "WARNING")
        # On a terminal, a bar has hidden the cursor and not ended its line.
        drawn = _now.does is not _end and os.isatty(2) and not Stderr.as_json
        with suppress(OSError):
            os.write(2, f"\x1b[?25h\n{line}\n".encode() if drawn else f"{line}\n".encode())
    os._exit(INTERRUPTED if _now.code is None else _now.code)
