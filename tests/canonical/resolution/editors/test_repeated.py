"""What editors decide again and again."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from episodic.canonical.document import Reading
from episodic.canonical.domain import EditorialDecision, SeriesPolicy
from episodic.canonical.resolution.editors.repeated import repeated
from tests.growth import grows_near_linearly

ONE, OTHER = uuid.uuid7(), uuid.uuid7()


def decided(was: str, text: str, episode: uuid.UUID = ONE, *, at_conflict: bool = False) -> EditorialDecision:
    """A decision about words that all sources have, or at a conflict whose lemma they are."""
    readings = (Reading(was, ("s1",), 600), Reading("cobble", ("s2",), 400)) if at_conflict else ()
    return EditorialDecision(
        id=uuid.uuid7(),
        episode_id=episode,
        kind="transcript",
        address="0:00:04/0123abcd" if at_conflict else f"0:00:04/{was}",
        text=text,
        by="Maya",
        made_at=datetime(2026, 3, 3, tzinfo=UTC),
        revision=1,
        readings=readings,
    )


def found(
    decisions: Sequence[EditorialDecision], policy: SeriesPolicy | None = None, language: str | None = "en"
) -> list[tuple[str, str, int, int]]:
    suggested = repeated(decisions, decisions[-1:], policy or SeriesPolicy(), language)
    return [(each.wrong, each.right, each.places, each.episodes) for each in suggested]


def test_three_places_or_two_episodes_are_often() -> None:
    twice = [decided("kobold", "COBOL"), decided("kobold", "COBOL")]
    assert found(twice) == []
    assert found([*twice, decided("kobold", "COBOL")]) == [("kobold", "COBOL", 3, 1)]
    assert found([twice[0], decided("kobold", "COBOL", OTHER)]) == [("kobold", "COBOL", 2, 2)]


def test_what_an_earlier_decision_put_there_is_not_what_engines_got_wrong() -> None:
    first = decided("kobold", "COBOL", at_conflict=True)
    again = replace(first, readings=(Reading("COBAL ", (), 0), *first.readings))
    assert found([again, again, again]) == [("kobold", "COBOL", 3, 1)]


def test_words_around_marks_and_case_are_no_part_of_it() -> None:
    decisions = [
        decided("the kobold, ", "the COBOL, ", at_conflict=True),
        decided("Kobold.", "COBOL."),
        decided("old kobold code", "old COBOL code"),
    ]
    assert found(decisions) == [("kobold", "COBOL", 3, 1)]


def test_signs_that_are_part_of_a_name_stay() -> None:
    assert found([decided("see plus plus.", "C++.") for _ in range(3)]) == [("see plus plus", "C++", 3, 1)]


def test_words_that_stand_only_where_two_decisions_meet_are_not_let_stand() -> None:
    decisions = [decided("old kobold", "COBOL") for _ in range(3)]
    standing = [decided("x", "the old"), decided("x", "kobold sings")]
    assert found([*standing, *decisions]) == [("old kobold", "COBOL", 3, 1)]
    assert found([decided("x", "an old kobold sings"), *decisions]) == []


def test_what_tens_of_thousands_of_decisions_repeat_is_found_in_near_linear_time() -> None:
    def made(count: int) -> list[EditorialDecision]:
        return [decided(f"wrong{n}", f"right{n}") for n in range(count) for _ in range(3)]

    assert grows_near_linearly(made, lambda made: repeated(made, made, SeriesPolicy(), "en"), 150)


def test_only_what_was_decided_just_now_is_told() -> None:
    decisions = [*(decided("kobold", "COBOL") for _ in range(3)), decided("reefs", "rocks")]
    assert found(decisions) == []


def test_what_is_replaced_already_is_not_suggested() -> None:
    decisions = [decided("kobold", "COBOL") for _ in range(3)]
    assert found(decisions, SeriesPolicy(replacements={"Kobold": "COBOL"})) == []


@pytest.mark.parametrize(
    "other",
    [decided("kobold", "goblin"), decided("the gnome", "the kobold"), decided("kobold", "kobold")],
    ids=["replaced by others", "put in elsewhere", "let stand"],
)
def test_editors_who_do_not_agree_suggest_nothing(other: EditorialDecision) -> None:
    assert found([other, *(decided("kobold", "COBOL") for _ in range(3))]) == []


@pytest.mark.parametrize(
    ("was", "text"),
    [
        ("fifteen", "fifty"),
        ("room 12", "room 13"),
        ("can", "can't"),
        ("will", "will never"),
        ("the", "a"),
        ("and", "And"),
        ("lantern", ""),
        ("ab=cd", "gamma ray"),
    ],
)
def test_what_is_right_elsewhere_is_not_suggested(was: str, text: str) -> None:
    assert found([decided(was, text) for _ in range(3)]) == []


@pytest.mark.parametrize(
    ("was", "text"), [("Cobol", "COBOL"), ("seo", "CEO"), ("田中", "山本"), ("health care", "healthcare")]
)
def test_names_are_suggested_however_short(was: str, text: str) -> None:
    assert len(found([decided(was, text) for _ in range(3)])) == 1


def test_decisions_about_other_things_do_not_count() -> None:
    made = [decided("kobold", "COBOL") for _ in range(3)]
    assert repeated([], [], SeriesPolicy()) == ()
    assert found([replace(each, kind="prose") for each in made]) == []
    assert found([replace(each, withdrawn_at=each.made_at, withdrawn_by="Bab") for each in made]) == []
