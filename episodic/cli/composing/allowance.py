"""What resolving an episode may take in a process of its own: told by the process, kept by its parent.

1. Once the sources are read, the process says how much they say (`Resolving`); from then on the limits hold.
2. The parent counts seconds and bytes and ends the process (`Watch`): what takes too long may hold the
   interpreter, and where memory runs out, it runs out for the event loop as well.
3. Only what would pass the limit at a leap, between two looks of the parent, is refused by the kernel
   (`Leap`), at twice the limit.
"""

import contextlib
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from episodic.canonical.composition.extent import Extent
from episodic.canonical.errors import ResolutionLimitError
from episodic.settings import Settings

LOOK_SECONDS: Final = 0.1  # from one look of the parent to the next
# Of address space, for the thread that the next step may have to start: its stack, and twice the heap that
# glibc reserves for it. A thread that gets no heap has each allocation mapped alone, a page or more.
_THREAD_BYTES: Final = 2**24 + 2**27


@dataclass(frozen=True, slots=True)
class Resolving:
    """An episode's sources are read, and its limits hold."""

    extent: Extent
    seconds: float
    bytes: int

    def overtime(self) -> ResolutionLimitError:
        """Give the error of an episode that takes too long."""
        return self._exceeded(f"took more than {self.seconds:g} seconds", "EPISODIC_RESOLVE_SECONDS")

    def oversize(self) -> ResolutionLimitError:
        """Give the error of an episode that takes too much memory."""
        return self._exceeded(f"takes more than {self.bytes:,} bytes of memory", "EPISODIC_RESOLVE_BYTES")

    def _exceeded(self, what: str, setting: str) -> ResolutionLimitError:
        return ResolutionLimitError(
            f"resolving {what}, the limit: {self.extent}; raise {setting}, or leave a source out"
        )


class Watch:
    """In the parent: looks at a process that resolves."""

    def __init__(self, resolving: Resolving, pid: int) -> None:
        self._resolving = resolving
        self._pid = pid
        self._end = time.monotonic() + resolving.seconds
        self._most = _memory(pid).resident + resolving.bytes

    def look(self) -> None:
        """Raise `ResolutionLimitError` when it has exceeded a limit."""
        if time.monotonic() > self._end:
            raise self._resolving.overtime()
        if _memory(self._pid).resident > self._most:
            raise self._resolving.oversize()


class Leap:
    """In the process: a block in which the kernel refuses memory at a leap, once an episode is admitted."""

    def __init__(self, options: Settings, tell: Callable[[Resolving], None]) -> None:
        self._options = options
        self._tell = tell
        self._before = resource.getrlimit(resource.RLIMIT_AS)
        self._resolving: Resolving | None = None

    def admit(self, extent: Extent) -> None:
        """Let the limits hold; what a `Composer` calls."""
        self._resolving = Resolving(extent, self._options.resolve_seconds, self._options.resolve_bytes)
        self._tell(self._resolving)
        if taken := _memory("self").reserved:
            soft, hard = self._before
            most = taken + _THREAD_BYTES + 2 * self._options.resolve_bytes
            soft = most if soft == resource.RLIM_INFINITY else min(most, soft)
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    def __enter__(self) -> None:
        self._resolving = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, self._before)
        if self._resolving is not None and isinstance(error, MemoryError):
            raise self._resolving.oversize()


@dataclass(frozen=True, slots=True)
class _Memory:
    """Bytes of a process: of its address space, and of those the ones that have memory behind them."""

    reserved: int
    resident: int


def _memory(pid: int | str) -> _Memory:
    """Ask the kernel; nothing where it does not tell, or the process is gone."""
    try:
        reserved, resident, *_ = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError, ValueError:
        return _Memory(0, 0)
    page = resource.getpagesize()
    return _Memory(int(reserved) * page, int(resident) * page)
