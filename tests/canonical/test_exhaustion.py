"""What runs out is said in one line, wherever it was noticed."""

import errno
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from episodic.canonical.composition.composer import Composition
from episodic.canonical.errors import ExhaustedError, SourceError
from episodic.canonical.exhaustion import exhausted, said_in_words, shortage
from episodic.canonical.ports import Store
from tests.canonical.ingesting import request, service, source


def deep() -> None:
    deep()


ERRORS: dict[str, tuple[BaseException, str]] = {
    "memory": (MemoryError(), "out of memory: "),
    "memory for a library": (
        ImportError("x.so: failed to map segment from shared object"),
        "out of memory: ",
    ),
    "memory for a call": (OSError(errno.ENOMEM, "Cannot allocate memory"), "out of memory: "),
    "files": (OSError(errno.EMFILE, "Too many open files"), r"no file .* \(ulimit -n\)"),
    "files of a library": (
        ImportError("x.so: cannot open: Too many open files"),
        r"no file .* \(ulimit -n\)",
    ),
    "files of the machine": (OSError(errno.ENFILE, "Too many open files in system"), "no file .* machine"),
    "processes": (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), "no process or thread"),
    "threads": (RuntimeError("can't start new thread"), "no process or thread"),
    "depth": (RecursionError("maximum recursion depth exceeded"), "nested too deeply"),
    "numbers": (OverflowError("int too large to convert"), "a number is too large"),
}


@pytest.mark.parametrize(("error", "says"), ERRORS.values(), ids=ERRORS)
def test_an_error_that_says_little_is_said_in_words(error: BaseException, says: str) -> None:
    with pytest.raises(ExhaustedError, match=says) as told, said_in_words():
        raise error
    assert "\n" not in str(told.value)
    assert told.value.__cause__ is error


def test_the_limit_that_is_in_force_is_named() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert f"may have {soft:,} open (ulimit -n)" in str(
        exhausted(OSError(errno.EMFILE, "Too many open files"))
    )


def test_it_is_found_behind_another_error_and_in_a_group() -> None:
    error = ValueError("x")
    error.__cause__ = OSError(errno.EMFILE, "Too many open files")
    assert shortage(error)
    assert shortage(ExceptionGroup("tasks", [KeyError("y"), error]))
    error.__context__ = error  # nobody should, and nothing hangs
    assert shortage(error)


@pytest.mark.parametrize(
    "error", [ValueError("x"), ImportError("no module named x"), FileNotFoundError(2, "x")]
)
def test_other_errors_are_left_alone(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, said_in_words():
        raise error
    assert raised.value is error


def test_an_error_for_a_person_stays_what_it_is() -> None:
    refused = SourceError("a.txt", "is nested too deeply")
    refused.__cause__ = RecursionError()
    with pytest.raises(SourceError) as raised, said_in_words():
        raise refused
    assert raised.value is refused


STRAYS = """
import resource, sys
import lxml.etree
from episodic.canonical.exhaustion import exhausted
say = [exhausted(ValueError("field 'target' is required")), exhausted(ModuleNotFoundError("x"))]
status = open("/proc/self/status").read()
peak = int(status.partition("VmPeak:")[2].split()[0]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (peak + int(sys.argv[1]), resource.RLIM_INFINITY))
say += [exhausted(ValueError("field 'target' is required")), exhausted(ModuleNotFoundError("x"))]
say.append(exhausted(lxml.etree.XMLSyntaxError("unknown error", 0, 0, 0)))
print(*(each and each.partition(":")[0] for each in say), sep=", ")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells")
@pytest.mark.parametrize(("room", "says"), [(2**20, "out of memory"), (2**30, "None")])
def test_an_error_of_the_compilers_where_memory_is_full_is_of_memory(room: int, says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STRAYS, str(room)], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"None, None, {says}, None, {says}\n"


def test_a_full_pipe_is_no_lack_of_processes() -> None:
    assert shortage(BlockingIOError(errno.EAGAIN, "write could not complete without blocking", 0)) is None


def allocate() -> None:
    bytearray(sys.maxsize)


@pytest.mark.parametrize("fail", [allocate, deep])
async def test_what_one_source_takes_too_much_of_costs_that_source(
    store: Store, fail: Callable[[], None]
) -> None:
    async def swell() -> None:
        fail()

    sources = source("a.txt", "ADA: Good evening.\n"), source("b.txt", "ADA: Good evening.\n", swell)
    asked = replace(request(*sources), on_source_error="skip")
    outcome = await service(store).ingest_multi_source(asked)
    assert [error.uri for error in outcome.skipped] == ["b.txt"]


@pytest.mark.parametrize("fail", [allocate, deep])
async def test_what_an_episode_takes_too_much_of_is_said_of_its_job(
    store: Store, fail: Callable[[], None]
) -> None:
    async def compose(*_: object) -> Composition:
        fail()
        raise AssertionError

    with pytest.raises(ExhaustedError) as told:
        await replace(service(store), compose=compose).ingest_multi_source(request(source("a.txt", "x")))
    async with store.begin(read_only=True) as work:
        (job,) = await work.jobs.list()
    assert job.error == str(told.value)


THREADS = """
import resource, threading
from pathlib import Path
from episodic.canonical.exhaustion import cramped
resource.setrlimit(resource.RLIMIT_AS, (2**31, resource.RLIM_INFINITY))
assert cramped() is None
def size():
    return int(Path("/proc/self/status").read_text().partition("VmSize:")[2].split()[0])
def work():
    room = bytearray(100_000)
    all_have.wait()
    all_have.wait()
threading.stack_size(2**18)
before, all_have = size(), threading.Barrier(5)
for _ in range(4):
    threading.Thread(target=work).start()
all_have.wait()
print(size() - before)
all_have.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there it can be counted")
def test_threads_reserve_no_address_space_each_where_it_has_a_limit() -> None:
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 64 * 1024  # what glibc reserves for one of them
