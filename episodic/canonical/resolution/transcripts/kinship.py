"""Which transcripts are of one conversation.

Two are when a tenth of what the shorter one says only once stands beside the same word of the other: what
is said often makes strangers look alike. Of a text of a few words nobody can tell, so it goes with the
heaviest. Of many transcripts not every two are aligned: those come into question that share some of a fixed
number of phrases, chosen by a hash of their words.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final

from episodic.canonical.resolution.transcripts.alignment import Stream, align

_BELONGS: Final = 0.1
_TOO_SHORT: Final = 50
# So few words that are said once tell nothing, and all words count.
_TELLING: Final = 10
# Every two of so many are aligned.
_FEW: Final = 6
_PHRASE: Final = 5
_PHRASES: Final = 2000
# Phrases of two long texts that say enough.
_ALIKE: Final = 200
# Phrases that two of many have to share before they are aligned.
_CANDIDATES: Final = 20


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
        self._chosen: dict[int, frozenset[int]] = {}

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
                self._much_alike(one, other) or self.share(one, other) >= _BELONGS
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

    def _much_alike(self, one: int, other: int) -> bool:
        """Whether two long streams need not be aligned to see that they are of one conversation."""
        own, its = self._phrases(one), self._phrases(other)
        return min(len(own), len(its)) == _PHRASES and len(own & its) >= _ALIKE

    def likeness(self, one: int, other: int) -> float:
        """Give the share of the phrases of two streams that both have, of those that are compared."""
        own, its = self._phrases(one), self._phrases(other)
        return len(own & its) / (min(len(own), len(its)) or 1)

    def _phrases(self, index: int) -> frozenset[int]:
        """Choose phrases of a stream by their hashes, the same in every stream that has them."""
        if index not in self._chosen:
            stream = list(self._streams[index])
            hashes = list(map(hash, zip(*(stream[at:] for at in range(_PHRASE)), strict=False)))
            # Hashes are spread evenly: twice as many as are wanted are likely below this one.
            limit = (2 * _PHRASES / (len(hashes) or 1) - 0.5) * 2**sys.hash_info.width
            least = {each for each in hashes if each < limit}
            least = least if len(least) >= _PHRASES else set(hashes)
            self._chosen[index] = frozenset(sorted(least)[:_PHRASES])
        return self._chosen[index]

    def _candidates(self, streams: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield the pairs that may be of one conversation, the likeliest first."""
        if len(streams) <= _FEW:
            yield from combinations(streams, 2)
            return
        holders: dict[int, list[int]] = {}
        for index in streams:
            for phrase in self._phrases(index):
                holders.setdefault(phrase, []).append(index)
        common: Counter[tuple[int, int]] = Counter()
        for own in holders.values():
            common.update(pairwise(own))
        pairs = [(-count, pair) for pair, count in common.items() if count >= _CANDIDATES]
        yield from (pair for _, pair in sorted(pairs))
