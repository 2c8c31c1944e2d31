"""A person's text beside captions, and whom an ingest trusts."""

import json
from pathlib import Path

from tests.cli.program import Run

HUMAN = """# Tower talk

**Ada Lindqvist:** We began with a question that nobody had asked before. Then we built a tower, and it fell.

**Bruno Okafor:** And whose fault was it, in the end?

**Ada Lindqvist:** Mine, mostly.
"""


YOUTUBE = """WEBVTT
Kind: captions
Language: en

00:00:00.500 --> 00:00:03.400
we began with a question that nobody had

00:00:03.400 --> 00:00:07.200
asked before then we built a tower and it fell

00:00:13.000 --> 00:00:15.000
and who's fault was it in the end mine mostly
"""


def test_a_persons_text_and_captions_become_a_timed_transcript_with_names(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tower.md").write_text(HUMAN)
    (tmp_path / "tower.en.vtt").write_text(YOUTUBE)
    run("ingest", str(tmp_path), "--series", "s", "--episode", "e")
    captions = run("show", "s/e", "--format", "vtt").out
    assert "00:00:00.500 --> 00:00:04.4" in captions
    assert "\n<v Bruno Okafor>And whose fault was it, in the end?\n" in captions
    said = json.loads(run("show", "s/e", "--format", "json").out)["utterances"]
    assert said[1]["words"][0] == {"text": "And", "start": 13.0, "end": 13.12}


def test_a_document_tells_paths_only_when_it_is_asked_to(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "of the editor"
    folder.mkdir()
    (folder / "tower.md").write_text(HUMAN)
    (folder / "plan.txt").write_text("Ask who lit the lamp.\nAsk whose fault it was.\n")
    run("ingest", str(folder), "--series", "s", "--episode", "e")
    (folder / "plan.txt").write_text("Ask who lit the lamp.\nAsk whose folly it was.\n")
    run("ingest", str(folder), "--series", "s", "--episode", "e")
    document = run("show", "s/e", "--format", "tei").out
    assert "<title>tower.md</title>" in document
    assert '<ptr target="plan.txt"/>' in document
    assert "changed: plan.txt" in document
    assert "of the editor" not in document
    assert "of%20the%20editor" not in document

    run("ingest", str(folder), "--series", "s", "--episode", "e", "--paths")
    assert run("decide", "s/e", "person: Bruno Okafor", "--text", "Bruno Oak", "--by", "Ada").code == 0
    document = run("show", "s/e", "--format", "tei").out
    assert "Bruno Oak<" in document
    assert f"<title>{folder}/tower.md</title>" in document
    assert "of%20the%20editor/tower.md" in document


def test_a_transcript_without_times_has_no_captions(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tower.md").write_text(HUMAN)
    run("ingest", str(tmp_path), "--series", "s", "--episode", "e")
    made = tmp_path / "made.vtt"
    done = run("show", "s/e", "--format", "vtt", "--output", str(made))
    assert done.code == 1
    assert "no source says when anything was said" in done.err
    assert not made.exists()


def test_a_trusted_source_decides_by_option_and_by_series(run: Run, tmp_path: Path) -> None:
    (tmp_path / "final.md").write_text(HUMAN.replace("fault", "folly"))
    for number in range(3):
        (tmp_path / f"{number}.vtt").write_text(YOUTUBE.replace("in the end", f"in the end {number}"))
    arguments = ("ingest", str(tmp_path), "--series", "s", "--episode")
    run(*arguments, "by-option", "--trust", str(tmp_path / "final.md"))
    assert "whose folly was it" in run("show", "s/by-option", "--format", "text").out
    run(*arguments, "by-name", "--trust", "fin*")
    assert "whose folly was it" in run("show", "s/by-name", "--format", "text").out
    assert "lektorat*: there is no such file" in run(*arguments, "by-name", "--trust", "lektorat*").err
    assert "trust        final*" in run("series", "set", "s", "--trust", "final*").out
    run(*arguments, "by-series")
    assert "whose folly was it" in run("show", "s/by-series", "--format", "text").out
    assert "the series trusts final*" in run("sources", "s/by-series").out
    assert "final*" not in run("series", "set", "s", "--distrust", "final*").out


def test_everyone_counts_the_same_conflicts_and_none_that_nobody_can_decide(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tower.md").write_text(HUMAN)
    (tmp_path / "tower.vtt").write_text(YOUTUBE.replace("tower", "power"))
    (tmp_path / "again.vtt").write_text(YOUTUBE.replace("tower", "power").replace("Language: en\n", ""))
    ingested = run("ingest", str(tmp_path), "--series", "s", "--episode", "e").out
    every = json.loads(run("decisions", "s/e", "--json").out)
    assert any(
        each["address"].startswith("witness ") for each in every
    )  # a copy, which is nobody's to decide
    offered = json.loads(run("decisions", "s/e", "--open", "--json").out)
    looks = [each["address"] for each in every if each["worth_a_look"]]
    assert sorted(looks) == sorted(each["address"] for each in offered if each["worth_a_look"])
    assert f"{len(every)} conflicts decided: {len(looks)} worth a look" in ingested
    assert f": {len(looks)} worth a look, " in run("show", "s/e", "--format", "html").out
