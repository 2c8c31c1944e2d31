"""Which transcripts are of one conversation.

Two are when a tenth of what the shorter one says only once stands beside the same word of the other: what
is said often makes strangers look alike, unless half of all phrases are the same. Of a text of a few words
nobody can tell, so it goes with the heaviest. Two that have many phrases in common need not be aligned to
see it; and of many transcripts not every two are aligned: those come into question that share some phrases.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, pairwise
from typing import Final

from episodic.canonical.resolution.transcripts.alignment import Stream, align, grams

_BELONGS: Final = 0.1
_SAME: Final = 0.5
_TOO_SHORT: Final = 50
# So few words that are said once tell nothing, and all words count.
_TELLING: Final = 10
# Every two of so many are aligned.
_FEW: Final = 6
# Words of a phrase, which begins with one of so many words of the vocabulary; of long texts fewer are enough.
_PHRASE: Final = 5
_EVERY: Final = 4
_EVERY_OF_LONG: Final = 16
# Phrases of two long texts that say enough, when they are a share of them that belongs.
_ALIKE: Final = 50
# Phrases that two of many have to share before they are aligned: so many, and such a share.
_CANDIDATES: Final = 5
_LIKELY: Final = 0.01


class Kinship:
    """Compares streams of words, each two once.

    Parameters
    ----------
    streams
        By falling weight.
    """

    def __init__(self, streams: Sequence[Stream]) -> None:
        self._streams = streams
        self._shares: dict[tuple[int, int], float] = {}
        self._phrases = cache(self._phrases_of)

    def share(self, one: int, other: int) -> float:
        """Give the share of what the shorter stream says only once that stands beside the same word."""
        pair = min(one, other), max(one, other)
        if pair not in self._shares:
            short, long = sorted((self._streams[one], self._streams[other]), key=len)
            counts = Counter(short)
            if list(counts.values()).count(1) < _TELLING:
                counts = Counter(set(short))
            told = sum(counts[word] == 1 for word in short)
            shared = sum(
                counts[word] == 1
                for block in align(short, long)
                if block.equal
                for word in short[block.start : block.end]
            )
            self._shares[pair] = shared / (told or 1)
        return self._shares[pair]

    def families(self, bound: Sequence[Sequence[int]]) -> list[list[int]]:
        """Group what is of one conversation.

        Parameters
        ----------
        bound
            Streams that belong together whatever they share.

        Returns
        -------
        Groups of streams, each in order, by their first.
        """
        parents = list(range(len(self._streams)))

        def root(index: int) -> int:
            while parents[index] != index:
                parents[index] = index = parents[parents[index]]
            return index

        def bind(one: int, other: int) -> None:
            low, high = sorted((root(one), root(other)))
            parents[high] = low

        for group in bound:
            for one, other in pairwise(group):
                bind(one, other)
        long = [index for index, stream in enumerate(self._streams) if len(stream) >= _TOO_SHORT]
        for one, other in self._candidates(long):
            if root(one) != root(other) and (
                self.much_alike(one, other, _BELONGS)
                or self.share(one, other) >= _BELONGS
                or self.likeness(one, other) >= _SAME
            ):
                bind(one, other)
        first = long[0] if long else 0
        for index, stream in enumerate(self._streams):
            if len(stream) < _TOO_SHORT and root(index) == index:
                bind(first, index)
        groups: dict[int, list[int]] = {}
        for index in range(len(self._streams)):
            groups.setdefault(root(index), []).append(index)
        return list(groups.values())

    def much_alike(self, one: int, other: int, share: float) -> bool:
        """Whether two long streams need not be aligned to see that they have such a share in common."""
        if min(len(self._streams[one]), len(self._streams[other])) < _ALIKE * _EVERY_OF_LONG:
            return False
        own, its = self._phrases(one, _EVERY_OF_LONG), self._phrases(other, _EVERY_OF_LONG)
        return len(own & its) >= max(_ALIKE, share * min(len(own), len(its)))

    def likeness(self, one: int, other: int) -> float:
        """Give the share of the phrases of two streams that both have."""
        return len(self._phrases(one) & self._phrases(other)) / (self._fewest(one, other) or 1)

    def _fewest(self, one: int, other: int) -> int:
        return min(len(self._phrases(one)), len(self._phrases(other)))

    def _phrases_of(self, index: int, every: int = _EVERY) -> frozenset[bytes]:
        return frozenset(phrase for phrase, _ in grams(self._streams[index], _PHRASE, every))

    def _candidates(self, streams: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield the pairs that may be of one conversation, the likeliest first."""
        if len(streams) <= _FEW:
            yield from combinations(streams, 2)
            return
        holders: dict[bytes, list[int]] = {}
        for index in streams:
            for phrase in self._phrases(index):
                holders.setdefault(phrase, []).append(index)
        common: Counter[tuple[int, int]] = Counter()
        for own in holders.values():
            common.update(pairwise(own))
        pairs = [
            (-count, pair)
            for pair, count in common.items()
            if count >= max(_CANDIDATES, _LIKELY * self._fewest(*pair))
        ]
        yield from (pair for _, pair in sorted(pairs))
