"""Trust: a source that is right wherever it speaks, and what the others still give."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from episodic.canonical import weighting
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.hands import edited
from episodic.canonical.resolution.kinds import judge
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Ground, Resolution
from episodic.canonical.sources import NormalizedSource, Signals, Utterance, Word
from tests.canonical.making import read, source
from tests.canonical.resolution.transcripts.test_transcript import lemma

WRONG = "we climbed the tower to look at the lamb that the keeper had lit"
REST = " ".join(f"and house number {number} was dark" for number in range(20))
RIGHT = "We climbed the tower to look at the lamp that the keeper had lit."


def trusted(made: NormalizedSource) -> NormalizedSource:
    return replace(made, signals=replace(made.signals, trusted=True))


def merged(*sources: NormalizedSource, policy: SeriesPolicy | None = None) -> Resolution:
    rules = policy or SeriesPolicy()
    return resolve(weighting.weigh(sources, rules), rules)


def test_what_a_trusted_source_says_stands_against_all_others() -> None:
    engines = [source(uri=f"{n}.vtt", utterances=[f"{WRONG} {n}"]) for n in range(3)]
    human = source(uri="final.md", utterances=[RIGHT])
    assert "lamb" in lemma(merged(human, *engines))
    made = merged(trusted(human), *engines)
    assert lemma(made).startswith(RIGHT)
    (decision,) = [d for d in made.decisions if d.variation.lemma.text == "lamp "]
    assert (decision.ground, decision.reason) == (Ground.TRUST, "s1 is trusted")
    assert [other.text for other in decision.variation.others] == ["lamb "]


def test_where_two_that_are_trusted_differ_somebody_should_look() -> None:
    finals = [trusted(source(uri=f"{n}.md", utterances=[said])) for n, said in enumerate((RIGHT, WRONG))]
    made = merged(*finals)
    (decision,) = [
        d for d in made.decisions if "lamp " in d.variation.lemma.text + d.variation.others[0].text
    ]
    assert decision.reason == "s1 is trusted, and so is s2, which has another"
    assert judge(decision).is_worth_a_look


def test_the_others_fill_in_what_it_does_not_cover_and_times() -> None:
    engine = source(
        uri="a.vtt",
        utterances=[
            Utterance(WRONG, "cue 1", None, 0.0, 6.0),
            Utterance(REST, "cue 2", None, 6.0, 30.0),
        ],
    )
    made = merged(trusted(source(uri="final.md", utterances=[RIGHT])), engine)
    assert lemma(made) == f"{RIGHT} {REST}"


def test_a_series_trusts_names_of_files() -> None:
    policy = SeriesPolicy(trust=("final*",))
    engines = [source(uri=f"{n}.vtt", utterances=[f"{WRONG} {n}"]) for n in range(3)]
    made = merged(source(uri="in/Final cut.md", utterances=[RIGHT]), *engines, policy=policy)
    assert lemma(made).startswith(RIGHT)
    (factor,) = made.witnesses[0].weighted.factors
    assert factor.reason == "the series trusts final*"


@pytest.mark.parametrize(
    ("value", "is_trusted"), [("true", True), ("Yes", True), ("false", False), ("maybe", False)]
)
def test_front_matter_says_that_a_source_is_trusted(tmp_path: Path, value: str, is_trusted: bool) -> None:
    file = tmp_path / "talk.md"
    file.write_text(f"---\ntitle: Tower\ntrusted: {value}\n---\n\n**Ada:** Hello.\n\n**Bob:** Hi.\n")
    assert read(file)[0].signals.trusted is is_trusted


def test_of_two_trusted_sources_the_heavier_decides() -> None:
    one, other = (trusted(source(uri=f"{n}.md", utterances=[text])) for n, text in enumerate((RIGHT, WRONG)))
    assert lemma(merged(one, other)) in {RIGHT, WRONG}


PERSON = source(
    uri="final.md",
    utterances=[
        Utterance(
            f"Then {who} came to us with a lamp, and nobody knew why {who} had brought it so late.", "", name
        )
        for who, name in zip(
            ["Anna", "Bert", "Cleo", "Dora", "Emil", "Finn", "Gus", "Hal"], ["Ada", "Bob"] * 4, strict=True
        )
    ],
)


def test_a_persons_transcript_counts_for_more_and_says_that_this_is_a_guess() -> None:
    (weighted,) = weighting.weigh([PERSON], SeriesPolicy())
    reliability = next(factor for factor in weighted.factors if factor.name == "reliability")
    assert (reliability.value, reliability.reason) == (0.9, "seems to be edited by a person, a guess")
    assert "a guess" in weighted.notes[0]


@pytest.mark.parametrize(
    "changed",
    [
        PERSON.utterances[0]._replace(speaker=None),
        PERSON.utterances[0]._replace(speaker="Speaker 1"),
        PERSON.utterances[0]._replace(words=(Word("Then"),)),
        PERSON.utterances[0]._replace(confidence=0.9),
    ],
)
def test_what_an_engine_leaves_is_no_persons(changed: Utterance) -> None:
    assert edited(PERSON)
    assert edited(replace(PERSON, utterances=(changed, *PERSON.utterances[1:]))) is None


def test_a_person_may_name_the_part_that_somebody_plays() -> None:
    parts = {"Ada": "HOST", "Bob": "Guest"}
    played = [each._replace(speaker=parts[each.speaker or ""]) for each in PERSON.utterances]
    assert edited(replace(PERSON, utterances=tuple(played)))


def test_who_writes_down_every_word_and_no_clock_is_a_person() -> None:
    first = PERSON.utterances[0]
    verbatim = replace(
        PERSON, utterances=(first._replace(text=f"{first.text} Um, uh."), *PERSON.utterances[1:])
    )
    assert edited(verbatim) == "hardly any times, names, paragraphs, marks, no loops"


def timed(utterances: int) -> NormalizedSource:
    """Give so many of the person's utterances times."""
    return replace(
        PERSON,
        utterances=tuple(
            each._replace(start=10.0 * at) if at < utterances else each
            for at, each in enumerate(PERSON.utterances)
        ),
    )


