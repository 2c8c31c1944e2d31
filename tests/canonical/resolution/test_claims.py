from episodic.canonical.document import Difference, Statement, Witness
from episodic.canonical.resolution.claims import decide
from episodic.canonical.sources import Claim, ClaimField, WeightedSource
from tests.canonical.making import source, weighted

TITLE = ClaimField.TITLE


def witness(number: int, weight: int, *claims: Claim) -> Witness:
    return Witness(f"s{number}", weighted(weight, source(uri=f"{number}", claims=claims)))


def titled(number: int, weight: int, title: str) -> Witness:
    return witness(number, weight, Claim(TITLE, title, "line 1"))


def only(*witnesses: Witness) -> Statement:
    (statement,) = decide(witnesses)[0]
    return statement


def test_the_heaviest_value_wins_and_the_others_are_kept() -> None:
    variation = only(titled(1, 600, "Excel Hell"), titled(2, 500, "Excel Heaven")).variation
    assert (variation.lemma.text, variation.lemma.sigla, variation.lemma.weight) == (
        "Excel Hell",
        ("s1",),
        600,
    )
    assert [(r.text, r.sigla, r.weight) for r in variation.others] == [("Excel Heaven", ("s2",), 500)]
    assert variation.difference is Difference.SUBSTANTIVE


def test_sources_that_agree_outvote_a_heavier_one() -> None:
    witnesses = titled(1, 600, "Excel Heaven"), titled(2, 400, "Excel Hell"), titled(3, 300, "Excel Hell")
    assert only(*witnesses).variation.lemma.text == "Excel Hell"


def test_spellings_of_one_value_vote_together() -> None:
    witnesses = titled(1, 600, "Excel Heaven"), titled(2, 400, "Excel Hell"), titled(3, 300, "excel hell!")
    variation = only(*witnesses).variation
    assert variation.lemma.text == "Excel Hell"
    assert variation.lemma.weight == 700


def test_a_tie_goes_to_the_heavier_single_witness() -> None:
    witnesses = titled(1, 600, "A"), titled(2, 300, "B"), titled(3, 300, "B")
    assert only(*witnesses).variation.lemma.text == "A"


def test_a_date_and_an_instant_on_it_are_one_value_and_the_instant_is_kept() -> None:
    day = witness(1, 600, Claim(ClaimField.PUBLISHED, "2026-02-26", "line 1"))
    instant = witness(2, 500, Claim(ClaimField.PUBLISHED, "2026-02-26T06:00:00+00:00", "item 1"))
    variation = only(day, instant).variation
    assert variation.lemma.text == "2026-02-26T06:00:00+00:00"
    assert variation.difference is Difference.ORTHOGRAPHIC


def test_fields_of_which_an_episode_has_many_keep_every_value() -> None:
    one = witness(1, 600, Claim(ClaimField.KEYWORD, "python", "line 1"))
    two = witness(2, 500, Claim(ClaimField.KEYWORD, "Python", "a"), Claim(ClaimField.KEYWORD, "excel", "b"))
    statements, _ = decide([one, two])
    assert [s.variation.lemma.text for s in statements] == ["python", "excel"]


def test_every_conflict_is_a_decision_with_its_reason() -> None:
    _, (decision,) = decide([titled(1, 600, "Excel Hell"), titled(2, 500, "Excel Heaven")])
    assert decision.kind == "claim"
    assert decision.address == "title"
    assert decision.reason == "0.600 for it, 0.500 for the strongest other"


def test_agreement_is_no_decision() -> None:
    assert decide([titled(1, 600, "Excel Hell"), titled(2, 500, "Excel Hell")])[1] == ()


def test_two_claims_of_one_source_are_one_vote_for_each_value() -> None:
    feed: WeightedSource = weighted(
        500, source(claims=[Claim(TITLE, "A", "title"), Claim(TITLE, "A.", "itunes:title")])
    )
    variation = only(titled(1, 600, "B"), Witness("s2", feed)).variation
    assert variation.lemma.text == "B"


def test_of_what_begins_in_the_same_second_the_heaviest_title_stands_in_the_order_of_time() -> None:
    def chapters(number: int, weight: int, *titled: tuple[str, str]) -> Witness:
        return witness(number, weight, *(Claim(ClaimField.CHAPTER, t, "line 1", at) for at, t in titled))

    statements, decisions = decide(
        [
            chapters(1, 600, ("130", "The step"), ("0", "Welcome")),
            chapters(2, 500, ("130.5", "Mind the step"), ("900", "Farewell"), ("soon", "Nowhere")),
        ]
    )
    assert [(s.qualifier, s.variation.lemma.text) for s in statements] == [
        ("0", "Welcome"),
        ("130", "The step"),
        ("900", "Farewell"),
    ]
    (decision,) = decisions
    assert decision.address == "chapter: The step"
    assert [other.text for other in decision.variation.others] == ["Mind the step"]
    assert decision.variation.difference is Difference.SUBSTANTIVE
