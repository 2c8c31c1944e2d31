from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from episodic.canonical import weighting
from episodic.canonical.document import Text
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.errors import DocumentError
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import (
    Claim,
    ClaimField,
    NormalizedSource,
    Passage,
    PassageKind,
    Signals,
    SourceType,
    Utterance,
)
from episodic.canonical.tei import prose, reader, writer
from episodic.canonical.tei.apparatus import markup
from episodic.canonical.tei.elements import parse
from episodic.canonical.tei.pointers import all_hold, dangling
from episodic.canonical.tei.writer import write
from tests.canonical.making import edition, source, transcript, weighted

type Faults = Callable[[bytes], list[str]]

WEBVTT = source(
    uri="show final.vtt",
    utterances=[
        Utterance("Do you know whether it works?", "cue 1", "Ada Lovelace", 0.0, 3.34),
        Utterance("Yes, it does.", "cue 2", "Charles", 3.34, 5.0),
        Utterance("Then ]]> let's go & see <b>.", "cue 3", "Ada Lovelace", 5.25, 4000.125),
    ],
    claims=[Claim(ClaimField.TITLE, "Does It Work", "NOTE")],
    language="en-GB",
)
LIVE = source(
    uri="live.vtt",
    utterances=[
        Utterance("Do you know weather it works?", "cue 1", None, 60.0, 63.0),
        Utterance("Yes.", "cue 2", None, 63.0, 65.0),
    ],
    signals=Signals(avg_logprob=-0.3, notes=("decoded as \x01windows-1252",)),
)
FEED = source(
    uri="https://example.org/feed.xml?a=1 2&b=%zz#x#y",
    source_type=SourceType.RSS,
    claims=[
        Claim(ClaimField.TITLE, "Does it work?", "item 1/title"),
        Claim(ClaimField.SUBTITLE, "An inquiry", "item 1"),
        Claim(ClaimField.SUMMARY, "On engines.", "item 1"),
        Claim(ClaimField.PUBLISHED, "2026-02-26T06:00:00+00:00", "item 1"),
        Claim(ClaimField.EPISODE, "42", "item 1"),
        Claim(ClaimField.SEASON, "3", "item 1"),
        Claim(ClaimField.DURATION, "3723", "item 1"),
        Claim(ClaimField.PERSON, "Ada Lovelace", "item 1", "executive producer"),
        Claim(ClaimField.LINK, "https://example.org/a b", "item 1", "notes"),
        Claim(ClaimField.KEYWORD, "engines", "item 1"),
        Claim(ClaimField.MEDIA, "https://example.org/a.mp3", "item 1", "audio/mpeg"),
        Claim(ClaimField.GUID, "urn:x:1", "item 1"),
        Claim(ClaimField.SERIES, "Lantern Hour", "channel"),
        Claim(ClaimField.PUBLISHER, "Lantern House", "channel"),
        Claim(ClaimField.TRANSCRIPT, "https://example.org/t.vtt", "item 1", "text/vtt"),
        Claim(ClaimField.CHAPTERS, "https://example.org/c.json", "item 1", "application/json"),
        Claim(ClaimField.SOUNDBITE, "73.0 60.0", "item 1", "Why"),
    ],
    passages=[Passage(PassageKind.PARAGRAPH, "Two people talk.", "item 1")],
    dated=datetime(2026, 2, 26, tzinfo=UTC),
)
NOTES = source(
    uri="notes.md",
    source_type=SourceType.RESEARCH_NOTES,
    claims=[Claim(ClaimField.DURATION, "3700", "line 1"), Claim(ClaimField.PUBLISHED, "last week", "line 2")],
    passages=[
        Passage(PassageKind.PARAGRAPH, "Before any heading.", "line 1"),
        Passage(PassageKind.HEADING, "Engines", "line 3", 1),
        Passage(PassageKind.LIST_ITEM, "Analytical", "line 4", 1),
        Passage(PassageKind.LIST_ITEM, "Difference", "line 5", 2),
        Passage(PassageKind.HEADING, "Steam", "line 6", 3),
        Passage(PassageKind.PARAGRAPH, "Coal.", "line 7"),
        Passage(PassageKind.HEADING, "People", "line 8", 2),
        Passage(PassageKind.HEADING, "Sources", "line 9", 1),
    ],
    dated=datetime(2026, 1, 26, tzinfo=UTC),
)
EVERYTHING = (WEBVTT, LIVE, FEED, NOTES)


def written(*sources: NormalizedSource, title: str | None = None) -> bytes:
    policy = SeriesPolicy()
    return write(resolve(weighting.weigh(sources, policy), policy), edition(title))


@pytest.mark.parametrize(
    "sources",
    [
        EVERYTHING,
        (WEBVTT,),
        (FEED,),
        (NOTES,),
        (source(),),
        (WEBVTT, LIVE),
        (source(utterances=["\x00 \x01"]),),
    ],
    ids=["all", "transcript", "feed", "notes", "empty transcript", "two transcripts", "nothing printable"],
)
def test_what_is_written_is_valid_tei_without_dangling_pointers(
    tei_all: Faults, sources: tuple[NormalizedSource, ...]
) -> None:
    document = written(*sources)
    assert tei_all(document) == []
    assert dangling(parse(document)) == []


