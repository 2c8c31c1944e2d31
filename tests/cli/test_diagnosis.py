"""A hung source is found: from outside, from inside, in the log and on the timeline."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from episodic.observability.inspection import started_by
from tests.cli.program import COMMAND, Piped, environment, piped, terminal, until

CTRL_BACKSLASH = b"\x1c"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "episodes.sqlite3", TESTS_LOADED="yes")


@pytest.fixture
def hanging(tmp_path: Path) -> Path:
    path = tmp_path / "hanging.txt"
    path.write_text("ACT sleep 600")
    return path


def one(*sources: Path) -> tuple[str, ...]:
    return ("ingest", *map(str, sources), "--series", "show", "--episode", "one")


def episodic(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], env=env, capture_output=True, text=True, check=False)


def seen(env: dict[str, str], *arguments: str) -> list[dict[str, object]]:
    done = episodic(env, "tasks", "--json", *arguments)
    if "kernel forbids" in done.stderr:
        pytest.skip(done.stderr)
    return json.loads(done.stdout) if done.returncode == 0 else []


@contextmanager
def running(env: dict[str, str], *arguments: str) -> Generator[Piped]:
    with piped(*arguments, env=env) as program:
        until(lambda: signal_is_handled(program.process.pid))
        yield program


def signal_is_handled(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGUSR1 - 1) & 1)


def test_a_hung_source_is_found_by_name_from_outside(env: dict[str, str], hanging: Path) -> None:
    other = hanging.with_name("also hanging.txt")
    other.write_text("ACT sleep 601")
    with running(env, *one(hanging, other)) as program:
        pid = program.process.pid

        def found() -> list[dict[str, object]]:
            tasks = seen(env, str(pid))
            both = {str(hanging), str(other)} <= {task["label"] for task in tasks}
            return [task for task in tasks if both and task["label"] == str(hanging)]

        (task,) = until(found)
        assert task["operation_name"] == "canonical.ingestion.normalize"
        assert float(str(task["age_seconds"])) >= 0
        (job,) = json.loads(episodic(env, "jobs", "--json").stdout)
        assert task["correlation_id"] == job["id"]
        tree = subprocess.run(
            [sys.executable, "-m", "asyncio", "pstree", str(pid)], capture_output=True, text=True, check=True
        )
        named = [line for line in tree.stdout.splitlines() if "canonical.ingestion.normalize[" in line]
        for source in (hanging, other):
            assert [line for line in named if f"/{source.name}]#{job['id']}@" in line], tree.stdout


def test_without_a_number_all_jobs_of_this_machine_are_shown(env: dict[str, str], hanging: Path) -> None:
    assert episodic(env, "db", "upgrade").returncode == 0
    assert episodic(env, "tasks").stdout == (
        "no job runs on this machine, says the database; 'episodic tasks PID' asks a process itself\n"
    )
    with running(env, *one(hanging)):
        until(lambda: any(task["label"] == str(hanging) for task in seen(env)))


def test_a_process_that_somebody_stopped_is_named(env: dict[str, str], hanging: Path) -> None:
    with running(env, *one(hanging)) as program:
        until(lambda: any(task["label"] == str(hanging) for task in seen(env)))
        pid = program.process.pid
        assert episodic(env, "tasks").stderr == ""
        program.process.send_signal(signal.SIGSTOP)
        said = until(lambda: episodic(env, "tasks").stderr)
        assert said == f"episodic: process {pid} is stopped, as by Ctrl-Z; 'kill -CONT {pid}' has it go on\n"
        program.process.send_signal(signal.SIGCONT)
        until(lambda: episodic(env, "tasks").stderr == "")


def test_a_process_of_it_that_somebody_stopped_is_named_too(env: dict[str, str], hanging: Path) -> None:
    root = hanging.parent / "many"
    (root / "ep").mkdir(parents=True)
    hanging.replace(root / "ep" / hanging.name)
    with running(env, "ingest", str(root), "--series", "show", "--each-subfolder") as program:
        pid = program.process.pid
        below = until(lambda: started_by(pid) if seen(env) else [])[-1]
        os.kill(below, signal.SIGSTOP)
        said = until(lambda: episodic(env, "tasks").stderr)
        assert (
            said == f"episodic: process {below} is stopped, as by Ctrl-Z; 'kill -CONT {below}' has it go on\n"
        )
        os.kill(below, signal.SIGCONT)


def test_without_its_database_it_says_that_a_process_can_be_asked(env: dict[str, str]) -> None:
    done = episodic(env | {"EPISODIC_DATABASE_URL": "sqlite:////dev/null"}, "tasks")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.endswith("; 'episodic tasks PID' asks a process itself\n")


def test_what_is_shown_is_what_the_guide_shows(env: dict[str, str], hanging: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "users-guide.md").read_text()
    block = guide.partition("```text\n$ episodic tasks\n")[2].partition("```")[0]

    def shape(table: str) -> list[list[str]]:
        """The header, and of each task its operation and the function that it is in, but for the reader's."""
        header, _, *rows = table.splitlines()
        shapes = [[cell for cell in row.split("   ") if cell.strip()] for row in rows]
        return [header.split(), *([row[1], row[-1].split()[0]] for row in shapes if ".py:" in row[-1])][:3]

    with running(env, *one(hanging)):
        until(lambda: any(task["label"] == str(hanging) for task in seen(env)))
        assert shape(episodic(env, "tasks").stdout) == shape(block)


