"""Editors' decisions about prose hold whichever sources come and go, and are never put elsewhere."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodic.canonical.document import Authority
from episodic.canonical.domain import EditorialDecision, SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Decision, Resolution
from episodic.canonical.sources import SourceType, WeightedSource
from episodic.canonical.text.tokens import printable
from tests.canonical.resolution.editors.test_words import decision, learned, read
from tests.canonical.resolution.test_prose import ENGINE, NEARLY, OTHER, prose

POLICY = SeriesPolicy()
BRIEF = prose(600, "# Guests", ENGINE, OTHER)
NOTES = prose(500, NEARLY, source_type=SourceType.RESEARCH_NOTES)
RELEASE = prose(700, "We are glad.", ENGINE.replace("weaves flowers", "wove flowers"), "Call us.")


def conflicts(resolution: Resolution) -> list[Decision]:
    return [each for each in resolution.decisions if each.kind == "prose"]


def about(address: str, text: str, number: int = 0, by: str = "Ada") -> EditorialDecision:
    return replace(decision(address, text, number, by), kind="prose")


def decided(text: str, *sources: WeightedSource) -> list[EditorialDecision]:
    """A decision about the first conflict among some sources."""
    made = [about(conflicts(resolve(sources, POLICY))[0].address, text)]
    return learned(made, resolve(sources, POLICY, made))


def texts(resolution: Resolution, decisions: Sequence[EditorialDecision]) -> list[str]:
    return [text for _, text in read(resolution, decisions).prose()]


def test_a_wording_that_lost_stands_once_an_editor_says_so() -> None:
    made = decided(NEARLY, BRIEF, NOTES)
    resolution = resolve([BRIEF, NOTES], POLICY, made)
    assert texts(resolution, made) == ["Guests", NEARLY, OTHER]
    (conflict,) = conflicts(resolution)
    assert conflict.variation.lemma.sigla == ("s2",)
    assert conflict.reason == "decided by Ada"


@pytest.mark.parametrize("text", ["The engine weaves.", ""])
def test_a_wording_that_no_source_has_is_an_emendation(text: str) -> None:
    made = decided(text, BRIEF, NOTES)
    resolution = resolve([BRIEF, NOTES], POLICY, made)
    assert texts(resolution, made) == ["Guests", text, OTHER]
    (conflict,) = conflicts(resolution)
    assert conflict.variation.verdict
    assert conflict.variation.verdict.authority is Authority.EMENDATION


def test_every_source_reads_as_before() -> None:
    made = decided("The engine weaves.", BRIEF, NOTES)
    document = read(resolve([BRIEF, NOTES], POLICY, made), made)
    assert [text for _, text in document.prose("s1")] == ["Guests", ENGINE, OTHER]
    assert [text for _, text in document.prose("s2")] == [NEARLY]


def test_the_address_is_the_same_once_it_is_decided_and_whatever_the_weights() -> None:
    made = decided("The engine weaves.", BRIEF, NOTES)
    (replay,) = resolve([BRIEF, replace(NOTES, weight=900)], POLICY, made).replays
    assert replay.address == made[0].address


@pytest.mark.parametrize(
    "sources",
    [
        [BRIEF],
        [NOTES],
        [NOTES, RELEASE],
        [RELEASE, NOTES, BRIEF],
        [replace(NOTES, weight=999), BRIEF],
        [prose(10, OTHER, NEARLY, "And more.")],
    ],
)
def test_a_decision_holds_when_sources_come_go_or_change_their_weight(sources: list[WeightedSource]) -> None:
    made = decided("The engine weaves.", BRIEF, NOTES)
    resolution = resolve(sources, POLICY, made)
    said = texts(resolution, made)
    assert resolution.replays[0].in_force
    assert "The engine weaves." in said
    assert not {ENGINE, NEARLY} & set(said)


def test_a_passage_that_now_says_something_else_is_not_overruled() -> None:
    made = decided("The engine weaves.", BRIEF, NOTES)
    (replay,) = resolve([RELEASE], POLICY, made).replays
    assert replay.reason == "no witness has this passage any more"


def test_a_passage_that_stands_in_several_places_is_not_guessed_at() -> None:
    made = decided("The engine weaves.", BRIEF, NOTES)
    twice = prose(900, "One.", NEARLY, "Two.", NEARLY, "Three.")
    (replay,) = resolve([twice], POLICY, made).replays
    assert replay.reason == "its words now stand in several places"


def test_of_passages_that_say_the_same_each_is_decided_by_itself() -> None:
    again = prose(600, ENGINE, OTHER, ENGINE)
    other = prose(500, NEARLY, OTHER, NEARLY)
    first, second = conflicts(resolve([again, other], POLICY))
    assert second.address == f"{first.address}-2"
    made = [about(second.address, "Again.")]
    made = learned(made, resolve([again, other], POLICY, made))
    for sources in ([again, other], [replace(other, weight=900), again], [again], [other]):
        resolution = resolve(sources, POLICY, made)
        assert texts(resolution, made)[1:] == [OTHER, "Again."]


def test_of_two_decisions_about_one_passage_the_later_is_in_force() -> None:
    address = conflicts(resolve([BRIEF, NOTES], POLICY))[0].address
    made = [about(address, "One."), about(address, "Two.", 1, by="Bab")]
    first, second = resolve([BRIEF, NOTES], POLICY, made).replays
    assert first.reason == f"Bab decided the same passage later at {address}"
    assert second.in_force


def test_an_address_that_no_passage_has_is_reported() -> None:
    (replay,) = resolve([BRIEF, NOTES], POLICY, [about("prose/00000000", "One.")]).replays
    assert replay.reason == "no passage of prose has this address"


LINES = st.lists(st.sampled_from([ENGINE, NEARLY, OTHER, "- One", "- one.", "# Guests"]), max_size=6)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_decision_is_lost_or_put_elsewhere_and_no_source_altered(data: st.DataObject) -> None:
    drawn = data.draw(st.lists(st.tuples(st.sampled_from(SourceType), LINES), min_size=1, max_size=4))
    pool = [prose(n, *lines, source_type=kind) for n, (kind, lines) in enumerate(drawn, 1)]
    before = resolve(pool, POLICY)
    if not conflicts(before):
        return
    conflict = data.draw(st.sampled_from(conflicts(before)))
    made = [about(conflict.address, "never said")]
    made = learned(made, resolve(pool, POLICY, made))
    replaced = {printable(r.text) for r in (conflict.variation.lemma, *conflict.variation.others)}
    for chosen in data.draw(st.lists(st.lists(st.sampled_from(pool), min_size=1, unique_by=id), max_size=3)):
        sources = [replace(source, weight=data.draw(st.integers(0, 1000))) for source in chosen]
        resolution = resolve(sources, POLICY, made)
        document = read(resolution, made)
        for witness in resolution.witnesses:
            own = [printable(p.text) for p in witness.weighted.source.passages]
            assert [text for _, text in document.prose(witness.siglum)] == own
        (replay,) = resolution.replays
        there = {source.source.content.sha256 for source in sources}
        assert replay.in_force == (texts(resolution, made).count("never said") == 1)
        if there & {quotation.sha256 for quotation in made[0].quotations}:
            assert replay.in_force
        if replay.in_force:
            (entry,) = [c for c in conflicts(resolution) if c.variation.verdict]
            assert replaced & {r.text for r in entry.variation.others}
