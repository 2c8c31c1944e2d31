"""Nothing outlives the program: no parser, no composer and no temporary folder, however the program ends."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Pipe
from pathlib import Path

import pytest

from tests.cli.program import PATIENCE, environment, piped, until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc")

# Takes trafilatura many seconds.
SLOW = (
    b"<html><body><nav>x</nav>" + b"<p>A paragraph like all the others, <b>again</b> and again.</p>" * 100_000
)


def descendants(of: int) -> set[int]:
    """The processes that one has started, and those that they have."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(after_name[1])
    found = {of}
    while more := {process for process, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {of}


def running(processes: set[int], unlike: str = "Z") -> set[int]:
    """Those that are there in another state; zombies only wait for somebody to hear of their end."""
    found: set[int] = set()
    for process in processes:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != unlike:
            found.add(process)
    return found


def until_gone(started: set[int]) -> None:
    """Wait until none of the processes runs any more."""
    until(lambda: not running(started))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_outlives_the_program(tmp_path: Path, number: signal.Signals) -> None:
    episodes, temporary = tmp_path / "episodes", tmp_path / "temporary"
    temporary.mkdir()
    for name in ("parsing", "holding"):
        (episodes / name).mkdir(parents=True)
    (episodes / "parsing" / "page.html").write_bytes(SLOW)
    # Holds the interpreter of the process that composes, so that no thread of it hears of anything.
    (episodes / "holding" / "a.txt").write_text("ACT hold 600")
    env = environment(tmp_path / "db", TMPDIR=str(temporary))
    arguments = ("ingest", str(episodes), "--series", "show", "--each-subfolder", "--workers", "2")
    # Where the tests run detached from any terminal, they ignore it, and what they start inherits that.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with piped(*arguments, env=env) as program:
        signal.signal(signal.SIGHUP, before)
        until(lambda: len(descendants(program.process.pid)) >= 3)  # two composers and a parser
        started = descendants(program.process.pid)
        os.kill(program.process.pid, number)
        program.process.wait(PATIENCE)
    until_gone(started)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("batch", [True, False])
def test_what_is_stopped_while_it_starts_does_not_outlive_the_program_either(
    tmp_path: Path, *, batch: bool
) -> None:
    (tmp_path / "episodes" / "one").mkdir(parents=True)
    page = tmp_path / "episodes" / "one" / "page.html"
    page.write_bytes(SLOW)
    each = (str(tmp_path / "episodes"), "--each-subfolder")
    alone = ("--episode", "e", "--source", f"brief={page}")
    arguments = ("ingest", "--series", "show", *(each if batch else alone))
    with piped(*arguments, env=environment(tmp_path / "db")) as program:
        end = time.monotonic() + PATIENCE
        # Between its making and its program, a process is in the group of who made it for an instant.
        while not (started := {p for p in descendants(program.process.pid) if os.getpgid(p) == p}):
            assert time.monotonic() < end, "a composer or a parser was to start"
        for process in started:
            os.kill(process, signal.SIGSTOP)
        while running(started, unlike="T"):  # of those that are not yet, the kernel does not think
            assert time.monotonic() < end, "they were to be stopped"
        program.process.kill()
        program.process.wait(PATIENCE)
        try:
            until_gone(started)
        finally:
            for process in running(started):
                os.kill(process, signal.SIGKILL)


def test_a_composer_that_is_continued_after_its_parent_has_ended_ends_at_once() -> None:
    ours, theirs = Pipe()  # open, as if somebody could ask it yet
    with ours, theirs:
        command = [sys.executable, "-P", "-m", "episodic.cli.worker", str(theirs.fileno()), "1"]
        assert (
            subprocess.run(command, pass_fds=[theirs.fileno()], timeout=PATIENCE, check=False).returncode == 1
        )
