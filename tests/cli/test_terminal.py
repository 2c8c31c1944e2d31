"""The program on a terminal and in a pipe: progress, logs beside it, and Ctrl-C."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.program import COMMAND, Run, Terminal, environment, piped, terminal, until

CTRL_C = b"\x03"
ERASE = b"\x1b[2K"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """That of `run`."""
    made = tmp_path / "db" / "episodic.sqlite3"
    made.parent.mkdir()
    return made


@pytest.fixture
def env(database: Path) -> dict[str, str]:
    return environment(database)


def acting(folder: Path, name: str, act: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"ACT {act}")
    return path


def one(*sources: Path) -> tuple[str, ...]:
    return ("ingest", *map(str, sources), "--series", "show", "--episode", "one")


def jobs(run: Run) -> list[dict[str, str]]:
    return json.loads(run("jobs", "--json").out)


def is_sound(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_terminal_gets_a_bar_with_what_runs_now(env: dict[str, str], tmp_path: Path) -> None:
    go = tmp_path / "go"
    sources = [acting(tmp_path, "quick.txt", "sleep 0"), acting(tmp_path, "slow.txt", f"until {go}")]
    with terminal(*one(*sources), env=env) as screen:
        screen.wait_for("━")
        screen.wait_for("1 of 2 sources")
        screen.wait_for(r"slow\.txt \([1-9]")
        go.touch()
        assert screen.wait() == 0
        assert "revision 1 (new)" in screen.text
        # It is gone at the end, and the cursor is back.
        assert ERASE in screen.out
        assert screen.out.count(b"\x1b[?25h") >= screen.out.count(b"\x1b[?25l") > 0


def test_a_narrow_terminal_cuts_what_runs_and_not_how_long(env: dict[str, str], tmp_path: Path) -> None:
    go = tmp_path / "go"
    slow = acting(tmp_path, f"{'a-long-name-' * 5}.txt", f"until {go}")
    with terminal(*one(slow), env=env, columns=40) as screen:
        screen.wait_for(r"… \([1-9]")
        go.touch()
        assert screen.wait() == 0


def test_a_pipe_gets_lines_instead_when_it_takes_long(env: dict[str, str], tmp_path: Path) -> None:
    go = tmp_path / "go"
    slow = acting(tmp_path, "slow.txt", f"until {go}")
    with piped(*one(slow), env=env | {"TESTS_PROGRESS_SECONDS": "0.1"}) as program:
        assert program.process.stderr is not None
        assert program.process.stderr.readline().startswith("0 of 1 sources; now ")
        go.touch()
        assert program.wait() == 0
        assert "\x1b" not in program.err + program.out


@pytest.mark.parametrize("how", ["--quiet", "TERM=dumb"])
def test_no_bar_where_none_is_wanted_or_possible(env: dict[str, str], tmp_path: Path, how: str) -> None:
    more = (how,) if how.startswith("--") else ()
    slow = acting(tmp_path, "slow.txt", "sleep 0.5")
    with terminal(*one(slow), *more, env=env if more else env | {"TERM": "dumb"}) as screen:
        assert screen.wait() == 0
        assert "━" not in screen.text
        assert "sources" not in screen.text.partition("revision")[0]


def test_log_lines_stand_above_the_bar_and_are_whole(env: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "episodes"
    for number in range(8):
        acting(folder / f"ep-{number}", "a.txt", "sleep 0.2")
    arguments = ("ingest", str(folder), "--series", "show", "--each-subfolder", "--workers", "2")
    with terminal("--log-level", "info", *arguments, env=env, columns=160) as screen:
        assert screen.wait() == 0
        for number in range(8):
            wrote = (
                r"(?:^|(?<=\r))INFO episodic\S+ingestion_service \S{36}: "
                rf"wrote show/ep-{number}, revision 1\r\n"
            )
            assert len(re.findall(wrote, screen.text, re.MULTILINE)) == 1
        assert "of 8 episodes" in screen.text


@pytest.mark.parametrize("into_a_file", [True, False])
def test_json_goes_where_it_should_and_is_not_folded_while_a_bar_is_drawn(
    env: dict[str, str], tmp_path: Path, into_a_file: bool
) -> None:
    folder = tmp_path / "episodes"
    for number in range(3):
        acting(folder / f"ep-{number}", "a.txt", "sleep 0.3")
    arguments = ("ingest", str(folder), "--series", "show", "--each-subfolder", "--json")
    with (
        (tmp_path / "found.jsonl").open("w+", encoding="utf-8") as file,
        terminal(*arguments, env=env, columns=50, stdout=file.fileno() if into_a_file else None) as screen,
    ):
        assert screen.wait() == 0
        assert "of 3 episodes" in screen.text
        file.seek(0)
        printed = file.read() if into_a_file else screen.text
        assert into_a_file != ('{"episode"' in screen.text)
    found = [json.loads(line) for line in re.findall(r'\{"episode":.*\}', printed)]
    assert sorted(line["episode"] for line in found) == ["show/ep-0", "show/ep-1", "show/ep-2"]


def test_there_is_no_bar_where_the_reader_of_a_pipe_may_print(env: dict[str, str], tmp_path: Path) -> None:
    acting(tmp_path / "episodes" / "one", "a.txt", "sleep 0.5")
    arguments = ("ingest", str(tmp_path / "episodes"), "--series", "show", "--each-subfolder", "--json")
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8") as pipe:
        with terminal(*arguments, env=env, stdout=writer) as screen:
            os.close(writer)
            assert (screen.wait(), screen.text) == (0, "")
        assert json.loads(pipe.read())["episode"] == "show/one"


def press_ctrl_c(screen: Terminal) -> None:
    """Interrupt the program, which does not wait for what it was at."""
    screen.press(CTRL_C)
    assert screen.wait() == 130


def test_one_ctrl_c_records_the_job_as_cancelled_and_says_what_was_done(
    env: dict[str, str], database: Path, tmp_path: Path, run: Run
) -> None:
    # The thread that reads the source cannot be stopped; the program does not wait for it.
    with terminal(*one(acting(tmp_path, "hangs.txt", "sleep 600")), env=env) as screen:
        screen.wait_for(r"hangs\.txt \(")
        press_ctrl_c(screen)
        assert "episodic: interrupted; nothing of show/one was stored" in screen.text
        assert "Traceback" not in screen.text
    (job,) = jobs(run)
    assert (job["status"], job["error"]) == ("cancelled", "cancelled")
    assert job["id"] in screen.text
    assert is_sound(database)


@pytest.mark.parametrize(
    "command",
    [("decide", "show/one", "title", "--text", "Other"), ("forget", "show/one", "b.txt", "--yes")],
    ids=["decide", "forget"],
)
def test_an_interrupted_edit_waits_for_no_thread(
    env: dict[str, str], database: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    go, awaited = tmp_path / "go", tmp_path / "go-awaited"
    go.touch()
    sources = [
        acting(tmp_path, name, f"until {go}{number * ' '}") for number, name in enumerate(("a.txt", "b.txt"))
    ]
    subprocess.run([*COMMAND, *one(*sources)], env=env, capture_output=True, check=True)
    go.unlink()
    awaited.unlink()
    with piped(*command, "--by", "Maya", env=env) as program:
        until(awaited.exists)
        program.process.send_signal(signal.SIGINT)
        assert program.wait() == 130
        assert program.err == "episodic: interrupted\n"
    assert is_sound(database)


def test_ctrl_c_in_a_batch_keeps_what_is_done_and_ends_the_workers(
    env: dict[str, str], database: Path, tmp_path: Path, run: Run
) -> None:
    folder = tmp_path / "episodes"
    acting(folder / "a", "a.txt", "sleep 0")
    for name in ("b", "c", "d", "e", "f", "g"):
        acting(folder / name, "hangs.txt", "sleep 600")
    arguments = ("ingest", str(folder), "--series", "show", "--each-subfolder", "--workers", "2")
    with terminal(*arguments, env=env) as screen:
        screen.wait_for("1 of 7 episodes")
        screen.wait_for(r"hangs\.txt \(")
        press_ctrl_c(screen)
        assert "interrupted with 6 of 7 episodes left" in screen.text
        assert "Traceback" not in screen.text
        until(lambda: not leftovers(str(folder)))
    assert {job["episode_slug"]: job["status"] for job in jobs(run)}["a"] == "completed"
    assert {job["status"] for job in jobs(run)} == {"completed", "cancelled"}
    assert is_sound(database)


def test_a_second_ctrl_c_leaves_at_once(
    env: dict[str, str], database: Path, tmp_path: Path, run: Run
) -> None:
    folder = tmp_path / "episodes"
    for name in ("a", "b", "c"):
        acting(folder / name, "hangs.txt", "sleep 600")
    arguments = ("ingest", str(folder), "--series", "show", "--each-subfolder", "--workers", "2")
    with terminal(*arguments, env=env) as screen:
        screen.wait_for(r"hangs\.txt \(")

        def left() -> bool:
            screen.press(CTRL_C)  # again, as long as it is taken for an echo of the first
            return screen.process.poll() is not None

        with closing(sqlite3.connect(database, isolation_level=None)) as lock:
            lock.execute("BEGIN IMMEDIATE")  # so that the first one cannot come to its end
            screen.press(CTRL_C)
            time.sleep(0.5)
            assert screen.process.poll() is None
            until(left)
            assert screen.wait() == 130
        assert re.search(r"left at once\s*(\^C\s*)*$", screen.text)
        until(lambda: not leftovers(str(folder)))
    assert is_sound(database)
    assert {job["status"] for job in jobs(run)} == {"abandoned"}


def leftovers(word: str) -> list[str]:
    """Command lines of processes that have the word, and of workers, whose parents had it."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line and int(process.name) != os.getpid():
            found.append(line)
    return found