def by_hand(made: NormalizedSource, *, says: bool) -> NormalizedSource:
    return replace(made, signals=replace(made.signals, by_hand=says))


def test_whose_paragraphs_mostly_have_times_is_a_person_by_their_own_word_alone() -> None:
    assert edited(timed(2))
    assert edited(timed(8)) is None
    assert edited(by_hand(timed(8), says=True)) == "its own word, names, paragraphs, marks, no loops"


def test_what_names_its_program_is_no_persons() -> None:
    assert edited(by_hand(PERSON, says=False)) is None


def engines(*changes: tuple[str, str]) -> list[NormalizedSource]:
    """Make two engines that hear the same in what the person wrote down."""
    said = " ".join(each.text for each in PERSON.utterances)
    for old, new in changes:
        assert old in said
        said = said.replace(old, new)
    return [source(uri=f"{n}.vtt", utterances=[f"{said} {n}".lower()]) for n in range(2)]


def test_a_person_wins_over_engines_that_hear_the_same_and_that_is_worth_a_look() -> None:
    made = merged(PERSON, *engines(("with a lamp", "with a lamb")))
    assert lemma(made).count("lamp") == 8
    (decision, *_) = [d for d in made.decisions if d.variation.lemma.text == "lamp, "]
    assert decision.reason.endswith("for the strongest other; s1 seems to be edited by a person")
    assert judge(decision).is_worth_a_look


@pytest.mark.parametrize(("heard", "looked_at"), [("lamb", False), ("not", True), ("12", True)])
def test_against_one_engine_numbers_and_negations_are_worth_a_look(heard: str, *, looked_at: bool) -> None:
    made = merged(PERSON, *engines(("Gus came to us with a lamp", f"Gus came to us with a {heard}"))[:1])
    (decision,) = [d for d in made.decisions if d.variation.lemma.text == "lamp, "]
    assert decision.reason.endswith("seems to be edited by a person")
    assert judge(decision).is_worth_a_look is looked_at


def test_a_text_that_looks_edited_and_is_wrong_again_and_again_is_outvoted() -> None:
    made = merged(
        PERSON, *engines(("with a lamp", "with a lamb"), ("so late", "too late"), ("nobody", "no one"))
    )
    said = lemma(made)
    assert (said.count("lamb"), said.count("too late"), said.count("no one")) == (8, 8, 8)


def test_what_a_person_left_out_the_others_fill_in() -> None:
    made = merged(PERSON, *engines(("Anna came to us", "Anna came back to us"), ("Gus had", "Gus once had")))
    assert "Anna came back to us with" in lemma(made)
    assert "Gus once had brought" in lemma(made)


def test_what_a_person_leaves_out_again_and_again_nobody_fills_in() -> None:
    made = merged(PERSON, *engines(("nobody knew", "nobody really knew"), ("Gus had", "Gus once had")))
    assert "really" not in lemma(made)
    assert "Gus once had brought" in lemma(made)


