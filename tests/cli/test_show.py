"""`episodic show` in the formats that others read."""

import json
from pathlib import Path

import pytest
import webvtt

from episodic.publishing.formats import FILES
from tests.cli.program import Run
from tests.cli.sample import EPISODE, ingest_sample


@pytest.fixture(autouse=True)
def sample(run: Run) -> None:
    assert ingest_sample(run).code == 0


def test_captions_are_of_a_size_to_read_or_as_they_were_spoken(run: Run) -> None:
    read, spoken = (
        run("show", EPISODE, "--format", "vtt", *more).out for more in ([], ["--cues", "as-spoken"])
    )
    assert "\nNOTE Episodic lantern-hour/first-light revision 1\n" in read
    for cue in webvtt.from_string(read).captions:
        assert len(cue.lines) <= 2
        assert all(len(line) <= 42 for line in cue.text.split("\n"))
    assert (
        "<v Maya Okafor>Welcome to The Lantern Hour, the show about lights that people keep burning."
        in spoken
    )


def test_the_rules_for_cues_are_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPISODIC_SUBRIP_WIDTH", "20")
    monkeypatch.setenv("EPISODIC_CUE_LINES", "1")
    blocks = run("show", EPISODE, "--format", "srt").out.split("\n\n")
    assert blocks[0].splitlines()[2] == "Maya Okafor: Welcome"  # no word is cut
    assert all(len(block.splitlines()) == 3 and len(block.splitlines()[2]) <= 20 for block in blocks)
    monkeypatch.setenv("EPISODIC_CUE_LONGEST", "0.5")
    assert "EPISODIC_CUE_LONGEST is 0.5; it must not be below" in run("show", EPISODE).err


def test_cues_that_nobody_can_read_in_time_are_counted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPISODIC_CUE_SPEED", "5")
    done = run("show", EPISODE, "--format", "srt")
    assert "faster than 5 characters a second: the times of their words" in done.err
    assert run("show", EPISODE, "--format", "srt", "--cues", "as-spoken").err == ""


@pytest.mark.parametrize(("ending", "format"), [(each.ending, each.value) for each in FILES])
def test_the_ending_of_the_output_says_the_format(run: Run, tmp_path: Path, ending: str, format: str) -> None:
    file = tmp_path / f"first-light{ending}"
    done = run("show", EPISODE, "--output", str(file))
    if format == "chapters":
        assert (done.code, "no source names chapters" in done.err, file.exists()) == (1, True, False)
        return
    assert (done.code, done.out, done.err) == (0, "", "")
    if format != "html":  # which names another audio file and says so by itself
        assert file.read_text() == run("show", EPISODE, "--format", format).out


def test_an_ending_that_says_nothing_is_a_usage_error(run: Run, tmp_path: Path) -> None:
    done = run("show", EPISODE, "--output", str(tmp_path / "first-light.doc"))
    assert (done.code, "Say it with --format" in done.err) == (2, True)
    assert run("show", EPISODE, "--output", str(tmp_path / "a.doc"), "--format", "srt").code == 0


def test_captions_of_what_has_no_times_are_refused(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("Ada: Good evening.\nBob: And to you.\nAda: It is late.\nBob: So it is.\n")
    run("ingest", "--source", f"transcript={text}", "--series", "s", "--episode", "e")
    for format in ("vtt", "srt", "podcast-json"):
        done = run("show", "s/e", "--format", format)
        assert (done.code, done.out) == (1, "")
        assert "no source says when anything was said" in done.err
    assert "**Ada:** Good evening." in run("show", "s/e", "--format", "markdown").out
    assert "<time>" not in run("show", "s/e", "--format", "podcast-html").out


def test_what_was_published_is_no_source(run: Run, tmp_path: Path) -> None:
    for ending in (".vtt", ".md", ".podcast.json", ".podcast.html", ".json", ".html", ".xml"):
        file = tmp_path / f"out{ending}"
        run("show", EPISODE, "--output", str(file))
        done = run("ingest", str(file), "--series", "s", "--episode", "e")
        assert "was written by Episodic itself" in done.err, ending


def test_chapters_are_published(run: Run, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("# Chapters\n\n0:00 The tower\n\n1:02 The lens\n\n2:40 The keeper\n")
    run("ingest", str(notes), "--series", "s", "--episode", "e")
    chapters = json.loads(run("show", "s/e", "--format", "chapters").out)["chapters"]
    assert chapters[1] == {"startTime": 62, "title": "The lens"}


def test_a_script_without_spaces_is_counted_in_characters(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "talk.vtt"
    file.write_text("WEBVTT\n\n00:01.000 --> 00:04.000\n最初は晴れていました。\n", encoding="utf-8")
    assert run("ingest", str(file), "--series", "yama", "--episode", "one").code == 0
    assert "1 utterance, 10 characters, to 0:00:04" in run("show", "yama/one").out
    assert "17 utterances, 270 words, to 0:01:42" in run("show", EPISODE).out


def test_labels_are_told_with_the_command_that_names_them(run: Run, tmp_path: Path) -> None:
    said = [
        f"00:{at:02}.000 --> 00:{at + 3:02}.000\n<v Speaker {at % 8 // 4}>So it is, {at}."
        for at in range(0, 40, 4)
    ]
    (tmp_path / "a.vtt").write_text("\n\n".join(["WEBVTT", *said]))
    run("ingest", str(tmp_path / "a.vtt"), "--series", "s", "--episode", "labelled")
    shown = run("show", "s/labelled").out
    assert "labels       Speaker 0, Speaker 1; to say whom they mean: " in shown
    assert "episodic series set s --speaker 'Speaker 0=NAME'\n" in shown
    done = run("series", "set", "s", "--speaker", "Speaker A=Ada", "--speaker", "Speaker 1=Bab")
    assert (
        "no source of the latest episodes calls anybody Speaker A; they call them Speaker 0, Sp" in done.err
    )