def test_a_pointer_to_nothing_is_found() -> None:
    document = written(*EVERYTHING).replace(b'xml:id="s2"', b'xml:id="s9"')
    assert "ptr" not in str(dangling(parse(document)))
    assert any(found.endswith('="#s2"') for found in dangling(parse(document)))


@pytest.mark.parametrize(
    ("attribute", "wrong"),
    [
        (b'end="#t3340"', b'end=""'),
        (b'end="#t3340"', b'end="#t0 #t3340"'),
        (b'end="#t3340"', b'end="t3340"'),
        (b'wit="#s1"', b'wit=" "'),
        (b'wit="#s1"', b'wit="#s1 #s9"'),
    ],
)
def test_a_pointer_that_is_none_is_found(attribute: bytes, wrong: bytes) -> None:
    document = written(*EVERYTHING)
    assert attribute in document
    assert dangling(parse(document.replace(attribute, wrong, 1))) != []


@pytest.mark.parametrize(
    ("attribute", "wrong"),
    [
        (b'end="#t3340"', b'end=""'),
        (b'wit="#s1"', b'wit="#s1 #s9"'),
        (b'xml:id="s2"', b'xml:id="s9"'),
    ],
)
def test_a_search_of_the_markup_finds_it_too(attribute: bytes, wrong: bytes) -> None:
    document = written(*EVERYTHING)
    assert attribute in document
    assert all_hold(document)
    assert not all_hold(document.replace(attribute, wrong, 1))


def test_words_that_look_like_a_pointer_are_words() -> None:
    said = '<u who="#x" xml:id="y"> and then who="#z" or'
    document = written(source(utterances=[said]))
    assert dangling(parse(document)) == []
    assert reader.read(document).text() == f"{said} "


def test_the_same_arguments_give_the_same_bytes_in_any_order_of_sources() -> None:
    assert written(*EVERYTHING) == written(*reversed(EVERYTHING))


def test_a_title_given_by_the_user_stands_above_the_claims(tei_all: Faults) -> None:
    document = written(*EVERYTHING, title="It Works")
    assert tei_all(document) == []
    assert reader.read(document).title == "It Works"
    assert b"Does It Work" in document


def test_without_any_title_the_episode_goes_by_its_slug() -> None:
    assert reader.read(written(NOTES)).title == "first-light"


def test_witnesses_are_read_back_with_weight_and_factors() -> None:
    policy = SeriesPolicy()
    heaviest, *_ = resolve(weighting.weigh(EVERYTHING, policy), policy).witnesses
    record, *_ = reader.read(written(*EVERYTHING)).witnesses
    assert record.siglum == "s1"
    assert record.uri == heaviest.weighted.source.uri
    assert record.sha256 == heaviest.weighted.source.content.sha256
    assert record.weight == heaviest.weighted.weight
    assert [(f.name, f.reason) for f in record.factors] == [
        (f.name, f.reason) for f in heaviest.weighted.factors
    ]


def test_headings_and_order_of_prose_are_read_back() -> None:
    assert list(reader.read(written(NOTES)).prose("s1")) == [
        ("p", "Before any heading."),
        ("head", "Engines"),
        ("item", "Analytical"),
        ("item", "Difference"),
        ("head", "Steam"),
        ("p", "Coal."),
        ("head", "People"),
        ("head", "Sources"),
    ]


@pytest.mark.parametrize("size", [1, 100, 300])
def test_a_document_is_the_same_in_however_small_pieces_it_is_checked(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = written(*EVERYTHING)
    monkeypatch.setattr(writer, "_PIECE", size)
    assert written(*EVERYTHING) == document


def test_a_fault_in_any_piece_of_prose_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_PIECE", 1)

    def wrong(text: Text) -> str:
        return f"{markup(text)}<u/>" if text == ("Coal.",) else markup(text)

    monkeypatch.setattr(prose, "markup", wrong)
    with pytest.raises(DocumentError, match="Element p has extra content"):
        written(NOTES)


def test_utterances_are_read_back_with_speaker_and_times() -> None:
    spoken = reader.read(written(WEBVTT)).utterances()
    assert [(s.speaker, s.start, s.end, s.text) for s in spoken] == [
        (u.speaker, u.start, u.end, u.text) for u in WEBVTT.utterances
    ]


def test_a_witness_is_read_back_with_its_cues() -> None:
    spoken = reader.read(written(WEBVTT)).utterances("s1")
    assert [(s.where, s.text) for s in spoken] == [(u.where, u.text) for u in WEBVTT.utterances]


def test_the_text_of_a_transcript_is_its_utterances_joined_by_spaces() -> None:
    document = write(resolve([transcript(600, "One two ", " three.")], SeriesPolicy()), edition())
    assert reader.read(document).text() == "One two three. "


def test_an_episode_of_nothing_but_prose_has_no_transcript() -> None:
    document = write(resolve([weighted(500, NOTES)], SeriesPolicy()), edition())
    assert reader.read(document).utterances() == []
    assert reader.read(document).text() == ""
