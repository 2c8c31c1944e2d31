"""Nothing outlives the program: no parser, no composer and no temporary folder, however the program ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any

import pytest

from episodic.cli.output import OutputError
from episodic.cli.temporary import temporary_folder
from tests.cli.program import PATIENCE, Run, environment, piped, terminal, until
from tests.cli.sample import EPISODE, ingest_sample

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
def test_nothing_outlives_the_program(tmp_path: Path, temporary: Path, number: signal.Signals) -> None:
    episodes = tmp_path / "episodes"
    for name in ("parsing", "holding"):
        (episodes / name).mkdir(parents=True)
    (episodes / "parsing" / "page.html").write_bytes(SLOW)
    # Holds the interpreter of the process that composes, so that no thread of it hears of anything.
    (episodes / "holding" / "a.txt").write_text("ACT hold 600")
    env = environment(tmp_path / "db", TMPDIR=str(temporary))
    arguments = ("ingest", str(episodes), "--series", "show", "--each-subfolder", "--workers", "2")
    with piped(*arguments, env=env) as program:
        until(lambda: len(descendants(program.process.pid)) >= 3)  # two composers and a parser
        started = descendants(program.process.pid)
        os.kill(program.process.pid, number)
        program.process.wait(PATIENCE)
    until_gone(started)
    assert list(temporary.iterdir()) == []


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where temporary folders are made."""
    made = tmp_path / "temporary"
    made.mkdir()
    return made


@pytest.fixture
def env(tmp_path: Path, temporary: Path, run: Run) -> dict[str, str]:
    """Of the home of `run`, in which the sample is ingested."""
    assert ingest_sample(run).code == 0
    database = tmp_path / "db" / "episodic.sqlite3"
    return environment(database, TMPDIR=str(temporary), VISUAL="", EDITOR="true")


def until_nothing_is_left(process: subprocess.Popen[Any], temporary: Path) -> None:
    """Kill a program, and wait until all is gone that it started and made."""
    started = descendants(process.pid)
    process.kill()
    process.wait(PATIENCE)
    until_gone(started)
    until(lambda: not list(temporary.iterdir()))


def test_a_killed_dry_run_leaves_nothing(tmp_path: Path, temporary: Path, env: dict[str, str]) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(SLOW)
    named = ("--series", "show", "--episode", "one")
    env["EPISODIC_DATABASE_URL"] = f"sqlite:///{tmp_path / 'none'}"
    with piped("ingest", "--dry-run", "--source", f"brief={page}", *named, env=env) as program:
        until(lambda: list(temporary.rglob("empty.sqlite3")) and len(descendants(program.process.pid)) >= 2)
        until_nothing_is_left(program.process, temporary)
    assert not (tmp_path / "none").exists()


def test_a_killed_apply_leaves_nothing(tmp_path: Path, temporary: Path, env: dict[str, str]) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(SLOW)
    with piped("apply", EPISODE, str(page), env=env) as program:
        until(lambda: descendants(program.process.pid))
        until_nothing_is_left(program.process, temporary)


def test_a_killed_review_leaves_nothing(temporary: Path, env: dict[str, str]) -> None:
    with terminal("review", EPISODE, env=env | {"BROWSER": "true %s"}) as screen:
        screen.wait_for("q quit: ")
        screen.press(b"o")
        screen.wait_for(r"q quit: [\s\S]*q quit: ")
        assert list(temporary.rglob("*.html"))
        until_nothing_is_left(screen.process, temporary)


def test_a_killed_edit_keeps_the_text_and_the_next_one_opens_it(
    tmp_path: Path, temporary: Path, env: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/onto the rocks/onto the reefs/" "$1"\ntouch "$0-edited"\ncat\n')
    editor.chmod(0o755)
    with terminal("edit", EPISODE, env=env | {"EDITOR": str(editor)}) as screen:
        until((tmp_path / "editor-edited").exists)
        screen.process.kill()
        screen.process.wait(PATIENCE)
    assert list(temporary.iterdir()) == []
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.delenv("VISUAL", raising=False)
    again = run("edit", EPISODE)
    assert "what was edited before is opened again" in again.err
    assert "1 decision made" in again.out


@pytest.mark.parametrize(
    ("heeds", "code", "says"),
    [("trap 'touch $0-heard' INT QUIT", 0, "1 decision made"), ("", 130, "the edited text is kept")],
    ids=["a command of the editor", "its end"],
)
def test_ctrl_c_is_a_key_of_the_editor(
    tmp_path: Path, env: dict[str, str], heeds: str, code: int, says: str
) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        f'#!/bin/sh\n{heeds}\nsed -i "s/onto the rocks/onto the reefs/" "$1"\n'
        "echo Ready; read -r line || read -r line\nsleep 1\n"
    )
    editor.chmod(0o755)
    with terminal("edit", EPISODE, env=env | {"EDITOR": str(editor)}) as screen:
        screen.wait_for("Ready")
        screen.press(b"\x03")
        if heeds:
            until((tmp_path / "editor-heard").exists)
            screen.press(b"line\nline\n")
        assert (screen.wait(), says in screen.text) == (code, True), screen.text


def test_a_temporary_folder_is_there_in_its_block_and_no_longer(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", f"{temporary}/$(touch run)\n")
    with pytest.raises(OutputError, match="no folder can be made"), temporary_folder():
        pass
    Path(tempfile.gettempdir()).mkdir()
    with temporary_folder() as folder:
        assert (folder.parent, folder.stat().st_mode & 0o777) == (Path(tempfile.gettempdir()), 0o700)
        (folder / "file").touch()
    assert not folder.exists()


def test_a_temporary_folder_needs_no_path(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("PATH", str(temporary))
    with temporary_folder() as folder:
        assert folder.is_dir()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("what", "error", "says"),
    [
        ("subprocess.Popen", FileNotFoundError(2, "None", "/bin/sh"), "/bin/sh cannot be started: None"),
        ("subprocess.Popen", BlockingIOError(11, "No more processes"), "be made: No more processes"),
        ("tempfile.gettempdir", FileNotFoundError(2, "No usable place"), "be made: No usable place"),
    ],
)
def test_what_a_temporary_folder_lacks_is_said(
    monkeypatch: pytest.MonkeyPatch, what: str, error: OSError, says: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(f"episodic.cli.temporary.{what}", fail)
    with pytest.raises(OutputError, match=says), temporary_folder():
        pass


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
        command = [sys.executable, "-P", "-m", "episodic.cli.composing.process", str(theirs.fileno()), "1"]
        assert (
            subprocess.run(command, pass_fds=[theirs.fileno()], timeout=PATIENCE, check=False).returncode == 1
        )
