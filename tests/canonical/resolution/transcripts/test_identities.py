"""Names from whoever has them: labels and the people whom they mean."""

from collections.abc import Sequence

import pytest

from episodic.canonical.document import PassageVariation
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import Utterance
from episodic.canonical.text.labels import is_label
from tests.canonical.making import transcript

TALK = [
    ("Ada Lindqvist", "we began with a question that nobody had asked before"),
    ("Bruno Okafor", "and whose fault was it in the end"),
    ("Ada Lindqvist", "mine mostly because nobody measured the ground below"),
    ("Bruno Okafor", "so what did you learn from all of that"),
]
NAMES = {"Ada Lindqvist": "Speaker 1", "Bruno Okafor": "Speaker 2"}


def said(talk: Sequence[tuple[str | None, str]]) -> list[Utterance]:
    return [
        Utterance(text, f"cue {n}", speaker, 10.0 * n, 10.0 * n + 9) for n, (speaker, text) in enumerate(talk)
    ]


def labelled(names: dict[str, str] = NAMES) -> list[Utterance]:
    return said([(names[name], text) for name, text in TALK])


def merged(*sources: Sequence[Utterance]) -> Resolution:
    """Merge witnesses, the first of which is the heaviest."""
    made = [transcript(900 - 100 * n, *each, uri=f"{n}.vtt") for n, each in enumerate(sources)]
    return resolve(made, SeriesPolicy())


def people(resolution: Resolution) -> list[str]:
    return [person.name for person in resolution.document.people]


def spoken(resolution: Resolution) -> list[tuple[str | None, str]]:
    names = {person.key: person.name for person in resolution.document.people}
    found: list[tuple[str | None, str]] = []
    for part in resolution.document.transcript:
        for utterance in part.lemma.utterances if isinstance(part, PassageVariation) else (part,):
            text = "".join(p if isinstance(p, str) else p.lemma.text for p in utterance.text)
            found.append((names.get(utterance.speaker or ""), text.strip()))
    return found


def test_a_label_is_the_person_whom_another_names_in_the_same_words() -> None:
    resolution = merged(labelled(), said(TALK))
    assert spoken(resolution) == TALK
    assert people(resolution) == ["Ada Lindqvist", "Bruno Okafor"]
    assert not [decision for decision in resolution.decisions if decision.kind == "speaker"]


def test_each_person_is_known_by_the_labels_of_witnesses() -> None:
    ada, _ = merged(labelled(), said(TALK)).document.people
    assert set(ada.names) == {("s1", "Speaker 1"), ("s2", "Ada Lindqvist")}


def test_a_name_wins_where_a_label_is_at_odds_with_it() -> None:
    wrong = labelled()
    wrong[3] = wrong[3]._replace(speaker="Speaker 1")
    assert spoken(merged(wrong, said(TALK))) == TALK


def test_two_labels_can_be_one_person() -> None:
    split = labelled()
    split[2] = split[2]._replace(speaker="Speaker 7")
    resolution = merged(split, said(TALK))
    assert people(resolution) == ["Ada Lindqvist", "Bruno Okafor"]


def test_a_label_names_whom_the_text_with_names_does_not_reach() -> None:
    longer = [
        *labelled(),
        *said([("Speaker 2", "that you measure the ground before you build a tower on it")]),
    ]
    resolution = merged(longer, said(TALK))
    *_, last = spoken(resolution)
    assert last[0] == "Bruno Okafor"


def test_labels_of_two_witnesses_are_one_where_they_say_the_same() -> None:
    other = labelled({"Ada Lindqvist": "SPEAKER_01", "Bruno Okafor": "SPEAKER_00"})
    resolution = merged(labelled(), other)
    assert people(resolution) == ["Speaker 1", "Speaker 2"]
    assert set(resolution.document.people[0].names) == {("s1", "Speaker 1"), ("s2", "SPEAKER_01")}


def test_the_same_label_of_two_witnesses_can_be_two_people() -> None:
    crossed = labelled({"Ada Lindqvist": "Speaker 2", "Bruno Okafor": "Speaker 1"})
    resolution = merged(labelled(), crossed)
    assert [set(person.names) for person in resolution.document.people] == [
        {("s1", "Speaker 1"), ("s2", "Speaker 2")},
        {("s1", "Speaker 2"), ("s2", "Speaker 1")},
    ]


def test_turns_come_from_who_names_people_not_from_the_heaviest() -> None:
    one = said([(None, " ".join(text for _, text in TALK))])
    assert spoken(merged(one, said(TALK))) == TALK


def test_who_has_half_of_the_words_gives_no_bounds() -> None:
    one = said([(None, text) for _, text in TALK])
    half = said([("Ada Lindqvist", TALK[0][1]), ("Bruno Okafor", "and whose")])
    assert merged(one, half).document.base == "s1"


@pytest.mark.parametrize(
    "name",
    [
        *("Speaker 1", "SPEAKER_00", "spk_0", "A", "B:", "0", "1", "S1", "Спикер №1", "화자 1", "Speaker A"),
        *("[Speaker 2]", "Unknown", "unknown speaker", "Host", "Guest 2", "Sprecher 3", "Prowadząca", "嘉宾"),
    ],
)
def test_labels(name: str) -> None:
    assert is_label(name)


@pytest.mark.parametrize(
    "name", ["Ada", "Malcolm X", "Ada Lindqvist", "Host Ada", "Bo", "李", "", "Agent Smith"]
)
def test_names(name: str) -> None:
    assert not is_label(name)


LONG = [(name, f"{text} {round_}") for round_ in range(6) for name, text in TALK]


def called(names: dict[str, str], after: dict[str, str] | None = None) -> list[Utterance]:
    """Say the long talk with labels, of which others may be used from some point on; no two say the same."""
    half = 14 if after else len(LONG)
    own = min(names.values())
    talk = ((names if n < half else after or names, *each) for n, each in enumerate(LONG))
    return said([(labels[name], f"{text} {own}") for labels, name, text in talk])


def test_labels_that_change_half_way_give_way_to_those_of_two_others() -> None:
    ada, bruno = NAMES
    changing = called(NAMES, {ada: "Speaker 2", bruno: "Speaker 1"})
    others = called({ada: "A", bruno: "B"}), called({ada: "spk_0", bruno: "spk_1"})
    resolution = merged(changing, *others)
    assert people(resolution) == ["A", "B"]
    assert [name for name, _ in spoken(resolution)] == [{ada: "A", bruno: "B"}[name] for name, _ in LONG]


def test_the_base_says_who_speaks_where_only_one_contradicts_it() -> None:
    ada, bruno = NAMES
    changing = called(NAMES, {ada: "Speaker 2", bruno: "Speaker 1"})
    made = spoken(merged(changing, called({ada: "A", bruno: "B"})))
    assert [name for name, _ in made] == [each.speaker for each in changing]
