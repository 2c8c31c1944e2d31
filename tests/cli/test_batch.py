"""`episodic ingest --each-subfolder`: many episodes, worker processes, one writer."""

import errno
import json
import os
import re
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.limits import Limits
from episodic.cli import main
from episodic.cli.ingesting.asked import Asked, episode_folders
from tests.cli.program import environment, piped
from tests.cli.test_interrupts import BEGIN, ended

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ada>This is episode {}.\n"


def episode(root: Path, name: str, *, act: str | None = None) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "show.vtt").write_text(CAPTIONS.format(name))
    if act:
        (folder / "acting.txt").write_text(f"ACT {act}")
    return folder


def arguments(root: Path, *more: str) -> tuple[str, ...]:
    # However slow the machine is, there is nothing on stderr but what is wrong.
    return ("ingest", str(root), "--series", "show", "--each-subfolder", "--quiet", *more)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "episodes.sqlite3")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "episodes"
    folder.mkdir()
    return folder


def run(env: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    with piped(*arguments, env=env) as program:
        return program.wait(), program.out, program.err


def lines(env: dict[str, str], root: Path, *more: str) -> tuple[int, dict[str, dict[str, object]], str]:
    code, out, err = run(env, *arguments(root, "--json", *more))
    found = [json.loads(line) for line in out.splitlines()]
    return code, {line["episode"]: line for line in found}, err


def test_each_folder_becomes_the_episode_that_its_name_says(env: dict[str, str], root: Path) -> None:
    for name in ("one", "two", "three"):
        episode(root, name)
    code, out, err = run(env, *arguments(root))
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == [
        "episode",
        "outcome",
        "revision",
        "conflicts",
        "seconds",
        "skipped",
    ]
    assert [line.split()[:2] for line in out.splitlines()[2:5]] == [
        ["show/one", "new"],
        ["show/three", "new"],
        ["show/two", "new"],
    ]
    assert "3 episodes in " in out
    assert "episode two." in run(env, "show", "show/two", "--format", "text")[1]


def test_a_name_with_its_marks_written_apart_is_the_same_episode(env: dict[str, str], root: Path) -> None:
    episode(root, "e\u0301te\u0301")
    code, found, err = lines(env, root)
    assert (code, err, list(found)) == (0, "", ["show/\u00e9t\u00e9"])


def test_the_same_command_again_does_only_what_has_changed(env: dict[str, str], root: Path) -> None:
    episode(root, "one")
    episode(root, "two")
    run(env, *arguments(root))
    (root / "two" / "show.vtt").write_text(CAPTIONS.format("two, mended"))
    code, found, _ = lines(env, root)
    assert code == 0
    assert [(found[f"show/{n}"]["created"], found[f"show/{n}"]["revision"]) for n in ("one", "two")] == [
        (False, 1),
        (True, 2),
    ]


def test_unchanged_episodes_are_found_without_a_worker(
    env: dict[str, str], root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    episode(root, "one")
    episode(root, "two")
    run(env, *arguments(root))

    def start(_: object) -> None:
        raise AssertionError("a worker was started")

    monkeypatch.setattr("episodic.cli.composing.processes._Process.started", start)
    monkeypatch.setenv("EPISODIC_DATABASE_URL", env["EPISODIC_DATABASE_URL"])
    assert main(arguments(root)) == 0
    assert "2 unchanged" in capsys.readouterr().out


# An interrupt comes when what is unchanged was recorded.
FOUND = (
    BEGIN
    + """
from episodic.canonical.ingestion_service import IngestionService
find = IngestionService.find_unchanged
async def interrupted(service, requests):
    await find(service, requests)
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.Event().wait()
IngestionService.find_unchanged = interrupted
program()
"""
)


@pytest.mark.parametrize("many", [True, False])
def test_an_interrupt_after_what_is_unchanged_was_recorded_tells_the_truth(
    env: dict[str, str], root: Path, many: bool
) -> None:
    folder = episode(root, "one")
    run(env, *arguments(root))
    timeline = root.parent / "timeline.json"
    what = arguments(root) if many else ("ingest", str(folder), "--series", "show", "--episode", "one")
    done = ended(env, root, FOUND, *what, "--json", "--timeline", str(timeline))
    assert done.returncode == (130 if many else 0)  # of one episode, all is done
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)
    assert (told["created"], told["revision"], told["status"]) == (False, 1, "completed")
    newest = json.loads(run(env, "jobs", "--json")[1])[0]
    assert (told["job"], told["status"]) == (newest["id"], newest["status"])
    ids = {event.get("args", {}).get("correlation_id") for event in json.loads(timeline.read_text())}
    assert ids - {None} == {told["job"]}


def test_json_is_one_line_an_episode_as_it_ends_and_nothing_else(env: dict[str, str], root: Path) -> None:
    episode(root, "quick")
    go = root.parent / "go"
    episode(root, "slow", act=f"until {go}")
    with piped(*arguments(root, "--json", "--workers", "2"), env=env) as program:
        assert program.process.stdout is not None
        first = json.loads(program.process.stdout.readline())
        assert first["episode"] == "show/quick"
        assert program.process.poll() is None
        go.touch()
        assert program.wait() == 0
        assert json.loads(program.out)["episode"] == "show/slow"


def test_a_failed_episode_does_not_stop_the_others(env: dict[str, str], root: Path) -> None:
    episode(root, "bad")
    (root / "bad" / "empty.vtt").touch()
    episode(root, "good")
    (root / "nothing").mkdir()
    code, found, err = lines(env, root)
    assert code == 1
    assert {name: line["status"] for name, line in found.items()} == {
        "show/bad": "failed",
        "show/good": "completed",
        "show/nothing": "failed",
    }
    assert "episodic: show/bad: " in err
    assert "empty.vtt: is empty" in err
    assert "nothing: no sources in this folder" in err


def test_skipped_sources_give_their_own_exit_code(env: dict[str, str], root: Path) -> None:
    (episode(root, "bad") / "empty.vtt").touch()
    code, out, _ = run(env, *arguments(root, "--keep-going"))
    assert (code, "skipped some" in out) == (3, True)


def test_a_killed_worker_costs_its_episode_and_says_so(env: dict[str, str], root: Path) -> None:
    for number in range(6):
        episode(root, f"good-{number}")
    episode(root, "good-2-fatal", act="die")
    code, found, err = lines(env, root, "--workers", "2")
    assert code == 1
    assert found.pop("show/good-2-fatal")["status"] == "failed"
    assert "show/good-2-fatal: the process that composed it was killed by SIGKILL" in err
    assert {line["status"] for line in found.values()} == {"completed"}
    jobs = json.loads(run(env, "jobs", "--json")[1])
    assert [job["episode_slug"] for job in jobs if job["status"] == "failed"] == ["good-2-fatal"]


@pytest.mark.parametrize(
    ("made", "code", "message"),
    [
        ("episodes/not a slug/", 2, "'not a slug' cannot name an episode"),
        ("episodes/only-a-file", 1, "no folders in this folder"),
        ("episodes", 1, "is not a folder"),
    ],
)
def test_what_cannot_be_episodes_is_refused_before_anything_is_done(
    env: dict[str, str], tmp_path: Path, made: str, code: int, message: str
) -> None:
    path = tmp_path / made
    path.parent.mkdir(exist_ok=True)
    path.mkdir() if made.endswith("/") else path.touch()
    found, out, err = run(env, *arguments(tmp_path / "episodes"))
    assert (found, out) == (code, "")
    assert message in err


def test_a_folder_that_cannot_be_looked_into_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_: Path) -> None:  # root, who may run the tests, may look into everything
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbidden)
    says = "cannot be opened: Permission denied; check its permissions"
    with pytest.raises(SourceError, match=says):
        episode_folders([str(tmp_path)])
    with pytest.raises(SourceError, match=says):
        list(Asked(series="s").sources("x", [str(tmp_path)], Limits()))


