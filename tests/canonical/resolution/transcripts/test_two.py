"""Two witnesses have one vote each: what tells who is right where nothing else does."""

from collections.abc import Callable

import pytest

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.transcripts.voted import vote
from episodic.canonical.sources import Utterance, WeightedSource, Word
from tests.canonical.making import transcript

# Words that both have, and again and again a place in which one has a word of the episode, the other has not.
_SENTENCE = "we sold many tires in every store of the whole country before the winter came and {} went well"


_WRONG = ("tyros", "tyrus", "tiler", "tiger", "tiros", "tided", "timer", "tinea", "tined", "tiles")


def _text(mishears: Callable[[int], bool], doubt: str) -> str:
    said = [_SENTENCE.format(_WRONG[at % len(_WRONG)] if mishears(at) else "tires") for at in range(30)]
    return " ".join([*said[:15], f"then {doubt} was heard", *said[15:]])


def _voted(*sources: WeightedSource) -> str:
    voted = vote([Witness(f"s{n}", each) for n, each in enumerate(sources, 1)], SeriesPolicy(), "en")
    assert voted
    return "".join(voted.lemma)


@pytest.mark.parametrize("better", [0, 1])
def test_who_is_right_elsewhere_wins_a_doubt(better: int) -> None:
    doubts = ("qalab", "qabal")
    sources = [
        transcript(500, _text(lambda _, wrong=at != better: wrong, doubt), uri=f"{at}.txt")
        for at, doubt in enumerate(doubts)
    ]
    text = _voted(*sources)
    assert doubts[better] in text
    assert doubts[1 - better] not in text


def _scored(text: str, unsure: str) -> WeightedSource:
    words = tuple(
        Word(f" {word}" if at else word, confidence=0.3 if word == unsure else 0.98)
        for at, word in enumerate(text.split())
    )
    return transcript(500, Utterance(text, "1", words=words), uri="words.json")


@pytest.mark.parametrize(("unsure", "wins"), [("qalab", "qabal"), ("tires", "qalab")])
def test_an_engine_that_was_not_sure_of_a_word_loses_a_doubt(unsure: str, wins: str) -> None:
    own = _scored(_text(lambda at: at % 2 == 0, "qalab"), unsure)
    other = transcript(500, _text(lambda at: at % 2 == 1, "qabal"), uri="other.txt")
    assert wins in _voted(own, other)
