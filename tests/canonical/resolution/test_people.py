from collections.abc import Callable

import pytest

from episodic.canonical.document import Witness
from episodic.canonical.resolution.kinds import judge
from episodic.canonical.resolution.people import contradictions, merge
from episodic.canonical.sources import Claim, ClaimField, Utterance
from tests.canonical.making import source, weighted
from tests.growth import grows_near_linearly


def claiming(number: int, *names: str, role: str | None = None) -> Witness:
    claims = [Claim(ClaimField.PERSON, name, "line 1", role) for name in names]
    return Witness(f"s{number}", weighted(500, source(uri=f"{number}", claims=claims)))


def speaking(number: int, *names: str) -> Witness:
    utterances = [Utterance("Hello.", "cue 1", name) for name in names]
    return Witness(f"s{number}", weighted(500, source(uri=f"{number}", utterances=utterances)))


def test_one_person_under_several_names_is_one_person() -> None:
    witnesses = [
        claiming(1, "Ada Lovelace (host)"),
        claiming(2, "A. Lovelace"),
        speaking(3, "Ada:"),
        speaking(4, "ADA LOVELACE"),
    ]
    people, speakers = merge(witnesses)
    assert [(p.name, p.roles) for p in people] == [("Ada Lovelace", ("host",))]
    assert speakers == {
        ("s1", "Ada Lovelace (host)"): "sp-ada-lovelace",
        ("s2", "A. Lovelace"): "sp-ada-lovelace",
        ("s3", "Ada:"): "sp-ada-lovelace",
        ("s4", "ADA LOVELACE"): "sp-ada-lovelace",
    }


def test_a_name_in_small_letters_gives_way_to_the_same_with_its_capital() -> None:
    people, _ = merge([speaking(1, "kormoran"), speaking(2, "kormoran"), claiming(3, "Kormoran")])
    assert [person.name for person in people] == ["Kormoran"]


def test_a_first_name_that_two_people_have_is_not_merged() -> None:
    people, _ = merge([claiming(1, "Ada Lovelace", "Ada Yonath"), speaking(2, "Ada")])
    assert [p.name for p in people] == ["Ada Lovelace", "Ada Yonath", "Ada"]


def test_a_part_is_played_by_whoever_is_named_in_it() -> None:
    papers = [claiming(1, "Ada Lovelace", role="host"), claiming(2, "Jo Bell", role="guest")]
    talks = speaking(3, "HOST", "Guest:"), speaking(4, "Gast", "Speaker 1"), speaking(5, "Programledare")
    people, speakers = merge([*papers, *talks])
    assert [person.name for person in people] == ["Ada Lovelace", "Jo Bell", "Speaker 1"]
    assert speakers["s3", "HOST"] == speakers["s5", "Programledare"] == "sp-ada-lovelace"
    assert speakers["s3", "Guest:"] == speakers["s4", "Gast"] == "sp-jo-bell"


def test_names_that_are_nearly_spelled_alike_are_one_persons_and_a_conflict() -> None:
    witnesses = [
        claiming(1, "Kathryn Odegaard", role="guest"),
        claiming(2, "Katherine Ødegård", "Rosa Winter", role="guest"),
        claiming(3, "Catherine Odegard"),
        speaking(4, "Kathryn Odegaard", "Winter", "K. Odegaard"),
    ]
    people, speakers = merge(witnesses)
    assert [person.name for person in people] == ["Kathryn Odegaard", "Rosa Winter"]
    assert speakers["s2", "Katherine Ødegård"] == speakers["s4", "K. Odegaard"] == people[0].key
    (decision,) = contradictions(people, witnesses)
    assert decision.address == "person: Kathryn Odegaard"
    readings = (decision.variation.lemma, *decision.variation.others)
    assert [(r.text, r.sigla, r.weight) for r in readings] == [
        ("Kathryn Odegaard", ("s1", "s4"), 1000),
        ("Katherine Ødegård", ("s2",), 500),
        ("Catherine Odegard", ("s3",), 500),
    ]
    assert judge(decision).is_worth_a_look


def test_the_name_of_several_spellings_has_each_part_as_most_spell_it() -> None:
    witnesses = [speaking(1, "Lucía Ferer"), speaking(2, "Lucia Ferrer"), claiming(3, "Lucía Ferrer")]
    assert [person.name for person in merge(witnesses)[0]] == ["Lucía Ferrer"]


def test_titles_and_marks_on_letters_make_no_other_name() -> None:
    people, _ = merge([speaking(1, "Lucía Ferrer", "Dr. Lucia Ferrer", "Prof. Ferrer", "Lucía", "Doctor")])
    assert [person.name for person in people] == ["Lucía Ferrer", "Doctor"]
    people, _ = merge([speaking(1, "かとう", "がとう")])
    assert len(people) == 2


def test_a_name_without_a_space_has_a_last_name_and_a_first() -> None:
    people, _ = merge(
        [claiming(1, "田中花子", "김민수"), speaking(2, "田中", "민수"), speaking(3, "田中 花子")]
    )
    assert [person.name for person in people] == ["田中花子", "김민수"]
    people, _ = merge([claiming(1, "林田健"), speaking(2, "林田", "林")])
    assert [person.name for person in people] == ["林田健", "林"]
    people, _ = merge([claiming(1, "李明", "李华"), speaking(2, "李")])
    assert len(people) == 3


