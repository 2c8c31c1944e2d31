"""Any number of word streams in columns.

Strategy:

1. **Order**: the stream that has most in common with the others comes first (the medoid), the others by
   falling nearness, so that each is aligned with as good a text as there is.
2. **Join** one stream at a time: against the words that most of those joined so far have in each column,
   also in columns that only one of them opened; so insertions of several streams meet wherever they hang.
3. **Refine** small stretches of disagreement, every stream against all others (`refinement`).
"""

from array import array
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from episodic.canonical.resolution.transcripts.alignment import ABSENT, Block, Stream, align, counting
from episodic.canonical.resolution.transcripts.refinement import refine

_SILENCE: Final = array("i", [ABSENT])


def columns(streams: Sequence[Stream]) -> list[array[int]]:
    """Align streams.

    Returns
    -------
    For each stream, its word in each column, or -1 where it has none. Every word stands in one column, in
    order, and every column has a word.
    """
    order = nearest_first(streams)
    ordered = [array("i", streams[number]) for number in order]
    rows = refine(_joined(ordered), ordered)
    return [array("i", row) for _, row in sorted(zip(order, rows, strict=True))]


def nearest_first(streams: Sequence[Stream]) -> list[int]:
    """Order streams by how much they have in common with all others, the first of equals first."""
    if len(streams) < 3:
        return list(range(len(streams)))
    # The hashes of phrases of numbers are the same anywhere, and take least room.
    phrases = [set(map(hash, zip(s, s[1:], s[2:], strict=False))) for s in streams]
    common = [0.0] * len(streams)
    for one, other in combinations(range(len(streams)), 2):
        own, its = phrases[one], phrases[other]
        share = len(own & its) / (max(len(own), len(its)) or 1)
        common[one] += share
        common[other] += share
    return sorted(range(len(streams)), key=lambda n: (-round(common[n], 6), n))


def _joined(streams: Sequence[array[int]]) -> list[array[int]]:
    """Join streams in their order."""
    every = counting(max(map(len, streams)))
    rows, most = [every[: len(streams[0])]], Most(streams[0])
    for stream in streams[1:]:
        row = array("i")
        opened: list[tuple[int, int]] = []  # before which column how many are opened
        blocks = align(most.words, stream)
        for block in blocks:
            row += every[block.other_start : block.other_end]
            if block.start == block.end:
                opened.append((block.start, block.other_end - block.other_start))
            elif block.other_start == block.other_end:
                row += _SILENCE * (block.end - block.start)
        rows = [*(_opened(each, opened) for each in rows), row]
        if len(rows) < len(streams):
            most.add(stream, blocks)
    return rows


class Most:
    """The word that most streams have in each column, the first of equals.

    A column keeps its number, wherever others are opened: they are counted on.
    """

    def __init__(self, stream: array[int]) -> None:
        self.words = stream
        self._order = counting(len(stream))[: len(stream)]
        self._won, self._votes = stream[:], array("i", [1]) * len(stream)  # by number
        self._said: dict[int, dict[int, int]] = {}  # how many have each word, where they differ

    def add(self, stream: array[int], blocks: Sequence[Block]) -> None:
        """Count the words of a stream that was aligned with these."""
        order, won = array("i"), self._won
        for block in blocks:
            own, here = stream[block.other_start : block.other_end], self._order[block.start : block.end]
            if not here:
                here = array("i", range(len(won), len(won) + len(own)))
                won += own
                self._votes += array("i", [1]) * len(own)
            elif block.equal:
                for column in here:
                    self._votes[column] += 1
            else:
                for column, word in zip(here, own, strict=False):
                    said = self._said.setdefault(column, {})
                    said[won[column]] = self._votes[column]
                    said[word] = said.get(word, 0) + 1
                    won[column] = max(said, key=said.__getitem__)
                    self._votes[column] = said[won[column]]
            order += here
        self._order = order
        self.words = array("i", list(map(won.__getitem__, order)))


def _opened(row: array[int], opened: Sequence[tuple[int, int]]) -> array[int]:
    """Put columns where a row has no word."""
    made = array("i")
    done = 0
    for at, count in opened:
        made += row[done:at]
        made += _SILENCE * count
        done = at
    made += row[done:]
    return made
