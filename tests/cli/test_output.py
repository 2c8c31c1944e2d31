"""What commands print fits the terminal and the script, and harms neither."""

import json
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cyclopts import App
from rich.cells import cell_len
from rich.console import Console

from episodic.cli.app import app
from episodic.cli.output import drawn_table, print_json, print_json_line
from episodic.observability.logs import JsonFormatter
from tests.cli.program import COMMAND, Run, environment, terminal
from tests.cli.sample import SAMPLE

ISOLATED = {"\N{FIRST STRONG ISOLATE}": "", "\N{POP DIRECTIONAL ISOLATE}": ""}


def test_columns_stay_in_line_under_wide_and_combining_characters() -> None:
    lines = drawn_table(
        ("name", "n"), [("日本語", "1"), ("e\u0301te\u0301", "2"), ("plain", "3")]
    ).splitlines()
    assert {cell_len(line) for line in lines[2:]} == {cell_len(lines[0])}


def test_a_long_line_in_a_pipe_does_not_make_a_long_rule() -> None:
    head, rule, row = drawn_table(("", "source"), [("-", "x" * 5000)], width=1_000_000).splitlines()
    assert (head, rule, row) == ("    source", "─" * 100, f"-   {'x' * 5000}")


def test_a_pipe_and_a_wide_terminal_get_the_same_table() -> None:
    rows = [("日本語", "1", "[bold]x[/bold]"), ("אור", "22", ""), ("", "333", "e\u0301te\u0301 " * 9)]
    drawn = [
        drawn_table(("name", "n", "last"), rows, right=("n",), width=width) for width in (1_000_000, 200)
    ]
    assert drawn[0] == drawn[1]


def test_text_from_right_to_left_is_isolated_and_keeps_its_joiners() -> None:
    hebrew, persian = "אור ראשון", "می\u200cخواهم"  # no Latin letters
    lines = drawn_table(("name", "n"), [(hebrew, "1"), (persian, "2"), ("plain", "3")]).splitlines()
    assert f"\N{FIRST STRONG ISOLATE}{hebrew}\N{POP DIRECTIONAL ISOLATE}" in lines[2]
    assert f"\N{FIRST STRONG ISOLATE}{persian}\N{POP DIRECTIONAL ISOLATE}" in lines[3]
    assert lines[4].startswith("plain")


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    drawn = drawn_table(("name",), [("\x1b[2Jgone\u202eevil",)])
    assert "\x1b" not in drawn
    assert "\u202e" not in drawn
    assert r"\x1b[2Jgone\u202eevil" in drawn


def test_names_and_titles_are_only_text_wherever_they_are_printed(tmp_path: Path) -> None:
    good, bad = tmp_path / "g\n\x1b[31mood.vtt", tmp_path / "b\n\x1b[31mad.vtt"
    good.write_bytes((SAMPLE / "studio.vtt").read_bytes())
    bad.write_text("WEBVTT")
    ingest = ("ingest", str(good), str(bad), "--series", "a", "--episode", "b", "--title", "T\x1b[31mitle")
    for arguments in (
        ("--log-level", "info", *ingest, "--keep-going"),
        ingest,
        ("show", "a/b"),
        ("sources", "a/b"),
        ("jobs",),
    ):
        done = subprocess.run(
            [*COMMAND, *arguments], env=environment(tmp_path / "e.sqlite3"), capture_output=True, check=False
        )
        for said in {"--log-level": (done.stdout, done.stderr), "ingest": (done.stderr,)}.get(
            arguments[0], (done.stdout,)
        ):
            assert rb"\x1b[31m" in said
            assert b"\x1b" not in said


def test_a_missing_file_with_an_odd_name_is_one_line(tmp_path: Path) -> None:
    arguments = ("ingest", "no\nsuch\x1b[31m", "--series", "a", "--episode", "b", "--quiet")
    done = subprocess.run(
        [*COMMAND, *arguments], env=environment(tmp_path / "e.sqlite3"), capture_output=True, check=False
    )
    assert done.stderr == rb"episodic: no\nsuch\x1b[31m: there is no such file; check the path" + b"\n"


def test_markup_is_only_text() -> None:
    assert "[bold]x[/bold]" in drawn_table(("name",), [("[bold]x[/bold]",)])


