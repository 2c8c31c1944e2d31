"""The command line, as a person uses it: arguments in, output and exit code out."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from episodic.canonical.tei.elements import parse
from episodic.canonical.tei.pointers import dangling
from episodic.observability.inspection import InspectionError, SeenTask
from tests.cli.program import COMMAND, Finished, Run, environment
from tests.cli.sample import EPISODE, SAMPLE, ingest_sample


def test_ingest_prints_the_episode_its_sources_and_where_the_database_is(run: Run, tmp_path: Path) -> None:
    done = ingest_sample(run)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("lantern-hour/first-light: First Light\nrevision 1 (new)")
    for source in SAMPLE.iterdir():
        assert source.name in done.out
    assert done.out.endswith(f"in {tmp_path}/db/episodic.sqlite3\n")


def test_ingest_again_makes_nothing_new(run: Run) -> None:
    ingest_sample(run)
    assert "revision 1 (nothing new" in ingest_sample(run).out


def test_ingest_json_is_one_document(run: Run) -> None:
    found = json.loads(ingest_sample(run, "--json").out)
    assert (found["episode"], found["revision"], found["created"]) == ("lantern-hour/first-light", 1, True)
    assert [source["siglum"] for source in found["sources"]] == [f"s{n}" for n in range(1, 8)]


def test_a_title_of_ones_own_is_above_what_the_sources_say(run: Run) -> None:
    ingest_sample(run, "--title", "Mine")
    assert "lantern-hour/first-light: Mine\n" in run("show", "lantern-hour/first-light").out


@pytest.mark.parametrize("item", ["12", "2026-03-03", "First Light"])
def test_the_item_of_a_feed_can_be_named(run: Run, item: str) -> None:
    arguments = ("ingest", str(SAMPLE / "feed.xml"), "--series", "s", "--episode", "e")
    assert "no item matches episode 'e'; say which with --item and its guid" in run(*arguments).err
    assert run(*arguments, "--item", item).out.startswith("s/e: First Light\n")
    assert "no item has the name 'Last Light'; the feed has" in run(*arguments, "--item", "Last Light").err


def test_the_type_of_a_source_can_be_given(run: Run) -> None:
    brief = f"press_release={SAMPLE / 'brief.md'}"
    done = run("ingest", "--source", brief, "--series", "s", "--episode", "e", "--json")
    assert [source["source_type"] for source in json.loads(done.out)["sources"]] == ["press_release"]


def test_keep_going_skips_a_bad_source_and_says_so(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.vtt"
    empty.touch()
    arguments = ("ingest", str(SAMPLE / "studio.vtt"), str(empty), "--series", "s", "--episode", "e")
    assert run(*arguments).code == 1
    done = run(*arguments, "--keep-going")
    assert done.code == 3
    assert "skipped" in done.out
    assert "skipped-some" in run("jobs").out


def test_what_was_skipped_before_is_not_said_to_be_skipped_now(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.vtt"
    empty.touch()
    arguments = ("ingest", str(SAMPLE / "studio.vtt"), "--series", "s", "--episode", "e")
    run(*arguments, str(empty), "--keep-going")
    assert "skipped:" not in run(*arguments).out
    done = run(*arguments, str(empty), "--keep-going", "--json")
    assert [skipped["uri"] for skipped in json.loads(done.out)["skipped"]] == [str(empty)]


def test_a_file_may_begin_with_a_dash(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "--w.vtt").write_bytes((SAMPLE / "studio.vtt").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert run("ingest", "--series", "s", "--episode", "e", "--", "--w.vtt").code == 0


def test_show_gives_tei_text_and_captions(run: Run) -> None:
    ingest_sample(run)
    tei = run("show", "lantern-hour/first-light", "--format", "tei").out
    assert dangling(parse(tei.encode())) == []
    text = run("show", "lantern-hour/first-light", "--format", "text").out
    assert "Mind the last step, it's shorter than the rest." in text
    vtt = run("show", "lantern-hour/first-light", "--format", "vtt").out
    assert vtt.startswith("WEBVTT")
    assert "<v Maya Okafor>Welcome to The Lantern Hour" in vtt
    assert json.loads(run("show", "lantern-hour/first-light", "--format", "json").out)["revision"] == 1


def test_sources_shows_every_factor_of_every_weight(run: Run) -> None:
    ingest_sample(run)
    out = run("sources", "lantern-hour/first-light").out
    for factor in ("quality", "freshness", "reliability"):
        assert out.count(f"{factor}:") >= 7
    assert len(json.loads(run("sources", "lantern-hour/first-light", "--json").out)) == 7


def test_a_file_named_twice_is_one_source_of_the_type_that_was_given(run: Run) -> None:
    brief = SAMPLE / "brief.md"
    typed = ("--source", f"press_release={SAMPLE}/../first-light/brief.md")
    done = run("ingest", str(brief), str(brief), *typed, "--series", "s", "--episode", "e", "--json")
    assert [source["source_type"] for source in json.loads(done.out)["sources"]] == ["press_release"]


def test_a_file_of_two_types_is_a_usage_error(run: Run) -> None:
    typed = ("--source", f"brief={SAMPLE / 'brief.md'}", "--source", f"rss={SAMPLE / 'brief.md'}")
    done = run("ingest", *typed, "--series", "s", "--episode", "e")
    assert (done.code, "is said to be brief as well; say one" in done.err) == (2, True)


def test_sources_come_back_bit_for_bit(run: Run, tmp_path: Path) -> None:
    ingest_sample(run)
    folder = tmp_path / "back"
    out = run("sources", "lantern-hour/first-light", "--export", str(folder)).out
    assert f"s3  {folder / 's3-studio.vtt'}\n" in out
    assert out.endswith(f"\n7 sources in {folder}\n")
    read = sorted(file.read_bytes() for file in SAMPLE.iterdir())
    assert sorted(file.read_bytes() for file in folder.iterdir()) == read
    again = run("sources", "lantern-hour/first-light", "--export", str(folder), "--json")
    assert [Path(each["file"]).parent for each in json.loads(again.out)] == [folder] * 7


def test_an_export_says_that_skipped_sources_are_not_kept(run: Run, tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Ada: Good evening.\n")
    (tmp_path / "noise.vtt").write_bytes(bytes(range(256)))
    sources = str(tmp_path / "talk.txt"), str(tmp_path / "noise.vtt"), str(tmp_path / "missing.vtt")
    run("ingest", *sources, "--series", "s", "--episode", "e", "--keep-going")
    out = run("sources", "s/e", "--export", str(tmp_path / "back")).out
    assert out.endswith(f"1 source in {tmp_path / 'back'}; 2 skipped when it was ingested, and not kept\n")


def test_decisions_show_what_lost(run: Run) -> None:
    ingest_sample(run)
    out = run("decisions", "lantern-hour/first-light").out
    assert "  + 1.458  s3 s7  prism" in out
    assert "  - 0.660  s6  prison" in out
    assert json.loads(run("decisions", "lantern-hour/first-light", "--json").out)


def test_decisions_come_by_what_an_editor_would_mend_first_and_spellings_last(run: Run) -> None:
    ingest_sample(run)
    found = json.loads(run("decisions", EPISODE, "--json").out)
    kinds = [each["differs_in"] for each in found]
    assert kinds[0] not in {"filler", "format", "spelling"}
    assert kinds[-1] == "spelling"
    assert {each["worth_a_look"] for each in found} == {True, False}
    ingested = ingest_sample(run).out
    assert f"31 conflicts decided: {sum(each['worth_a_look'] for each in found)} worth a look" in ingested


def test_decisions_of_some_kinds_can_be_seen_alone(run: Run) -> None:
    ingest_sample(run)
    found = json.loads(run("decisions", EPISODE, "--json", "--kind", "spelling", "--kind", "filler").out)
    assert {each["differs_in"] for each in found} == {"spelling", "filler"}
    assert run("decisions", EPISODE, "--kind", "wrong").code == 2


def test_decisions_can_come_in_the_order_of_the_document(run: Run) -> None:
    ingest_sample(run)
    for beyond in ((), ("--open",)):
        found = json.loads(run("decisions", EPISODE, "--by-time", "--json", *beyond).out)
        times = [each["start"] for each in found if each["start"] is not None]
        assert times == sorted(times)
        assert times


def test_episodes_series_and_jobs_list_what_is_there(run: Run) -> None:
    ingest_sample(run)
    assert "lantern-hour/first-light" in run("episodes", "--series", "lantern-hour").out
    assert "lantern-hour" in run("series", "list").out
    assert "completed" in run("jobs").out
    for command in (("episodes",), ("series", "list"), ("jobs",)):
        assert len(json.loads(run(*command, "--json").out)) == 1


def test_a_series_keeps_what_is_set(run: Run) -> None:
    run("series", "set", "s", "--title", "A Show", "--freshness", "0.5", "--reliability-of", "brief=0.9")
    done = run("series", "set", "s", "--quality", "1")
    assert "s: A Show" in done.out
    assert "quality 1, freshness 0.5" in done.out
    assert "brief 0.9" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ingest", "gone.vtt", "--series", "s", "--episode", "e"), 1, "gone.vtt: "),
        (("ingest", "https://x.example/a.vtt", "--series", "s", "--episode", "e"), 1, "not fetched"),
        (("ingest", "--series", "s", "--episode", "e"), 2, "name at least one source"),
        (("ingest", "", "--series", "s", "--episode", "e"), 2, "name at least one source"),
        (("ingest", "a.vtt", "--episode", "e"), 2, "--series"),
        (("ingest", "a.vtt", "--series", "../x", "--episode", "e"), 2, "cannot name a series"),
        (("ingest", "--source", "poem=a.txt", "--series", "s", "--episode", "e"), 2, "TYPE=PATH"),
        (("show", "nobody/here"), 1, "no series 'nobody'"),
        (("episodes", "--series", "nobody"), 1, "no series 'nobody'"),
        (("series", "show", "nobody"), 1, "no series 'nobody'"),
        (("ingest", "a.vtt", "--series", "s", "--episode", "../x"), 2, "cannot name an episode"),
        (("series", "set", "../x"), 2, "cannot name a series"),
        (("series", "set", "s", "--reliability-of", "poem=1"), 2, "TYPE=VALUE"),
        (("series", "set", "s", "--language", "English, mostly"), 2, "BCP 47"),
        (("series", "set", "s", "--quality", "-1"), 1, "must be 0 or more"),
        (("tasks", "4194305"), 1, "no process 4194305"),
        (("show", "a/b", "--revision", "99999999999999999999"), 2, "--revision"),
        (("jobs", "--limit", "-1"), 2, "--limit"),
        (("ingset",), 2, 'Did you mean "ingest"'),
        (("episodes", "--jsn"), 2, "--json"),
        (("episodes", "--debgu"), 2, "Did you mean --debug?"),
        (("tasks", "12", "13"), 2, "What is '13' for? The command takes no more arguments."),
        (("--log-levle=debug", "episodes"), 2, "Did you mean --log-level?"),
        (
            ("--series", "a", "episodes"),
            2,
            "Unknown option: --series. A command's own options stand after it.",
        ),
    ],
)
def test_a_mistake_gets_one_clear_line(run: Run, arguments: tuple[str, ...], code: int, message: str) -> None:
    run("db", "upgrade")
    done = run(*arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert done.err.startswith("episodic: ")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        "episodes",
        "jobs",
        "series list",
        "show a/b",
        "tasks",
        "queue",
        "db verify",
        "db backup b",
        "decide a/b title --text x --by Ada",
    ],
)
def test_what_only_reads_makes_no_database(
    run: Run, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EPISODIC_DATABASE_URL", f"sqlite:///{tmp_path}/mistyped/x.sqlite3")
    monkeypatch.chdir(tmp_path)
    done = run(*command.split())
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"episodic: {tmp_path}/mistyped/x.sqlite3 is not there; ")
    assert not (tmp_path / "mistyped").exists()


def test_where_there_is_nothing_to_list_that_is_said(run: Run) -> None:
    run("db", "upgrade")
    for command, says in (
        (("episodes",), "no episodes"),
        (("episodes", "--deleted"), "no deleted episodes"),
        (("series", "list"), "no series"),
        (("jobs",), "no jobs"),
    ):
        assert run(*command) == (0, f"{says}\n", "")
        assert run(*command, "--json").out == "[]\n"


def test_an_unknown_episode_is_answered_with_those_there_are(run: Run) -> None:
    ingest_sample(run)
    assert "there is lantern-hour/first-light" in run("show", "lantern-hour/nothing").err
    assert "did you mean lantern-hour/first-light?" in run("show", "lantern-hour/frist-ligth").err
    assert "did you mean lantern-hour?" in run("show", "lantern-huor/first-light").err
    assert "there is only revision 1" in run("show", "lantern-hour/first-light", "--revision", "7").err


def test_a_folder_without_sources_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("ingest", str(tmp_path / "empty"), "--series", "s", "--episode", "e")
    assert (done.code, "no sources in this folder" in done.err) == (1, True)


def test_a_failed_ingest_leaves_no_episode(run: Run) -> None:
    run("ingest", "gone.vtt", "--series", "s", "--episode", "e")
    assert json.loads(run("episodes", "--json").out) == []
    (job,) = json.loads(run("jobs", "--json").out)
    assert (job["status"], job["failed_source"]) == ("failed", "gone.vtt")


def test_a_database_that_is_none_is_an_error(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "junk").write_bytes(b"this is no database" * 100)
    monkeypatch.setenv("EPISODIC_DATABASE_URL", f"sqlite:///{tmp_path}/junk")
    done = ingest_sample(run)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "junk" in done.err


def test_debug_shows_the_traceback() -> None:
    command = [sys.executable, "-m", "episodic", "--debug", "tasks", "4194305"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_output_that_nobody_reads_is_no_error() -> None:
    command = f"({sys.executable} -m episodic --help; echo $? >&2) | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr in {"0\n", "1\n"}


def test_a_full_disk_is_one_line() -> None:
    command = [sys.executable, "-m", "episodic", "--help"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "episodic: cannot write the output: No space left on device\n",
    )


def test_a_locale_that_cannot_spell_the_output_is_no_error(run: Run, tmp_path: Path) -> None:
    ingest_sample(run, "--title", "Première lumière")
    command = [sys.executable, "-m", "episodic", "show", "lantern-hour/first-light"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=environment, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Premi\\xe8re" in done.stdout
    done = subprocess.run([*command, "--format", "json"], capture_output=True, env=environment, check=False)
    assert json.loads(done.stdout)["title"] == "Première lumière"


def test_a_closed_stdout_is_no_error() -> None:
    command = f"{sys.executable} -m episodic --help >&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("delete lantern-hour/first-light", "there is nobody to ask; say --yes"),
        ("review lantern-hour/first-light", "a review needs a terminal"),
        ("ingest - --name show.vtt --series s --episode e", "is empty"),
    ],
)
def test_a_closed_stdin_is_an_empty_one(tmp_path: Path, run: Run, command: str, says: str) -> None:
    ingest_sample(run)
    closed = ["bash", "-c", f"{sys.executable} -m episodic {command} <&-"]
    env = environment(tmp_path / "db" / "episodic.sqlite3")
    done = subprocess.run(closed, env=env, capture_output=True, text=True, check=False)
    assert (done.stderr.count("\n"), says in done.stderr) == (1, True), done.stderr


def test_help_imports_nothing_heavy() -> None:
    probe = (
        "import sys; from episodic.cli import main; main(['--help']);"
        "heavy = {'sqlalchemy', 'lxml', 'trafilatura', 'rapidfuzz', 'alembic'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


UNUSED = {
    *("sqlalchemy.orm", "sqlalchemy.dialects.postgresql", "psycopg", "procrastinate", "alembic"),
    *("trafilatura", "docx", "pypdfium2", "yaml", "markdown_it", "chardet"),
    *("multiprocessing.connection", "rich.console", "ctypes", "difflib", "statistics"),
    "episodic.canonical.normalizers.registry",
}


def test_the_sample_is_ingested_and_looked_at_without_what_that_does_not_need(run: Run) -> None:
    ingest = ["ingest", str(SAMPLE), "--series", "s", "--episode", "first-light"]
    decisions = ["decisions", "s/first-light"]
    resolving = {"episodic.canonical.resolution.resolving"}
    for arguments, also in (ingest, set[str]()), (ingest, resolving | {"lxml"}), (decisions, resolving):
        probe = (
            f"import sys; from episodic.cli import main; code = main({arguments!r});"
            f"sys.exit(code or ', '.join({UNUSED | also!r} & set(sys.modules)) or 0)"
        )
        done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_show_writes_a_page_with_the_recording_beside_it(run: Run, tmp_path: Path) -> None:
    ingest_sample(run)
    (tmp_path / "show.mp3").touch()
    page = tmp_path / "page.html"
    arguments = ("--format", "html", "--audio", str(tmp_path / "show.mp3"), "--output", str(page))
    done = run("show", "lantern-hour/first-light", *arguments)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert '<audio controls preload="none" src="show.mp3">' in page.read_text("utf-8")
    printed = run("show", "lantern-hour/first-light", "--format", "html").out
    assert 'src="https://media.lantern-hour.example/12.mp3"' in printed
    assert " took " in printed


def test_show_lists_the_chapters_that_sources_note(run: Run, tmp_path: Path) -> None:
    notes = tmp_path / "show-notes.md"
    notes.write_text("# First Light\n\n- 00:00 Welcome\n- 02:10 The step\n- 1:05:30 What the lens is\n")
    assert run("ingest", str(notes), "--series", "s", "--episode", "e", "--quiet").code == 0
    assert "chapters     0:00:00 Welcome\n             0:02:10 The step\n" in run("show", "s/e").out
    chapters = json.loads(run("show", "s/e", "--format", "json").out)["chapters"]
    assert chapters[2] == {"start": 3930, "title": "What the lens is"}
    assert "What the lens is" in run("show", "s/e", "--format", "html").out
    decided = run("decide", "s/e", "chapter: The step", "--text", "Mind the step", "--by", "Ada")
    assert decided.code == 0, decided.err
    assert "0:02:10 Mind the step" in run("show", "s/e").out


def test_show_writes_any_format_to_a_file(run: Run, tmp_path: Path) -> None:
    ingest_sample(run)
    for format in ("summary", "tei", "text", "vtt", "json"):
        printed = run("show", "lantern-hour/first-light", "--format", format).out
        done = run("show", "lantern-hour/first-light", "--format", format, "--output", str(tmp_path / format))
        assert (done.code, done.out) == (0, "")
        assert (tmp_path / format).read_text("utf-8") == printed


def test_a_recording_is_refused_where_nothing_plays_it(run: Run, tmp_path: Path) -> None:
    ingest_sample(run)
    done = run("show", "lantern-hour/first-light", "--audio", str(tmp_path))
    assert (done.code, done.out) == (2, "")
    assert done.err == "episodic: --audio is played by a page; add --format html\n"
    folder = run("show", "lantern-hour/first-light", "--format", "html", "--audio", str(tmp_path))
    assert (folder.code, folder.out) == (1, "")
    assert folder.err.startswith(f"episodic: {tmp_path}: a folder; ")


@pytest.mark.parametrize("option", ["--audio", "--output"])
def test_a_file_that_is_not_there_is_an_error(run: Run, tmp_path: Path, option: str) -> None:
    ingest_sample(run)
    gone = str(tmp_path / "gone" / "file")
    done = run("show", "lantern-hour/first-light", "--format", "html", option, gone)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert gone in done.err


def test_ctrl_c_in_any_command_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("episodic.cli.commands.jobs.with_store", interrupt)
    assert run("jobs") == Finished(130, "", "episodic: interrupted\n")


def test_a_process_that_cannot_be_looked_into_does_not_hide_the_others(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(pid: int) -> list[SeenTask]:
        if pid == 1:
            raise InspectionError("the kernel forbids looking into process 1")
        return [SeenTask("ingest", None, "wait here.py:1", pid)]

    monkeypatch.setattr("episodic.cli.commands.tasks.running_here", lambda: [1, 2])
    monkeypatch.setattr("episodic.cli.commands.tasks.look", look)
    done = run("tasks", "--all")
    assert (done.code, done.err) == (0, "episodic: the kernel forbids looking into process 1\n")
    assert "wait here.py:1" in done.out


def test_where_no_ingest_can_be_looked_into_none_is_said_to_do_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(pid: int) -> list[SeenTask]:
        raise InspectionError(f"the kernel forbids looking into process {pid}")

    monkeypatch.setattr("episodic.cli.commands.tasks.running_here", lambda: [1, 2])
    monkeypatch.setattr("episodic.cli.commands.tasks.look", look)
    says = "".join(f"episodic: the kernel forbids looking into process {pid}\n" for pid in (1, 2))
    assert run("tasks") == Finished(1, "", says)


# --- what a process runs out of ---------------------------------------------------------------------


def limited(limit: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Ingest the sample in a shell that has set a limit first."""
    arguments = ("ingest", str(SAMPLE), "--series", "s", "--episode", "first-light", "--quiet")
    return subprocess.run(
        ["bash", "-pc", f'ulimit {limit} && exec "$@"', "bash", *COMMAND, *arguments],
        capture_output=True,
        check=False,
        text=True,
        env=environment(tmp_path / "db"),
        timeout=120,
        preexec_fn=_counted if limit.startswith("-u") else None,
    )


