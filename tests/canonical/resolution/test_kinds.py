"""What kind of conflict it is, and which comes first."""

from dataclasses import replace

import pytest

from episodic.canonical.document import Authority, Difference, Reading, Variation, Verdict
from episodic.canonical.resolution.kinds import Kind, is_open, judge, kind_of
from episodic.canonical.resolved import Decision, Ground


def between(lemma: str, *others: str, weights: tuple[int, ...] = ()) -> Variation:
    made = [
        Reading(text, (f"s{n}",), weights[n] if weights else 500) for n, text in enumerate((lemma, *others))
    ]
    return Variation(made[0], tuple(made[1:]), Difference.SUBSTANTIVE)


def decision(variation: Variation, reason: str = "0.500 for it") -> Decision:
    return Decision("transcript", "0:00:01/00000000", variation, reason)


@pytest.mark.parametrize(
    ("lemma", "other", "kind"),
    [
        ("Lamp, ", "lamp ", Kind.SPELLING),
        ("health care ", "healthcare ", Kind.SPELLING),
        ("21% ", "twenty one percent ", Kind.FORMAT),
        ("we'll ", "we will ", Kind.FORMAT),
        ("1.500 lámparas ", "1500 lámparas ", Kind.FORMAT),
        ("1.500 ", "1.600 ", Kind.NUMBER),
        ("1.50 ", "150 ", Kind.NUMBER),
        ("um, ", "", Kind.FILLER),
        ("so it was ", "um so it was ", Kind.FILLER),
        ("you know ", "", Kind.FILLER),
        ("the the lamp ", "the lamp ", Kind.FILLER),
        ("fifteen ", "fifty ", Kind.NUMBER),
        ("$65 million ", "$56 million ", Kind.NUMBER),
        ("we can ", "we can't ", Kind.NEGATION),
        ("it is ", "it is not ", Kind.NEGATION),
        ("det är inte sant ", "det är sant ", Kind.NEGATION),
        ("没有挖 ", "挖 ", Kind.NEGATION),
        ("said Munro today ", "said Monroe today ", Kind.NAME),
        ("weather ", "whether ", Kind.WORDS),
        ("lamp ", "", Kind.WORDS),
        ("灯台 ", "灯火 ", Kind.WORDS),
    ],
)
def test_kinds(lemma: str, other: str, kind: Kind) -> None:
    assert kind_of(between(lemma, other)) is kind
    assert kind_of(between(other, lemma)) is kind


def test_the_kind_that_is_worth_most_names_a_conflict_of_several() -> None:
    assert kind_of(between("fifty lamps ", "Fifty lamps ", "fifteen lamps ")) is Kind.NUMBER


def test_what_lacks_the_place_is_no_rival() -> None:
    variation = between("lamp ", "Lamp ")
    absent = Reading("", ("s9",), 0, "lacuna")
    assert kind_of(Variation(variation.lemma, (*variation.others, absent))) is Kind.SPELLING


def test_close_votes_come_before_clear_ones_and_words_before_fillers() -> None:
    close = decision(between("weather ", "whether ", weights=(500, 490)))
    clear = decision(between("weather ", "whether ", weights=(1500, 490)))
    filler = decision(between("um ", "", weights=(500, 490)))
    assert sorted([filler, clear, close], key=lambda each: -judge(each).worth) == [close, clear, filler]
    assert [judge(each).is_worth_a_look for each in (close, clear, filler)] == [True, False, False]


def test_readings_that_say_the_same_in_other_notations_are_on_one_side() -> None:
    alone = decision(between("2020 ", "2014 ", weights=(600, 590)))
    joined = decision(between("2020 ", "twenty twenty ", "2014 ", weights=(600, 1200, 590)))
    assert judge(joined).worth < judge(alone).worth / 2


def test_what_an_editor_or_a_trusted_source_decided_is_not_worth_a_look() -> None:
    variation = between("weather ", "whether ")
    assert judge(decision(variation)).is_worth_a_look
    assert not judge(replace(decision(variation), ground=Ground.TRUST)).is_worth_a_look
    verdict = Verdict(Authority.DECISION, "ed-ada", "Ada")
    overruled = Variation(variation.lemma, variation.others, verdict=verdict)
    assert not judge(decision(overruled)).is_worth_a_look


def test_what_nobody_can_decide_is_not_open() -> None:
    made = decision(between("weather ", "whether "))
    assert is_open(made)
    for other in (replace(made, address="witness s2"), replace(made, kind="speaker")):
        assert not is_open(other)
        assert not judge(other).is_worth_a_look


def test_where_a_copy_is_not_as_its_original_somebody_corrected_one() -> None:
    assert judge(decision(between("lamp ", "lamb ", weights=(500, 0)))).is_worth_a_look
    voted = between("lamp ", "lamb ", weights=(900, 0))
    supported = replace(voted, lemma=Reading("lamp ", ("s0", "s2"), 900))
    assert not judge(decision(supported)).is_worth_a_look