@pytest.mark.parametrize("more", [("--episode", "x"), ("--title", "x"), ("--workers", "0")])
def test_options_that_do_not_go_together_are_a_usage_error(
    env: dict[str, str], root: Path, more: tuple[str, ...]
) -> None:
    episode(root, "one")
    code, _, err = run(env, *arguments(root, *more))
    assert code == 2
    assert err.startswith("episodic: --")


def test_sigterm_stops_like_one_ctrl_c_and_the_same_command_goes_on(env: dict[str, str], root: Path) -> None:
    episode(root, "a")
    episode(root, "b", act="sleep 600")
    for number in range(20):
        episode(root, f"c-{number}", act="sleep 0.3")
    with piped(*arguments(root, "--json", "--workers", "2"), env=env) as program:
        assert program.process.stdout is not None
        first = program.process.stdout.readline()
        os.kill(program.process.pid, signal.SIGTERM)
        assert program.wait() == 130
        ended = [json.loads(line) for line in (first, *program.out.splitlines())]
        assert "the same command goes on" in program.err
    assert "show/b" in {line["episode"] for line in ended if line["status"] == "cancelled"}
    jobs = {job["episode_slug"]: job["status"] for job in json.loads(run(env, "jobs", "--json")[1])}
    assert jobs["a"] == "completed"
    assert jobs["b"] == "cancelled"
    assert "running" not in jobs.values()
    (root / "b" / "acting.txt").unlink()
    for number in range(20):
        (root / f"c-{number}" / "acting.txt").unlink()
    code, found, _ = lines(env, root)
    assert (code, found["show/a"]["created"], found["show/b"]["created"]) == (0, False, True)


