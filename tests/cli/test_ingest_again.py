"""A second ingest: what it keeps, replaces and forgets, what it would do, and sources from standard input."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.program import Finished, Run
from tests.cli.sample import SAMPLE

CUES = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ada>Good evening, and welcome to {}.\n"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    made: list[str] = []
    for name in ("one", "two", "three"):
        file = tmp_path / f"{name}.vtt"
        file.write_text(CUES.format("the tower" if name == "two" else f"the {name}"))
        made.append(str(file))
    return made


def ingest(run: Run, *arguments: str) -> Finished:
    return run("ingest", "--series", "s", "--episode", "e", *arguments)


def sources(run: Run) -> list[str]:
    return sorted(Path(each["uri"]).name for each in json.loads(run("sources", "s/e", "--json").out))


def test_what_is_not_named_again_is_forgotten_and_said(run: Run, files: list[str]) -> None:
    assert ingest(run, *files[:2]).err == ""
    done = ingest(run, files[2])
    assert f"revision 2 of s/e lacks 2 sources of the one before: {', '.join(files[:2])}; --add" in done.err
    assert sources(run) == ["three.vtt"]
    assert ingest(run, files[2]).err == ""  # nothing new


def test_replace_sources_says_that_it_is_meant(run: Run, files: list[str]) -> None:
    ingest(run, *files[:2])
    assert ingest(run, files[2], "--replace-sources").err == ""
    assert json.loads(ingest(run, files[0], "--json").out)["forgotten"] == [files[2]]


def test_add_keeps_what_is_there_even_without_its_files(run: Run, files: list[str]) -> None:
    ingest(run, *files[:2], "--title", "Mine")
    for file in files[:2]:
        Path(file).unlink()
    assert ingest(run, files[2], "--add").err == ""
    assert sources(run) == ["one.vtt", "three.vtt", "two.vtt"]
    assert "s/e: Mine\nrevision 2 (nothing new" in ingest(run, files[2], "--add").out


def test_add_replaces_by_name(run: Run, files: list[str], tmp_path: Path) -> None:
    ingest(run, *files[:2])
    (tmp_path / "new").mkdir()
    newer = tmp_path / "new" / "one.vtt"
    newer.write_text(CUES.format("somewhere else"))
    assert ingest(run, str(newer), "--add").err == ""
    assert sources(run) == ["one.vtt", "two.vtt"]
    assert (
        "somewhere else"
        in run("show", "s/e", "--format", "text", "--witness", "s1").out
        + run("show", "s/e", "--format", "text", "--witness", "s2").out
    )


def test_add_to_nothing_makes_a_first_revision(run: Run, files: list[str]) -> None:
    assert "revision 1 (new)" in ingest(run, files[0], "--add").out


def test_a_moved_or_renamed_source_is_not_forgotten(run: Run, files: list[str], tmp_path: Path) -> None:
    ingest(run, *files[:2])
    Path(files[0]).rename(tmp_path / "uno.vtt")
    assert ingest(run, str(tmp_path / "uno.vtt"), files[1]).err == ""


def test_a_dry_run_says_what_would_come_out_and_stores_nothing(
    run: Run, files: list[str], tmp_path: Path
) -> None:
    done = ingest(run, *files, "--dry-run")
    assert (done.code, "revision 1 (not stored: a dry run)" in done.out) == (0, True)
    assert done.out.endswith("nothing was stored\n")
    assert not (tmp_path / "db").exists()
    ingest(run, *files)
    done = ingest(run, files[0], "--dry-run", "--json")
    said = json.loads(done.out)
    assert (said["revision"], said["dry_run"], said["forgotten"]) == (2, True, sorted(files[1:]))
    assert "lacks 2 sources" in done.err
    assert "revision     1" in run("show", "s/e").out
    assert run("jobs").out.count("completed") == 1
    assert "revision 1 (nothing new)" in ingest(run, *files, "--dry-run").out


def test_a_source_may_come_from_standard_input(
    run: Run, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def give(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    give(CUES.format("the pipe"))
    assert ingest(run, "-", files[0], "--name", "piped.vtt").code == 0
    assert sources(run) == ["one.vtt", "piped.vtt"]
    give("")
    assert "piped.vtt: is empty; give a file with content" in ingest(run, "-", "--name", "piped.vtt").err
    assert ingest(run, "-").code == 2
    assert (
        "Unknown option: -. Only 'episodic ingest' and 'submit' read standard input." in run("show", "-").err
    )
    done = ingest(run, files[0], "--name", "x.vtt")
    assert (done.code, "--name names what comes from standard input" in done.err) == (2, True)


def test_a_batch_says_what_its_folders_have_lost(run: Run, files: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "season" / "e"
    folder.mkdir(parents=True)
    for file in files[:2]:
        (folder / Path(file).name).write_bytes(Path(file).read_bytes())
    batch = ("ingest", str(tmp_path / "season"), "--series", "s", "--each-subfolder", "--quiet")
    assert run(*batch).err == ""
    (folder / "two.vtt").unlink()
    assert "revision 2 of s/e lacks 1 source of the one before" in run(*batch).err
    assert run(*batch, "--dry-run").code == 2


def test_a_season_may_have_one_feed(run: Run, tmp_path: Path) -> None:
    for slug in ("first-light", "fog-signals", "none-such"):
        folder = tmp_path / "season" / slug
        folder.mkdir(parents=True)
        (folder / "studio.vtt").write_bytes((SAMPLE / "studio.vtt").read_bytes())
    feed = f"rss={SAMPLE / 'feed.xml'}"
    done = run("ingest", str(tmp_path / "season"), "--series", "s", "--each-subfolder", "--source", feed)
    assert (done.code, "s/none-such: " in done.err, "no item matches episode 'none-such'" in done.err) == (
        1,
        True,
        True,
    )
    assert run("show", "s/first-light").out.startswith("s/first-light: First Light\n")
    assert run("show", "s/fog-signals").out.startswith("s/fog-signals: Fog Signals\n")
    assert run("ingest", "x", "--series", "s", "--each-subfolder", "--source", "poem=a.txt").code in {1, 2}


def test_another_style_makes_another_revision_once(run: Run, tmp_path: Path) -> None:
    (file := tmp_path / "a.vtt").write_text(CUES.format("um, the the tower"))
    said: list[str] = []
    for style in ("verbatim", "clean", "clean"):
        assert run("series", "set", "s", "--style", style).code == 0
        ingest(run, str(file))
        said.append(run("show", "s/e", "--format", "text").out.strip())
    texts = [f"Ada: Good evening, and welcome to {tower}." for tower in ("um, the the tower", "the tower")]
    assert said == [texts[0], texts[1], texts[1]]
    assert len(json.loads(run("history", "s/e", "--json").out)) == 2
