"""What a document can do that has taken its parser over; the table in the design document has these rows."""

# What is tested is a process, which no one sees from outside.
# pyright: reportPrivateUsage=false

import os
import platform
import re
import resource
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.isolation.messages import Failure, Success
from episodic.canonical.normalizers.isolation.process import WorkerProcess
from episodic.canonical.normalizers.isolation.sandbox import SCOPES_SINCE, TCP_SINCE, library_folders
from episodic.canonical.normalizers.isolation.seccomp import MACHINES
from episodic.canonical.sources import SourceType

DESIGN = Path(__file__).parents[3] / "docs" / "episodic-podcast-generation-system-design.md"
TAKEN_OVER = Path(__file__).parent / "taken_over"
LIMITS = Limits(parse_seconds=20, passages=1000)

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these walls")


@pytest.fixture(autouse=True)
def _knowing_the_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TAKEN_OVER))


def hostile(code: str, limits: Limits = LIMITS) -> Document:
    return Document(
        "hostile.txt", textwrap.dedent(code).encode(), metadata={"format": "taken-over"}, limits=limits
    )


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    made = WorkerProcess(LIMITS)
    yield made
    made.stop()


def act(worker: WorkerProcess, code: str) -> str:
    """Have the document act in the worker; what it has found."""
    outcome = worker.ask(hostile(code))
    assert isinstance(outcome, Success), outcome
    return outcome.identified.structure.passages[0].text


# What it tries, and how; each is refused by the kernel, whatever Python says to it.
REFUSED = {
    "read a file": "found = native('open', FILE, 0)",
    "list a folder": "found = native('opendir', b'/')",
    "write a file": "found = native('open', FILE + b'-new', 0o101, 0o600)",
    "write into a library": "import os; found = native('open', os.__file__.encode(), 1)",
    "remove a file": "found = native('unlink', FILE)",
    "change a file's rights": "found = native('chmod', FILE, 0o777)",
    "open a socket": "found = native('socket', 2, 1, 0)",
    "start a program": "import ctypes; found = native('execv', b'/bin/true', (ctypes.c_char_p * 2)(b'true'))",
    "start a process": "found = native('fork')",
    "trace its parent": "import os; found = native('ptrace', 16, os.getppid(), 0, 0)",
    "read its parent's memory": "import os; found = native('open', b'/proc/%d/mem' % os.getppid(), 0)",
    "read its parent's environment": "import os; found = native('open', b'/proc/%d/environ' % os.getppid())",
    "kill its parent": "import os; found = native('kill', os.getppid(), 9)",
    "type on the terminal": "found = native('ioctl', 2, 0x5412, b'x')",
    "outlive its parent": "found = native('prctl', 1, 0)",
    "raise its limits": "import ctypes; found = native('setrlimit', 9, (ctypes.c_ulong * 2)(2**62, 2**62))",
    "take the walls down": "found = native('syscall', 444, None, 0, 0)",
}


# What other tests here and in `test_isolation` try.
OTHERS = (
    "find a secret in its own environment",
    "swamp its parent",
    "hang",
    "see whether a file exists",
    "read a library",
    "lie about its document, and about later ones",
)


