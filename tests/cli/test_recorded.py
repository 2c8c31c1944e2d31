"""What was exported is known again where it lies among sources, also without a mark in it."""

from pathlib import Path

import pytest

from tests.cli.program import Run
from tests.cli.sample import SAMPLE

STUDIO = SAMPLE / "studio.vtt"


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """A folder with a source, and what was exported into it."""
    made = tmp_path / "show"
    made.mkdir()
    (made / "studio.vtt").write_bytes(STUDIO.read_bytes())
    assert run("ingest", str(made), "--series", "s", "--episode", "one").code == 0
    for name in ("one.srt", "one.txt", "one.vtt"):
        assert run("show", "s/one", "--output", str(made / name)).code == 0
    return made


def test_what_was_exported_is_passed_over_in_a_folder(run: Run, folder: Path) -> None:
    done = run("ingest", str(folder), "--series", "s", "--episode", "one")
    assert "nothing new" in done.out
    for name in ("one.srt", "one.txt"):
        assert f"{folder / name}: passed over: it was exported from s/one, revision 1;" in done.err
    assert "one.vtt" in done.err


@pytest.mark.parametrize("name", ["one.srt", "one.txt"])
def test_what_was_exported_is_refused_by_its_name(run: Run, folder: Path, name: str) -> None:
    done = run("ingest", str(folder / name), "--series", "s", "--episode", "two")
    assert done.code == 1
    assert f"{folder / name}: is no source: it was exported from s/one, revision 1" in done.err
    meant = run("ingest", "--source", f"transcript={folder / name}", "--series", "s", "--episode", "two")
    assert meant.code == 0


@pytest.mark.parametrize("name", ["one.srt", "one.txt"])
def test_a_changed_one_is_pointed_to_apply(run: Run, folder: Path, tmp_path: Path, name: str) -> None:
    changed = tmp_path / name
    changed.write_text((folder / name).read_text().replace("lamp", "lantern").replace("rocks", "reefs"))
    done = run("ingest", str(changed), "--series", "s", "--episode", "one")
    assert done.code == 1
    command = f"episodic apply s/one {changed} --revision 1"
    assert f"changed since: {command} takes the corrections" in done.err
    assert "decisions made" in run(*command.split()[1:], "--by", "Dee").out


def test_a_source_is_a_source_also_when_an_export_is_the_same_bytes(run: Run, tmp_path: Path) -> None:
    talk = tmp_path / "talk.txt"
    talk.write_text("Ada: Good evening, and welcome to the show.\nBab: The lantern keeps the light.\n")
    run("ingest", str(talk), "--series", "s", "--episode", "one")
    again = tmp_path / "again.txt"
    run("show", "s/one", "--format", "text", "--output", str(again))
    assert again.read_bytes() == talk.read_bytes()
    assert "nothing new" in run("ingest", str(talk), "--series", "s", "--episode", "one").out
    run("show", "s/one", "--format", "text", "--output", str(tmp_path / "out" / "talk.txt"))
    talk.write_text(talk.read_text().replace("keeps", "kept"))
    done = run("ingest", str(talk), "--series", "s", "--episode", "one")
    assert (done.code, "revision 2 (new)" in done.out) == (0, True)


def test_a_season_and_what_is_submitted_pass_it_over_too(run: Run, folder: Path) -> None:
    done = run("ingest", str(folder.parent), "--series", "s", "--each-subfolder", "--quiet")
    assert "passed over: it was exported from s/one" in done.err
    done = run("submit", str(folder), "--series", "s", "--episode", "three")
    assert "passed over: it was exported from s/one" in done.err
    assert "one.srt" not in run("sources", "s/three").out


def test_what_was_published_is_known_and_named_by_forget(run: Run, folder: Path, tmp_path: Path) -> None:
    extra = folder / "extra.txt"
    extra.write_text("Ada: Somebody else says a few words here, and nobody minds them.\n" * 3)
    run("ingest", str(extra), "--series", "s", "--episode", "one", "--add")
    assert run("publish", "s/one", str(tmp_path / "public")).code == 0
    assert run("ingest", str(tmp_path / "public" / "one.srt"), "--series", "s", "--episode", "x").code == 1
    done = run("forget", "s/one", "extra.txt", "--yes")
    assert f"exported with its words before: {tmp_path / 'public' / 'one.txt'}" in done.out
    assert run("ingest", str(tmp_path / "public" / "one.srt"), "--series", "s", "--episode", "x").code == 1


def test_what_cannot_be_recorded_is_written_all_the_same(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from episodic.canonical.errors import StorageError
    from episodic.cli import recorded

    def fail(*_: object, **__: object) -> None:
        raise StorageError("the database cannot be written to")

    monkeypatch.setattr(recorded, "with_store", fail)
    done = run("show", "s/one", "--output", str(tmp_path / "x.srt"))
    assert done.code == 0
    assert "is not recorded" in done.err
    assert (tmp_path / "x.srt").read_text().startswith("1\n")
