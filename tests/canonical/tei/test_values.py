"""The canonical document, written and read back."""

from dataclasses import replace

import pytest

from episodic.canonical.document import (
    Authority,
    CanonicalDocument,
    CanonicalPassage,
    CanonicalUtterance,
    Difference,
    Division,
    Editor,
    PassageReading,
    PassageVariation,
    Person,
    Reading,
    Statement,
    Variation,
    Verdict,
    Witness,
)
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import Claim, ClaimField, PassageKind, SourceType, Utterance
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from tests.canonical.making import edition, source, transcript, weighted

WITNESSES = (
    Witness("s1", transcript(600, "One", uri="a.vtt")),
    Witness("s2", transcript(500, Utterance("Two.", "cue 1", None, 1.0, 2.0), uri="b.vtt")),
    Witness("s3", weighted(400, source(uri="notes.md", source_type=SourceType.RESEARCH_NOTES))),
)
SPELLING = Variation(
    Reading("Maybe, ", ("s1",), 600), (Reading("maybe ", ("s2",), 400),), Difference.ORTHOGRAPHIC
)
NOTHING = Variation(
    Reading("well ", ("s2",), 400), (Reading("", ("s1",), 600, "lacuna"),), address="0:00:00/a"
)
DOCUMENT = CanonicalDocument(
    language="en-GB",
    base="s1",
    clock="s2",
    statements=(
        Statement(
            ClaimField.TITLE,
            Variation(Reading("Excel Hell", ("s1",), 600), (Reading("200 Excel hell", ("s2",), 400),)),
        ),
    ),
    people=(Person("sp-ada", "Ada", ("host",), (("s1", "Ada"), ("s2", "ADA"))),),
    transcript=(
        CanonicalUtterance(("So ", SPELLING, NOTHING, "it "), "s1", "sp-ada", 0.0, 2.5),
        PassageVariation(
            PassageReading((), ("s1",), 600),
            (
                PassageReading(
                    (CanonicalUtterance(("Two. ",), "s2", None, 1.0, 2.0),), ("s2",), 400, "lacuna"
                ),
            ),
            address="-/b",
        ),
        CanonicalUtterance(("goes. ",), "s1", "sp-ada", 0.0, 2.5, continues=True),
        CanonicalUtterance(("Does it?",), "s1", None, 2.5, 3.0, turn=True),
    ),
    divisions=(
        Division(
            SourceType.RESEARCH_NOTES,
            "s3",
            (
                CanonicalPassage("s3.p1", PassageKind.HEADING, ("Lamps",), ("s3",), 2),
                CanonicalPassage("s3.p2", PassageKind.PARAGRAPH, ("Oil ", SPELLING), ("s3", "s2")),
                CanonicalPassage("s3.p3", PassageKind.LIST_ITEM, ("Whale",), ("s3",), 1),
                CanonicalPassage("s3.p4", PassageKind.PARAGRAPH, (), ("s3",), 0, "s3.p2"),
            ),
        ),
    ),
)


def read_back(document: CanonicalDocument, title: str | None = None) -> CanonicalDocument:
    tei = write(Resolution(WITNESSES, document, ()), edition(title))
    return reader.read(tei).canonical


def test_what_was_written_is_read_back() -> None:
    assert read_back(DOCUMENT) == DOCUMENT


def test_of_weights_the_share_of_the_vote_is_kept() -> None:
    rivals = Variation(
        Reading("Lamps", ("s1",), 700), (Reading("Lamp", ("s2",), 690), Reading("", ("s3",), 0)), address="a"
    )
    document = replace(DOCUMENT, transcript=(CanonicalUtterance((rivals,), "s1"),))
    (utterance,) = read_back(document).transcript
    assert isinstance(utterance, CanonicalUtterance)
    (variation,) = utterance.text
    assert isinstance(variation, Variation)
    assert [reading.weight for reading in (variation.lemma, *variation.others)] == [504, 496, 0]


def test_a_document_of_nothing_is_read_back() -> None:
    nothing = CanonicalDocument(None, None, None, (), (), (), ())
    assert read_back(nothing) == nothing


@pytest.mark.parametrize("about", [about for about in ClaimField if about is not ClaimField.PERSON])
def test_every_field_that_a_source_claims_is_read_back(about: ClaimField) -> None:
    value = {
        ClaimField.PUBLISHED: "2026-02-26",
        ClaimField.DURATION: "3723",
        ClaimField.SOUNDBITE: "1.5 30",
    }.get(about, "https://example.org/x")
    qualifier = "62.5" if about is ClaimField.CHAPTER else "x/y"
    claim = Claim(about, value, "item 1", qualifier)
    claimed = weighted(500, source(source_type=SourceType.RSS, claims=[claim]))
    tei = write(resolve([claimed], SeriesPolicy()), edition())
    (statement,) = reader.read(tei).canonical.statements
    assert (statement.field, statement.variation.lemma.text) == (about, value)
    assert statement.variation.lemma.sigla == ("s1",)


def test_rejected_guids_are_read_back_as_rivals() -> None:
    rivals = Variation(Reading("urn:a", ("s1",), 0), (Reading("urn:b", ("s2",), 0),))
    document = replace(DOCUMENT, statements=(Statement(ClaimField.GUID, rivals),))
    assert read_back(document).statements == document.statements


def test_a_title_given_by_a_person_has_no_witness_and_the_claims_for_rivals() -> None:
    (statement,) = read_back(DOCUMENT, "Mine").statements
    assert statement.variation.lemma == Reading("Mine", (), 0)
    assert [other.text for other in statement.variation.others] == ["Excel Hell", "200 Excel hell"]


def test_who_decided_is_read_back() -> None:
    verdict = Verdict(Authority.EMENDATION, "ed-ann", "Ann Lee")
    decided = Variation(
        Reading("Fresnel", (), 0),
        (Reading("Frenel", ("s1", "s2"), 1000),),
        address="0:00:01/a",
        verdict=verdict,
    )
    named = Person("sp-bob", "Bob", verdict=Verdict(Authority.DECISION, "ed-ann", "Ann Lee"))
    document = replace(
        DOCUMENT,
        statements=(),
        people=(named,),
        transcript=(CanonicalUtterance(("Ask ", decided, "."), "s1"),),
        divisions=(),
        editors=(Editor("ed-ann", "Ann Lee"),),
    )
    assert read_back(document) == document
