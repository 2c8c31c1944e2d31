"""The walls around a process that parses: what a document could take over in there reaches nothing outside.

The kernel builds them, so that they hold for native code too and nothing in the process can take them down:

1. **It ends with its parent** (`parentage`), whatever it is doing.
2. **Limits** are hard, and it has no capabilities with which to raise them, not even root's.
3. **Landlock**: of all files it can open those of libraries, to read; no TCP; no other process to signal or
   to trace, and so none of their memory or environment in ``/proc`` either. The parent may still look in.
4. **seccomp**: only the system calls that a parser needs (`seccomp`), so no socket, no program, no process,
   no thread, no open for writing.

Each wall stands by itself; one that the kernel does not have is left out, and `raise_walls` says which stand.
macOS has limits on time, files and processes alone.
"""

import math
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from episodic.canonical.normalizers.isolation import seccomp
from episodic.parentage import end_with

_OPEN_FILES: Final = 64
_SYSTEM_LIBRARIES: Final = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache"
)  # fmt: skip
_PR_SET_NO_NEW_PRIVS: Final = 38
_CAPABILITY_VERSION: Final = 0x20080522
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_VERSION: Final = 1  # the flag that asks for it
_LANDLOCK_PATH_BENEATH: Final = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# Rights over files that each version knows: 13 at first, then moving, truncating, devices' ioctl.
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_TCP, TCP_SINCE = 0b11, 4  # to bind and to connect
_SCOPES, SCOPES_SINCE = 0b11, 6  # abstract sockets, and signals
_SECCOMP_FILTER: Final = 1
_SECCOMP_ALL_THREADS: Final = 1


class Walls(msgspec.Struct, frozen=True):
    """Which walls stand.

    Parameters
    ----------
    ends_with_parent, no_capabilities, seccomp
        Whether the wall stands.
    landlock
        The version of Landlock that does, 0 where there is none.
    """

    ends_with_parent: bool = False
    no_capabilities: bool = False
    landlock: int = 0
    seccomp: bool = False


def raise_walls(readable: Sequence[Path], parent: int) -> Walls:
    """Confine this process, which must have one thread, for good.

    Parameters
    ----------
    readable
        Files and folders that can still be read.
    parent
        The parent's process number, as the parent knows it.
    """
    ends = end_with(parent)
    if sys.platform != "linux":
        return Walls(ends_with_parent=ends)
    kernel = _Kernel()
    kernel.prctl(_PR_SET_NO_NEW_PRIVS, 1)  # what Landlock and seccomp ask for
    return Walls(
        ends_with_parent=ends,
        no_capabilities=kernel.drop_capabilities(),
        landlock=kernel.landlock(readable),
        seccomp=kernel.seccomp(),
    )


def library_folders() -> list[Path]:
    """Where the code is that a parser may have to load: Python's, its packages', the system's."""
    package = Path(__file__).parents[2]
    # Of a checkout, only the package: what lies beside it is nobody's library.
    checkout = package.parent if (package.parent / "pyproject.toml").exists() else None
    of_python = [Path(folder) for folder in sys.path if folder and Path(folder) != checkout]
    compiled = [Path(sys.pycache_prefix).absolute()] if sys.pycache_prefix else []
    return [package, *of_python, *compiled, *map(Path, _SYSTEM_LIBRARIES)]


def limit_for_good(memory: int | None, processor_seconds: float) -> None:
    """Set the limits that nothing raises again: no written bytes, no processes, few files.

    Parameters
    ----------
    memory
        Bytes of address space; ``None``: as many as there are.
    processor_seconds
        From the start of the process to its end.
    """
    limits = {"CORE": 0, "FSIZE": 0, "NPROC": 0, "MEMLOCK": 0, "MSGQUEUE": 0, "NOFILE": _OPEN_FILES}
    limits["CPU"] = math.ceil(processor_seconds)
    if memory is not None:
        limits["AS"] = memory
    for name, wanted in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is not None:  # not every system has each
            _, hard = resource.getrlimit(number)
            value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(number, (value, value))


class _Kernel:
    """System calls that Python has no function for."""

    def __init__(self) -> None:
        import ctypes  # the parent, which imports this module for what it says, has no use for it

        self._ctypes = ctypes
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._machine = seccomp.MACHINES.get(platform.machine()) if sys.maxsize > 2**32 else None

    def prctl(self, option: int, value: int) -> bool:
        zeros = (self._ctypes.c_ulong(0),) * 3
        return self._libc.prctl(option, self._ctypes.c_ulong(value), *zeros) == 0

    def drop_capabilities(self) -> bool:
        if self._machine is None:
            return False
        return self._call(self._machine.capset, struct.pack("=Ii", _CAPABILITY_VERSION, 0), bytes(24)) == 0

    def landlock(self, readable: Iterable[Path]) -> int:
        version = self._call(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION)
        if version < 1:
            return 0
        known = (1 << _FILE_RIGHTS[min(version, max(_FILE_RIGHTS))]) - 1
        size = 8 if version < TCP_SINCE else 16 if version < SCOPES_SINCE else 24
        attributes = struct.pack("=QQQ", known, _TCP, _SCOPES)[:size]
        rules = self._call(_LANDLOCK_CREATE, attributes, len(attributes), 0)
        if rules < 0:
            return 0
        for place in readable:
            self._let_read(rules, place)
        stands = self._call(_LANDLOCK_RESTRICT, rules, 0) == 0
        os.close(rules)
        return version if stands else 0

    def _let_read(self, rules: int, place: Path) -> None:
        try:
            descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return  # Python's path names folders that need not be there
        rights = _READ_FILE | _READ_DIR if place.is_dir() else _READ_FILE
        self._call(_LANDLOCK_ADD, rules, _LANDLOCK_PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
        os.close(descriptor)

    def seccomp(self) -> bool:
        if self._machine is None:
            return False
        program = b"".join(
            struct.pack("=HBBI", *each) for each in seccomp.program(self._machine, os.getpid())
        )
        code = self._ctypes.create_string_buffer(program, len(program))
        # struct sock_fprog: a count, and a pointer where the processor wants it.
        described = struct.pack("@HP", len(program) // 8, self._ctypes.addressof(code))
        return self._call(self._machine.seccomp, _SECCOMP_FILTER, _SECCOMP_ALL_THREADS, described) == 0

    def _call(self, number: int, *arguments: int | bytes | None) -> int:
        long = self._ctypes.c_long
        return self._libc.syscall(
            long(number), *(long(each) if isinstance(each, int) else each for each in arguments)
        )
