"""Who speaks, decided on the command line."""

from pathlib import Path

import pytest

from tests.cli.program import Run

CUES = """WEBVTT

00:01.000 --> 00:03.000
<v Speaker 1>Good evening, and welcome to the tower.

00:04.000 --> 00:07.000
<v Speaker 2>Mind the last step, it is short.

00:08.000 --> 00:11.000
<v Speaker 1>The lamp has burned since 1870.
"""


@pytest.fixture(autouse=True)
def ingested(run: Run, tmp_path: Path) -> str:
    file = tmp_path / "engine.vtt"
    file.write_text(CUES)
    run("ingest", str(file), "--series", "s", "--episode", "e")
    return str(file)


def text(run: Run) -> str:
    return run("show", "s/e", "--format", "text").out


def test_one_utterance_a_range_and_a_label(run: Run) -> None:
    done = run("decide", "s/e", "speaker 0:00:04", "--text", "Dana Reyes", "--by", "Maya")
    assert done.out == "speaker 0:00:04: “Dana Reyes”, was “Speaker 2”\ns/e, revision 2, by Maya\n"
    assert "\nDana Reyes: Mind the last step" in text(run)
    run("decide", "s/e", "speaker 0:00:04", "--to", "0:00:30", "--text", "Cid Gray")
    assert text(run).count("Cid Gray: ") == 1
    assert run("decisions", "s/e").out.startswith("speaker 0:00:04-0:00:30 at 0:00:04: decided by")
    run("decide", "s/e", "speaker 0:00:04", "--to", "0:00:30", "--revert")
    done = run("decide", "s/e", "speaker Speaker 1", "--text", "Maya Okafor", "--by", "Maya")
    assert done.out.startswith("speaker Speaker 1: “Maya Okafor”, was “Speaker 1”\n")
    assert "\nspeaker Speaker 1: decided by Maya\n" in f"\n{run('decisions', 's/e').out}"
    assert text(run).startswith("Maya Okafor: Good evening")


def test_an_address_that_names_nothing_is_refused(run: Run) -> None:
    done = run("decide", "s/e", "banana 0:00:04/Mind the", "--text", "x")
    assert (done.code, done.err.count("\n"), "is not an address" in done.err) == (1, 1, True)
    assert run("decide", "s/e", "title", "--to", "0:00:30", "--text", "x").code == 2
    assert run("decide", "s/e", "speaker 0:00:04", "--to", "later", "--text", "x").code == 2


def test_a_series_says_whom_labels_mean(run: Run, ingested: str) -> None:
    done = run("series", "set", "s", "--speaker", "Speaker 1=Dana Reyes", "--speaker", "Speaker 2=Bob")
    assert "speaker      Speaker 1 is Dana Reyes\n" in done.out
    assert "revision 2 (new)" in run("ingest", ingested, "--series", "s", "--episode", "e").out
    assert text(run).startswith("Dana Reyes: Good evening")
    assert "Speaker 2" not in run("series", "set", "s", "--speaker", "Speaker 2=").out
    assert run("series", "set", "s", "--speaker", "Speaker 2").code == 2
