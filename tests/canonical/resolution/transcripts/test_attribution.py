"""Who speaks, where witnesses contradict each other about it."""

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Decision
from episodic.canonical.sources import Utterance, WeightedSource
from tests.canonical.making import transcript
from tests.canonical.resolution.transcripts.test_transcript import utterances

POLICY = SeriesPolicy()
LINES = ("good evening and welcome", "the lantern keeps the light", "of the whole harbour")


def said(weight: int, *speakers: str | None) -> WeightedSource:
    spoken = [
        Utterance(text, f"cue {n}", speaker, float(10 * n), float(10 * n + 9))
        for n, (text, speaker) in enumerate(zip(LINES, speakers, strict=True))
    ]
    return transcript(weight, *spoken, uri=f"{weight}.vtt")


def about_speakers(*sources: WeightedSource) -> list[Decision]:
    return [decision for decision in resolve(sources, POLICY).decisions if decision.kind == "speaker"]


def candidates(decision: Decision) -> list[tuple[str, tuple[str, ...]]]:
    readings = (decision.variation.lemma, *decision.variation.others)
    return [(reading.text, reading.sigla) for reading in readings]


def test_witnesses_that_name_the_same_people_or_none_do_not_contradict() -> None:
    assert about_speakers(said(600, "Ada Lovelace", "Bab", "Bab"), said(500, "Ada", None, "Bab")) == []


def test_a_contradiction_keeps_all_candidates_with_their_witnesses_and_the_base_first() -> None:
    (decision,) = about_speakers(
        said(600, "Ada", "Bab", "Cid"), said(590, "Ada", "Ada", "Cid"), said(300, "Ada", "Cid", "Cid")
    )
    assert candidates(decision) == [("Bab", ("s1",)), ("Ada", ("s2",)), ("Cid", ("s3",))]
    assert decision.start == 10
    assert "1 utterance (0:00:10)" in decision.reason


def test_the_same_contradiction_is_one_decision_that_lists_its_times() -> None:
    found = about_speakers(said(600, "Ada", "Bab", "Ada"), said(500, "Eve", "Flo", "Eve"))
    assert [candidates(decision) for decision in found] == [
        [("Ada", ("s1",)), ("Eve", ("s2",))],
        [("Bab", ("s1",)), ("Flo", ("s2",))],
    ]
    assert "2 utterances (0:00:00, 0:00:20)" in found[0].reason


def test_where_the_base_names_nobody_most_weight_decides_and_the_rest_is_kept() -> None:
    sources = said(700, None, None, None), said(500, "Ada", "Bab", "Ada"), said(400, "Ada", "Ada", "Ada")
    (decision,) = about_speakers(*sources)
    assert candidates(decision) == [("Bab", ("s2",)), ("Ada", ("s3",))]
    assert (decision.variation.lemma.weight, decision.variation.others[0].weight) == (500, 400)


def test_words_that_the_base_lacks_before_a_turn_are_whose_turn_another_begins_with_them() -> None:
    # "welcome" is the end of the turn before, "well then" begins the next.
    short = [("good evening and", "Ada"), ("the lantern keeps the light", "Bab"), ("of it", "Ada")]
    whole = [
        ("good evening and welcome", "A"),
        ("well then the lantern keeps the light", "B"),
        ("of it", "A"),
    ]
    sources = [
        transcript(weight, *(Utterance(text, "", who) for text, who in turns), uri=f"{weight}.vtt")
        for weight, turns in ((610, short), (600, whole), (590, [*whole[:2], ("of that", "A")]))
    ]
    made = utterances(resolve(sources, POLICY))
    said = ["".join(part if isinstance(part, str) else part.lemma.text for part in u.text) for u in made]
    assert [text.strip() for text in said] == [text for text, _ in whole]
