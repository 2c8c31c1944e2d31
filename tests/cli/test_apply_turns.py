"""Turns that a corrected text splits and joins, as editors' decisions."""

from pathlib import Path

import pytest

from tests.cli.program import Run

TALK = (
    "WEBVTT\n\n00:00.000 --> 00:06.000\n"
    "<v Ada>Good evening, and welcome to the show. How are you tonight?\n\n"
    "00:06.000 --> 00:10.000\n<v Bab>The lantern keeps the light. And who looks after it?\n\n"
    "00:10.000 --> 00:14.000\n<v Ada>Nobody does, I am afraid. So it goes out. Does it really?\n"
)
AS_TOLD = (
    "Ada: Good evening, and welcome to the show. How are you tonight?\n"
    "Bab: The lantern keeps the light. And who looks after it?\n"
    "Ada: Nobody does, I am afraid. So it goes out. Does it really?\n"
)
ENGINE = (
    "1\n00:00:00,000 --> 00:00:03,000\ngood evening and welcome to the show\n\n"
    "2\n00:00:03,000 --> 00:00:06,000\nhow are you tonight\n\n"
    "3\n00:00:06,000 --> 00:00:10,000\nthe lantern keeps a light and who looks after it\n\n"
    "4\n00:00:10,000 --> 00:00:14,000\nnobody does i am afraid so it goes out does it really\n"
)


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    (tmp_path / "talk.vtt").write_text(TALK)
    assert run("ingest", str(tmp_path / "talk.vtt"), "--series", "s", "--episode", "one").code == 0
    return tmp_path


def text(run: Run) -> str:
    return run("show", "s/one", "--format", "text").out


def voices(said: str) -> list[tuple[str, str]]:
    """Who says each word; where a line ends within a turn is no matter."""
    found: list[tuple[str, str]] = []
    speaker = ""
    for line in said.splitlines():
        name, colon, words = line.partition(": ")
        speaker = name if colon else speaker
        found += [(speaker, word) for word in (words if colon else line).split()]
    return found


@pytest.mark.parametrize(
    "corrected",
    [
        # The end of a turn is somebody else's.
        AS_TOLD.replace(" How are you", "\nBab: How are you").replace("\nBab: The", " The"),
        # Its middle, and its end.
        AS_TOLD.replace(" So it goes", "\nCid: So it goes").replace(
            " Does it really", "\nAda: Does it really"
        ),
        # Its beginning belongs to the turn before.
        AS_TOLD.replace("it?\nAda: Nobody does, I am afraid. So", "it? Nobody does, I am afraid.\nAda: So"),
        # Two turns are one.
        AS_TOLD.replace("\nBab: The", " The"),
        # A turn is split, and a word in it is another.
        AS_TOLD.replace(" And who looks", "\nCid: And who cares"),
    ],
)
def test_turns_that_are_split_and_joined_are_decisions(run: Run, folder: Path, corrected: str) -> None:
    assert text(run) == AS_TOLD
    file = folder / "corrected.txt"
    file.write_text(corrected)
    done = run("apply", "s/one", str(file), "--by", "Dee")
    assert (done.code, done.err) == (0, "")
    assert voices(text(run)) == voices(corrected)
    assert "nothing differs" in run("apply", "s/one", str(file), "--by", "Dee").out
    assert "everything is whole" in run("db", "verify").out

    # Another engine, whose cues begin elsewhere, changes nothing of it.
    (folder / "engine.srt").write_text(ENGINE)
    more = run("ingest", str(folder / "engine.srt"), "--series", "s", "--episode", "one", "--add")
    assert "waiting" not in more.out
    assert voices(text(run)) == voices(corrected)

    assert run("restore", "s/one", "--revision", "1", "--by", "Dee").code == 0
    assert text(run) == AS_TOLD


def test_a_turn_is_begun_and_taken_back_by_its_address(run: Run, folder: Path) -> None:
    address = "speaker 0:00:06/And who looks"
    done = run("decide", "s/one", address, "--text", "Cid", "--by", "Dee")
    assert (done.code, done.err) == (0, "")
    assert "\nCid: And who looks after it?\n" in text(run)
    vtt = run("show", "s/one", "--format", "vtt", "--cues", "as-spoken").out
    assert "<v Cid>And who looks after it?" in vtt
    assert run("decide", "s/one", address, "--revert", "--by", "Dee").code == 0
    assert text(run) == AS_TOLD


