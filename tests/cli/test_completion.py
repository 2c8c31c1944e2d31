"""Completion of what the database knows: series, episodes, addresses and sources."""

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.program import Run
from tests.cli.sample import SAMPLE


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


OFFERED = {
    "episodic show lantern-hour/t": ["lantern-hour/two"],
    "episodic show --form": ["--format"],
    "episodic history --js": ["--json"],
    "episodic ingest --ser": ["--series"],
    "episodic ing": ["ingest"],
    "episodic db ver": ["verify"],
    "episodic series set l": ["lantern-hour"],
    "episodic decide lantern-hour/one tit": ["title"],
    "episodic ingest tal": ["talk.vtt"],
    "episodic show lantern-hour/one --format podcast-h": ["podcast-html"],
}


@pytest.fixture
def installed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Path:
    """A folder with a source and the script of a shell that is there; `episodic` is on the path."""
    shell: str = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}, which Debian's package {shell} has")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "episodic").write_text(f'#!/bin/sh\nexec {sys.executable} -m episodic "$@"\n')
    (tmp_path / "bin" / "episodic").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "script").write_text(run("completion", shell).out)
    (tmp_path / "talk.vtt").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("installed", ["fish"], indirect=True)
def test_fish_completes_them(installed: Path) -> None:
    asked = "".join(f"complete -C '{line}'; echo ----;" for line in OFFERED)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source script; {asked}"], capture_output=True, text=True, check=True
    )
    found = [
        [line.partition("\t")[0] for line in each.splitlines() if line] for each in done.stdout.split("----")
    ]
    assert dict(zip(OFFERED, found, strict=False)) == OFFERED
    assert done.stderr == ""


@pytest.mark.parametrize("installed", ["zsh"], indirect=True)
def test_zsh_completes_them(installed: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], os.environ | {"TERM": "dumb", "PS1": ""})
    try:
        shown = "show() { print -r -- \"<$BUFFER>\"; BUFFER=''; zle .accept-line }"
        shown = f"{shown}; zle -N show; bindkey '^X' show"
        start = (
            f"autoload -Uz compinit; compinit -u -D; source ./script; unsetopt zle_bracketed_paste; {shown}"
        )
        os.write(terminal, f"{start}; print REA''DY\n".encode())
        assert read_until(terminal, "(READY)\r\n")
        for line, (offered,) in OFFERED.items():
            os.write(terminal, f"{line}\t\x18".encode())
            assert read_until(terminal, r"<([^<>\r\n]*)>").split()[-1] == offered, line
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def read_until(terminal: int, pattern: str) -> str:
    """Read until the pattern comes; give its group."""
    unread, deadline = "", time.monotonic() + 60
    while not (found := re.search(pattern, unread)):
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        assert ready, f"waited for {pattern}, got {unread}"
        unread += os.read(terminal, 4096).decode()
    return found[1]