def test_a_reader_who_has_seen_enough_ends_the_batch_without_a_traceback(
    env: dict[str, str], root: Path
) -> None:
    episode(root, "a")
    for number in range(4):
        episode(root, f"b-{number}", act="sleep 0.5")
    with piped(*arguments(root, "--json", "--workers", "1"), env=env) as program:
        assert program.process.stdout is not None
        program.process.stdout.close()
        program.process.stdout = None
        assert (program.wait(), program.err) == (1, "")


def test_a_database_that_cannot_be_written_is_one_line(env: dict[str, str], root: Path) -> None:
    episode(root, "one")
    run(env, *arguments(root))
    with closing(sqlite3.connect(root.parent / "episodes.sqlite3")) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON jobs BEGIN SELECT RAISE(FAIL, 'it is full'); END"
        )
    code, out, err = run(env, *arguments(root))
    assert (code, out) == (1, "")
    assert re.fullmatch("episodic: .*it is full.*\n", err)


def test_errors_and_logs_that_nobody_reads_end_no_batch(env: dict[str, str], root: Path) -> None:
    episode(root, "one", act="die")
    episode(root, "two", act="sleep 0.5")
    with piped("--log-level", "info", *arguments(root), env=env) as program:
        assert program.process.stderr is not None
        program.process.stderr.close()
        program.process.stderr = None
        assert program.wait() == 1
    assert "1 failed" in program.out
    assert "1 new" in program.out


@pytest.mark.parametrize("many", [False, True])
def test_a_log_that_nobody_reads_fails_no_episode(env: dict[str, str], root: Path, many: bool) -> None:
    folder = episode(root, "one")
    what = arguments(root) if many else ("ingest", str(folder), "--series", "show", "--episode", "one")
    with piped("--log-level", "info", *what, env=env) as program:
        assert program.process.stderr is not None
        program.process.stderr.close()
        program.process.stderr = None
        assert program.wait() == 0
    assert ("1 new" if many else "(new)") in program.out
