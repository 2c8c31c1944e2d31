"""The filter that the kernel asks at each system call of a parser: a list of what is allowed.

So there is no socket, no program, no process, no thread, no open for writing and no change of a file, nor
anything that a later kernel adds. A refused call fails with an error, since libraries try things out.

The program is one for the kernel's packet filter (Documentation/userspace-api/seccomp_filter.rst). It reads
``struct seccomp_data``: the call's number, the processor, and six arguments of 64 bits. The numbers are those
of the kernel's headers, ``asm/unistd_64.h`` for x86_64 and ``asm-generic/unistd.h`` for aarch64.
"""

import errno
import os
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# Calls that are allowed whatever their arguments, with their numbers on x86_64 and on aarch64.
_ALLOWED: Final = """
    read 0 63, write 1 64, close 3 57, fstat 5 80, lseek 8 62, mmap 9 222, mprotect 10 226, munmap 11 215,
    brk 12 214, rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, pread64 17 67, readv 19 65,
    writev 20 66, sched_yield 24 124, mremap 25 216, madvise 28 233, nanosleep 35 101, getpid 39 172,
    exit 60 93, uname 63 160, getcwd 79 17, gettimeofday 96 169, getrusage 98 165, sysinfo 99 179,
    times 100 153, getuid 102 174, getgid 104 176, geteuid 107 175, getegid 108 177, getppid 110 173,
    sigaltstack 131 132, gettid 186 178, futex 202 98, sched_getaffinity 204 123, getdents64 217 61,
    restart_syscall 219 128, clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115,
    exit_group 231 94, newfstatat 262 79, readlinkat 267 78, faccessat 269 48, set_robust_list 273 99,
    getrandom 318 278, statx 332 291, rseq 334 293, faccessat2 439 439, stat 4 -, lstat 6 -, access 21 -,
    readlink 89 -, time 201 -
"""
# Calls whose arguments are looked at.
_CONDITIONAL: Final = """
    ioctl 16 29, open 2 -, openat 257 56, fcntl 72 25, tgkill 234 131, prlimit64 302 261
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """What differs between processors.

    Parameters
    ----------
    audit
        By what the kernel knows it, ``AUDIT_ARCH_…``.
    seccomp, capset
        The numbers of these two calls, with which walls are raised.
    allowed, conditional
        Numbers by name.
    """

    audit: int
    seccomp: int
    capset: int
    allowed: Mapping[str, int]
    conditional: Mapping[str, int]


def _column(table: str, column: int) -> dict[str, int]:
    rows = (row.split() for row in table.split(","))
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


MACHINES: Final[Mapping[str, Machine]] = {
    "x86_64": Machine(0xC000003E, 317, 126, _column(_ALLOWED, 1), _column(_CONDITIONAL, 1)),
    "aarch64": Machine(0xC00000B7, 277, 91, _column(_ALLOWED, 2), _column(_CONDITIONAL, 2)),
}

type Instruction = tuple[int, int, int, int]  # code, jump if true, jump if not, operand

_LOAD, _EQUALS, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where struct seccomp_data has them
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE: Final = 0x00050000  # plus the number of an error
_X32_CALLS: Final = 0x40000000  # from here on, x86_64 has each call a second time
WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD_CLOEXEC = 1, 2, 3, 1030


def program(machine: Machine, pid: int) -> list[Instruction]:
    """The program that the kernel asks at each system call.

    Parameters
    ----------
    pid
        This process: only to itself can it send a signal, as `abort` does.
    """
    calls = machine.conditional
    refused = (_RETURN, 0, 0, _REFUSE | errno.EPERM)
    made = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUALS, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32_CALLS),
        refused,
    ]
    for number in machine.allowed.values():
        made += _if_called(number, [(_RETURN, 0, 0, _ALLOW)])
    # Python asks of what it has opened whether it is a terminal.
    made += _if_called(calls["ioctl"], [(_RETURN, 0, 0, _REFUSE | errno.ENOTTY)])
    for name, flags in (("open", 1), ("openat", 2)):
        if name in calls:
            made += _if_called(calls[name], _if_no_bit_of(WRITING, flags))
    made += _if_called(calls["fcntl"], _if_one_of((_F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD_CLOEXEC), 1))
    made += _if_called(calls["tgkill"], _if_one_of((pid,), 0))
    own_limits = _if_one_of((resource.RLIMIT_CPU, resource.RLIMIT_AS), 1)  # up to the hard ones
    this_process = [(_LOAD, 0, 0, _ARGUMENTS), (_EQUALS, 1, 0, 0), refused]
    made += _if_called(calls["prlimit64"], [*this_process, *own_limits])
    return [*made, refused]


def _if_called(number: int, then: Sequence[Instruction]) -> list[Instruction]:
    return [(_EQUALS, 0, len(then), number), *then]


def _if_one_of(values: Sequence[int], argument: int) -> list[Instruction]:
    tests = [
        instruction for value in values for instruction in ((_EQUALS, 0, 1, value), (_RETURN, 0, 0, _ALLOW))
    ]
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *tests, (_RETURN, 0, 0, _REFUSE | errno.EPERM)]


def _if_no_bit_of(mask: int, argument: int) -> list[Instruction]:
    return [
        (_LOAD, 0, 0, _ARGUMENTS + 8 * argument),  # the lower half; both processors have it first
        (_ANY_BIT, 0, 1, mask),
        (_RETURN, 0, 0, _REFUSE | errno.EACCES),
        (_RETURN, 0, 0, _ALLOW),
    ]