def test_workers_are_looked_into_too(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "many" / "ep").mkdir(parents=True)
    (tmp_path / "many" / "ep" / "hanging.txt").write_text("ACT sleep 600")
    with running(env, "ingest", str(tmp_path / "many"), "--series", "show", "--each-subfolder") as program:
        pid = program.process.pid

        def found() -> dict[object, dict[str, object]]:
            tasks = {task["operation_name"]: task for task in seen(env, str(pid)) if task["label"]}
            return tasks if "canonical.ingestion.normalize" in tasks else {}

        tasks = until(found)
        assert tasks["canonical.ingestion.ingest"]["pid"] == pid
        composing, normalizing = tasks["canonical.ingestion.compose"], tasks["canonical.ingestion.normalize"]
        assert composing["label"] == "show/ep"
        assert str(normalizing["label"]).endswith("hanging.txt")
        assert composing["pid"] == normalizing["pid"] != pid


def test_ctrl_backslash_prints_where_the_source_is_and_goes_on(env: dict[str, str], tmp_path: Path) -> None:
    slow = tmp_path / "slow.txt"
    go = tmp_path / "go"
    slow.write_text(f"ACT until {go}")
    with terminal(*one(slow), env=env, columns=200) as screen:
        screen.wait_for(r"slow\.txt \(")
        screen.press(CTRL_BACKSLASH)
        screen.wait_for("read acting.py:")
        assert f"process {screen.process.pid}:" in screen.text
        go.touch()
        assert screen.wait() == 0


def test_sigusr1_has_the_workers_report_too(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "many" / "ep").mkdir(parents=True)
    (tmp_path / "many" / "ep" / "hanging.txt").write_text("ACT sleep 600")
    arguments = ("ingest", str(tmp_path / "many"), "--series", "show", "--each-subfolder", "--quiet")
    with running(env, *arguments) as program:
        assert program.process.stderr is not None
        descriptor = program.process.stderr.fileno()
        os.set_blocking(descriptor, False)
        said = ""

        def asked() -> bool:
            nonlocal said
            os.kill(program.process.pid, signal.SIGUSR1)
            time.sleep(0.3)
            with suppress(BlockingIOError):
                said += os.read(descriptor, 65536).decode()
            return "read acting.py:" in said

        until(asked)
        assert "show/ep" in said
        assert program.process.poll() is None