def test_what_a_person_did_not_understand_the_others_say() -> None:
    unsure = replace(
        PERSON,
        utterances=tuple(
            u._replace(text=u.text.replace("Anna", "[inaudible 0:03]")) for u in PERSON.utterances
        ),
    )
    assert lemma(merged(unsure, *engines())).lower() == lemma(merged(PERSON)).lower()
    assert "[inaudible" in lemma(merged(unsure))


def test_what_a_person_says_mostly_and_leaves_out_at_times_the_others_fill_in() -> None:
    names = ("Anna", "Bert", "Cleo")
    made = merged(PERSON, *engines(*((f"why {name} had", f"why with {name} had") for name in names)))
    assert lemma(made).count("why with ") == 3


def hearing(*changes: Sequence[tuple[str, str]]) -> list[NormalizedSource]:
    """Make an engine for each group of changes to what the person wrote down."""
    return [replace(engines(*own)[0], uri=f"engine{n}.vtt") for n, own in enumerate(changes)]


def test_a_word_that_engines_hear_as_two_is_the_persons_alone() -> None:
    said = lemma(merged(PERSON, *engines(("Anna came to us with a lamp", "Anna came to us with a lamb amp"))))
    assert (said.count(" lamp,"), "amp" in said.split()) == (8, False)


def test_a_person_has_left_out_nothing_that_engines_hear_in_different_ways() -> None:
    made = merged(PERSON, *hearing([("came to us", "came black to us")], [("came to us", "came back to us")]))
    assert lemma(made).count("came to us") == 8


def test_a_person_among_engines_that_contradict_each_other_as_often_is_followed() -> None:
    alike = [("with a lamp", "with a lamb"), ("so late", "too late")]
    alone = [
        [("knew", "new"), ("came", "game")],
        [("had", "hat"), ("why", "while")],
        [("brought", "bought"), ("and", "hand")],
    ]
    said = lemma(merged(PERSON, *hearing(*([*alike, *own] for own in alone))))
    assert (said.count("lamp"), said.count("so late")) == (8, 8)


def test_words_of_a_person_stand_that_engines_hear_as_others_entirely() -> None:
    asked = "To ask a question press star and one, wait for your name to be announced, then speak."
    heard = "twice a clock passed tar under on weights four euro aim two bee and hound den weak"
    person = replace(
        PERSON, utterances=(*PERSON.utterances[:4], Utterance(asked, "", "Ada"), *PERSON.utterances[4:])
    )
    texts = [u.text if u.text != asked else heard for u in person.utterances]
    made = merged(
        person, *(source(uri=f"{n}.vtt", utterances=[" ".join([*texts, f"{n}"]).lower()]) for n in range(2))
    )
    assert asked in lemma(made)
    assert "hound" not in lemma(made)


def test_a_person_who_is_not_trusted_gives_way_to_who_is() -> None:
    one, other = engines(("with a lamp", "with a lamb"))
    assert lemma(merged(PERSON, trusted(one), other)).count("lamb") == 8


def test_of_two_persons_the_heavier_is_followed() -> None:
    second = replace(
        source(
            uri="b.md",
            utterances=[u._replace(text=u.text.replace("late", "soon")) for u in PERSON.utterances],
        ),
        dated=None,
    )
    made = merged(PERSON, second, *engines(("so late", "so great")))
    assert "great" not in lemma(made)


def test_cues_are_no_paragraphs_and_small_letters_no_persons() -> None:
    small = tuple(u._replace(text=u.text.lower()) for u in PERSON.utterances)
    short = tuple(u._replace(text=f"{u.text.split()[1]} went.") for u in PERSON.utterances * 10)
    assert [edited(replace(PERSON, utterances=said)) for said in (small, short)] == [None, None]


def test_short_turns_are_a_persons_and_short_cues_of_one_speaker_are_none() -> None:
    things = "lamp tower lens stair keeper boat fog rope bell door glass wick oil gull".split()  # noqa: SIM905
    texts = [f"What of the {thing}, number {number}?" for number, thing in enumerate(things * 2)]
    turns = [Utterance(text, "", ("Ada", "Bob")[at % 2]) for at, text in enumerate(texts)]
    in_a_row = [Utterance(text, "", ("Ada", "Bob")[at > len(things)]) for at, text in enumerate(texts)]
    assert edited(replace(PERSON, utterances=tuple(turns))) is not None
    assert edited(replace(PERSON, utterances=tuple(in_a_row))) is None


def test_an_engines_certainty_is_no_persons() -> None:
    assert edited(replace(PERSON, signals=Signals(avg_logprob=-0.2))) is None
