"""Editors' decisions hold whatever witnesses come, go or change their weight; witnesses stay as they are."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodic.canonical.document import Authority
from episodic.canonical.domain import EditorialDecision, SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Decision, Resolution
from episodic.canonical.sources import Utterance, WeightedSource
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from episodic.canonical.text.tokens import tokenize
from tests.canonical.making import MADE, edition, transcript
from tests.canonical.resolution.strategies import transcripts
from tests.growth import grows_near_linearly

POLICY = SeriesPolicy()


def decision(address: str, text: str, number: int = 0, by: str = "Ada") -> EditorialDecision:
    return EditorialDecision(
        id=uuid.UUID(int=100 + number),
        episode_id=uuid.UUID(int=2),
        kind="transcript",
        address=address,
        text=text,
        by=by,
        made_at=MADE + timedelta(seconds=number),
        revision=1,
    )


def learned(decisions: Sequence[EditorialDecision], resolution: Resolution) -> list[EditorialDecision]:
    """The decisions with the places that they have learned, as they are kept."""
    return [replace(d, quotations=(*d.quotations, *resolution.anchors.get(d.id, ()))) for d in decisions]


def lemma(resolution: Resolution, decisions: Sequence[EditorialDecision] = ()) -> str:
    return read(resolution, decisions).text()


def read(resolution: Resolution, decisions: Sequence[EditorialDecision] = ()) -> reader.TeiDocument:
    return reader.read(write(resolution, replace(edition(), decisions=tuple(decisions))))


def conflicts(resolution: Resolution) -> list[Decision]:
    return [d for d in resolution.decisions if d.kind == "transcript" and not d.address.startswith("witness")]


def assert_lossless(document: reader.TeiDocument, resolution: Resolution) -> None:
    for witness in resolution.witnesses:
        spoken = tokenize(u.text for u in witness.weighted.source.utterances)
        assert document.text(witness.siglum) == spoken.text


FIRST = transcript(600, "the lantern keeps the light of every", "evening in the harbour", uri="a.vtt")
SECOND = transcript(500, "the lantern kept the light of every", "morning in the harbour", uri="b.vtt")
THIRD = transcript(700, "so the lantern kept a light of every", "evening in the old harbour", uri="c.vtt")


def decided(text: str, *sources: WeightedSource, word: str = "keeps") -> list[EditorialDecision]:
    """A decision about the conflict in which some witness has a word, made among some witnesses."""
    resolution = resolve(sources, POLICY)
    (conflict,) = [
        c
        for c in conflicts(resolution)
        if word in {r.text.strip() for r in (c.variation.lemma, *c.variation.others)}
    ]
    made = [decision(conflict.address, text)]
    return learned(made, resolve(sources, POLICY, made))


def test_a_reading_that_lost_is_the_lemma_once_an_editor_says_so() -> None:
    made = decided("kept", FIRST, SECOND)
    resolution = resolve([FIRST, SECOND], POLICY, made)
    assert lemma(resolution, made) == "the lantern kept the light of every evening in the harbour "
    verdict = next(c.variation.verdict for c in conflicts(resolution) if c.variation.verdict)
    assert (verdict.authority, verdict.by) == (Authority.DECISION, "Ada")


def test_a_text_that_no_witness_has_is_an_emendation() -> None:
    made = decided("will keep", FIRST, SECOND)
    resolution = resolve([FIRST, SECOND], POLICY, made)
    assert lemma(resolution, made) == "the lantern will keep the light of every evening in the harbour "
    verdict = next(c.variation.verdict for c in conflicts(resolution) if c.variation.verdict)
    assert verdict.authority is Authority.EMENDATION


def test_words_in_which_all_agree_can_be_emended() -> None:
    made = [decision("-/the harbour", "the port.")]
    resolution = resolve([FIRST, SECOND], POLICY, made)
    assert lemma(resolution, made).endswith("evening in the port. ")
    assert_lossless(read(resolution, made), resolution)


@pytest.mark.parametrize(("clock", "said"), [("0:00:00", "one two one one"), ("0:00:09", "one one one two")])
def test_words_are_emended_where_they_are_clearly_the_nearest(clock: str, said: str) -> None:
    heard = transcript(
        600, *(Utterance("one", "cue", None, at, at + 1) for at in (-9, 0, 3.5, 10)), uri="a.vtt"
    )
    made = [decision(f"{clock}/one", "two")]
    resolution = resolve([heard], POLICY, made)
    assert lemma(resolution, made).strip() == said


@pytest.mark.parametrize("clock", ["0:00:02", "0:01:00"])
@pytest.mark.parametrize("timed", [True, False])
def test_words_are_not_emended_where_another_place_may_be_meant(clock: str, timed: bool) -> None:
    times = (0, 3.5, 10) if timed else (None, None, None)
    heard = transcript(600, *(Utterance("one", "cue", None, at, None) for at in times), uri="a.vtt")
    (replay,) = resolve([heard], POLICY, [decision(f"{clock}/one", "two")]).replays
    assert replay.reason
    assert "none clearly the nearest" in replay.reason


def test_the_address_of_a_place_is_the_same_once_it_is_decided() -> None:
    made = decided("will keep", FIRST, SECOND)
    (replay,) = resolve([FIRST, SECOND], POLICY, made).replays
    assert replay.address == made[0].address


@pytest.mark.parametrize("text", ["kept", "will keep", ""])
@pytest.mark.parametrize(
    "sources",
    [
        [FIRST],
        [SECOND],
        [SECOND, THIRD],
        [THIRD, FIRST],
        [FIRST, SECOND, THIRD],
        [replace(FIRST, weight=1), SECOND],
    ],
)
def test_a_decision_holds_when_witnesses_come_go_or_change_their_weight(
    text: str, sources: list[WeightedSource]
) -> None:
    made = decided(text, FIRST, SECOND)
    resolution = resolve(sources, POLICY, made)
    assert [replay.in_force for replay in resolution.replays] == [True]
    said = lemma(resolution, made)
    assert f"lantern {text} ".replace("  ", " ") in said
    assert "keeps" not in said


def test_a_place_is_found_by_what_others_learned_of_it() -> None:
    made = decided("will keep", FIRST, SECOND)
    made = learned(made, resolve([FIRST, SECOND, THIRD], POLICY, made))
    resolution = resolve([THIRD], POLICY, made)
    assert lemma(resolution, made).startswith("so the lantern will keep a light")


def test_a_place_that_is_gone_is_reported_and_comes_back() -> None:
    made = decided("will keep", FIRST, SECOND)
    other = transcript(900, "something else was said on this day by nobody at all", uri="d.vtt")
    (replay,) = resolve([other], POLICY, made).replays
    assert replay.reason == "no witness has these words, or the words around them, any more"
    assert resolve([other, FIRST, SECOND], POLICY, made).replays[0].in_force


def test_words_that_stand_in_several_places_are_not_guessed_at() -> None:
    made = decided("will keep", FIRST, SECOND)
    again = "well, the lantern keeps the light of every"
    twice = transcript(900, again, "other day,", again, "evening", uri="d.vtt")
    (replay,) = resolve([twice], POLICY, made).replays
    assert replay.reason == "its words now stand in several places"


def test_of_two_decisions_about_the_same_words_the_later_is_in_force() -> None:
    made = [decision("-/lantern", "lamp"), decision("-/the lantern", "a torch", 1, by="Bab")]
    first, second = resolve([FIRST], POLICY, made).replays
    assert first.reason == "its words are part of what Bab decided later at -/the lantern"
    assert second.in_force


def test_what_engines_get_wrong_is_replaced_and_marked_so() -> None:
    heard = transcript(600, 'so I open "Chromo," and chromo works', uri="a.vtt")
    other = transcript(500, "so I open Krome and chromo works", uri="b.vtt")
    resolution = resolve([heard, other], replace(POLICY, replacements={"Chromo": "Chroma"}))
    document = read(resolution)
    assert document.text() == 'so I open "Chroma," and Chroma works '
    assert_lossless(document, resolution)
    verdicts = [c.variation.verdict for c in conflicts(resolution)]
    assert [verdict and verdict.authority for verdict in verdicts] == [Authority.REPLACEMENT] * 2


def test_an_editors_words_are_not_replaced() -> None:
    heard = transcript(600, "so I open chromo", uri="a.vtt")
    made = [decision("-/chromo", "Chromo!")]
    resolution = resolve([heard], replace(POLICY, replacements={"Chromo": "Chroma"}), made)
    assert lemma(resolution, made) == "so I open Chromo! "


@st.composite
def edits(draw: st.DrawFn, resolution: Resolution) -> list[EditorialDecision]:
    """Decisions about some of the conflicts, each for a reading or for new words."""
    chosen = draw(st.lists(st.sampled_from(conflicts(resolution)), max_size=3, unique_by=lambda c: c.address))
    made: list[EditorialDecision] = []
    for number, conflict in enumerate(chosen):
        texts = [r.text for r in (conflict.variation.lemma, *conflict.variation.others)]
        text = draw(st.sampled_from([*texts, "never said", ""]))
        made.append(decision(conflict.address, text.strip(), number))
    return made


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_decision_is_lost_and_no_witness_altered(data: st.DataObject) -> None:
    pool = data.draw(transcripts(4))
    start = data.draw(st.lists(st.sampled_from(pool), min_size=1, unique_by=id))
    before = resolve(start, POLICY)
    if not conflicts(before):
        return
    made = data.draw(edits(before))
    made = learned(made, resolve(start, POLICY, made))
    assert all(decision.quotations for decision in made)
    anything = st.lists(st.sampled_from(pool), min_size=1, unique_by=id)
    for sources in data.draw(st.lists(anything, max_size=3)):
        weighed = [replace(source, weight=data.draw(st.integers(0, 1000))) for source in sources]
        resolution = resolve(weighed, POLICY, made)
        document = read(resolution, made)
        assert_lossless(document, resolution)
        assert [replay.decision for replay in resolution.replays] == [d.id for d in made]
        assert all(replay.in_force or replay.reason for replay in resolution.replays)
        there = {source.source.content.sha256 for source in sources}
        if len(made) == 1 and there & {quotation.sha256 for quotation in made[0].quotations}:
            assert resolution.replays[0].in_force
            assert made[0].text in document.text()
        made = learned(made, resolution)


def test_as_many_decisions_as_lines_take_near_linear_time() -> None:
    def decided_everywhere(size: int) -> tuple[WeightedSource, list[EditorialDecision]]:
        said = [Utterance(f"lamp {n} in a tower {n}.", f"line {n}", "Ada") for n in range(size)]
        made = [decision(f"-/lamp {n}", f"light {n}", n) for n in range(size)]
        return transcript(700, *said), made

    def overrule(case: tuple[WeightedSource, list[EditorialDecision]]) -> None:
        source, decisions = case
        assert all(replay.in_force for replay in resolve([source], POLICY, decisions).replays)

    assert grows_near_linearly(decided_everywhere, overrule, 500)


@pytest.mark.parametrize("words", ["and nineteen", "nineteen", "of stone"])
def test_what_is_shown_beside_a_turn_that_begins_in_it_can_be_decided(words: str) -> None:
    short, long = (
        f"so the tower loom was {more}of stone and never fell" for more in ("", "built and nineteen ")
    )
    had = [transcript(700, long), transcript(600, short, uri="b.vtt")]
    now = [transcript(600, long), transcript(700, short, uri="b.vtt")]
    turns = [replace(decision(f"speaker -/{words}", "Bab"), kind="speaker")]
    turns = learned(turns, resolve(had, POLICY, turns))
    shown = [each for each in resolve(now, POLICY, turns).decisions if each.kind == "transcript"]
    assert shown
    for each in shown:
        made = resolve(now, POLICY, [*turns, decision(each.address, "zebra", 1)])
        assert made.replays[-1].reason is None
