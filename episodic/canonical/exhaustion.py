"""What a process can run out of, in one line each: memory, files, processes, the depth of calls, numbers.

Such errors come from anywhere and say little: ``MemoryError`` has no text, ``Too many open files`` no limit.
"""

import errno
import resource
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, cast

from episodic.canonical.errors import EpisodicError, ExhaustedError

# How a dynamic linker says it, which knows no codes: dlopen(3).
_NO_FILE: Final = "Too many open files"
_NO_ROOM: Final = ("cannot allocate memory", "failed to map segment", "cannot map zero-fill pages")
# What CPython's compiler and other code in C say where they got no memory and did not look; lxml's errors of
# syntax are of many classes.
_STRAY: Final = frozenset({ValueError, TypeError, SystemError, AttributeError, KeyError, ImportError})
_NEARLY: Final = 16 * 2**20  # what is asked for at once, mostly: a stack, a library
_LEAST_BYTES: Final = 384 * 2**20  # of address space: twice what a small ingest takes
_M_ARENA_MAX: Final = -8  # mallopt(3)


def how_it_ended(code: int | None) -> str:
    """Say how a process ended, by its return code; ``None``: it does not end."""
    if code is None or code >= 0:
        return f"ended with exit code {code}"
    known = code in {-number for number in signal.Signals}
    killed = f"was killed by {signal.Signals(-code).name if known else f'signal {-code}'}"
    if code != -signal.SIGKILL:
        return killed
    seconds = _soft(resource.RLIMIT_CPU)
    also = f" or {seconds} s of processor time are over (ulimit -t)" if seconds else ""
    return f"{killed}, as the system does when memory runs out{also}"


def largest_file() -> str | None:
    """Say how large a file may become; ``None``: as large as there is room for."""
    most = _soft(resource.RLIMIT_FSIZE)
    return f"a file may have {most} bytes (ulimit -f); raise that" if most else None


def cramped() -> str | None:
    """Say so where this process may take less address space than will do; where it has a limit, spare it.

    At the very end of it nothing can be promised: libraries in C end the process, and threads leave without
    an answer. glibc reserves 64 MiB for each of up to 8 threads a core.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return None
    if soft < _LEAST_BYTES:
        return f"{_out_of_memory()}, and needs {_LEAST_BYTES:,}; give it more"
    import ctypes

    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    return None


@contextmanager
def said_in_words() -> Generator[None]:
    """Raise `ExhaustedError` for what the block has run out of."""
    try:
        yield
    except EpisodicError:
        raise
    except Exception as error:
        if says := exhausted(error):
            raise ExhaustedError(says) from error
        raise


def exhausted(error: BaseException) -> str | None:
    """Say what has run out, by an error, its causes or its members; ``None``: it is something else."""
    return shortage(error) or next(filter(None, map(_too_much, _with_causes(error))), None)


def shortage(error: BaseException) -> str | None:
    """Say of what there is too little, whatever is done: files or processes."""
    return next(filter(None, map(_too_few, _with_causes(error))), None)


def _too_few(error: BaseException) -> str | None:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EMFILE or (isinstance(error, ImportError) and _NO_FILE in str(error)):
        most = _soft(resource.RLIMIT_NOFILE)
        may = f"this process may have {most} open (ulimit -n)"
        return f"no file can be opened any more: {may}; raise that, or lower EPISODIC_CONCURRENCY"
    if number == errno.ENFILE:
        return "no file can be opened any more: the machine has no more; end what holds many"
    # A stream that is full says EAGAIN as well, and how much it has written.
    no_process = number == errno.EAGAIN and not hasattr(error, "characters_written")
    if no_process or (isinstance(error, RuntimeError) and "can't start new thread" in str(error)):
        users, bytes_ = _soft(resource.RLIMIT_NPROC), _soft(resource.RLIMIT_AS)
        may = (
            f"this user may have {users} (ulimit -u)" if users else "the machine or the container has no more"
        )
        if bytes_:  # a thread's stack counts
            may += f", and this process may take {bytes_} bytes (ulimit -v)"
        return f"no process or thread can be started any more: {may}; raise that, or end others"
    return None


def _too_much(error: BaseException) -> str | None:
    text = str(error)
    no_memory = isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
    no_room = isinstance(error, ImportError) and any(sign in text for sign in _NO_ROOM)
    stray = type(error) in _STRAY or isinstance(error, SyntaxError)
    if no_memory or no_room or (stray and _has_been_full()):
        return f"{_out_of_memory()}; give it more, or fewer or smaller sources"
    if isinstance(error, RecursionError):
        return "something is nested too deeply to be worked on; look for hundreds of levels in a source"
    if isinstance(error, OverflowError):
        return f"a number is too large to be worked on ({text}); give a smaller one"
    return None


def _has_been_full() -> bool:
    """Whether this process has ever had nearly all of the address space that it may take."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        return False
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    most = next((line.split()[1] for line in status.splitlines() if line.startswith("VmPeak:")), "0")
    return int(most) * 1024 > soft - _NEARLY


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what stands behind it; each once, as they may point at each other."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__context__, each.__cause__]
        if isinstance(each, BaseExceptionGroup):
            waiting += reversed(cast("BaseExceptionGroup[BaseException]", each).exceptions)


def _out_of_memory() -> str:
    most = _soft(resource.RLIMIT_AS)
    may = f"this process may take {most} bytes (ulimit -v)" if most else "the machine has no more"
    return f"out of memory: {may}"


def _soft(limit: int) -> str:
    """What is in force of a limit; empty: there is none."""
    soft, _ = resource.getrlimit(limit)
    return "" if soft == resource.RLIM_INFINITY else f"{soft:,}"
