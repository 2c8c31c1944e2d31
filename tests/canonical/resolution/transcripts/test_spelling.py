"""Marks and capitals: which witness's form is taken of a word that several have."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from episodic.canonical import weighting
from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.transcripts.voted import vote
from episodic.canonical.sources import NormalizedSource, Utterance
from tests.canonical.making import transcript

_POLICY = SeriesPolicy()
_DATA = Path(__file__).parents[3] / "data" / "resolution"
_BEFORE = (_DATA / "conversation.txt").read_text().split()
_AFTER = "And that, I think, is all."
_PERSON = "Ada Lovelace"


def _voted(*texts: str, person: int | None = None, careless: int | None = None) -> str:
    """Vote on texts after sentences that all write alike, but for one that makes up marks.

    Parameters
    ----------
    person
        The text that a person seems to have edited.
    careless
        The one that makes up marks.
    """
    sources: list[NormalizedSource] = []
    for n, text in enumerate(texts):
        # Each mishears some words, or they would be copies.
        before = ["otherwise" if at % 20 == n else word for at, word in enumerate(_BEFORE)]
        if n == careless:
            before = [
                f"{word}," if at % 3 == 0 and word.isalpha() else word for at, word in enumerate(before)
            ]
        said = Utterance(f"{' '.join(before)} {text} {_AFTER}", "1", _PERSON if n == person else None)
        sources.append(transcript(500, said, uri=f"{n}.txt").source)
    weighed = weighting.weigh(sources, _POLICY)
    voted = vote([Witness(f"s{n}", each) for n, each in enumerate(weighed, 1)], _POLICY, "en")
    assert voted
    return "".join(voted.lemma).rpartition(_BEFORE[-1])[2].partition(_AFTER)[0].strip()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        # Engines leave out commas rather than make them up; a full stop needs more.
        (("Then, we sold more", "Then we sold more"), "Then, we sold more"),
        (("Then, we sold more", "Then we sold more", "Then we sold more"), "Then, we sold more"),
        (("Then we sold. More", "Then we sold more", "Then we sold more"), "Then we sold more"),
        # Who says nothing that counts as a word may still write it best.
        (("Um, then we sold", "um then we sold", "then we sold"), "Um, then we sold"),
    ],
)
def test_a_mark_counts_more_than_its_absence(texts: Sequence[str], wanted: str, *, turned: bool) -> None:
    assert _voted(*(texts[::-1] if turned else texts)) == wanted


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (
            ["We sold it in twenty twenty", "We sold it in twenty twenty", "We sold it in 2020"],
            "We sold it in 2020",
        ),
        (["On June thirty twenty twenty"] * 2 + ["On June 30, 2020"], "On June 30, 2020"),
        (["It takes two days", "It takes two days", "It takes 2 days"], "It takes two days"),
        (["A hundred came", "A hundred came", "A 100 came"], "A hundred came"),
        (["Sixty-two came", "Sixty-two came", "62 came"], "62 came"),
        # In words and in figures side by side, two may read as one.
        (
            ["By May twenty twenty fifteen of us"] * 2 + ["By May 2021 15 of us"],
            "By May twenty twenty fifteen of us",
        ),
        (
            ["Our drug R oh seven two nine was sold"] * 2 + ["Our drug are ou 729 was sold"],
            "Our drug R oh seven two nine was sold",
        ),
        # Over a number that all write alike, too.
        (["We won 2020 oh 15"] * 2 + ["We won twenty twenty oh fifteen"], "We won 2020 oh 15"),
        (
            ["We won 2020 oh 15", "We won twenty twenty oh fifteen", "We won 2020 oh fifteen"],
            "We won 2020 oh 15",
        ),
        (["Oh, two of us went", "Oh, two of us went", "Oh, 2 of us went"], "Oh, two of us went"),
    ],
)
def test_a_number_is_written_in_figures_where_one_writes_it_so(texts: Sequence[str], wanted: str) -> None:
    assert _voted(*texts) == wanted
    if wanted not in texts[:1]:
        assert _voted(*texts, person=0) == texts[0]


@pytest.mark.parametrize("person", [0, 1])
def test_a_mark_counts_little_where_a_person_left_it_out(person: int) -> None:
    texts = ["Then, we sold more", "Then, we sold more", "Then, we sold more"]
    texts[person] = "Then we sold more"
    assert _voted(*texts) == "Then, we sold more"
    assert _voted(*texts, person=person) == "Then we sold more"


@pytest.mark.parametrize("careless", [0, 1, 2])
def test_who_makes_up_marks_has_less_of_a_vote(careless: int) -> None:
    texts = ["Then we sold more"] * 3
    texts[careless] = "Then, we sold more"
    assert _voted(*texts) == "Then, we sold more"
    assert _voted(*texts, careless=careless) == "Then we sold more"
