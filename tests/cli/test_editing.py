"""What editors decide on the command line, and how it is shown."""

import json
from pathlib import Path

from tests.cli.program import Run
from tests.cli.sample import EPISODE, ingest_sample


def conflict_about(run: Run, words: str) -> str:
    found = json.loads(run("decisions", EPISODE, "--json").out)
    return next(d["address"] for d in found if words in str(d["variation"]))


def test_an_editor_decides_against_the_vote(run: Run) -> None:
    ingest_sample(run)
    place = conflict_about(run, "Thomas Lindquist")
    done = run(
        "decide", EPISODE, place, "--text", "Tómas Lindqvist,", "--by", "Maya", "--note", "his own spelling"
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        f"{place}: “Tómas Lindqvist,”, was “Tomas Lindqvist,”",
        f"{EPISODE}, revision 2, by Maya",
    ]
    assert "Tómas Lindqvist," in run("show", EPISODE, "--format", "text").out
    assert "revision 2 (nothing new" in ingest_sample(run).out


def test_a_decision_can_be_taken_back(run: Run) -> None:
    ingest_sample(run)
    before = run("show", EPISODE, "--format", "text").out
    place = conflict_about(run, "Thomas Lindquist")
    run("decide", EPISODE, place, "--text", "nobody", "--by", "Maya")
    done = run("decide", EPISODE, place, "--revert", "--by", "Maya")
    assert done.out.startswith(f"{place}: “nobody” is taken back\n")
    assert run("show", EPISODE, "--format", "text").out == before


def test_an_address_without_a_time_begins_with_a_hyphen(run: Run) -> None:
    ingest_sample(run)
    done = run("decide", EPISODE, "-/on a clear night", "--text", "In fine weather", "--by", "Maya")
    assert (done.code, done.err) == (0, "")
    assert "In fine weather perhaps" in run("show", EPISODE, "--format", "text").out


def test_nothing_is_what_stands_where_an_editor_says_so(run: Run) -> None:
    ingest_sample(run)
    done = run("decide", EPISODE, "-/on a clear night", "--text", "", "--by", "Maya")
    assert done.code == 0
    assert ": (nothing), was “" in done.out


def test_the_page_says_who_decided_and_why(run: Run) -> None:
    ingest_sample(run)
    run("decide", EPISODE, "-/on a clear night", "--text", "x", "--by", "Mayra", "--note", "heard twice")
    assert "emended by Mayra: heard twice" in run("show", EPISODE, "--format", "html").out


def test_a_decision_says_one_thing(run: Run) -> None:
    ingest_sample(run)
    done = run("decide", EPISODE, "title", "--text", "x", "--revert")
    assert (done.code, done.out) == (2, "")
    assert "--reading or --text" in done.err


def test_open_conflicts_come_most_contested_first_and_leave_out_what_is_decided(run: Run) -> None:
    ingest_sample(run)
    found = json.loads(run("decisions", EPISODE, "--open", "--json").out)
    assert found[0]["variation"]["difference"] == "substantive"
    run("decide", EPISODE, found[0]["address"], "--text", "settled", "--by", "Maya")
    left = json.loads(run("decisions", EPISODE, "--open", "--json").out)
    assert [each["address"] for each in left] == [each["address"] for each in found[1:]]
    settled = f"{found[0]['kind']} {found[0]['address']}: emended by Maya\n  + 0.000    settled\n"
    assert settled in run("decisions", EPISODE).out


def test_play_tells_where_each_source_has_its_reading_and_where_to_hear_it(run: Run) -> None:
    ingest_sample(run)
    listed = run("decisions", EPISODE, "--play").out
    place = listed.index("Thomas Lindquist")
    entry = listed[listed.rindex("transcript 0:", 0, place) : listed.index("#t=", place) + 8]
    for cue in ("studio.vtt, cue 3 at 0:00:10", "listener.txt, line 3", "engine.srt, cue 3 at 0:00:10"):
        assert cue in entry
    assert ".mp3#t=1" in entry


def test_an_ingest_tells_which_decisions_wait_and_why(run: Run, tmp_path: Path) -> None:
    ingest_sample(run)
    run("decide", EPISODE, conflict_about(run, "Thomas Lindquist"), "--text", "Tómas", "--by", "Maya")
    assert "\n1 decision of editors in force\n" in ingest_sample(run).out
    other = tmp_path / "other.txt"
    other.write_text("Ada: Something else was said by everyone on this day.\n")
    done = run("ingest", str(other), "--series", "lantern-hour", "--episode", "first-light")
    assert (
        "0 decisions of editors in force, 1 waiting; see: episodic decisions\n  1 because no witness"
        in done.out
    )
    assert "Maya decided “Tómas”; no witness has these words" in run("decisions", EPISODE).out


def test_a_series_replaces_what_engines_get_wrong(run: Run) -> None:
    done = run("series", "set", "lantern-hour", "--replace", "Cordouan=Kordouan", "--replace", "a=b")
    assert "replace      Cordouan by Kordouan\n" in done.out
    assert "replace      a by b" not in run("series", "set", "lantern-hour", "--replace", "a=").out
    ingest_sample(run)
    shown = run("show", EPISODE, "--format", "text").out
    assert "Kordouan" in shown
    assert "Cordouan" not in shown
    assert "WRONG=RIGHT" in run("series", "set", "lantern-hour", "--replace", "x").err
