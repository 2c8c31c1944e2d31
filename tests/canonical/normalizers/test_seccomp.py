"""The filter of system calls, run as the kernel would, for processors that this machine need not have."""

import errno
import os
import re
import resource
from pathlib import Path

import pytest

from episodic.canonical.normalizers.isolation import seccomp

PID = 4711
ALLOWED = 0x7FFF0000
KILLED = 0x80000000
HEADERS = {
    "x86_64": (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h")),
    "aarch64": (Path("/usr/include/asm-generic/unistd.h"),),
}

pytestmark = pytest.mark.parametrize("name", seccomp.MACHINES)


def decided(machine: seccomp.Machine, number: int, *arguments: int, audit: int | None = None) -> int:
    """What the filter says to a call: an interpreter of the instructions that it has."""
    data = {0: number, 4: machine.audit if audit is None else audit}
    data |= {16 + 8 * place: value & 0xFFFFFFFF for place, value in enumerate((*arguments, 0, 0, 0, 0))}
    instructions = seccomp.program(machine, PID)
    accumulator = at = 0
    while True:
        code, jump, otherwise, operand = instructions[at]
        at += 1
        match code:
            case 0x20:  # BPF_LD | BPF_W | BPF_ABS
                accumulator = data[operand]
            case 0x15:  # BPF_JMP | BPF_JEQ | BPF_K
                at += jump if accumulator == operand else otherwise
            case 0x35:  # BPF_JMP | BPF_JGE | BPF_K
                at += jump if accumulator >= operand else otherwise
            case 0x45:  # BPF_JMP | BPF_JSET | BPF_K
                at += jump if accumulator & operand else otherwise
            case 0x06:  # BPF_RET | BPF_K
                return operand
            case _:
                raise AssertionError(code)


def refused(error: int) -> int:
    return 0x00050000 | error


def test_what_a_parser_needs_is_allowed(name: str) -> None:
    machine = seccomp.MACHINES[name]
    assert all(decided(machine, number) == ALLOWED for number in machine.allowed.values())


def test_what_is_not_listed_is_refused(name: str) -> None:
    machine = seccomp.MACHINES[name]
    known = {*machine.allowed.values(), *machine.conditional.values()}
    for number in set(range(600)) - known | {0x40000000 | number for number in known}:
        assert decided(machine, number) == refused(errno.EPERM)


def test_files_are_opened_to_read_only(name: str) -> None:
    machine = seccomp.MACHINES[name]
    openat = machine.conditional["openat"]
    assert decided(machine, openat, -100, 0, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY) == ALLOWED
    for flag in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, os.O_APPEND, os.O_TMPFILE | os.O_RDWR):
        assert decided(machine, openat, -100, 0, flag | os.O_CLOEXEC) == refused(errno.EACCES)


def test_a_process_signals_and_limits_itself_alone(name: str) -> None:
    machine = seccomp.MACHINES[name]
    assert decided(machine, machine.conditional["tgkill"], PID, PID, 6) == ALLOWED
    assert decided(machine, machine.conditional["tgkill"], PID - 1, PID - 1, 9) == refused(errno.EPERM)
    limit = machine.conditional["prlimit64"]
    assert decided(machine, limit, 0, resource.RLIMIT_AS) == ALLOWED
    assert decided(machine, limit, 0, resource.RLIMIT_FSIZE) == refused(errno.EPERM)
    assert decided(machine, limit, PID - 1, resource.RLIMIT_AS) == refused(errno.EPERM)


def test_nothing_open_is_made_to_signal_or_to_type(name: str) -> None:
    machine = seccomp.MACHINES[name]
    set_owner, duplicate = 8, 1030
    assert decided(machine, machine.conditional["fcntl"], 0, set_owner) == refused(errno.EPERM)
    assert decided(machine, machine.conditional["fcntl"], 0, duplicate) == ALLOWED
    assert decided(machine, machine.conditional["ioctl"], 0, 0x5412) == refused(errno.ENOTTY)


def test_calls_of_another_processor_are_not_answered(name: str) -> None:
    machine = seccomp.MACHINES[name]
    i386 = 0x40000003
    assert decided(machine, machine.allowed["read"], audit=i386) == KILLED


def test_the_numbers_are_those_of_the_headers(name: str) -> None:
    header = next((path for path in HEADERS[name] if path.exists()), None)
    if header is None:
        pytest.skip("the kernel's headers are not installed")
    defined = dict(re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", header.read_text(), re.MULTILINE))
    defined |= {"newfstatat": defined.get("newfstatat", defined.get("fstatat", ""))}
    machine = seccomp.MACHINES[name]
    walls = {"seccomp": machine.seccomp, "capset": machine.capset}
    ours = {**machine.allowed, **machine.conditional, **walls}
    assert {call: str(number) for call, number in ours.items()} == {call: defined.get(call) for call in ours}
