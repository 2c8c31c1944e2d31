"""What each witness says in each column, and where it speaks at all.

A witness *reaches* from its first to its last word that another has too, and over the edges when it has
enough words there to have heard what the others have (a fragment does not vote for silence where it does
not reach). A *hole* is a passage inside that only others have: they settle its words among themselves, and
whether it stands is one question, not one a word (`regions`).
"""

import re
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress, count, pairwise
from operator import ne
from typing import Final

from episodic.canonical.resolution.transcripts.alignment import ABSENT, Stream, counting

# Before its first and after its last shared word a witness covers what the others have there when they
# have no more than ten words there, and ten more for each of its own.
_EDGE: Final = 10
# Columns from which silence is a hole; of one that lacks more than half, as a track by itself does.
HOLE: Final = 8
_TURN: Final = 3
# Columns that are compared at once, as most are even.
_AT_ONCE: Final = 32

# Columns in which a witness is silent for long, and which it is.
type Gap = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Table:
    """Words in columns.

    Parameters
    ----------
    rows
        For each witness, its word in each column by place, or -1.
    words
        The same by number, or -1.
    streams
        What each says, one word after another.
    reach
        For each witness, the columns that it reaches: the first, and the one after the last.
    holes
        For each witness, the columns inside where it is silent for long.
    """

    rows: list[array[int]]
    words: list[array[int]]
    streams: Sequence[Stream]
    reach: tuple[tuple[int, int], ...]
    holes: tuple[tuple[tuple[int, int], ...], ...]


def extended(table: Table, voice: int, start: int, end: int) -> Table:
    """Let a witness reach over columns beside those that it reaches, and be silent there."""
    first, last = table.reach[voice]
    if start >= last > start - HOLE:
        reach, holes = (first, end), (*table.holes[voice], (last, end))
    elif end <= first < end + HOLE:
        reach, holes = (start, last), ((start, first), *table.holes[voice])
    else:
        return table
    return replace(
        table,
        reach=(*table.reach[:voice], reach, *table.reach[voice + 1 :]),
        holes=(*table.holes[:voice], holes, *table.holes[voice + 1 :]),
    )


def tabulate(rows: list[array[int]], streams: Sequence[Stream]) -> Table:
    """Make a table of columns."""
    words = [_said(row, array("i", stream)) for row, stream in zip(rows, streams, strict=True)]
    reach = _reach(words)
    holes = tuple(_holes(own, *span) for own, span in zip(words, reach, strict=True))
    return Table(rows, words, streams, reach, holes)


def _said(row: array[int], stream: array[int]) -> array[int]:
    """Give the words of a row, which has each of a stream in order."""
    words = array("i", [ABSENT]) * len(row)
    for start, end in spoken(row):
        words[start:end] = stream[row[start] : row[start] + end - start]
    return words


def _holes(words: array[int], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Find where a witness is silent for long."""
    holes = tuple(silences(words, start, end, HOLE))
    if 2 * sum(end - start for start, end in holes) > end - start:
        return tuple(silences(words, start, end, _TURN))
    return holes


def uneven(rows: Sequence[Sequence[object]]) -> set[int]:
    """Find the columns in which not all have the same."""
    first, *others = rows
    found: set[int] = set()
    for start in range(0, len(first), _AT_ONCE):
        own = first[start : start + _AT_ONCE]
        for other in others:
            if (its := other[start : start + _AT_ONCE]) != own:
                found.update(compress(count(start), map(ne, own, its, strict=True)))
    return found


def spoken(row: array[int]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of columns in which a row has something."""
    # All bits of the highest byte are set in what is absent, and in no number.
    highest = row.tobytes()[row.itemsize - 1 if sys.byteorder == "little" else 0 :: row.itemsize]
    return (found.span() for found in re.finditer(rb"[^\xff]+", highest))


def columns_of(row: array[int]) -> array[int]:
    """Give the columns in which a row has something."""
    every, columns = counting(len(row)), array("i")
    for start, end in spoken(row):
        columns += every[start:end]
    return columns


def silences(words: array[int], start: int, end: int, least: int) -> Iterator[tuple[int, int]]:
    """Yield the columns in which a witness is silent for at least so many."""
    done = start
    for since, until in (*spoken(words[start:end]), (end - start, end - start)):
        if start + since - done >= least:
            yield done, start + since
        done = start + until


def overlaid(gaps: Iterable[Gap]) -> Iterator[tuple[int, int, tuple[Gap, ...]]]:
    """Yield the columns between two edges of gaps, with the gaps that they lie in, if there are any."""
    opening = sorted(gaps)
    edges = sorted({edge for start, end, _ in opening for edge in (start, end)})
    within: list[Gap] = []
    at = 0
    for start, end in pairwise(edges):
        while at < len(opening) and opening[at][0] <= start:
            within.append(opening[at])
            at += 1
        within = [gap for gap in within if gap[1] > start]
        if within:
            yield start, end, tuple(within)


def _reach(words: Sequence[array[int]]) -> tuple[tuple[int, int], ...]:
    """Find the columns that each witness reaches."""
    width, heard = len(words[0]), list(map(columns_of, words))

    def reach(own: array[int], columns: array[int]) -> tuple[int, int]:
        def is_shared(column: int) -> bool:
            return [other[column] for other in words].count(own[column]) > 1

        first = next(filter(is_shared, columns), None)
        last = next(filter(is_shared, reversed(columns)), None)
        if first is None or last is None:
            return 0, width
        before = [bisect_left(each, first) for each in heard]
        after = [len(each) - bisect_right(each, last) for each in heard]
        most_before = _EDGE * (bisect_left(columns, first) + 1)
        most_after = _EDGE * (len(columns) - bisect_right(columns, last) + 1)
        return first if max(before) > most_before else 0, last + 1 if max(after) > most_after else width

    return tuple(map(reach, words, heard, strict=True))
