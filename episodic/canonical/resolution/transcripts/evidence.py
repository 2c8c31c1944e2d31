"""How far each witness can be trusted: what the others say where it speaks.

Expectation-maximization (Dawid and Skene, 1979) with one accuracy a witness, in whole numbers: where
witnesses split, the side with most weight is taken for right; a witness's accuracy is how often it was on
that side, the columns in which all agree among them (on disagreements alone it collapses); its weight is
the logarithm of the odds. Columns in which no two agree say nothing of anybody. After a fixed number of
rounds the weights stand. What is known beforehand (quality, freshness, reliability) counts as much as so
many columns, so that it decides little in an hour and much in a sentence. Two witnesses agree with each
other equally often: they weigh the same.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

# Stands in a column for a witness that does not speak there: it does not reach so far, or it has no vote.
UNHEARD: Final = -2
_ROUNDS: Final = 8
# Columns for which the weight counts that a witness has beforehand, and the accuracies that it may stand for.
_PRIOR: Final = 60
_LEAST: Final = 750
_SPAN: Final = 200
_BEST: Final = 995

type Pattern = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What columns say of witnesses.

    Parameters
    ----------
    weights
        For each witness, thousandths: the logarithm of the odds that it is right.
    agreement
        For each witness, of the columns in which witnesses split: how often the side that won was its own,
        and how many there were.
    columns
        In how many columns several witnesses speak.
    """

    weights: tuple[int, ...]
    agreement: tuple[tuple[int, int], ...]
    columns: int


def weigh(patterns: Counter[Pattern], priors: Sequence[int]) -> Evidence:
    """Weigh witnesses.

    Parameters
    ----------
    patterns
        How often the witnesses split in each way: the number of each witness's reading, in order of
        appearance, or `UNHEARD`.
    priors
        For each witness, its weight beforehand, in thousandths.
    """
    several = {pattern: count for pattern, count in patterns.items() if _corroborated(pattern)}
    expected = [min(_BEST, _LEAST + _SPAN * prior // 1000) for prior in priors]
    accuracies = expected
    right, split, heard = [0] * len(priors), [0] * len(priors), [0] * len(priors)
    for _ in range(_ROUNDS):
        weights = [_odds(accuracy) for accuracy in accuracies]
        right, split, heard = [0] * len(priors), [0] * len(priors), [0] * len(priors)
        for pattern, count in several.items():
            winner = side(pattern, weights)
            disputed = any(number > 0 for number in pattern)
            for voice, number in enumerate(pattern):
                if number != UNHEARD:
                    heard[voice] += count
                    split[voice] += count * disputed
                    right[voice] += count * (disputed and number == winner)
        accuracies = [
            min(_BEST, (1000 * (h - s + r) + _PRIOR * before) // (h + _PRIOR))
            for h, s, r, before in zip(heard, split, right, expected, strict=True)
        ]
    weights = tuple(_odds(accuracy) for accuracy in accuracies)
    return Evidence(weights, tuple(zip(right, split, strict=True)), sum(several.values()))


def contradictions(patterns: Mapping[Pattern, int], witnesses: int) -> list[int]:
    """Count for each witness the columns in which most others, and at least two, say the same against it."""
    made = [0] * witnesses
    for pattern, count in patterns.items():
        spoken = [number for number in pattern if number != UNHEARD]
        for voice, number in enumerate(pattern):
            others = [n for n in spoken if n != number]
            most = max(map(others.count, others), default=0)
            if number != UNHEARD and most > 1 and 2 * most > len(spoken) - 1:
                made[voice] += count
    return made


def _corroborated(pattern: Pattern) -> bool:
    """Whether some two say the same."""
    spoken = [number for number in pattern if number != UNHEARD]
    return len(set(spoken)) < len(spoken)


def side(pattern: Pattern, weights: Sequence[int]) -> int:
    """Give the number of the reading with most weight, the first of equals."""
    made = sides(pattern, weights)
    return max(made, key=made.__getitem__)


def sides(pattern: Pattern, weights: Sequence[int]) -> dict[int, int]:
    """Add up the weights of those who have one reading."""
    made: dict[int, int] = {}
    for number, weight in zip(pattern, weights, strict=True):
        if number != UNHEARD:
            made[number] = made.get(number, 0) + weight
    return made


def pattern_of(column: Sequence[int]) -> Pattern:
    """Give the way in which witnesses split in a column."""
    numbers: dict[int, int] = {}
    return tuple([word if word == UNHEARD else numbers.setdefault(word, len(numbers)) for word in column])


def _odds(accuracy: int) -> int:
    """Give the logarithm of the odds of an accuracy in thousandths, in thousandths, at least 100."""
    return max(100, round(1000 * math.log(accuracy / (1000 - accuracy))))


class Split(NamedTuple):
    """How the votes stand in a column.

    Parameters
    ----------
    shares
        For each witness: its word's share of the votes, and its share beforehand.
    settled
        For each word, by a witness that has it, how far the column is settled on it: of several witnesses
        wholly if it has more than half of the votes; otherwise by its share.
    readings
        How many words there are, silence among them.
    best
        A witness whose word has most votes.
    outvoted
        For each witness, whether its word has less than half.
    """

    shares: Sequence[tuple[float, float]]
    settled: Sequence[tuple[int, float]]
    readings: int
    best: int
    outvoted: Sequence[bool]


@lru_cache(1 << 10)  # few witnesses split in few ways
def split_of(pattern: Pattern, votes: tuple[int, ...], beforehand: tuple[int, ...]) -> Split:
    """Count the votes where witnesses split in one way."""
    own, before = sides(pattern, votes), sides(pattern, beforehand)
    total, known = sum(own.values()), sum(before.values()) or 1
    several = len(pattern) - pattern.count(UNHEARD) > 2
    shares = [
        (own[each] / (total or 1), before[each] / known) if each != UNHEARD else (0.0, 0.0)
        for each in pattern
    ]
    most = max(own, key=own.__getitem__)
    is_settled = several and 2 * own[most] > total
    settled = {most: 1.0} if is_settled else {each: weight / (total or 1) for each, weight in own.items()}
    return Split(
        shares,
        [(pattern.index(each), share) for each, share in settled.items()],
        len(own),
        pattern.index(side(pattern, votes)),
        [own.get(each, total) < total / 2 for each in pattern],
    )
