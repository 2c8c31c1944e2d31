"""A corrected text as editors' decisions."""

import fcntl
import json
import os
import shlex
import shutil
from pathlib import Path

import docx
import pytest

from tests.cli.program import Finished, Run
from tests.cli.sample import EPISODE, SAMPLE, ingest_sample


@pytest.fixture(autouse=True)
def sample(run: Run) -> None:
    assert ingest_sample(run).code == 0


def exported(run: Run, file: Path, *more: str) -> str:
    assert run("show", EPISODE, "--output", str(file), *more).code == 0
    return file.read_text()


def apply(run: Run, file: Path, *more: str) -> Finished:
    return run("apply", EPISODE, str(file), "--by", "Maya", *more)


def mended(said: str) -> str:
    return said.replace("lighthouse lenses", "old lighthouse lenses").replace("onto the rocks", "onto reefs")


def text(run: Run) -> str:
    return run("show", EPISODE, "--format", "text").out


@pytest.mark.parametrize("ending", [".md", ".vtt", ".srt", ".txt", ".xml", ".podcast.json", ".podcast.html"])
def test_an_unchanged_export_decides_nothing(run: Run, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"first-light{ending}"
    exported(run, file)
    done = apply(run, file)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"nothing differs from {EPISODE}, revision 1; nothing was decided\n"


@pytest.mark.parametrize("ending", [".md", ".vtt", ".srt", ".txt", ".xml"])
def test_what_differs_is_decided_in_one_revision(run: Run, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"first-light{ending}"
    said = exported(run, file, *(["--cues", "as-spoken"] if ending in {".vtt", ".srt"} else []))
    assert "lighthouse lenses" in said
    assert "onto the rocks" in said
    corrected = said.replace("lighthouse lenses", "old lighthouse lenses").replace(
        "onto the rocks", "onto reefs"
    )
    file.write_text(corrected)
    before = text(run)
    done = apply(run, file)
    assert (done.code, done.err) == (0, "")
    assert f"2 decisions made: {EPISODE}, revision 2, by Maya\n" in done.out
    assert text(run) == mended(before)
    assert "nothing differs" in apply(run, file).out
    assert f"to undo it: episodic restore {EPISODE} --revision 1\n" in done.out
    run("restore", EPISODE, "--revision", "1")
    assert text(run) == before


def test_a_dry_run_shows_it_and_does_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(exported(run, file).replace("onto the rocks", "onto the reefs"))
    done = apply(run, file, "--dry-run")
    assert "1 decision would be made; nothing was done\n" in done.out
    assert "reefs" in done.out
    assert json.loads(apply(run, file, "--dry-run", "--json").out)["decisions"][0]["text"].endswith("reefs.")
    assert "revision     1" in run("show", EPISODE).out


def test_speakers_and_the_title_are_corrected(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    said = exported(run, file).replace('title: "First Light"', 'title: "The First Light"')
    file.write_text(said.replace("**Tomas Lindqvist:**", "**Tomas Berg:**"))
    done = apply(run, file)
    assert done.code == 0
    assert "speaker Tomas Lindqvist: “Tomas Berg”" in done.out
    assert "title: “The First Light”" in done.out
    assert "Tomas Berg: " in text(run)
    assert "Tomas Lindqvist: " not in text(run)


def test_who_says_one_utterance_is_corrected(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    lines = exported(run, file).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("Tomas Lindqvist: "))
    lines[at] = lines[at].replace("Tomas Lindqvist", "Maya Okafor")
    file.write_text("\n".join(lines) + "\n")
    done = apply(run, file)
    assert (done.code, "speaker 0:00:" in done.out) == (0, True)
    assert lines[at].removeprefix("Maya Okafor: ") in text(run)
    assert f"{lines[at]}\n" not in text(run)  # she goes on


def test_a_word_document_is_taken(run: Run, tmp_path: Path) -> None:
    said = run("show", EPISODE, "--format", "text").out.replace("onto the rocks", "onto the reefs")
    document = docx.Document()
    for line in said.splitlines():
        document.add_paragraph(line)
    document.save(str(tmp_path / "corrected.docx"))
    done = apply(run, tmp_path / "corrected.docx")
    assert (done.code, done.err) == (0, "")
    assert "1 decision made" in done.out
    assert "onto the reefs" in text(run)


def test_what_others_decided_since_is_a_conflict_and_nothing_is_done(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(
        exported(run, file).replace("onto the rocks", "onto the reefs").replace("good evening", "good night")
    )
    run("decide", EPISODE, "0:00:28/the rocks", "--text", "the shoals.", "--by", "Bob")
    done = apply(run, file)
    assert (done.code, done.out) == (1, "")
    assert "since revision 1; nothing was done" in done.err
    assert "“rocks.” is “shoals.” now, and “reefs.” in the text" in done.err
    assert "good night" not in text(run)


def test_what_others_decided_elsewhere_stays(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(exported(run, file).replace("good evening", "good night"))
    run("decide", EPISODE, "0:00:28/the rocks", "--text", "the shoals.", "--by", "Bob")
    assert apply(run, file).code == 0
    assert "good night" in text(run)
    assert "the shoals." in text(run)


@pytest.mark.parametrize("ending", [".md", ".vtt", ".srt"])
def test_what_was_corrected_is_corrected_again(run: Run, tmp_path: Path, ending: str) -> None:
    """In a word that a person put there, in words beside it, and in a part of what was put there."""
    file = tmp_path / f"first-light{ending}"
    for wrong, right in (
        ("onto the rocks", "onto sharp black reefs"),
        ("black reefs", "grey reefs"),
        ("onto sharp", "upon blunt"),
        ("grey", "green"),
    ):
        said = exported(run, file, "--cues", "as-spoken")
        assert wrong in said
        file.write_text(said.replace(wrong, right))
        assert apply(run, file).code == 0
        assert right in text(run)
    assert "down upon blunt green reefs" in text(run)


def test_words_of_a_decision_are_named_as_a_whole(run: Run) -> None:
    assert run("decide", EPISODE, "0:00:28/the rocks", "--text", "the black reefs.").code == 0
    done = run("decide", EPISODE, "0:00:28/black", "--text", "grey")
    assert done.code == 1
    assert (
        "these words are a part of “the black reefs.”, which was decided before: name all of it" in done.err
    )
    assert run("decide", EPISODE, "0:00:28/onto the black reefs", "--text", "onto the cliffs.").code == 0
    assert "down onto the cliffs." in text(run)
    assert run("decide", EPISODE, "0:00:28/cliffs", "--text", "cliffs").code == 1
    assert run("decide", EPISODE, "speaker 0:00:28/onto the cliffs", "--text", "Maya Okafor").code == 0
    assert "\nMaya Okafor: onto the cliffs." in text(run)


def test_corrections_survive_the_next_ingest(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(exported(run, file).replace("onto the rocks", "onto the reefs"))
    apply(run, file)
    names = [str(SAMPLE / name) for name in ("engine.srt", "listener.txt", "brief.md")]
    run("ingest", *names, "--series", "lantern-hour", "--episode", "first-light", "--replace-sources")
    assert "onto the reefs" in text(run)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "Ada: Something else.\nBob: Entirely.\nAda: Yes, is it not?\nBob: It is.\n",
            "is it the right file?",
        ),
        ("WEBVTT\n\nNOTE Episodic other/one revision 1\n\n00:01.000 --> 00:02.000\nHm.\n", "is of other/one"),
        ("", "is empty"),
        ("# Notes\n\nNobody says anything.\n", "is it the right file?"),
        ("Name: b.\n" * 500_000, "has 1,000,000 words, and"),
    ],
)
def test_another_file_is_refused_in_one_line(run: Run, tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "other.txt"
    file.write_text(content)
    done = apply(run, file)
    assert done.code in {1, 2}
    assert (done.err.count("\n"), message in done.err) == (1, True), done.err


def test_a_page_is_no_text_to_correct(run: Run, tmp_path: Path) -> None:
    for ending in (".html", ".json"):
        file = tmp_path / f"page{ending}"
        run("show", EPISODE, "--output", str(file))
        assert "is no text to correct" in apply(run, file).err
    assert "there is no such file" in apply(run, tmp_path / "nothing.md").err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `edit` has its file."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "episodic" / "edits"


def edit(run: Run, editor: str, *more: str, episode: str = EPISODE) -> Finished:
    """Edit with a shell script, to which the file is `$0`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VISUAL", raising=False)
        patch.setenv("EDITOR", f"sh -c {shlex.quote(editor)}")
        return run("edit", episode, "--by", "Maya", *more)


REEFS = 'sed -i "s/onto the rocks/onto the reefs/" "$0"'


def test_edit_opens_the_editor_and_decides_what_changed(run: Run, folder: Path) -> None:
    assert "1 decision made" in edit(run, REEFS).out
    assert "onto the reefs" in text(run)
    assert edit(run, REEFS).out == "nothing was changed\n"
    assert not list(folder.glob("*"))
    assert str(folder) not in run("forget", EPISODE, "engine.srt", "--yes").out  # nothing was exported


@pytest.mark.parametrize(
    ("editor", "code", "message"),
    [
        ("false", 1, "false ended with exit code 1; nothing was done"),
        ("sh -c 'kill -9 $$'", 1, "sh was killed by SIGKILL"),
        ("/no/such/editor", 2, "/no/such/editor cannot be started: No such file or directory"),
        ("vim 'unclosed", 2, "$EDITOR is vim 'unclosed, which is no command: no closing quotation"),
        ("", 2, "name your editor"),
        ("rm", 1, "there is no such file"),
        ("sh -c 'rm $0; mkfifo $0'", 1, "is not a regular file"),
        ("sh -c 'rm $0; mkdir $0'", 1, "is a folder"),
    ],
)
def test_an_editor_that_does_not_edit_is_said_in_one_line(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, editor: str, code: int, message: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    done = run("edit", EPISODE)
    assert (done.code, done.err.count("\n"), message in done.err) == (code, 1, True), done.err
    assert not list(folder.glob("*"))


@pytest.mark.parametrize(
    ("editor", "more", "code"),
    [
        (f"{REEFS}; exit 1", (), 1),
        (REEFS, ("--dry-run",), 0),
        ('echo "Something else altogether." > "$0"', (), 1),
    ],
)
def test_what_was_edited_and_not_taken_is_kept(
    run: Run, folder: Path, editor: str, more: tuple[str, ...], code: int
) -> None:
    done = edit(run, editor, *more)
    assert done.code == code
    (kept,) = folder.rglob("*.md")
    assert f"the edited text is kept; to take it: episodic apply {EPISODE} {kept}\n" in done.err
    assert ("onto the reefs" in kept.read_text()) is ("reefs" in editor)


def test_what_was_edited_and_not_taken_is_opened_again(run: Run, folder: Path) -> None:
    edit(run, f"{REEFS}; exit 1")
    (kept,) = folder.rglob("*.md")
    again = edit(run, "true")
    assert again.err == f"episodic: what was edited before is opened again; to begin anew, remove {kept}\n"
    assert ("1 decision made" in again.out, "onto the reefs" in text(run)) == (True, True)
    assert not list(folder.glob("*"))


def test_what_was_edited_is_opened_again_under_another_name_of_the_episode(run: Run, folder: Path) -> None:
    edit(run, f"{REEFS}; exit 1")
    (kept,) = folder.rglob("*.md")
    run("rename", EPISODE, "renamed")
    again = edit(run, "true", episode="lantern-hour/renamed")
    assert f"what was edited before is opened again; to begin anew, remove {kept}\n" in again.err
    assert "if that was renamed, name it anew in the file" in again.err
    renamed = f'sed -i "s,{EPISODE},lantern-hour/renamed," "$0"'
    assert "1 decision made" in edit(run, renamed, episode="lantern-hour/renamed").out
    assert not list(folder.glob("*"))


def test_what_a_window_saves_when_edit_has_ended_is_opened_again(run: Run, folder: Path) -> None:
    edit(run, f"{REEFS}; exit 1")
    (kept,) = folder.rglob("*.md")
    saved = kept.read_text()
    kept.write_bytes(kept.with_name("as-it-was").read_bytes())
    assert edit(run, "true").out == "nothing was changed\n"
    kept.parent.mkdir()
    kept.write_text(saved)
    assert "1 decision made" in edit(run, "true").out


def test_what_an_ended_edit_left_as_it_was_is_made_anew(run: Run, folder: Path) -> None:
    edit(run, f"{REEFS}; exit 1")
    (kept,) = folder.rglob("*.md")
    run("decide", EPISODE, "title", "--text", "The Newest Title")
    kept.write_bytes(kept.with_name("as-it-was").read_bytes())
    done = edit(run, f'grep -q "The Newest Title" "$0" && {REEFS}')
    assert (done.err, "1 decision made" in done.out) == ("", True)


def test_two_do_not_edit_one_text(run: Run, folder: Path) -> None:
    edit(run, f"{REEFS}; exit 1")
    (kept,) = folder.rglob("*.md")
    held = os.open(kept.parent, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    done = edit(run, "rm")
    os.close(held)
    assert (done.code, done.err) == (2, f"episodic: {EPISODE} is being edited already; end that first\n")
    assert "onto the reefs" in kept.read_text()


@pytest.mark.parametrize(
    ("place", "says"), [("episodic", "Not a directory"), ("first-light.md", "Is a directory")]
)
def test_where_there_is_no_place_for_the_text_edit_says_so(
    run: Run, folder: Path, place: str, says: str
) -> None:
    edit(run, f"{REEFS}; exit 1")
    (kept,) = folder.rglob("*.md")
    shutil.rmtree(folder.parent if place == "episodic" else kept.parent)
    if place == "episodic":
        folder.parent.write_text("no folder")
    else:
        kept.mkdir(parents=True)
    done = edit(run, REEFS)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert f"{says}; the text to be edited needs this folder" in done.err


CUES = """WEBVTT

00:01.000 --> 00:03.000
<v Tom>Take the stairs, and mind what I said: slowly.

00:04.000 --> 00:05.000
<v Ned>Yeah. Cool.

00:06.000 --> 00:07.000
Yeah.

00:08.000 --> 00:11.000
<v Tom>Rich: that is a library, and it is very fine.

00:12.000 --> 00:14.000
Okay.
"""


@pytest.mark.parametrize("ending", [".md", ".vtt", ".srt", ".txt", ".docx"])
def test_words_that_look_like_names_and_names_that_nobody_gives_decide_nothing(
    run: Run, tmp_path: Path, ending: str
) -> None:
    source = tmp_path / "engine.vtt"
    source.write_text(CUES)
    run("ingest", str(source), "--series", "s", "--episode", "e")
    file = tmp_path / f"e{ending}"
    if ending == ".docx":
        document = docx.Document()
        for line in run("show", "s/e", "--format", "text").out.splitlines():
            document.add_paragraph(line)
        document.save(str(file))
    else:
        assert run("show", "s/e", "--output", str(file)).code == 0
    done = run("apply", "s/e", str(file))
    assert (done.out, done.err) == ("nothing differs from s/e, revision 1; nothing was decided\n", "")
