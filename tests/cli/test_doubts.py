"""Nothing in silence: what was left out, guessed, damaged or set apart is said, kept, and refused."""

import json
from pathlib import Path

import pytest

from tests.cli.program import Run
from tests.cli.sample import SAMPLE

BROKEN = "WEBVTT\n\n00:01.000 --> 00:03.000\nGood evening.\n\n00:0x --> 00:05.000\nMind the step, please.\n"
LEFT_OUT = "4 of 6 words without times: 1 cue whose times cannot be read, the first is cue 2"
FINE = "WEBVTT\n\n00:01.000 --> 00:03.000\nGood evening.\n"


@pytest.fixture
def run(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program in a folder with a broken and a fine transcript."""
    monkeypatch.chdir(tmp_path)
    Path("talk.vtt").write_text(BROKEN)
    Path("fine.vtt").write_text(FINE)
    return run


def ingest(run: Run, *more: str) -> tuple[int, str, str]:
    return run("ingest", *more, "--series", "s", "--episode", "e")


def test_an_ingest_says_in_a_line_what_was_left_out_also_when_nothing_is_new(run: Run) -> None:
    for _ in range(2):
        code, _, err = ingest(run, "talk.vtt", "fine.vtt")
        assert (code, err) == (0, f"episodic: talk.vtt: {LEFT_OUT}\n")


def test_sources_shows_doubts_by_their_kinds(run: Run) -> None:
    ingest(run, "talk.vtt")
    assert f"\n      doubt (left out): {LEFT_OUT}\n" in run("sources", "s/e")[1]
    (source,) = json.loads(run("sources", "s/e", "--json")[1])
    assert source["doubts"] == [{"kind": "left out", "text": LEFT_OUT}]
    assert source["notes"] == []
    (source,) = json.loads(ingest(run, "talk.vtt", "--json")[1])["sources"]
    assert source["doubts"][0]["kind"] == "left out"


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("guess.txt", "MAYA: Wie weit? Überall, über Öl.\nTOM: Äußerst weit.\nMAYA: Schön.\n", "guessed"),
        ("backwards.srt", "1\n00:00:04,000 --> 00:00:02,000\nGood evening.\n", "damaged"),
    ],
)
def test_what_was_guessed_or_damaged_is_said_as_well(run: Run, name: str, text: str, kind: str) -> None:
    Path(name).write_bytes(text.encode("latin-1"))
    assert f"episodic: {name}: " in ingest(run, name)[2]
    (source,) = json.loads(run("sources", "s/e", "--json")[1])
    assert [doubt["kind"] for doubt in source["doubts"]] == [kind]


def test_a_transcript_in_another_language_is_said_to_be_set_apart(run: Run) -> None:
    said = SAMPLE.joinpath("studio.vtt").read_text().partition("\n")[2]
    Path("en.vtt").write_text(f"WEBVTT\nLanguage: en\n{said}")
    Path("de.vtt").write_text(
        "WEBVTT\nLanguage: de\n\n"
        + "".join(
            f"00:{n:02}.000 --> 00:{n + 1:02}.000\nDer Turm steht seit dem Jahr {n}.\n\n" for n in range(20)
        )
    )
    code, _, err = ingest(run, "en.vtt", "de.vtt")
    assert code == 0
    assert "it is kept, but has no vote" in err
    kinds = {s["uri"]: s["doubts"] for s in json.loads(run("sources", "s/e", "--json")[1])}
    assert kinds["en.vtt"] == []
    assert [doubt["kind"] for doubt in kinds["de.vtt"]] == ["set apart"]


def test_an_episode_without_a_transcript_says_how_to_force_one(run: Run) -> None:
    code, _, err = ingest(run, str(SAMPLE / "press-release.md"))
    assert code == 0
    assert err == "episodic: no source was read as a transcript; --source transcript=PATH reads one as that\n"


def test_notes_full_of_times_say_how_to_force_a_transcript(run: Run) -> None:
    lines = "".join(
        f"{n:02}:{n:02} A remark about tower {n} that somebody made.\n\n" for n in range(10, 40, 3)
    )
    Path("research.txt").write_text(lines)
    code, _, err = ingest(run, "fine.vtt", "research.txt")
    assert code == 0
    assert "research.txt: taken for research_notes, though 10 of 10 lines begin with a time" in err
    assert "--source transcript=research.txt" in err
    assert "research_notes" not in ingest(run, "fine.vtt", "--source", "transcript=research.txt")[2]


def test_strict_refuses_what_is_doubtful_and_stores_nothing(run: Run) -> None:
    code, out, err = ingest(run, "talk.vtt", "--strict")
    assert (code, out) == (1, "")
    assert err == f"episodic: nothing was stored, for --strict refuses this: talk.vtt: {LEFT_OUT}\n"
    assert run("sources", "s/e")[0] == 1
    assert "failed" in run("jobs")[1]
    code, _, err = ingest(run, "fine.vtt", "--strict")
    assert (code, err) == (0, "")


def test_strict_refuses_also_what_was_stored_before(run: Run) -> None:
    ingest(run, "talk.vtt")
    code, _, err = ingest(run, "talk.vtt", "--strict")
    assert (code, "refuses" in err) == (1, True)


def test_a_batch_says_it_of_each_episode_and_refuses_each_for_itself(run: Run) -> None:
    for name, text in (("one", BROKEN), ("two", FINE)):
        Path("shows", name).mkdir(parents=True)
        Path("shows", name, "talk.vtt").write_text(text)
    batch = ("ingest", "shows", "--series", "b", "--each-subfolder", "--workers", "1", "--quiet")
    code, _, err = run(*batch, "--strict")
    assert code == 1
    assert f"b/one: nothing was stored, for --strict refuses this: shows/one/talk.vtt: {LEFT_OUT}" in err
    code, _, err = run(*batch)
    assert (code, err) == (0, f"episodic: b/one: shows/one/talk.vtt: {LEFT_OUT}\n")


@pytest.mark.parametrize(
    "labels",
    [
        ("Guest", "Host", "Keywords"),
        ("Gast", "Moderation", "Stichworte"),
        ("Invitado", "Presenta", "Palabras clave"),
        ("Invité", "Animation", "Mots-clés"),
        ("Ospite", "Conduce", "Parole chiave"),
    ],
)
def test_who_takes_part_is_no_speech_unless_they_take_turns(
    run: Run, tmp_path: Path, labels: tuple[str, str, str]
) -> None:
    guest, host, keywords = labels
    (tmp_path / "a.txt").write_text(f"Mar 5\n{guest}: Luis Roca\n{host}: Ana Ruiz\n{keywords}: mar, sol\n")
    (tmp_path / "b.txt").write_text(f"{host}: Un mar?\n{guest}: Un mar.\n{host}: Un sol?\n{guest}: Un sol.\n")
    types: dict[str, str] = {}
    for name in ("a", "b"):
        done = run("ingest", str(tmp_path / f"{name}.txt"), "--series", "s", "--episode", name, "--json")
        types[name] = json.loads(done.out)["sources"][0]["source_type"]
    assert types == {"a": "research_notes", "b": "transcript"}
