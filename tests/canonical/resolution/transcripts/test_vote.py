import pytest

from episodic.canonical.resolution.transcripts.vote import confident_votes, elect
from episodic.canonical.sources import Utterance, Word
from episodic.canonical.tokens import tokenize


@pytest.mark.parametrize(
    ("forms", "votes", "winner"),
    [
        (["weather ", "whether ", "whether "], [600, 400, 300], "whether "),
        (["weather ", "whether ", "whether "], [900, 300, 300], "weather "),
        (["Whether ", "whether, ", "weather "], [300, 310, 600], "whether, "),
        (["", "uh ", "uh "], [600, 200, 300], ""),
        ([None, "uh ", ""], [900, 300, 200], "uh "),
        (["a ", "b ", "b "], [500, 250, 250], "a "),
        (["a ", "b "], [500, 500], "a "),
        (["a ", "b "], [None, 100], "b "),
        (["a ", "b "], [0, 0], "a "),
        (["— ", "", "word "], [300, 200, 400], "— "),
        ([None, "a "], [600, None], None),
        (["", "a "], [None, None], ""),
        (["a ", "b "], [None, None], "a "),
    ],
    ids=[
        "two outvote one",
        "one heavy outvotes two",
        "spellings pool",
        "absence is a reading",
        "out of reach does not vote",
        "a tie goes to the heavier witness",
        "a tie of equals goes to the first",
        "no vote, no say",
        "votes of nothing still count",
        "a dash and nothing say the same",
        "nobody who reaches here votes",
        "nobody votes and one has no word",
        "nobody votes and all have a word",
    ],
)
def test_election(forms: list[str | None], votes: list[int | None], winner: str | None) -> None:
    assert elect(forms, votes) == winner


def test_confidence_multiplies_the_vote_relative_to_the_witnesses_own_mean() -> None:
    words = (Word("It", confidence=0.9), Word(" works", confidence=0.3), Word(".", confidence=0.9))
    spoken = [Utterance("It works.", "segment 1", words=words)]
    assert confident_votes(600, spoken, tokenize(["It works."])) == [900, 300]


def test_without_words_the_confidence_of_the_utterance_counts() -> None:
    spoken = [
        Utterance("Yes.", "1", confidence=0.8),
        Utterance("No.", "2", confidence=0.4),
        Utterance("Hm.", "3"),
    ]
    assert confident_votes(600, spoken, tokenize(u.text for u in spoken)) == [800, 400, 600]


def test_words_that_do_not_spell_the_text_are_not_used() -> None:
    spoken = [Utterance("Yes.", "1", confidence=0.8, words=(Word("Yet", confidence=0.1),))]
    assert confident_votes(600, spoken, tokenize(["Yes."])) == [600]


def test_a_witness_that_says_nothing_of_confidence_has_its_weight() -> None:
    assert confident_votes(600, [Utterance("Yes.", "1")], tokenize(["Yes."])) is None
