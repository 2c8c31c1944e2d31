"""How a document records what editors decided."""

import uuid
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from episodic.canonical.domain import EditorialDecision, SeriesPolicy, Style
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import Claim, ClaimField, Utterance
from episodic.canonical.tei import reader
from episodic.canonical.tei.elements import TEI, Element, parse
from episodic.canonical.tei.writer import write
from tests.canonical.making import MADE, edition, source, weighted
from tests.canonical.tei.test_writer import Faults

POLICY = SeriesPolicy()
ANYTHING = st.sampled_from(["", " ", "\x00", "]]>", "日本", "<u>", "a  b", "ed-ada", "Ada", "ada", "é"])
CLAIMS = [
    Claim(ClaimField.TITLE, "First Light", "line 1"),
    Claim(ClaimField.KEYWORD, "lanterns", "line 2"),
    Claim(ClaimField.PERSON, "Bab", "line 3"),
]
SOURCES = [
    weighted(
        600,
        source(
            uri="a.vtt",
            utterances=[
                Utterance("the lantern keeps the light of the harbour", "cue 1", "Ada", 0, 4),
                Utterance(
                    "and this whole passage stands in one witness alone, is it not so", "cue 2", "Bab", 4, 8
                ),
                Utterance("good night", "cue 3", "Ada", 8, 9),
            ],
            claims=CLAIMS,
        ),
    ),
    weighted(
        700,
        source(
            uri="b.vtt",
            utterances=[
                Utterance("the lantern kept the light of the harbour", "cue 1", "Ada", 0, 4),
                Utterance("good night", "cue 2", "Ada", 4, 5),
            ],
        ),
    ),
]


def decision(
    address: str, text: str, number: int = 0, by: str = "Ada", kind: str = "transcript"
) -> EditorialDecision:
    return EditorialDecision(
        id=uuid.UUID(int=100 + number),
        episode_id=uuid.UUID(int=2),
        kind=kind,
        address=address,
        text=text,
        by=by,
        made_at=MADE + timedelta(seconds=number),
        revision=1,
        note="heard twice",
    )


def address(words: str) -> str:
    """The address of the conflict in which some witness has some words."""
    return next(d.address for d in resolve(SOURCES, POLICY).decisions if words in str(d.variation))


def written(*decisions: EditorialDecision) -> bytes:
    return write(resolve(SOURCES, POLICY, decisions), replace(edition(), decisions=decisions))


def app(document: bytes, words: str) -> Element:
    return next(e for e in parse(document).iter(f"{TEI}app") if words in "".join(e.itertext()))


def test_a_choice_among_readings_names_its_witnesses_and_its_editor(tei_all: Faults) -> None:
    document = written(decision(address("keeps"), "keeps"))
    assert tei_all(document) == []
    lem = app(document, "keeps")[0]
    assert dict(lem.attrib) == {"wit": "#s2", "cert": "0.462", "resp": "#ed-ada", "type": "decision"}


def test_an_emendation_is_a_correction_of_what_the_witnesses_have(tei_all: Faults) -> None:
    document = written(decision(address("keeps"), "will keep"))
    assert tei_all(document) == []
    lem, *others = app(document, "will keep")
    assert dict(lem.attrib) == {"resp": "#ed-ada", "type": "emendation"}
    assert (lem[0].tag, lem[0].text) == (f"{TEI}corr", "will keep ")
    assert [(r[0].tag, r[0].text) for r in others] == [(f"{TEI}sic", "kept "), (f"{TEI}sic", "keeps ")]


def test_a_whole_passage_can_be_taken_in_or_left_out(tei_all: Faults) -> None:
    place = address("whole passage")
    passage = "and this whole passage stands in one witness alone, is it not so"
    for text, there in ((passage, True), ("", False)):
        document = written(decision(place, text))
        assert tei_all(document) == []
        read = reader.read(document)
        assert (passage in read.text()) is there
        assert passage in read.text("s2")
        assert passage not in read.text("s1")


def test_a_replacement_of_the_series_is_marked_as_one(tei_all: Faults) -> None:
    policy = SeriesPolicy(replacements={"lantern": "lamp"})
    document = write(resolve(SOURCES, policy), edition())
    assert tei_all(document) == []
    assert app(document, "lamp")[0].get("type") == "replacement"


def test_what_the_clean_style_leaves_out_is_marked(tei_all: Faults) -> None:
    heard = weighted(
        600, source(uri="a.vtt", utterances=[Utterance("Um, the lantern", "cue 1", "Ada", 0, 4)])
    )
    document = write(resolve([heard], SeriesPolicy(style=Style.CLEAN)), edition())
    assert tei_all(document) == []
    corrected, said = app(document, "Um, the")
    assert (corrected[0].text, said[0].text) == ("The ", "Um, the ")


def test_editors_and_changes_stand_in_the_header() -> None:
    root = parse(
        written(decision(address("keeps"), "will keep"), decision("title", "Dawn", 1, "Bab", "claim"))
    )
    names = [e.findtext(f"{TEI}name") for e in root.iter(f"{TEI}respStmt")]
    assert names[1:] == ["Ada", "Bab"]
    (change,) = root.iter(f"{TEI}change")
    assert change.get("who") == "#ed-ada #ed-bab"
    assert change.text == (
        f"Revision 1, transcript {address('keeps')}: “will keep” (heard twice); "
        "claim title: “Dawn” (heard twice)."
    )


def test_decided_claims_are_valid(tei_all: Faults) -> None:
    document = written(
        decision("title", "Dawn", 0, kind="claim"),
        decision("published", "2026-03-01", 1, kind="claim"),
        decision("keyword: lanterns", "lamps", 2, kind="claim"),
        decision("person: Bab", "Babbage", 3, kind="claim"),
        decision("duration", "3600", 4, kind="claim"),
        decision("publisher", "Tallow", 5, kind="claim"),
    )
    assert tei_all(document) == []
    assert reader.read(document).title == "Dawn"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["keeps", "whole passage"]), ANYTHING, ANYTHING, ANYTHING), max_size=2)
)
def test_whatever_editors_write_the_document_is_tei(
    tei_all: Faults, made: list[tuple[str, str, str, str]]
) -> None:
    decisions = [
        replace(decision(address(words), text, number, by), note=note)
        for number, (words, text, by, note) in enumerate(made)
    ]
    assert tei_all(written(*decisions)) == []