@pytest.mark.parametrize(
    "witnesses",
    [
        [claiming(1, "Katherine Berg", "Kathryn Berg")],  # somebody has both
        [claiming(1, "Katherine Berg", role="host"), claiming(2, "Kathryn Berg", role="guest")],
        [claiming(1, "Tim Weber"), claiming(2, "Tom Weber")],
        [claiming(1, "Maria Weber"), claiming(2, "Marco Weber")],
    ],
)
def test_others_whose_names_are_alike_are_others(witnesses: list[Witness]) -> None:
    people, _ = merge(witnesses)
    assert len(people) == 2
    assert contradictions(people, witnesses) == []


def test_a_part_that_two_play_or_whose_player_speaks_by_name_is_a_label() -> None:
    two = [claiming(1, "Jo Bell", "Siv Dahl", role="guest"), speaking(2, "Guest")]
    assert [person.name for person in merge(two)[0]] == ["Jo Bell", "Siv Dahl", "Guest"]
    named = [claiming(1, "Ada Lovelace", role="host"), speaking(2, "Ada", "Host")]
    assert [person.name for person in merge(named)[0]] == ["Ada Lovelace", "Host"]


def test_what_stands_behind_a_comma_is_a_first_name_or_a_role() -> None:
    radio = [
        speaking(1, "SIV DAHL, HOST", "JO BELL, RESIDENT OF LOM", "DAHL", "Ivo Roe, baker", "Ann Poe, Jr.")
    ]
    people, _ = merge([*radio, claiming(2, "Siv Dahl")])
    assert [(p.name, p.roles) for p in people] == [
        ("Siv Dahl", ("host",)),
        ("JO BELL", ("resident of lom",)),
        ("Ivo Roe", ("baker",)),
        ("Ann Poe, Jr.", ()),
    ]
    people, _ = merge(
        [speaking(1, "Falk, Nina", "O'Brien, Declan (External)"), speaking(2, "Nina Falk", "Ada, Bob")]
    )
    assert [p.name for p in people] == ["Nina Falk", "Declan O'Brien", "Bob Ada"]


@pytest.mark.parametrize("both", ["Ada, Bob", "Ada and Bob", "Ada & Bob", "Ada/Bob", "Ada und Bob"])
def test_what_names_two_people_is_neither(both: str) -> None:
    people, _ = merge([speaking(1, "Ada", "Bob", both)])
    assert [p.name for p in people] == ["Ada", "Bob", both]


def test_initials_are_whose_they_are() -> None:
    people, _ = merge([speaking(1, "Nina Falk", "NF", "Иван Петров", "И. П.", "Ana Lima", "Al")])
    assert [p.name for p in people] == ["Nina Falk", "Иван Петров", "Ana Lima", "Al"]
    people, _ = merge([speaking(1, "ANA LIMA", "AL"), speaking(2, "Ola Roe", "Ove Ruud", "OR")])
    assert [p.name for p in people] == ["ANA LIMA", "AL", "Ola Roe", "Ove Ruud", "OR"]


def test_different_people_of_one_family_name_stay_apart() -> None:
    people, _ = merge([claiming(1, "Ada Lovelace", "William Lovelace")])
    assert len(people) == 2


def test_roles_of_all_witnesses_are_gathered() -> None:
    people, _ = merge([claiming(1, "Ada Lovelace", role="Host"), claiming(2, "Ada Lovelace", role="author")])
    assert people[0].roles == ("host", "author")


def test_keys_are_xml_names_and_unique() -> None:
    people, _ = merge([claiming(1, "Łukasz Ł", "李小龍", "李小明", "-")])
    assert len({p.key for p in people}) == 4
    assert all(p.key.startswith("sp-") and p.key.isascii() for p in people)


def test_labels_that_mean_each_other_in_a_ring_are_people_all_the_same() -> None:
    one, other = ("s1", "Speaker 1"), ("s2", "Speaker 2")
    people, speakers = merge([speaking(1, one[1]), speaking(2, other[1])], meant={one: other, other: one})
    assert sorted(person.name for person in people) == ["Speaker 1", "Speaker 2"]
    assert set(speakers) == {one, other}


def test_numbered_speakers_stay_apart() -> None:
    people, _ = merge([speaking(1, "Speaker 1", "Speaker 2", "1")])
    assert [p.name for p in people] == ["Speaker 1", "Speaker 2", "1"]


CROWDS: dict[str, Callable[[int], str]] = {
    "numbered": lambda i: f"Speaker {i}",
    "one surname, initials": lambda i: f"A. Y{i} Smith" if i % 2 else f"Adam{i} Smith",
    "one first and last name": lambda i: f"Ada X{i} Smith",
    "one key in Latin letters": lambda i: f"李{chr(0x4E00 + i)}",
}


@pytest.mark.parametrize("name", CROWDS.values(), ids=CROWDS)
def test_a_crowd_costs_little_more_a_person_than_a_few(name: Callable[[int], str]) -> None:
    def crowd(size: int) -> list[Witness]:
        return [speaking(1, *map(name, range(size)))]

    assert grows_near_linearly(crowd, merge, 500)


def test_a_number_is_no_initial() -> None:
    people, _ = merge([speaking(1, "1. Sprecher", "10. Sprecher")])
    assert len(people) == 2


def test_an_initial_that_could_be_anybodys_in_a_crowd_is_nobodys() -> None:
    family = [f"Ada{i} Smith" for i in range(100)]
    people, _ = merge([claiming(1, *family), speaking(2, "A. Smith")])
    assert len(people) == 101