def test_a_slow_source_is_logged_once_with_where_it_is(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "slow.txt").write_text("ACT sleep 1.5")
    logs = ("--log-format", "json")
    done = episodic(env | {"EPISODIC_SLOW_SOURCE": "0.3"}, *logs, *one(tmp_path / "slow.txt"))
    # Where the machine is slow, there is progress as well.
    said = [json.loads(line) for line in done.stderr.splitlines()]
    (line,) = [line for line in said if "slow.txt has taken" in line["message"]]
    assert line["logger"].startswith("episodic.")
    assert line["level"] == "WARNING"
    assert "slow.txt has taken 0.3 s and is at read acting.py:" in line["message"]
    (job,) = json.loads(episodic(env, "jobs", "--json").stdout)
    assert line["correlation_id"] == job["id"]


@pytest.mark.parametrize("many", [False, True])
def test_every_log_line_of_a_run_bears_the_id_of_its_job(
    env: dict[str, str], tmp_path: Path, many: bool
) -> None:
    folder = tmp_path / "many" / "ep"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("Ada: Hello there.\nBen: Hello to you.")
    (folder / "empty.txt").touch()
    place = (str(folder.parent), "--each-subfolder") if many else (str(folder), "--episode", "ep")
    logs = ("--log-level", "info", "--log-format", "json")
    # Progress is of no job, and told where it takes long.
    done = episodic(env, *logs, "ingest", *place, "--series", "show", "--keep-going", "--quiet")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    (job,) = json.loads(episodic(env, "jobs", "--json").stdout)
    told = [
        line["message"].split()[0]
        for line in lines
        if line["logger"].startswith(("episodic.canonical.ing", "episodic.canonical.comp"))
    ]
    assert told == ["ingesting", "skipped:", "wrote"]
    assert {line.get("correlation_id") for line in lines} == {job["id"]}


