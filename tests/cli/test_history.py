"""What became of an episode: its revisions, what changed between them, and an older one again."""

import json

import pytest

from tests.cli.program import Run
from tests.cli.sample import SAMPLE


@pytest.fixture(autouse=True)
def three_revisions(run: Run) -> None:
    ingest(run, "studio.vtt")
    decide(run, "0:00:28/the rocks", "the reefs.")
    ingest(run, "studio.vtt", "engine.srt")


def ingest(run: Run, *names: str) -> None:
    sources = [str(SAMPLE / name) for name in names]
    assert run("ingest", *sources, "--series", "s", "--episode", "e", "--replace-sources").code == 0


def decide(run: Run, address: str, text: str) -> None:
    assert run("decide", "s/e", address, "--text", text, "--by", "Maya").code == 0


def text(run: Run, *more: str) -> str:
    return run("show", "s/e", "--format", "text", *more).out


def test_history_says_when_who_and_what(run: Run) -> None:
    lines = run("history", "s/e").out.splitlines()
    assert [line.partition(", ")[0] for line in lines if line.startswith("rev")] == [
        f"revision {number}" for number in (3, 2, 1)
    ]
    assert f"  added: {SAMPLE}/engine.srt" in lines
    assert any(line.endswith(", by Maya") for line in lines)
    assert any("transcript 0:00:28/the rocks: “the reefs.”" in line for line in lines)
    found = json.loads(run("history", "s/e", "--json").out)["revisions"]
    assert [each["by"] for each in found] == [[], ["Maya"], []]
    assert [len(each["sources"]) for each in found] == [2, 1, 1]


def test_history_says_why_the_same_sources_made_another_revision(run: Run) -> None:
    assert run("series", "set", "s", "--speaker", "Maya Okafor=Maya O.").code == 0
    ingest(run, "studio.vtt", "engine.srt")
    said = run("history", "s/e").out.splitlines()
    assert said[0].startswith("revision 4, ")
    assert said[1] == "  the same sources, with other settings or by a newer Episodic"
    assert "“Tomas”, was “Maya O.”" in run("decide", "s/e", "speaker 0:00:00", "--text", "Tomas").out


def test_diff_shows_words_speakers_and_fields(run: Run) -> None:
    decide(run, "title", "A Light")
    decide(run, "speaker 0:00:05", "Tomas Lindqvist")
    out = run("diff", "s/e", "--from", "1").out
    assert "from revision 1 to 5\n" in out
    assert "title: [-e-] {+A Light+}\n" in out
    assert " [-rocks.-] {+reefs.+} " in out
    assert "[-Maya Okafor-] {+Tomas Lindqvist+}: I'm Maya Okafor, and tonight …" in out
    found = json.loads(run("diff", "s/e", "--from", "1", "--json").out)
    assert {"from": "rocks.", "to": "reefs."}.items() <= next(
        each for each in found["words"] if each["to"] == "reefs."
    ).items()
    assert found["speakers"][0]["to"] == "Tomas Lindqvist"
    assert "\n  speaker 0:00:05: “Tomas Lindqvist”" in run("history", "s/e").out
    assert {"field": "title", "from": "e", "to": "A Light"} in found["fields"]


def test_diff_of_the_same_says_so(run: Run) -> None:
    assert "the fields are the same" in run("diff", "s/e", "--from", "2", "--to", "2").out


def test_there_must_be_something_to_compare(run: Run) -> None:
    assert "has no revision before 1 to compare it with. The next" in run("diff", "s/e", "--to", "1").err
    assert run("diff", "s/e", "--from", "9").code == 1
    assert run("history", "s/nothing").code == 1


def test_restore_brings_back_sources_and_the_decisions_of_then(run: Run) -> None:
    first = text(run, "--revision", "1")
    assert "revision 4 is as revision 1 was" in run("restore", "s/e", "--revision", "1", "--by", "Bob").out
    assert text(run) == first
    assert "the reefs" not in text(run)
    assert "taken back" in run("history", "s/e").out
    run("restore", "s/e", "--revision", "3", "--by", "Bob")
    assert text(run) == text(run, "--revision", "3")
    assert "the reefs" in text(run)


def test_the_newest_is_not_restored(run: Run) -> None:
    done = run("restore", "s/e", "--revision", "3")
    assert (done.code, "is the newest" in done.err) == (1, True)
    assert run("restore", "s/e", "--revision", "8").code == 1


def test_what_was_pruned_is_no_revision_to_compare_with(run: Run) -> None:
    assert run("db", "prune", "--keep", "1", "--yes").code == 0
    done = run("diff", "s/e")
    assert (done.code, "those before it were pruned or forgotten" in done.err) == (2, True)
    run("decide", "s/e", "title", "--text", "Light again", "--by", "Dee")
    assert "{+Light again+}" in run("diff", "s/e").out