def _counted() -> None:
    """Let the limit on processes hold for root too: as another user, and without what lifts it."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (21, 24):  # CAP_SYS_ADMIN, CAP_SYS_RESOURCE
            libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
        os.setresuid(65534, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="only there root can be counted")
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_processes_that_run_out_are_said_in_one_line_that_names_the_limit(
    processes: int, tmp_path: Path
) -> None:
    done = limited(f"-u {processes}", tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"this user may have {processes} (ulimit -u)" in done.stderr


@pytest.mark.parametrize("files", [5, 6, 8, 9, 10, 12])
def test_files_that_run_out_are_said_in_one_line_that_names_the_limit(files: int, tmp_path: Path) -> None:
    done = limited(f"-n {files}", tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"this process may have {files} open (ulimit -n)" in done.stderr


@pytest.mark.parametrize("kilobytes", [100_000, 120_000, 200_000, 300_000])
def test_memory_that_runs_out_is_said_in_one_line_that_names_the_limit(
    kilobytes: int, tmp_path: Path
) -> None:
    done = limited(f"-v {kilobytes}", tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"this process may take {kilobytes * 1024:,} bytes (ulimit -v)" in done.stderr


def test_a_file_that_may_not_grow_is_said_in_one_line_that_names_the_limit(tmp_path: Path) -> None:
    done = limited("-f 8", tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"a file may have {8 * 1024:,} bytes (ulimit -f)" in done.stderr


def test_the_least_memory_that_is_asked_for_is_enough(tmp_path: Path) -> None:
    done = limited("-v 393216", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "meets_it",
    [
        "threading.Thread(target=work).start()",
        "class Dying: __del__ = lambda self: work()\n    Dying()",
    ],
    ids=["thread", "finalizer"],
)
def test_a_thread_or_finalizer_that_ends_of_too_little_memory_ends_the_program(
    meets_it: str, tmp_path: Path
) -> None:
    program = f"""
import threading
from episodic import cli

def main():
    def work(): raise MemoryError
    {meets_it}
    threading.Event().wait()  # as for a library's thread, which will not answer

cli.main = main
cli.program()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=False,
        text=True,
        env=environment(tmp_path / "db"),
        timeout=60,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("episodic: out of memory: ")


def test_memory_that_runs_out_while_a_command_is_loaded_is_said_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise ImportError("Cannot import a module") from ImportError("x.so: failed to map segment")

    monkeypatch.setattr("cyclopts.command_spec.CommandSpec.resolve", no_room)
    done = run("decisions", "s/e")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith("episodic: out of memory: ")


def test_a_number_that_no_process_can_have_is_no_process(run: Run) -> None:
    done = run("tasks", "99999999999999999999")
    assert done.code == 1
    assert done.err.startswith("episodic: there is no process 99999999999999999999; ")
