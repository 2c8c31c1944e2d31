import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.errors import DocumentError, NotFoundError
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import Utterance, WeightedSource
from episodic.canonical.tei import reader
from episodic.canonical.tei.elements import parse
from episodic.canonical.tei.writer import write
from episodic.canonical.text.tokens import printable, tokenize
from tests.canonical.making import edition, transcript
from tests.canonical.resolution.strategies import transcripts
from tests.canonical.tei.entries import entries

POLICY = SeriesPolicy()


def read_back(sources: list[WeightedSource]) -> tuple[reader.TeiDocument, dict[str, WeightedSource]]:
    resolution = resolve(sources, POLICY)
    episode = reader.read(write(resolution, edition()))
    return episode, {witness.siglum: witness.weighted for witness in resolution.witnesses}


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.one_of(transcripts(7), transcripts(3, divide=True)))
def test_every_witness_reads_back_as_it_was(sources: list[WeightedSource]) -> None:
    episode, witnesses = read_back(sources)
    for siglum, weighted in witnesses.items():
        spoken = weighted.source.utterances
        assert episode.text(siglum) == tokenize(u.text for u in spoken).text
        if siglum in episode.transcripts:
            assert [(s.text, s.start, s.end, s.where) for s in episode.utterances(siglum)] == [
                (printable(u.text), u.start, u.end, u.where) for u in spoken
            ]


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(transcripts())
def test_every_entry_names_every_transcript_with_words_exactly_once(sources: list[WeightedSource]) -> None:
    episode, _ = read_back(sources)
    for variation in entries(episode):
        named = [s for reading in (variation.lemma, *variation.others) for s in reading.sigla]
        assert sorted(named) == sorted(episode.transcripts)
        assert variation.lemma.sigla


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(transcripts())
def test_the_text_is_the_utterances_of_the_lemma(sources: list[WeightedSource]) -> None:
    episode, _ = read_back(sources)
    said = "".join(spoken.text for spoken in episode.utterances())
    assert said.replace(" ", "") == episode.text().replace(" ", "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(transcripts(), transcripts(3, divide=True)), st.randoms(use_true_random=False))
def test_the_order_of_sources_changes_nothing(sources: list[WeightedSource], shuffle: random.Random) -> None:
    before = write(resolve(sources, POLICY), edition())
    shuffle.shuffle(sources)
    assert write(resolve(sources, POLICY), edition()) == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(transcripts())
def test_whatever_the_witnesses_the_document_is_valid(
    tei_all: Callable[[bytes], list[str]], sources: list[WeightedSource]
) -> None:
    assert tei_all(write(resolve(sources, POLICY), edition())) == []


def test_a_split_utterance_is_one_again() -> None:
    passage = [Utterance(f"Something else that is {n}.", f"cue {n}") for n in ("new", "long", "odd")]
    base = transcript(600, "We begin here together and then go on.")
    cut = transcript(500, "We begin here together", *passage, "and then go on.")
    episode, _ = read_back([base, cut])
    assert [s.text for s in episode.utterances()] == ["We begin here together and then go on."]
    assert [s.text for s in episode.utterances("s2")][1] == "Something else that is new."
    assert len(entries(episode)) == 1


def test_a_siglum_that_is_not_there_is_an_error() -> None:
    episode, _ = read_back([transcript(600, "One.")])
    with pytest.raises(NotFoundError, match="there is s1"):
        episode.text("s7")


def test_what_is_not_xml_is_an_error() -> None:
    with pytest.raises(DocumentError, match="not a TEI document"):
        reader.read(b"WEBVTT")


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "boom">]><a>&b;</a>'
    assert "boom" not in "".join(parse(bomb).itertext())
