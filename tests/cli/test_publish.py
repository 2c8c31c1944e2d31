"""Everything that is given away, in one folder."""

import json
from pathlib import Path

import pytest

from episodic.publishing.formats import FILES
from tests.cli.program import Run
from tests.cli.sample import SAMPLE


@pytest.fixture(autouse=True)
def sample(run: Run) -> None:
    names = [str(SAMPLE / name) for name in ("studio.vtt", "brief.md", "feed.xml")]
    assert run("ingest", *names, "--series", "lantern-hour", "--episode", "first-light").code == 0


def test_the_whole_set_is_written_as_show_gives_it(run: Run, tmp_path: Path) -> None:
    done = run(
        "publish", "lantern-hour/first-light", str(tmp_path / "out"), "--url", "https://example.org/a/"
    )
    assert done.code == 0
    assert "no first-light.chapters.json: no source names chapters" in done.err
    made = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert made == sorted(f"first-light{each.ending}" for each in FILES if each.value != "chapters")
    for ending, format in ((each.ending, each.value) for each in FILES):
        if format not in {"html", "chapters"}:
            shown = run("show", "lantern-hour/first-light", "--format", format).out
            assert (tmp_path / "out" / f"first-light{ending}").read_text() == shown
    assert (
        '<podcast:transcript url="https://example.org/a/first-light.vtt" type="text/vtt"'
        ' language="en-GB" rel="captions"/>\n'
    ) in done.out
    assert '<podcast:person role="host">Maya Okafor</podcast:person>\n' in done.out


def test_nothing_that_is_published_tells_where_the_sources_lie(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "of the editor"
    folder.mkdir()
    cues = (
        "We began with a question that nobody had asked before.",
        "Then we built a tower, and it fell into the sea.",
        "And whose fault was it, in the end, would you say?",
    )
    timed = [f"00:00:{4 * at:02}.000 --> 00:00:{4 * at + 3:02}.000\n{cue}\n" for at, cue in enumerate(cues)]
    (folder / "tower.vtt").write_text("WEBVTT\n\n" + "\n".join(timed))
    (folder / "copy.vtt").write_text("WEBVTT\n\nNOTE a copy\n\n" + "\n".join(timed))
    (folder / "said.txt").write_text(f"{' '.join(cues)} Well.\n")  # told by its likeness to a transcript
    (folder / "plan.md").write_text("".join(f"Ada: What is {what}?\n\nBob: A thing.\n\n" for what in "abc"))
    (folder / "broken.json").write_text('{"a": 1}')
    arguments = (*map(str, sorted(folder.iterdir())), "--series", "s", "--episode", "e", "--keep-going")
    given = run("ingest", *arguments)
    assert str(folder) in given.err  # who ingests is told where to look

    run("publish", "s/e", str(tmp_path / "out"))
    for file in (tmp_path / "out").iterdir():
        text = file.read_text()
        assert "of the editor" not in text, file.name
        assert "of%20the%20editor" not in text, file.name
        if file.suffix in {".html", ".xml"} and not file.name.endswith(".podcast.html"):
            assert "tower.vtt" in text
            assert "stand in the same order in tower.vtt; --source research_notes=said.txt keeps" in text
    assert "copy.vtt" in (tmp_path / "out" / "e.json").read_text()
    page = (tmp_path / "out" / "e.html").read_text()
    assert 'dir="auto">broken.json</span>' in page

    run("ingest", *arguments, "--paths")
    run("publish", "s/e", str(tmp_path / "out"))
    for name in ("e.html", "e.xml", "e.json"):
        assert f"{folder}/tower.vtt" in (tmp_path / "out" / name).read_text()


def test_published_again_it_is_replaced(run: Run, tmp_path: Path) -> None:
    first = run("publish", "lantern-hour/first-light", str(tmp_path))
    run("decide", "lantern-hour/first-light", "title", "--text", "Another")
    again = run("publish", "lantern-hour/first-light", str(tmp_path))
    assert again.out == first.out
    made = json.loads((tmp_path / "first-light.json").read_text())
    mark = "Episodic lantern-hour/first-light revision 2"
    assert (made["title"], made["generator"]) == ("Another", mark)
    for ending in (".html", ".vtt", ".md", ".podcast.json", ".podcast.html"):
        assert mark in (tmp_path / f"first-light{ending}").read_text(), ending


def test_chapters_are_named_for_the_feed(run: Run, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("# Chapters\n\n0:00 The tower\n\n1:02 The lens\n\n2:40 The keeper\n")
    run("ingest", str(notes), "--series", "s", "--episode", "e")
    done = run("publish", "s/e", str(tmp_path / "out"))
    assert '<podcast:chapters url="e.chapters.json" type="application/json+chapters"/>\n' in done.out
    assert "no e.vtt: no source says when" in done.err


def test_a_file_is_no_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run("publish", "lantern-hour/first-light", str(tmp_path / "file")).code == 2
    assert run("publish", "lantern-hour/nothing", str(tmp_path / "out")).code == 1
    assert not (tmp_path / "out").exists()


def test_a_label_that_names_nobody_is_no_person_of_a_feed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "engine.vtt"
    file.write_text(
        "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Speaker 2>Good evening.\n\n"
        "00:04.000 --> 00:07.000\n<v Dana Reyes>Mind the step.\n"
    )
    run("ingest", str(file), "--series", "s", "--episode", "e")
    done = run("publish", "s/e", str(tmp_path / "out"))
    assert "<podcast:person>Dana Reyes</podcast:person>\n" in done.out
    assert "Speaker 2" not in done.out
    assert (
        'Speaker 2 names nobody, and is not for a feed; say who: episodic decide s/e "speaker Speaker 2"'
        in done.err
    )
