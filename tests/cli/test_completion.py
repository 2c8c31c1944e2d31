"""Completion of what the database knows: series, episodes, addresses and sources."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import Run

SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "first-light"


@pytest.fixture(autouse=True)
def ingested(run: Run) -> None:
    for episode in ("one", "two"):
        files = [str(SAMPLE / name) for name in ("studio.vtt", "engine.srt")]
        assert run("ingest", *files, "--series", "lantern-hour", "--episode", episode).code == 0


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("episodic show ", ["lantern-hour/one", "lantern-hour/two"]),
        ("episodic show lantern-hour/t", ["lantern-hour/two"]),
        ("episodic show 'lantern-hour/t", ["lantern-hour/two"]),
        ("episodic ingest x --series l", ["lantern-hour"]),
        ("episodic series set ", ["lantern-hour"]),
        ("episodic ingest x --series lantern-hour --episode ", ["one", "two"]),
        ("episodic forget lantern-hour/one ", [str(SAMPLE / "studio.vtt"), str(SAMPLE / "engine.srt")]),
        ("episodic decide lantern-hour/one ti", ["title"]),
        ("episodic decide lantern-hour/none ", []),
        ("episodic show lantern-hour/one --format ", []),
        ("episodic ingest ", []),
        ("episodic ", []),
        ('episodic show "', ["lantern-hour/one", "lantern-hour/two"]),
    ],
)
def test_what_fits_behind_a_line_is_offered(run: Run, line: str, offered: list[str]) -> None:
    done = run("completion", "zsh", "--line", line)
    assert (done.code, done.out.splitlines()) == (0, offered)


def test_addresses_are_offered_what_is_most_worth_first(run: Run) -> None:
    lines = run("completion", "fish", "--line", "episodic decide lantern-hour/one 0:").out.splitlines()
    listed = [each["address"] for each in json.loads(run("decisions", "lantern-hour/one", "--json").out)]
    assert lines == [address for address in listed if address.startswith("0:")]
    assert all(line.startswith("0:") for line in lines)


def test_without_a_database_nothing_is_offered_and_none_is_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPISODIC_DATABASE_URL", f"sqlite:///{tmp_path}/none.sqlite3")
    done = run("completion", "bash", "--line", "episodic show ")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert not (tmp_path / "none.sqlite3").exists()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("episodic show lan", ["lantern-hour/one", "lantern-hour/two"]),
        ("episodic ing", ["ingest"]),
        ("episodic decide lantern-hour/one tit", ["title"]),
    ],
)
def test_bash_asks_for_what_the_database_knows(
    run: Run, tmp_path: Path, line: str, offered: list[str]
) -> None:
    script = run("completion", "bash").out
    (tmp_path / "episodic").write_text(f'#!/bin/sh\nexec {sys.executable} -m episodic "$@"\n')
    (tmp_path / "episodic").chmod(0o755)
    asked = f"""PATH={tmp_path}:$PATH; COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
    COMP_LINE="{line}"; COMP_POINT=${{#COMP_LINE}}; _episodic_known; printf '%s\n' "${{COMPREPLY[@]}}"
    complete -p episodic"""
    done = subprocess.run(["bash", "-c", script + asked], capture_output=True, text=True, check=True)
    *found, registered = done.stdout.splitlines()
    assert found == offered
    assert registered == "complete -o default -F _episodic_known episodic"


def test_bash_is_given_the_rest_behind_a_colon_and_spaces_quoted(run: Run) -> None:
    line = "episodic decide lantern-hour/one 0:00:0"
    lines = run("completion", "bash", "--line", line).out.splitlines()
    assert lines
    assert all(line.startswith("0") and ":" not in line for line in lines)
    run("decide", "lantern-hour/one", "speaker 0:00:05", "--text", "Dana Reyes", "--by", "Dee")
    assert "speaker\\ 0:00:05" in run("completion", "bash", "--line", line[:-6] + "sp").out
