"""Copies of a transcript with independent errors, and how many errors a text has."""

import random
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from episodic.canonical.sources import Utterance
from episodic.canonical.text.tokens import tokenize


def noisy(utterances: Sequence[Utterance], rate: float, seed: int) -> list[Utterance]:
    """Give each word, with a probability of `rate`, one error: another word, one more word, or none."""
    chance = random.Random(seed)
    vocabulary = sorted({word for utterance in utterances for word in utterance.text.split()})

    def heard(word: str) -> list[str]:
        if chance.random() >= rate:
            return [word]
        return chance.choice([[chance.choice(vocabulary)], [word, chance.choice(vocabulary)], []])

    return [
        Utterance(
            " ".join(said for word in u.text.split() for said in heard(word)),
            u.where,
            u.speaker,
            u.start,
            u.end,
        )
        for u in utterances
    ]


def keys(texts: Sequence[str]) -> list[str]:
    """Give what texts say, word by word."""
    return [key for key in tokenize(texts).keys if key]


def word_error_rate(said: Sequence[str], original: Sequence[str]) -> float:
    """Substitutions, insertions and deletions per word of the original."""
    return Levenshtein.distance(said, original) / len(original)
