"""What a folder has in it beside sources."""

import os
from pathlib import Path

import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.detection import Aside
from episodic.cli.ingesting.folder import look_into
from tests.cli.program import Run

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ada>Good evening, and welcome.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "episode"
    place.mkdir()
    (place / "show.vtt").write_text(CAPTIONS)
    return place


def ingest(run: Run, folder: Path) -> tuple[str, ...]:
    return ("ingest", str(folder), "--series", "s", "--episode", "e", "--quiet")


def test_recordings_pictures_and_files_of_programs_are_passed_over_with_one_note(
    run: Run, folder: Path
) -> None:
    (folder / "first-light.mp3").write_bytes(b"ID3\x04" + bytes(100))
    (folder / "cover").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    for name in ("~$brief.docx", "notes.txt~", ".DS_Store", "Thumbs.db", "show.vtt.part"):
        (folder / name).write_bytes(bytes(10))
    done = run(*ingest(run, folder))
    assert done.code == 0
    assert done.err == (
        f"episodic: {folder}: passed over hidden files: .DS_Store; lock files and other files of programs: "
        "Thumbs.db, notes.txt~, show.vtt.part and 1 more; pictures: cover; recordings: first-light.mp3\n"
        f"episodic: the page plays a recording: episodic show EPISODE --format html --audio "
        f"{folder / 'first-light.mp3'}\n"
    )


def test_a_folder_in_it_is_passed_over_with_a_note(run: Run, folder: Path) -> None:
    (folder / "engines").mkdir()
    (folder / ".git").mkdir()
    done = run(*ingest(run, folder))
    assert (done.code, done.err) == (
        0, f"episodic: {folder}: passed over hidden files: .git; folders: engines\n",
    )  # fmt: skip


def test_what_is_no_file_any_more_or_never_was_is_refused_and_nothing_waits_for_it(
    run: Run, folder: Path
) -> None:
    (folder / ".#show.vtt").symlink_to("ada@desk.4711:1")  # Emacs' lock
    for name, why in (("engine.srt", "there is no such file"), ("pipe.txt", "is not a regular file")):
        if name == "pipe.txt":
            os.mkfifo(folder / name)
        else:
            (folder / name).symlink_to(folder / "unmounted" / name)
        done = run(*ingest(run, folder))
        assert (done.code, f"{folder / name}: {why}" in done.err) == (1, True), done.err
        (folder / name).unlink()
    assert run(*ingest(run, folder)).code == 0


def test_a_file_of_another_kind_is_refused_in_a_folder_too(run: Run, folder: Path) -> None:
    (folder / "cut.edl").write_text("TITLE: First Light\nFCM: NON-DROP FRAME\n")
    done = run(*ingest(run, folder))
    assert done.code == 1
    assert "cut.edl: is EDL (edit decision list)" in done.err


def test_what_episodic_wrote_is_passed_over_in_a_folder_and_refused_by_its_name(
    run: Run, folder: Path
) -> None:
    assert run(*ingest(run, folder)).code == 0
    for format in ("html", "vtt", "json", "tei"):
        assert run("show", "s/e", "--format", format, "--output", str(folder / f"out.{format}")).code == 0
    again = run(*ingest(run, folder))
    assert "what Episodic wrote itself: out.html, out.json, out.tei and 1 more" in again.err
    assert "nothing new" in again.out
    for format in ("html", "vtt", "json", "tei"):
        named = run("ingest", str(folder / f"out.{format}"), "--series", "s", "--episode", "e", "--quiet")
        assert named.code == 1
        assert "was written by Episodic itself; give the sources that it was made from, or" in named.err


def test_a_link_that_leads_out_of_the_folder_is_read_and_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.vtt").write_text(CAPTIONS)
    (folder / "linked.vtt").symlink_to(tmp_path / "elsewhere.vtt")
    (folder / "near.vtt").symlink_to(folder / "show.vtt")
    looked = look_into(str(folder))
    assert [Path(source).name for source in looked.sources] == ["linked.vtt", "near.vtt", "show.vtt"]
    assert list(looked.notes()) == [
        f"{folder}: links lead out of it: linked.vtt -> {tmp_path / 'elsewhere.vtt'}"
    ]


def test_a_folder_with_nothing_but_recordings_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF\x24\0\0\0WAVEfmt ")
    with pytest.raises(SourceError, match=r"no sources in this folder but recordings: a.wav; name a folder"):
        look_into(str(tmp_path))


def test_a_recording_is_known_by_its_content_or_its_name(folder: Path) -> None:
    (folder / "talk").write_bytes(b"OggS" + bytes(40))
    (folder / "talk.m4a").write_bytes(b"")
    assert look_into(str(folder)).passed == {Aside.RECORDING: ["talk", "talk.m4a"]}
