"""`episodic submit`, `worker` and `queue`, as a person uses them, on each kind of database."""

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from episodic.cli import main
from tests.cli.program import Run
from tests.postgresql import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def run(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: Run,
) -> Run:
    """The program, with a database of each kind."""
    url = f"sqlite:///{tmp_path / 'db'}"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        url = server.database()
    monkeypatch.setenv("EPISODIC_DATABASE_URL", url)
    monkeypatch.setenv("EPISODIC_WORKER_LEASE", "4")
    return run


@pytest.fixture
def talk(tmp_path: Path) -> str:
    (tmp_path / "talk.txt").write_text("Ada: Good evening.\nBab: Is it on?\n")
    return str(tmp_path / "talk.txt")


def test_what_is_submitted_is_there_once_a_worker_was_at_it(run: Run, talk: str) -> None:
    code, out, err = run("submit", talk, "--series", "s", "--episode", "e")
    assert (code, err) == (0, "")
    submission, name = out.split()[:2]
    assert name == "s/e"
    Path(talk).unlink()  # it is not needed any more
    code, out, _ = run("worker", "--workers", "1", "--until-empty")
    assert code == 0
    code, out, _ = run("show", "s/e", "--format", "text")
    assert (code, "Good evening" in out) == (0, True)
    code, out, _ = run("jobs", "--submission", submission, "--json")
    [job] = json.loads(out)
    assert (job["submission_id"], job["attempt"], job["status"]) == (submission, 1, "completed")
    assert job["id"] != submission
    assert "attempt" in run("jobs")[1]
    state = json.loads(run("queue", "--json")[1])
    assert (state["depth"], state["counts"]["completed"], state["per_minute"]) == (0, 1, 1)
    assert run("db", "verify")[0] == 0


def test_each_subfolder_is_a_submission_and_a_bad_one_does_not_stop_the_others(
    run: Run, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / "show" / name).mkdir(parents=True)
        (tmp_path / "show" / name / "talk.txt").write_text(f"Ada: This is {name}.\n")
    (tmp_path / "show" / "bad").mkdir()
    code, out, err = run("submit", str(tmp_path / "show"), "--each-subfolder", "--series", "s", "--json")
    assert code == 1
    assert "bad: " in err
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["episode"] for line in lines] == ["s/one", "s/two"]
    assert len({uuid.UUID(line["submission"]) for line in lines}) == 2
    assert "has ended" in run("worker", "--until-empty")[2]
    assert "s/two" in run("episodes")[1]


def test_what_failed_is_shown_with_why_and_tried_again(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    run("submit", str(tmp_path / "empty.txt"), "--series", "s", "--episode", "e")
    run("worker", "--until-empty")
    code, out, _ = run("queue")
    assert code == 0
    assert "empty.txt" in out
    [failed] = json.loads(run("queue", "--json")[1])["failed"]
    code, out, _ = run("queue", "retry", failed["submission"])
    assert f"{failed['submission']} is in the queue again" in out
    run("worker", "--until-empty")
    attempts = json.loads(run("jobs", "--submission", failed["submission"], "--json")[1])
    assert [job["attempt"] for job in attempts] == [1, 2]
    code, _, err = run("queue", "cancel", failed["submission"])
    assert (code, "is failed already" in err) == (1, True)


def test_a_paused_queue_says_so_and_what_waits_can_be_cancelled(run: Run, talk: str) -> None:
    assert run("queue", "pause")[0] == 0
    _, out, _ = run("submit", talk, "--series", "s", "--episode", "e", "--priority", "-3")
    submission = out.split()[0]
    assert "paused since" in run("queue")[1]
    assert "1 to do, 0 of them under way" in run("queue")[1]
    assert run("queue", "cancel", submission)[0] == 0
    assert run("queue", "resume")[0] == 0
    assert json.loads(run("queue", "--json")[1])["counts"]["cancelled"] == 1
    code, _, err = run("queue", "retry", str(uuid.uuid7()))
    assert (code, "no submission" in err) == (1, True)


def test_a_source_that_cannot_be_read_is_said_before_anything_is_kept(run: Run, tmp_path: Path) -> None:
    code, out, err = run("submit", str(tmp_path / "none.txt"), "--series", "s", "--episode", "e")
    assert (code, out) == (1, "")
    assert "none.txt: there is no such file" in err
    assert json.loads(run("queue", "--json")[1])["depth"] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "name at least one source"),
        (("a.txt",), "name the episode with --episode"),
        (("a.txt", "--episode", "e", "--each-subfolder"), "leave out --episode"),
        (("a.txt", "--episode", "../e"), "cannot name an episode"),
        (("a", "--each-subfolder", "--title", "T"), "leave out --title"),
        (("a.txt", "--episode", "e", "--priority", "99999999999"), "less than ten digits"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(run: Run, arguments: tuple[str, ...], says: str) -> None:
    code, _, err = run("submit", *arguments, "--series", "s")
    assert (code, says in err) == (2, True)


def test_a_database_without_a_queue_says_how_to_get_one(
    postgresql: Server, talk: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import psycopg

    url = postgresql.database()
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA episodic_queue CASCADE")
    monkeypatch.setenv("EPISODIC_DATABASE_URL", url)
    for command in (("submit", talk, "--series", "s", "--episode", "e"), ("worker",), ("queue",)):
        assert main([*command]) == 1
        assert "has no queue yet: install Episodic with its extra 'workers'" in capfd.readouterr().err
    assert main(["db", "upgrade"]) == 0
    assert main(["submit", talk, "--series", "s", "--episode", "e"]) == 0


def test_the_queue_loads_no_engine_and_commands_no_queue() -> None:
    says = "import sys, episodic.cli.app, episodic.queueing.engine; print('procrastinate' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
