"""What the program says of names that other episodes have."""

import json
from pathlib import Path

import pytest

from tests.canonical.test_learning import BRIEF, COBOL, KOBOL
from tests.cli.program import Run

TOLD = "names of other episodes: 1 said here, 1 decided something: COBOL\n"


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """A folder of the second episode; the first is there, and has a name."""
    (tmp_path / "brief.md").write_text(BRIEF.format("COBOL"))
    made = run("ingest", str(tmp_path / "brief.md"), "--series", "s", "--episode", "first", "--quiet")
    assert (made.code, "names of other" in made.out) == (0, False)
    folder = tmp_path / "episodes" / "second"
    folder.mkdir(parents=True)
    (folder / "a.vtt").write_text(KOBOL)
    (folder / "b.txt").write_text(COBOL)
    return folder


def ingest(run: Run, folder: Path, *more: str) -> str:
    done = run("ingest", str(folder), "--series", "s", "--episode", "second", "--quiet", *more)
    assert (done.code, done.err) == (0, "")
    return done.out


def test_names_of_other_episodes_that_decided_are_told(run: Run, folder: Path) -> None:
    assert TOLD in ingest(run, folder, "--dry-run")
    assert TOLD in ingest(run, folder)
    assert TOLD in run("sources", "s/second").out
    assert TOLD.replace("names", "names       ") in run("show", "s/second").out
    assert "other episodes have COBOL" in run("decisions", "s/second").out
    assert "other episodes" not in run("show", "s/first").out + run("sources", "s/first").out


def test_machines_are_told_as_well(run: Run, folder: Path) -> None:
    learned = {"said": ["COBOL"], "decided": ["COBOL"]}
    assert json.loads(ingest(run, folder, "--json"))["learned"] == learned
    assert json.loads(run("show", "s/second", "--format", "json").out)["learned"] == learned
    assert json.loads(run("sources", "s/first", "--json").out)[0]["terms"] == ["COBOL"]


def test_the_page_tells_it(run: Run, folder: Path) -> None:
    ingest(run, folder)
    page = run("show", "s/second", "--format", "html").out
    assert "1 said here, 1 decided something: COBOL" in page
    assert "Names of other episodes" not in run("show", "s/first", "--format", "html").out


def test_a_process_that_composes_is_handed_the_names(run: Run, folder: Path) -> None:
    done = run("ingest", str(folder.parent), "--series", "s", "--each-subfolder", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "COBOL" in run("show", "s/second", "--format", "text").out
