"""Interrupts at chosen instants, in a program of their own: what ends, what goes on, what is said."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from episodic.cli.interrupts import AskedToEnd
from tests.cli.program import PATIENCE, Run, environment, terminal
from tests.cli.sample import SAMPLE

# Where the tests run detached from any terminal, they ignore it, and what they start inherits that.
BEGIN = """
import asyncio, os, signal, sys
from episodic.canonical.storage.store import SqlStore
from episodic.cli import program
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
# A coroutine of the store is interrupted as it begins.
AT = (
    BEGIN
    + """
whole = SqlStore.{0}
async def interrupted(store):
    os.kill(os.getpid(), signal.SIGINT)
    await whole(store)
SqlStore.{0} = interrupted
program()
"""
)
OWN = b"zanzibar"  # what only one source says
BAB = "Ada: Good evening, and welcome to the show.\nBab: The lantern keeps the {} of the harbour.\n"
BOTH = ("{}/ada.txt", "{}/bab.txt", "--series", "s", "--quiet")
FORGET = ("forget", "s/one", "bab.txt", "--yes")


@pytest.fixture
def env(tmp_path: Path, run: Run) -> dict[str, str]:
    """Of the database of `run`, with an episode of two revisions."""
    (tmp_path / "ada.txt").write_text(BAB.format("light"))
    (tmp_path / "bab.txt").write_text(BAB.format(OWN.decode()))
    both = [word.format(tmp_path) for word in BOTH]
    for more in ((), ("--title", "Another")):
        assert run("ingest", *both, "--episode", "one", *more).code == 0
    return environment(tmp_path / "db" / "episodic.sqlite3")