@pytest.mark.parametrize("columns", [30, 60, 100])
def test_a_narrow_terminal_is_not_overrun(tmp_path: Path, columns: int) -> None:
    arguments = ("ingest", str(SAMPLE), "--series", "lantern-hour", "--episode", "first-light")
    with terminal(*arguments, env=environment(tmp_path / "e.sqlite3"), columns=columns) as screen:
        assert screen.wait() == 0
        table = screen.text.partition("decided")[2].partition("\nin ")[0]
        assert "first-light" in table.replace("\r\n", "").replace(" ", "")
        table = table.partition("seems to be")[0].rpartition("\n")[0]  # the terminal itself folds a sentence
        assert max(cell_len(line) for line in table.splitlines()) <= columns


@pytest.mark.parametrize("width", [30, 45, 59])
def test_where_words_would_be_broken_each_row_is_a_block(width: int) -> None:
    job = "01a20b90-b13e-728e-b6d3-dd7543a1f365"
    rows = [(job, "skipped-some", "2.0"), ("second", "", "a reason that is long enough to be folded")]
    lines = drawn_table(("job", "status", "error"), rows, width=width).splitlines()
    assert max(map(len, lines)) <= width
    if width > 40:
        assert lines[:5] == [f"job     {job}", "status  skipped-some", "error   2.0", "", "job     second"]


@pytest.mark.parametrize("width", [72, 90, 120])
def test_only_the_last_column_is_folded(width: int) -> None:
    row = ("canonical.ingestion.normalize", "01a20b90-b13e-728e", "SourceNormalizer.normalize " * 3)
    lines = drawn_table(("operation", "job", "is at"), [row], width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[2].startswith("canonical.ingestion.normalize   01a20b90-b13e-728e   SourceNormalizer")


def test_where_no_word_is_broken_each_row_is_a_line() -> None:
    rows = [("01a20b90-b13e-728e-b6d3-dd7543a1f365", "skipped-some", "a reason that is folded")]
    lines = drawn_table(("job", "status", "error"), rows, width=70).splitlines()
    assert lines[0].split() == ["job", "status", "error"]


def printed(tmp_path: Path, *arguments: str, **env: str) -> str:
    with terminal(*arguments, env=environment(tmp_path / "e.sqlite3", **env)) as screen:
        screen.wait()
        return screen.out.decode()


def test_no_color_is_kept(tmp_path: Path) -> None:
    assert "\x1b[3" in printed(tmp_path, "--help")
    assert "\x1b[3" not in printed(tmp_path, "--help", NO_COLOR="1")


def test_columns_sets_the_width(tmp_path: Path) -> None:
    with terminal("--help", env=environment(tmp_path / "e.sqlite3", COLUMNS="50")) as screen:
        screen.wait()
        assert max(map(len, screen.text.splitlines())) == 50


def episodic(*arguments: str) -> str:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=True).stdout


def test_help_has_examples() -> None:
    assert "\n  episodic ingest folder --series my-show --episode one --keep-going\n" in episodic(
        "ingest", "--help"
    )
    assert "Examples:" in episodic("tasks", "--help")


def commands(app: App = app, *above: str) -> Iterator[tuple[str, ...]]:
    for name in app:
        if name not in {*app.help_flags, *app.version_flags}:
            yield (*above, name)
            yield from commands(app[name], *above, name)