@linux
@pytest.mark.parametrize("what", REFUSED)
def test_a_taken_over_parser_cannot(worker: WorkerProcess, what: str, tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("precious")
    mode = file.stat().st_mode
    tried = act(worker, f"FILE = {os.fsencode(file)!r}\n{REFUSED[what]}")
    assert tried in {"Permission denied", "Operation not permitted", "Inappropriate ioctl for device"}
    assert (list(tmp_path.iterdir()), file.read_text(), file.stat().st_mode) == ([file], "precious", mode)


# What rows of the table say beside what they name.
ALSO = {
    "open a socket to a neighbour": "found = native('socket', 1, 1, 0)",
    "open a socket of datagrams": "found = native('socket', 10, 2, 0)",
    "open a socket to the kernel": "found = native('socket', 16, 3, 0)",
    "open a pair of sockets": "import ctypes; found = native('socketpair', 1, 1, 0, (ctypes.c_int * 2)())",
    "start a thread": """
        import _thread
        try:
            found = _thread.start_new_thread(print, ())
        except RuntimeError:
            found = "Operation not permitted"
        """,
    "read a file by another's link": "found = native('open', b'/proc/self/root/etc/passwd', 0)",
}


@linux
@pytest.mark.parametrize("what", ALSO)
def test_a_taken_over_parser_cannot_either(worker: WorkerProcess, what: str) -> None:
    assert act(worker, ALSO[what]) in {"Permission denied", "Operation not permitted"}


def test_a_worker_looks_for_garbage_but_not_among_what_it_has_loaded(worker: WorkerProcess) -> None:
    says = act(worker, "import gc; found = gc.isenabled(), gc.get_freeze_count() > len(gc.get_objects())")
    assert says == "(True, True)"


def test_a_file_is_refused_by_name_whether_that_is_text_or_bytes(worker: WorkerProcess) -> None:
    for name in ("'/etc/passwd'", "b'/etc/passwd'", "__import__('pathlib').Path('/etc/passwd')"):
        outcome = worker.ask(hostile(f"open({name})"))
        assert isinstance(outcome, Failure)
        assert outcome.reason == "refers to something outside itself, which is not fetched: /etc/passwd"


def test_no_secret_of_the_environment_is_in_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPISODIC_DATABASE_URL", "postgresql://user:secret@host/db")
    worker = WorkerProcess(LIMITS)
    assert "secret" not in act(worker, "import os; found = dict(os.environ)")
    worker.stop()


# Of what it has open, what it answers to is the last pipe.
ANSWERING = """
answers = max(n for n in range(3, 64) if native('lseek', n, 0, 1) == 'Illegal seek')
def identified(structure, format="html", source_type="transcript"):
    found = {"format": format, "source_type": source_type, "structure": structure}
    return {"outcome": {"type": "Success", "identified": found}}
"""
SWAMPING = {
    "with an endless answer": """
        import os
        os.write(answers, (2**40).to_bytes(8))
        while True:
            os.write(answers, bytes(2**20))
        """,
    "with more than the limit": f"""
        import os
        os.write(answers, ({LIMITS.answer_bytes} + 1).to_bytes(8))
        """,
    "with nonsense": """
        import os
        os.write(answers, (4).to_bytes(8) + b"\\xc1\\xc1\\xc1\\xc1")
        """,
    "with an answer of other types": """
        import os
        import msgspec
        payload = msgspec.msgpack.encode(identified({"passages": 7}))
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
    "with lists in lists": """
        import os
        payload = b"\\x82\\xa1x" + b"\\x91" * 100_000
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
    "with words that are no text": """
        import os
        payload = b"\\x81\\xa7outcome\\x82\\xa4type\\xa7Failure\\xa6reason\\xa2\\xff\\xfe"
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
    "with a time that is no number": """
        import os
        import msgspec
        said = {"text": "Hello.", "where": "line 1", "start": float("nan")}
        payload = msgspec.msgpack.encode(identified({"utterances": [said]}))
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
    "with a heading of no level": """
        import os
        import msgspec
        passage = {"kind": "heading", "text": "Hello.", "where": "line 1", "level": 10**6}
        payload = msgspec.msgpack.encode(identified({"passages": [passage]}))
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
    "with a language that is none": """
        import os
        import msgspec
        payload = msgspec.msgpack.encode(identified({"language": "English'"}))
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
    "with a format that is none": """
        import os
        import msgspec
        payload = msgspec.msgpack.encode(identified({}, format="a\\nb"))
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
    "with another type than the one that was given": """
        import os
        import msgspec
        payload = msgspec.msgpack.encode(identified({}, source_type="rss"))
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
    "with more pieces than the limit": """
        import os
        import msgspec
        passage = {"kind": "paragraph", "text": "Hello.", "where": "line 1"}
        payload = msgspec.msgpack.encode(identified({"passages": 1001 * [passage]}))
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
    "as if it were asked to load": """
        import os
        import msgspec
        payload = msgspec.msgpack.encode({"outcome": {"type": "Ready", "walls": {}}})
        os.write(answers, len(payload).to_bytes(8) + payload)
        """,
}


@pytest.mark.parametrize("how", SWAMPING)
def test_a_taken_over_parser_cannot_swamp_its_parent(worker: WorkerProcess, how: str) -> None:
    with pytest.raises(
        SourceError, match="had its parser answer with nonsense; it may be damaged or hostile"
    ):
        worker.ask(hostile(ANSWERING + textwrap.dedent(SWAMPING[how])), SourceType.TRANSCRIPT)
    assert not worker.alive


def test_an_answer_of_its_own_that_is_sound_is_a_lie_that_is_believed(worker: WorkerProcess) -> None:
    said = "import msgspec, os\npayload = msgspec.msgpack.encode(identified({'language': 'en'}))\n"
    code = ANSWERING + said + "os.write(answers, len(payload).to_bytes(8) + payload)"
    outcome = worker.ask(hostile(code), SourceType.TRANSCRIPT)
    assert isinstance(outcome, Success)
    assert outcome.identified.structure.language == "en"


@pytest.mark.parametrize("size", [1, 10_000])
def test_an_answer_has_a_size_at_most(size: int) -> None:
    limits = Limits(parse_seconds=20, answer_bytes=size)
    worker = WorkerProcess(limits)
    outcome = worker.ask(hostile("found = 'word ' * 10_000", limits))
    assert isinstance(outcome, Failure)
    assert outcome.limit
    assert outcome.reason.startswith(
        f"makes an answer of more than {size} bytes, the limit; raise EPISODIC_ANSWER_BYTES"
    )
    worker.stop()


def test_formats_load_inside_of_the_walls_too(worker: WorkerProcess) -> None:
    act(worker, "")
    outcome = worker.ask(Document("page.html", b"<p>Words in a page.</p>", limits=LIMITS))
    assert isinstance(outcome, Success)
    assert outcome.identified.structure.passages


def test_it_can_see_whether_a_file_exists_but_not_read_it(worker: WorkerProcess) -> None:
    assert act(worker, "import os; found = os.path.exists('/etc/passwd')") == "True"


def test_it_can_read_bytecode_that_is_kept_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    assert tmp_path in library_folders()


def test_it_can_read_libraries(worker: WorkerProcess) -> None:
    assert act(worker, "import os; found = open(os.__file__).read(3)") == 'r""'


@pytest.mark.parametrize("seconds", [0.005, 20])
def test_it_can_lie_for_as_long_as_it_lives_which_its_processor_time_limits(seconds: float) -> None:
    worker = WorkerProcess(Limits(parse_seconds=seconds))
    worker._limits = LIMITS  # which are to say how long this test may take
    act(worker, "import time\nwhile time.process_time() < 0.3: pass")
    assert worker.alive is (seconds == 20)
    worker.stop()


def test_what_keeps_much_of_a_document_is_asked_no_more() -> None:
    worker = WorkerProcess(Limits(parse_seconds=20, worker_bytes=2**26))
    act(worker, "import builtins; builtins.kept = bytearray(2**22)")
    assert worker.alive
    act(worker, "import builtins; builtins.kept = bytearray(2**24)")
    assert not worker.alive
    worker.stop()


@linux
def test_the_walls_that_stand_are_told(worker: WorkerProcess) -> None:
    walls = worker.load(frozenset())
    assert walls.ends_with_parent
    assert walls.no_capabilities


@linux
def test_the_design_document_says_what_is_tested_here() -> None:
    table = DESIGN.read_text(encoding="utf-8").partition("<!-- walls -->")[2].partition("<!-- /walls -->")[0]
    rows = re.findall(r"^\| ([a-z][^|]*?) +\|", table, re.MULTILINE)
    assert sorted(rows) == sorted([*REFUSED, *OTHERS])


# An older kernel: one that has no Landlock, or no seccomp, which a filter outside of ours makes of this one.
OLD_KERNEL = """
import ctypes, os, struct, sys
from pathlib import Path
missing = [int(number) for number in sys.argv[1].split()]
libc = ctypes.CDLL(None, use_errno=True)
program = [(0x20, 0, 0, 0)]
for number in missing:
    program += [(0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | 38)]
program += [(0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in program))
described = struct.pack("@HP", len(program), ctypes.addressof(code))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, described, 0, 0) == 0

"""
READS = """
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.isolation.process import WorkerProcess, standing_walls
walls = standing_walls(Limits())
worker = WorkerProcess(Limits())
outcome = worker.ask(Document("page.html", b"<p>Words in a page.</p>"))
worker.stop()
print(walls.landlock > 0, walls.seccomp, type(outcome).__name__)
"""


@linux
@pytest.mark.parametrize(
    ("missing", "left"),
    [("landlock", "False True"), ("seccomp", "True False"), ("both", "False False")],
)
def test_a_kernel_without_a_wall_still_has_the_others_and_reads(missing: str, left: str) -> None:
    machine = MACHINES[platform.machine()]
    numbers = {"landlock": "444", "seccomp": f"{machine.seccomp}", "both": f"444 {machine.seccomp}"}
    done = subprocess.run(
        [sys.executable, "-c", OLD_KERNEL + READS, numbers[missing]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f"{left} Success"


# What Landlock keeps by itself, since which version, and what it answers; no seccomp is in front of it here.
LANDLOCK = {
    "connect by TCP": (TCP_SINCE, "connect(2, inet)", "Permission denied"),
    "listen to TCP": (TCP_SINCE, "bind(2, inet)", "Permission denied"),
    "signal its parent": (SCOPES_SINCE, "kill(parent)", "Operation not permitted"),
    "connect to an abstract socket": (SCOPES_SINCE, "connect(1, abstract)", "Operation not permitted"),
}
ALONE = """
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.isolation.process import WorkerProcess
worker = WorkerProcess(Limits())
outcome = worker.ask(Document("hostile.txt", sys.argv[2].encode(), metadata={"format": "taken-over"}))
worker.stop()
print(outcome.identified.structure.passages[0].text)
"""
TRIES = """
import ctypes, os
libc = ctypes.CDLL(None)
inet = bytes([2, 0, 0, 9, 127, 0, 0, 1, *bytes(8)])
abstract = bytes([1, 0, 0]) + NAME
connect = lambda family, address: native("connect", libc.socket(family, 1, 0), address, len(address))
bind = lambda family, address: native("bind", libc.socket(family, 1, 0), address, len(address))
kill = lambda pid: native("kill", pid, 0)
parent = os.getppid()
"""


@linux
@pytest.mark.parametrize("what", LANDLOCK)
def test_landlock_refuses_by_itself_to(worker: WorkerProcess, what: str) -> None:
    since, tried, answer = LANDLOCK[what]
    version = worker.load(frozenset()).landlock
    if version < since:
        pytest.skip(f"Landlock is of version {version} here, and keeps that since {since}")
    with socket.socket(socket.AF_UNIX) as listening:
        name = f"episodic-{os.getpid()}".encode()
        listening.bind(b"\0" + name)
        listening.listen()
        code = f"NAME = {name!r}\n{TRIES}\nfound = {tried}"
        done = subprocess.run(
            [sys.executable, "-c", OLD_KERNEL + ALONE, f"{MACHINES[platform.machine()].seccomp}", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=DESIGN.parents[1],
        )
    assert done.stdout.strip() == answer


@linux
def test_its_limits_are_for_good_whatever_walls_stand(worker: WorkerProcess) -> None:
    wanted = {"CORE": 0, "FSIZE": 0, "NPROC": 0, "MEMLOCK": 0, "MSGQUEUE": 0, "NOFILE": 64}
    act(worker, "")
    pid = worker._process.pid
    found = {name: resource.prlimit(pid, getattr(resource, f"RLIMIT_{name}")) for name in wanted}
    assert found == {name: (most, most) for name, most in wanted.items()}
    _, seconds = resource.prlimit(pid, resource.RLIMIT_CPU)
    assert 0 < seconds <= 21 * LIMITS.parse_seconds


@linux
def test_it_has_no_capabilities_even_where_its_parent_has(worker: WorkerProcess) -> None:
    act(worker, "")
    status = Path(f"/proc/{worker._process.pid}/status").read_text()
    assert set(re.findall(r"^Cap(?:Inh|Prm|Eff):\t(\w+)$", status, re.MULTILINE)) == {"0" * 16}


BUSY = """
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.isolation.process import WorkerProcess
limits = Limits(parse_seconds=300)
worker = WorkerProcess(limits)
worker.load(frozenset())
print(worker._process.pid, flush=True)
worker.ask(Document("x.txt", b"while True: pass", metadata={"format": "taken-over"}, limits=limits))
"""


@linux
def test_it_ends_with_a_parent_that_is_killed_however_busy_it_is() -> None:
    def state(pid: int) -> tuple[str, int]:
        """Whether it runs, and for how many ticks it has."""
        try:
            _, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        except OSError:
            return "gone", 0
        return rest.split()[0], int(rest.split()[11])

    def until(is_so: Callable[[], bool]) -> bool:
        end = time.monotonic() + 60
        while not is_so() and time.monotonic() < end:
            time.sleep(0.02)
        return is_so()

    parent = subprocess.Popen(
        [sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True, cwd=DESIGN.parents[1]
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    _, ticks = state(pid)
    assert until(lambda: state(pid)[1] > ticks + 20)  # it has the document, and reads no pipe
    parent.kill()
    parent.communicate()
    assert until(lambda: state(pid)[0] in {"gone", "Z"})
