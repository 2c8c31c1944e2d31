"""Processes that are killed, and processes that want the same at once: nothing lost, nothing twice."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import COMMAND, environment
from tests.crash.harness import COMMANDS

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "docs" / "examples" / "first-light"


def harness(what: str, url: str, *numbers: int, timeout: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.crash.harness", what, url, *map(str, numbers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    print(json.dumps(found, indent=1))
    return found


def test_killed_ingests_are_there_or_not_and_complete_when_asked_for_again(url: str, *, full: bool) -> None:
    kills = 200 if full else 12
    found = harness("kill", url, kills, 20261, timeout=60 + 30 * kills)
    assert found["killed"] == kills
    assert found["faults"] == []
    assert found["lost"] == []
    assert 0 < found["promised"] < kills
    assert found["completed again"] == kills
    assert found["faults at the end"] == []
    assert found["wrong at the end"] == []
    assert "running" not in found["jobs"]
    # Of a dozen, all may have died before their job began or after it ended.
    assert found["jobs"].get("abandoned", 0) > 0 or not full


def test_killed_commands_leave_nothing_half_done_and_are_done_when_called_again(
    url: str, *, full: bool
) -> None:
    if not full:
        pytest.skip("takes minutes; 'make crash-test' runs it")
    calls = 110
    found = harness("commands", url, calls, 20263, timeout=60 + 30 * calls)
    assert found["faults"] == []
    assert found["failed"] == []
    assert found["orphans"] == []
    assert found["drafts"] == []
    assert found["killed"] >= calls // 4
    assert found["did"] == sorted(COMMANDS)


def test_processes_that_want_the_same_at_once_make_it_once_and_all_get_it(url: str, *, full: bool) -> None:
    processes, ingests = (8, 400) if full else (4, 48)
    found = harness("contend", url, processes, ingests, 20262, timeout=60 + 20 * ingests)
    assert found["ingests"] == ingests
    assert found["errors"] == []
    assert found["created"] == found["revisions"]
    assert found["faults at the end"] == []
    assert found["wrong at the end"] == []
    assert found["jobs"] == {"completed": ingests}


def test_a_restore_that_is_killed_leaves_nothing_or_all_and_comes_back_when_asked_for_again(
    url: str, tmp_path: Path, *, full: bool
) -> None:
    def run(*arguments: str, at: str = url) -> subprocess.CompletedProcess[str]:
        own = environment(tmp_path) | {"EPISODIC_DATABASE_URL": at}
        return subprocess.run([*COMMAND, *arguments], env=own, capture_output=True, text=True, check=False)

    origin, backup = f"sqlite:///{tmp_path / 'origin'}", tmp_path / "backup"
    assert (
        run(
            "ingest", str(SAMPLE), "--series", "s", "--episode", "first-light", "--quiet", at=origin
        ).returncode
        == 0
    )
    kept = run("jobs", "--json", at=origin).stdout
    assert run("db", "backup", str(backup), at=origin).returncode == 0
    assert run("db", "upgrade").returncode == 0
    restore = [*COMMAND, "db", "restore", str(backup)]
    killed = 0
    for tick in range(60 if full else 6):
        process = subprocess.Popen(restore, env=environment(tmp_path) | {"EPISODIC_DATABASE_URL": url})
        try:
            process.wait(0.1 + (0.05 if full else 0.3) * tick)
        except subprocess.TimeoutExpired:
            process.kill()
        killed += process.wait() == -signal.SIGKILL
        assert run("jobs", "--json").stdout in {"[]\n", kept}
        if process.returncode == 0:
            break
    assert killed
    done = run("db", "restore", str(backup))
    assert done.returncode == 0 or "not empty" in done.stderr
    assert run("jobs", "--json").stdout == kept
    assert run("db", "verify").returncode == 0
