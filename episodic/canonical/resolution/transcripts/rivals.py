"""How readings fare against their rivals elsewhere in the episode.

*Rivals* are compared by who won elsewhere: nearby, usually, and where the same two words met. Of several
witnesses the votes tell who won. Two have one vote each, and nobody wins: there a first look at all regions,
without these three, tells by degrees (`Contest.compare`), so that who is right more often wins more doubts::

    s1  the tires we sold   pricing power   a follow up       first look: s1, s1, s2
    s2  the tires he sold   prize in power  as a followup     second look: s1 has won twice as often
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

from episodic.canonical.resolution.transcripts.evidence import UNHEARD, Split
from episodic.canonical.resolution.transcripts.features import CONFUSION, NEARBY, USUAL, Column, Vector
from episodic.canonical.resolution.transcripts.regions import Region

# Disputed columns on each side in which witnesses are compared nearby.
_NEAR: Final = 12


class Rivals:
    """Counts who wins, and over whom.

    Parameters
    ----------
    disputed
        The columns in which witnesses do not all say the same, with what they say.
    splits
        How the votes stand there.
    trust
        What a count in this text is worth, in 0..1.
    chances
        Of each word in disputed columns, by column; ``None``: the votes tell.
    """

    def __init__(
        self,
        disputed: Mapping[int, Column],
        splits: Mapping[int, Split],
        trust: float,
        chances: Mapping[int, Mapping[int, float]] | None = None,
    ) -> None:
        self._disputed = disputed
        self._trust = trust
        self._at = {column: at for at, column in enumerate(disputed)}
        self._looks = chances is not None
        # For each disputed column, how far each word wins; and how often each pair of words did.
        by_votes = ((at, _winner(column, splits[at])) for at, column in disputed.items())
        self._won = dict(by_votes) if chances is None else chances
        self._wins: defaultdict[tuple[int, int], float] = defaultdict(float)
        losses: list[Sequence[float]] = []
        for column, said in self._disputed.items():
            won = self._won.get(column, {})
            for word, share in won.items():
                for rival in won if share else ():
                    if rival != word:
                        self._wins[word, rival] += share
            lost = [1 - won.get(word, 1.0) for word in said] if self._looks else splits[column].outvoted
            losses.append(lost)
        # For each witness, how often it was outvoted before each disputed column.
        self._outvoted = [list(accumulate(own, initial=0.0)) for own in zip(*losses, strict=True)]

    def add(self, region: Region, vectors: Sequence[Vector]) -> None:
        """Add to the vectors of a region's readings, which `Features.of` gives, how they fare elsewhere."""
        first = [voices[0] for voices in region.readings]
        for index in range(region.start, region.end):
            if mine := self._won.get(index):
                column = self._disputed[index]
                nearby = self._ahead(index, column, _NEAR)
                usual = self._ahead(index, column, len(self._at)) if self._looks else None
                for vector, voice in zip(vectors, first, strict=True):
                    word = column[voice]
                    vector[NEARBY] += nearby[word]
                    if usual:
                        vector[USUAL] += usual[word] * self._trust
                    if word >= 0:
                        vector[CONFUSION] += self._confusion(word, mine) * self._trust

    def _confusion(self, word: int, mine: Mapping[int, float]) -> float:
        found = 0.0
        for rival in mine:
            if rival >= 0 and rival != word:
                won = self._wins[word, rival] - mine[word]
                lost = self._wins[rival, word] - mine[rival]
                found += (won - lost) / (won + lost + 2)
        return found

    def _ahead(self, column: int, words: Column, near: int) -> dict[int, float]:
        """Say of each word how much less often than the others those who have it are outvoted beside it."""
        at = self._at[column]
        low, high = max(0, at - near), min(len(self._at), at + 1 + near)
        lost: dict[int, list[float]] = {}
        for word, sums in zip(words, self._outvoted, strict=True):
            if word != UNHEARD:
                lost.setdefault(word, []).append(sums[high] - sums[low] - (sums[at + 1] - sums[at]))
        made = dict.fromkeys(lost, 0.0)
        if len(lost) > 1:
            for word, own in lost.items():
                others = [each for rival, its in lost.items() if rival != word for each in its]
                made[word] = (sum(others) / len(others) - sum(own) / len(own)) / (high - low)
        return made


def _winner(column: Column, split: Split) -> Mapping[int, float]:
    """Give all of a column to the word that has most votes, the first of equals."""
    best = column[split.best]
    return {word: float(word == best) for word in column if word != UNHEARD}