def test_debugging_is_about_the_run_and_not_about_the_driver_of_its_database(
    env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.")
    lines = episodic(env, "--log-level", "debug", *one(tmp_path / "a.txt"), "--quiet").stderr.splitlines()
    assert {line.split()[1].rstrip(":").partition(".")[0] for line in lines} == {"asyncio", "episodic"}


@pytest.mark.parametrize("many", [False, True])
def test_a_timeline_shows_the_episode_and_its_sources(
    env: dict[str, str], tmp_path: Path, many: bool
) -> None:
    folder = tmp_path / "many" / "ep"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("ACT sleep 0.2")
    place = (str(folder.parent), "--each-subfolder") if many else (str(folder), "--episode", "ep")
    timeline = tmp_path / "timeline.json"
    assert episodic(env, "ingest", *place, "--series", "show", "--timeline", str(timeline)).returncode == 0
    events = {event["name"]: event for event in json.loads(timeline.read_text())}
    read, ingested = events[f"normalize {folder / 'a.txt'}"], events["ingest show/ep"]
    assert (read["cat"], ingested["cat"]) == ("canonical.ingestion.normalize", "canonical.ingestion.ingest")
    assert read["args"]["correlation_id"] == ingested["args"]["correlation_id"]
    assert ingested["dur"] > read["dur"] > 0.1e6
    assert read["args"]["outcome"] == "returned"


def test_a_timeline_that_cannot_be_written_is_an_error_before_anything_is_done(
    env: dict[str, str], hanging: Path
) -> None:
    done = episodic(env, *one(hanging), "--timeline", "/nowhere/timeline.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == "episodic: --timeline /nowhere/timeline.json cannot be written: No such file or directory\n"
    )


def test_a_source_that_hangs_fails_in_time_and_holds_nobody_up(env: dict[str, str], hanging: Path) -> None:
    done = episodic(env | {"EPISODIC_SOURCE_TIMEOUT": "0.5"}, *one(hanging), "--quiet")
    assert done.returncode == 1
    assert done.stderr.startswith(f"episodic: {hanging}: not read within 0.5 s")
    assert done.stderr.count("\n") == 1


def test_a_traceback_says_which_task_of_which_job_it_was(env: dict[str, str], tmp_path: Path) -> None:
    done = episodic(env, "--debug", *one(tmp_path / "gone.txt"))
    (job,) = json.loads(episodic(env, "jobs", "--json").stdout)
    assert f"in task canonical.ingestion.normalize, correlation id {job['id']}" in done.stderr


def test_with_json_logs_all_that_is_on_stderr_is_json(env: dict[str, str], tmp_path: Path) -> None:
    logs = ("--log-format", "json")
    go = tmp_path / "go"
    (tmp_path / "slow.txt").write_text(f"ACT until {go}")
    with running(env | {"TESTS_PROGRESS_SECONDS": "0.1"}, *logs, *one(tmp_path / "slow.txt")) as program:
        assert program.process.stderr is not None
        program.process.send_signal(signal.SIGUSR1)
        messages: list[str] = []
        for sought in ("0 of 1 sources; now", f"process {program.process.pid}:"):
            while not any(message.startswith(sought) for message in messages):
                messages.append(json.loads(program.process.stderr.readline())["message"])
        go.touch()
        assert program.wait() == 0
    assert all(json.loads(line) for line in program.err.splitlines())
    for wrong in (
        ("ingest", "gone.txt", "--series", "s", "--episode", "e", "--quiet"),
        ("ingest", "--nonsense"),
        ("show", "x"),
    ):
        (line,) = episodic(env, *logs, *wrong).stderr.splitlines()
        assert json.loads(line)["level"] == "WARNING"
        assert not json.loads(line)["message"].startswith("episodic")


def test_with_json_logs_leaving_at_once_is_json(env: dict[str, str], hanging: Path) -> None:
    with running(env, "--log-format", "json", *one(hanging), "--quiet") as program:
        for _ in range(2):
            program.process.send_signal(signal.SIGINT)
            time.sleep(0.05)
        program.wait()
    assert all(json.loads(line) for line in program.err.splitlines())


# --- an episode whose composing holds the interpreter ------------------------------------------------


@pytest.fixture
def holding(tmp_path: Path) -> Path:
    path = tmp_path / "holding.txt"
    path.write_text("ACT hold 600")
    return path


@pytest.fixture
def large(env: dict[str, str]) -> dict[str, str]:
    """Every episode is large."""
    return env | {"EPISODIC_LARGE_EPISODE": "1"}


def held(env: dict[str, str], source: Path) -> dict[str, object] | None:
    return next((task for task in seen(env) if task["label"] == str(source)), None)


def test_what_holds_the_interpreter_keeps_no_signal_from_a_large_episode(
    large: dict[str, str], holding: Path
) -> None:
    with running(large, *one(holding), "--quiet") as program:
        until(lambda: held(large, holding))
        # Two in one instant, as `timeout` sends them: to the process and to its group.
        for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            program.process.send_signal(number)
        assert program.wait() == 130
        assert "interrupted; nothing of show/one was stored" in program.err
    (job,) = json.loads(episodic(large, "jobs", "--json").stdout)
    assert job["status"] == "cancelled"


def test_what_holds_the_interpreter_keeps_nobody_from_seeing_a_large_episode(
    large: dict[str, str], holding: Path
) -> None:
    with running(large, *one(holding), "--quiet") as program:
        until(lambda: held(large, holding))
        (task,) = [task for task in seen(large) if task["label"] == str(holding)]
        assert task["operation_name"] == "canonical.ingestion.normalize"
        assert task["pid"] != program.process.pid
        (job,) = json.loads(episodic(large, "jobs", "--json").stdout)
        assert job["status"] == "running"
        program.process.send_signal(signal.SIGUSR1)
        assert program.process.stderr is not None
        assert f"process {program.process.pid}:" in program.process.stderr.readline()
        program.process.send_signal(signal.SIGINT)
        assert program.wait() == 130