def test_words_that_are_not_there_begin_no_turn(run: Run, folder: Path) -> None:
    done = run("decide", "s/one", "speaker 0:00:06/nobody said so", "--text", "Cid", "--by", "Dee")
    assert (done.code, "these words are not in the transcript" in done.err) == (1, True)


@pytest.mark.parametrize(
    "corrected",
    [
        AS_TOLD.replace("\nBab: The", "\nCid: It is late, I know.\nBab: The"),
        AS_TOLD.replace(" How are", "\nCid: Thank you very much.\nAda: How are"),
        "Cid: Are we on air yet?\n" + AS_TOLD,
        AS_TOLD + "Cid: Let us find that out.\nAda: Tomorrow then.\n",
        AS_TOLD.replace("Nobody does, I am", "Not a soul, I'm").replace(
            "\nAda: Not", "\nCid: Hm, what?\nAda: Not"
        ),
        AS_TOLD.replace("Bab: The lantern keeps the light. ", "Cid: It is a wonder.\nBab: "),
    ],
)
def test_what_no_source_has_is_put_in_as_a_turn(run: Run, folder: Path, corrected: str) -> None:
    file = folder / "corrected.txt"
    file.write_text(corrected)
    done = run("apply", "s/one", str(file), "--by", "Dee")
    assert (done.code, done.err) == (0, "")
    assert voices(text(run)) == voices(corrected)
    assert [line for line in text(run).splitlines() if line.startswith("Cid: ")] == [
        line for line in corrected.splitlines() if line.startswith("Cid: ")
    ]
    for ending in (".txt", ".md", ".vtt", ".srt", ".xml"):
        exported = folder / f"again{ending}"
        run("show", "s/one", "--output", str(exported))
        again = run("apply", "s/one", str(exported), "--by", "Eve")
        assert ("nothing differs" in again.out, again.err) == (True, ""), (ending, again.out)
    assert "everything is whole" in run("db", "verify").out
    assert run("restore", "s/one", "--revision", "1", "--by", "Dee").code == 0
    assert text(run) == AS_TOLD


def test_a_turn_that_was_put_in_stays_when_an_engine_comes_and_can_be_changed(run: Run, folder: Path) -> None:
    said = AS_TOLD.replace("\nBab: The", "\nCid: It is late, I know.\nBab: The")
    (folder / "corrected.txt").write_text(said)
    run("apply", "s/one", str(folder / "corrected.txt"), "--by", "Dee")
    (folder / "engine.srt").write_text(ENGINE.replace("\n\n3", " it is late i know\n\n3"))
    more = run("ingest", str(folder / "engine.srt"), "--series", "s", "--episode", "one", "--add")
    assert "waiting" not in more.out
    assert voices(text(run)) == voices(said)
    for change in ("Cid: It is very late, I know.", "Bab: It is late.", "Cid: It is late.\nAda: So it is."):
        changed = said.replace("Cid: It is late, I know.", change)
        (folder / "corrected.txt").write_text(changed)
        done = run("apply", "s/one", str(folder / "corrected.txt"), "--by", "Dee")
        assert (done.code, done.err) == (0, "")
        assert voices(text(run)) == voices(changed)
    (folder / "corrected.txt").write_text(AS_TOLD)
    assert run("apply", "s/one", str(folder / "corrected.txt"), "--by", "Dee").code == 0
    assert voices(text(run)) == voices(AS_TOLD)


def test_a_turn_is_put_in_by_hand(run: Run, folder: Path) -> None:
    done = run("decide", "s/one", "after 0:00:06/the light.", "--text", "Cid: For a while.", "--by", "Dee")
    assert (done.code, done.err) == (0, "")
    assert "Bab: The lantern keeps the light.\nCid: For a while.\nBab: And who" in text(run)
    vtt = run("show", "s/one", "--format", "vtt", "--cues", "as-spoken").out
    assert "<v Cid>For a while." in vtt
    assert "keeps the light. {+Cid: For a while.+} And who looks" in run("diff", "s/one").out
    done = run("decide", "s/one", "after 0:00:06/the lamp.", "--text", "Cid: For a while.", "--by", "Dee")
    assert (done.code, "these words are not in the transcript" in done.err) == (1, True)