@pytest.fixture
def wide(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Help on a terminal that is wide enough for each of its lines."""
    monkeypatch.setattr(app, "console", Console(width=1000, color_system=None))
    return lambda *command: run(*command, "--help").out


@pytest.mark.parametrize("command", [*commands()], ids=" ".join)
def test_help_tells_what_each_option_is_for(wide: Callable[..., str], command: tuple[str, ...]) -> None:
    told = wide(*command)
    assert re.findall(r"^│[* ]*(\S+) *│$", told, re.MULTILINE) == []
    assert "Exit codes:" in told
    assert "Parameters" not in told


def test_help_says_all_that_the_docstring_of_a_command_says(wide: Callable[..., str]) -> None:
    assert "q ends" in wide("review")
    assert "SIGTERM" in wide("worker")
    assert "nothing refers to nothing" in wide("db", "verify")
    assert "q ends" not in wide()


def test_help_ends_its_lines_where_the_terminal_does(wide: Callable[..., str]) -> None:
    assert re.search(r"│ *--trust .* pattern of names \(final\*\)\. *│", wide("ingest"))
    assert "the next review goes on where this one ended.\n" in wide("review")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("episodic ing", {"ingest"}),
        ("episodic ingest --each", {"--each-subfolder"}),
        ("episodic show x --format h", {"html"}),
        ("episodic series s", {"show", "set"}),
    ],
)
def test_bash_completes_commands_options_and_values(words: str, offered: set[str]) -> None:
    asked = f"""COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_LINE="{words}"
    COMP_POINT=${{#COMP_LINE}}; _episodic; printf '%s\\n' "${{COMPREPLY[@]}}" """
    script = episodic("completion", "bash") + asked
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == offered


def in_shell(shell: str, *arguments: str) -> str:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    root = Path(__file__).parents[2]
    return subprocess.run([shell, *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


def test_zsh_is_told_by_its_script_which_command_it_is_for() -> None:
    asked = 'eval "$1"; whence -w $_comps[episodic]'
    script = episodic("completion", "zsh")
    assert in_shell("zsh", "-f", "-c", asked, "zsh", script) == "_episodic_known: function\n"


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("episodic d", {"decisions", "decide", "delete", "diff", "db", "doctor"}),
        ("episodic ingest --each", {"--each-subfolder"}),
        ("episodic show x --format h", {"html"}),
        ("episodic series ", {"list", "show", "set"}),
        ("episodic ingest pyp", {"pyproject.toml"}),
        ("episodic ingest --source brief=pyp", {"brief=pyproject.toml"}),
    ],
)
def test_fish_completes_commands_options_values_and_sources(words: str, offered: set[str]) -> None:
    asked = f"printf %s $argv[1] | source; complete -C {words!r}"
    lines = in_shell("fish", "--no-config", "-c", asked, episodic("completion", "fish")).splitlines()
    assert {line.partition("\t")[0] for line in lines} == offered


def test_zsh_completes_sources_with_files() -> None:
    sources = [line for line in episodic("completion", "zsh").splitlines() if "'*:Files" in line]
    assert sources
    assert all(line.endswith(":_files' \\") for line in sources)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_its_script(shell: str) -> None:
    assert "each-subfolder" in episodic("completion", shell)


# A C1 control that begins a sequence, one that ends a line, an override of direction, and a tag.
OBEYED = "\x9b2J\u202ego\x85ne\U000e0041"


def test_json_never_has_what_a_terminal_obeys_and_says_the_same(capfd: pytest.CaptureFixture[str]) -> None:
    print_json({"text": f"λόγος {OBEYED}", "more": ["x\ny"]})
    out = capfd.readouterr().out
    assert all(character == "\n" or character.isprintable() for character in out)
    assert "λόγος" in out
    assert json.loads(out) == {"text": f"λόγος {OBEYED}", "more": ["x\ny"]}


def test_json_takes_the_name_of_a_file_that_is_not_unicode(capfd: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode("é😀".encode() + b"\xe9.vtt")
    print_json_line({"uri": name, "at": datetime(2026, 3, 1, tzinfo=UTC)})
    print_json({"uri": name, "empty": []})
    line, document = capfd.readouterr().out.split("\n", 1)
    assert line == '{"uri":"é😀\ufffd.vtt","at":"2026-03-01T00:00:00Z"}'
    assert document == '{\n  "uri": "é😀\ufffd.vtt",\n  "empty": []\n}\n'
    record = logging.LogRecord("episodic", logging.WARNING, "", 0, "%s", (name,), None)
    assert json.loads(JsonFormatter().format(record))["message"] == name


def test_json_logs_never_have_what_a_terminal_obeys() -> None:
    record = logging.LogRecord("episodic", logging.WARNING, "", 0, "%s", (OBEYED,), None)
    line = JsonFormatter().format(record)
    assert line.isprintable()
    assert json.loads(line)["message"] == OBEYED


@pytest.mark.parametrize("format", ["json", "text", "vtt", "tei", "html", "summary"])
def test_no_form_of_an_episode_makes_a_terminal_obey(tmp_path: Path, format: str) -> None:
    env = environment(tmp_path / "db")
    (tmp_path / "a.txt").write_text(f"[00:00:01] Ada: Hello {OBEYED} there.\n[00:00:09] Ben: Hello to you.")
    arguments = ("ingest", str(tmp_path / "a.txt"), "--series", "s", "--episode", "e", "--quiet")
    subprocess.run([*COMMAND, *arguments], env=env, check=True, capture_output=True)
    with terminal("show", "s/e", "--format", format, env=env) as screen:
        assert screen.wait() == 0
        for obeyed in ("\x9b", "\x85", "\u202e"):
            assert obeyed.encode() not in screen.out
    piped = subprocess.run(
        [*COMMAND, "show", "s/e", "--format", format], env=env, check=True, capture_output=True
    )
    assert ("\u202e".encode() in piped.stdout) is (format not in {"json", "summary"})
