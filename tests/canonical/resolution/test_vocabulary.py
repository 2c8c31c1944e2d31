"""Names and terms of an episode's papers."""

import pytest

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution import resolve
from episodic.canonical.resolution.vocabulary import vocabulary
from episodic.canonical.sources import (
    Claim,
    ClaimField,
    Passage,
    PassageKind,
    SourceType,
    Utterance,
    WeightedSource,
)
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from tests.canonical.making import edition, source, transcript, weighted

POLICY = SeriesPolicy()


def brief(text: str, *claims: Claim) -> WeightedSource:
    passages = [Passage(PassageKind.PARAGRAPH, text, "line 1")]
    made = source(uri="brief.md", source_type=SourceType.BRIEF, passages=passages, claims=claims)
    return weighted(300, made)


def said(*sources: WeightedSource, policy: SeriesPolicy = POLICY) -> str:
    return reader.read(write(resolve(sources, policy), edition())).text()


@pytest.mark.parametrize(
    "paper",
    [
        brief("We talk about COBOL and its users."),
        brief("nothing", Claim(ClaimField.KEYWORD, "cobol", "line 1")),
        brief("nothing", Claim(ClaimField.PERSON, "Jane Cobol", "line 1")),
        transcript(300, Utterance("Something else.", "1", speaker="Cobol")),
    ],
)
def test_a_word_that_the_papers_have_wins_over_one_that_only_sounds_like_it(paper: WeightedSource) -> None:
    heard = ["they wrote it in Kobol then", "they wrote it in COBOL then", "they wrote it in cobalt then"]
    texts = [transcript(600 - 10 * n, text, uri=f"{n}.vtt") for n, text in enumerate(heard)]
    assert "Kobol" in said(*texts)
    assert "COBOL" in said(*texts, paper)
    assert "COBOL" in said(*texts[:2], paper)


@pytest.mark.parametrize(
    "policy",
    [SeriesPolicy(replacements={"cobble": "COBOL"}), SeriesPolicy(speakers={"Speaker 1": "Jane Cobol"})],
    ids=["replacements", "speakers"],
)
def test_a_word_that_the_settings_of_the_series_have_wins_too(policy: SeriesPolicy) -> None:
    heard = ["they wrote it in Kobol then", "they wrote it in COBOL then"]
    texts = [transcript(600 - 10 * n, text, uri=f"{n}.vtt") for n, text in enumerate(heard)]
    assert "Kobol" in said(*texts)
    assert "COBOL" in said(*texts, policy=policy)
    assert "COBOL" not in said(texts[0], policy=policy)


def test_no_word_stands_that_no_witness_has() -> None:
    made = said(
        transcript(600, "they wrote it in Kobol then", uri="1"),
        transcript(500, "they wrote it in cobalt then", uri="2"),
        brief("We talk about COBOL and its users."),
    )
    assert "COBOL" not in made


def test_a_number_is_no_name_of_a_speaker() -> None:
    spoken = transcript(
        300, Utterance("One.", "1", speaker="Speaker 1"), Utterance("Two.", "2", speaker="Ada")
    )
    assert vocabulary([Witness("s1", spoken)], POLICY) == {"ada"}


def test_what_everybody_writes_with_a_capital_is_no_name() -> None:
    papers = [Witness("s1", brief("The loom was built. Here Ada Lovelace saw it in London: The end."))]
    assert vocabulary(papers, POLICY) == {"ada", "lovelace", "london"}