def ended(env: dict[str, str], folder: Path, script: str, *command: str) -> subprocess.CompletedProcess[str]:
    words = [word.format(folder) for word in command]
    return subprocess.run(
        [sys.executable, "-c", script, *words],
        env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


AT_THE_COMMIT = AT.replace("SqlStore", "SqlUnitOfWork").replace("storage.store", "storage.unit_of_work")


@pytest.mark.parametrize(
    "script",
    [AT.format("compact"), AT_THE_COMMIT.format("commit")],
    ids=["as-it-is-overwritten", "as-it-is-committed"],
)
def test_an_interrupt_leaves_no_bytes_of_what_is_forgotten_in_the_file(
    env: dict[str, str], tmp_path: Path, script: str
) -> None:
    done = ended(env, tmp_path, script, *FORGET)
    assert (done.returncode, done.stderr) == (0, "")
    assert "bab.txt is forgotten" in done.stdout
    assert OWN not in b"".join(file.read_bytes() for file in (tmp_path / "db").iterdir())


BEFORE_THE_EXPORTS = (
    BEGIN
    + """
from episodic.canonical.storage.repositories import SqlExportRepository
whole = SqlExportRepository.list
async def interrupted(*given):
    os.kill(os.getpid(), signal.SIGINT)
    return await whole(*given)
SqlExportRepository.list = interrupted
async def compacting(store):
    print("overwritten")
SqlStore.compact = compacting
program()
"""
)


def test_an_interrupt_before_what_is_forgotten_is_overwritten_waits_for_that(
    env: dict[str, str], tmp_path: Path
) -> None:
    done = ended(env, tmp_path, BEFORE_THE_EXPORTS, *FORGET)
    assert (done.returncode, done.stdout, done.stderr) == (130, "overwritten\n", "episodic: interrupted\n")


@pytest.mark.parametrize(
    "command",
    [
        ("ingest", *BOTH, "--episode", "two"),
        ("decide", "s/one", "title", "--text", "Other"),
        ("restore", "s/one", "--revision", "1"),
        FORGET,
    ],
    ids=lambda command: command[0],
)
def test_an_interrupt_that_comes_when_all_is_stored_comes_too_late(
    env: dict[str, str], tmp_path: Path, command: Sequence[str]
) -> None:
    done = ended(env, tmp_path, AT.format("close"), *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


INGEST = ("ingest", str(SAMPLE), "--series", "lantern-hour", "--episode", "first-light")
# Ctrl-C comes just when the first episode has been stored.
BY_THE_COMMIT = (
    BEGIN
    + """
from episodic.canonical.storage.unit_of_work import SqlUnitOfWork
whole = SqlUnitOfWork.commit
async def interrupted(work):
    stores_an_episode = bool(await work.episodes.list())
    await whole(work)
    if stores_an_episode:
        SqlUnitOfWork.commit = whole
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(1)
SqlUnitOfWork.commit = interrupted
program()
"""
)
BEFORE_THE_JOB = (
    BEGIN
    + """
from episodic.cli.commands import ingest
async def interrupted(*_):
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(1)
ingest.OnRecord.read = interrupted
program()
"""
)


@pytest.fixture
def empty(tmp_path: Path) -> dict[str, str]:
    """Of a database in which there is nothing."""
    return environment(tmp_path / "db" / "episodic.sqlite3")


def test_an_interrupt_that_comes_too_late_is_not_said_to_have_stored_nothing(
    empty: dict[str, str], tmp_path: Path
) -> None:
    done = ended(empty, tmp_path, BY_THE_COMMIT, *INGEST)
    assert (done.returncode, done.stderr) == (0, "")
    assert "revision 1 (new)" in done.stdout


def test_an_interrupt_before_there_is_a_job_is_not_said_to_have_cancelled_it(
    empty: dict[str, str], tmp_path: Path, run: Run
) -> None:
    done = ended(empty, tmp_path, BEFORE_THE_JOB, *INGEST)
    assert done.returncode == 130
    assert "nothing of lantern-hour/first-light was stored" in done.stderr
    assert "is cancelled" not in done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads(run("jobs", "--json").out) == []


def test_an_interrupted_batch_counts_what_was_stored_at_the_last_moment(
    empty: dict[str, str], tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / "season" / name).mkdir(parents=True)
        (tmp_path / "season" / name / "show.vtt").write_bytes((SAMPLE / "studio.vtt").read_bytes())
    season = ("ingest", "{}/season", "--series", "s", "--each-subfolder", "--workers", "1")
    done = ended(empty, tmp_path, BY_THE_COMMIT, *season)
    assert done.returncode == 130
    assert "interrupted with 1 of 2 episodes left" in done.stderr
    assert "Traceback" not in done.stderr
    assert [line.split()[:2] for line in done.stdout.splitlines()[2:4]] == [
        ["s/one", "new"],
        ["s/two", "cancelled"],
    ]


LOGS = (
    BEGIN
    + """
import logging
whole = SqlStore.close
async def logging_it(store):
    for error in (asyncio.CancelledError(), ValueError("mended")):
        logging.getLogger("sqlalchemy.pool").error("something", exc_info=error)
    await whole(store)
SqlStore.close = logging_it
program()
"""
)


def test_what_is_cancelled_shows_no_traceback(env: dict[str, str], tmp_path: Path) -> None:
    done = ended(env, tmp_path, LOGS, "show", "s/one")
    assert ("CancelledError" in done.stderr, "ValueError: mended" in done.stderr) == (False, True)


@pytest.mark.parametrize(
    "command",
    [("forget", "s/one", "bab.txt"), ("delete", "s/one"), ("db", "prune", "--keep", "1")],
    ids=["forget", "delete", "prune"],
)
def test_one_ctrl_c_is_an_answer(env: dict[str, str], run: Run, command: Sequence[str]) -> None:
    with terminal(*command, env=env) as screen:
        screen.wait_for(re.escape("[y/N] "))
        screen.press(b"\x03")
        assert screen.wait() == 130
        assert "episodic: interrupted\r\n" in screen.text
        assert "Traceback" not in screen.text
    assert len(json.loads(run("history", "s/one", "--json").out)["revisions"]) == 2


@pytest.mark.parametrize(
    ("keys", "code", "says"),
    [
        (b"n\n", 1, "nothing was done\r\n"),
        (b"\xff\n", 1, "nothing was done\r\n"),
        (b"\x04", 1, "[y/N] \r\nnothing was done\r\n"),
        (b" Yes\n", 0, "s/one is deleted"),
    ],
    ids=["no", "no-text", "ctrl-d", "yes"],
)
def test_only_yes_agrees(env: dict[str, str], keys: bytes, code: int, says: str) -> None:
    with terminal("delete", "s/one", env=env) as screen:
        screen.wait_for(re.escape("[y/N] "))
        screen.press(keys)
        assert (screen.wait(), says in screen.text) == (code, True), screen.text


def test_an_interrupt_where_nothing_can_be_raised_ends_the_program(
    env: dict[str, str], tmp_path: Path
) -> None:
    # Python prints what a finalizer raises and goes on: imports have many, and most of a start is imports.
    at = """
import episodic.cli.app
class Thing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
whole = episodic.cli.app.prepare_help
def interrupted(words):
    Thing()
    whole(words)
episodic.cli.app.prepare_help = interrupted
program()
"""
    done = ended(env, tmp_path, BEGIN + at, "ingest", *BOTH, "--episode", "two")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "episodic: interrupted\n")


BEFORE_IT_LOADS = """
import importlib.metadata, os, runpy, signal, sys
class Finder:
    def find_spec(self, name, *_):
        if name == "episodic.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
signal.signal(signal.SIGINT, signal.{})
{}
"""
AS_A_SCRIPT = "importlib.metadata.entry_points(group='console_scripts')['episodic'].load()()"
AS_A_MODULE = "runpy.run_module('episodic', run_name='__main__')"


@pytest.mark.parametrize("starts", [AS_A_SCRIPT, AS_A_MODULE], ids=["script", "module"])
def test_an_interrupt_before_anything_loads_ends_it_as_any_program(
    env: dict[str, str], tmp_path: Path, starts: str
) -> None:
    done = ended(env, tmp_path, BEFORE_IT_LOADS.format("default_int_handler", starts), "shows")
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
    done = ended(env, tmp_path, BEFORE_IT_LOADS.format("SIG_IGN", starts), "history", "s/one")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_comes_within_a_moment_is_an_echo_of_what_was_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [5.0, 5.2, 5.24, 5.25, 5.49, 5.5]
    monkeypatch.setattr(time, "monotonic", iter(moments).__next__)
    asked = AskedToEnd()
    assert [asked.again() for _ in moments] == [1, 0, 0, 2, 0, 3]


WHILE_IT_LOADS = (
    BEGIN
    + """
class Finder:
    def find_spec(self, name, *_):
        if name == "cyclopts":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
program()
"""
)
AS_IT_IS_SAID = (
    BEGIN
    + """
from episodic.cli import interrupts, output
interrupts._ECHO = 60  # however slow the machine is, what follows is within a moment
whole = output.complain
def interrupted(line):
    os.kill(os.getpid(), signal.SIGINT)
    whole(line)
    os.kill(os.getpid(), signal.SIGINT)
output.complain = interrupted
def first(*_):
    os.kill(os.getpid(), signal.SIGINT)
import episodic.canonical.finding as finding
finding.find_revision = first
program()
"""
)
LATER = (
    BEGIN
    + """
import time
async def hanging(store):
    os.kill(os.getpid(), signal.SIGINT)
    try:
        await asyncio.sleep(60)
    finally:
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
SqlStore.__aenter__ = hanging
program()
"""
)


@pytest.mark.parametrize(
    ("script", "says"),
    [(WHILE_IT_LOADS, "interrupted"), (AS_IT_IS_SAID, "interrupted"), (LATER, "left at once")],
    ids=["while-it-loads", "as-it-is-said", "later"],
)
def test_however_many_interrupts_are_one_line(
    env: dict[str, str], tmp_path: Path, script: str, says: str
) -> None:
    done = ended(env, tmp_path, script, "decisions", "s/one")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"episodic: {says}\n")
