"""What all episodes of a season have: one feed, and a file that is right."""

from pathlib import Path

import pytest

from tests.cli.program import Run
from tests.cli.sample import SAMPLE

FEED = SAMPLE / "feed.xml"
TALK = "Ada: Good evening, and welcome to the show.\nBab: The lantern keeps the light.\n"


@pytest.fixture
def season(tmp_path: Path) -> Path:
    for name in ("first-light", "the-keepers-cat", "not-in-the-feed"):
        folder = tmp_path / "season" / name
        folder.mkdir(parents=True)
        (folder / "engine.txt").write_text(TALK)
        (folder / "other.txt").write_text(TALK.replace("keeps", "weeps"))
    for name in ("first-light", "the-keepers-cat"):
        final = TALK.replace("lantern", "lamp")
        (tmp_path / "season" / name / "final.txt").write_text(final)
    return tmp_path / "season"


def test_a_series_has_one_feed_for_all_its_episodes(run: Run, season: Path) -> None:
    shown = run("series", "set", "s", "--feed", str(FEED))
    assert f"feed         {FEED}" in shown.out
    done = run("ingest", str(season / "first-light"), "--series", "s", "--episode", "first-light")
    assert (done.code, str(FEED) in done.out) == (0, True)
    again = run("ingest", str(season / "first-light"), "--series", "s", "--episode", "first-light", "--add")
    assert "nothing new" in again.out
    batch = run("ingest", str(season), "--series", "s", "--each-subfolder", "--quiet")
    assert batch.code == 3
    assert "s/not-in-the-feed   skipped some" in batch.out
    assert run("sources", "s/the-keepers-cat").out.count("rss, rss") == 1
    assert "no item matches" in run("sources", "s/not-in-the-feed").out
    assert run("submit", str(season / "first-light"), "--series", "s", "--episode", "late").code in {0, 3}
    assert "feed  " not in run("series", "set", "s", "--feed", "").out


def test_another_feed_stands_in_its_place(run: Run, season: Path, tmp_path: Path) -> None:
    run("series", "set", "s", "--feed", str(FEED))
    other = tmp_path / "other.xml"
    other.write_bytes(FEED.read_bytes())
    folder = str(season / "first-light")
    run("ingest", folder, "--source", f"rss={other}", "--series", "s", "--episode", "first-light")
    listed = run("sources", "s/first-light").out
    assert (str(other) in listed, str(FEED) in listed) == (True, False)


def test_a_feed_that_is_gone_is_said_and_the_rest_goes_on(run: Run, season: Path, tmp_path: Path) -> None:
    assert run("series", "set", "s", "--feed", str(tmp_path / "none.xml")).code == 2
    assert "is no file" in run("series", "set", "s", "--feed", "https://x.example/feed").err
    gone = tmp_path / "gone.xml"
    gone.write_bytes(FEED.read_bytes())
    run("series", "set", "s", "--feed", str(gone))
    gone.unlink()
    done = run("ingest", str(season / "first-light"), "--series", "s", "--episode", "first-light")
    assert (done.code, "gone.xml" in done.out) == (3, True)


def test_what_is_trusted_is_named_once_for_all_folders(run: Run, season: Path) -> None:
    for command in ("ingest", "submit"):
        more = ("--quiet",) if command == "ingest" else ()
        done = run(command, str(season), "--series", command, "--each-subfolder", "--trust", "final*", *more)
        assert done.code == 0, done.err
        assert "The lamp keeps" in run("show", f"{command}/first-light", "--format", "text").out
        assert "The lamp" not in run("show", f"{command}/not-in-the-feed", "--format", "text").out
        done = run(command, str(season), "--series", command, "--each-subfolder", "--trust", "x/final.txt")
        assert (done.code, "no file in these folders has this name" in done.err) == (2, True)


def test_a_submission_trusts_what_it_is_told(run: Run, season: Path) -> None:
    folder = season / "first-light"
    trusted = str(folder / "final.txt")
    assert run("submit", str(folder), "--trust", trusted, "--series", "s", "--episode", "x").code == 0
    assert "The lamp keeps" in run("show", "s/x", "--format", "text").out
