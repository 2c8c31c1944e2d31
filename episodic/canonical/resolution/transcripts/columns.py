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

from episodic.canonical.resolution.transcripts.alignment import ABSENT, Stream, align, counting
from episodic.canonical.resolution.transcripts.refinement import refine
from episodic.canonical.resolution.transcripts.table import uneven

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
    rows, values = [every[: len(streams[0])]], [streams[0]]
    for stream in streams[1:]:
        row, said = array("i"), array("i")
        opened: list[tuple[int, int]] = []  # before which column how many are opened
        for block in align(_most(values), stream):
            there = slice(block.other_start, block.other_end)
            silent = _SILENCE * (0 if block.other_end > block.other_start else block.end - block.start)
            row += every[there] + silent
            said += stream[there] + silent
            if block.start == block.end:
                opened.append((block.start, block.other_end - block.other_start))
        rows = [*(_opened(each, opened) for each in rows), row]
        values = [*(_opened(each, opened) for each in values), said]
    return rows


def _most(values: Sequence[array[int]]) -> array[int]:
    """Give the word that most streams have in each column, the first of equals."""
    most = values[0][:]
    for at in uneven(values):
        present = [word for own in values if (word := own[at]) >= 0]
        most[at] = max(present, key=present.count)
    return most


def _opened(row: array[int], opened: Sequence[tuple[int, int]]) -> array[int]:
    """Put columns where a row has no word."""
    made = array("i")
    done = 0
    for at, count in opened:
        made += row[done:at] + _SILENCE * count
        done = at
    return made + row[done:]
