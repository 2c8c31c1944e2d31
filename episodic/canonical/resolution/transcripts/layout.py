"""From columns of words to columns of tokens, which are what the apparatus and the TEI have.

A *cell* is the smallest range of columns whose ends are borders of chunks in every witness: mostly one
column. Where a chunk has several tokens, or a word is part of a contraction, the cell is as wide as the
widest reading in it::

    s1   twenty  one  percent  |  we'll   -    |  grow
    s2   21%     -    -        |  we      will |  grow

Tokens that come to no word (a filler, a mark by itself, what a loop repeats) stand in a *silent* cell after
the word before them.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.resolution.transcripts.alignment import counting
from episodic.canonical.resolution.transcripts.normal import Normal
from episodic.canonical.resolution.transcripts.table import columns_of

_ABSENT: Final = -1


@dataclass(frozen=True, slots=True)
class Layout:
    """Tokens in columns.

    Parameters
    ----------
    rows
        For each witness, its token in each column, or -1.
    bounds
        The columns where cells begin, and the number of columns.
    words
        For each of those the first column of words there; a silent cell has none.
    """

    rows: list[array[int]]
    bounds: array[int]
    words: array[int]

    def columns(self, start: int, end: int) -> tuple[int, int]:
        """Give the columns of tokens for a range of columns of words, with the silent cells inside."""
        last = len(self.words) - 1
        first = 0 if start == 0 else bisect_right(self.words, start - 1)
        after = last if end >= self.words[last] else bisect_right(self.words, end - 1)
        return self.bounds[first], self.bounds[after]

    def cells(self, columns: Iterable[int]) -> set[int]:
        """Give the cells of some columns of tokens."""
        return {bisect_right(self.bounds, column) - 1 for column in columns}


def lay_out(rows: Sequence[array[int]], normals: Sequence[Normal], sizes: Sequence[int]) -> Layout:
    """Put tokens into columns.

    Parameters
    ----------
    rows
        For each witness, its word in each column of words, or -1.
    normals, sizes
        The witnesses in normal form, and how many tokens each has.
    """
    width = len(rows[0])
    every = counting(width + sum(sizes))
    tied, silent, odd = _oddities(rows, normals, sizes)
    made = [array("i") for _ in rows]
    bounds, words = array("i"), array("i")
    done = 0
    for at in sorted({*odd, *silent}):
        if at < done:
            continue
        _copy(made, rows, normals, bounds, words, every, done, at)
        done = at
        if at in silent:
            _add(made, silent[at], bounds, words, at)
        if at in odd:
            end = at + 1
            while end in tied:
                end += 1
            ranges: dict[int, tuple[int, int]] = {}
            for number, (row, normal) in enumerate(zip(rows, normals, strict=True)):
                own = [word for word in row[at:end] if word >= 0]
                if own:
                    ranges[number] = normal.starts[own[0]], normal.end(own[-1])
            _add(made, ranges, bounds, words, at)
            done = end
    _copy(made, rows, normals, bounds, words, every, done, width)
    bounds.append(len(made[0]))
    words.append(width)
    return Layout(made, bounds, words)


def _oddities(
    rows: Sequence[array[int]], normals: Sequence[Normal], sizes: Sequence[int]
) -> tuple[set[int], dict[int, dict[int, tuple[int, int]]], set[int]]:
    """Find the borders inside of chunks, the silent tokens by their border, and the odd columns."""
    tied: set[int] = set()
    found: list[tuple[int, int, range, tuple[int, int]]] = []
    odd: set[int] = set()
    for number, (row, normal, size) in enumerate(zip(rows, normals, sizes, strict=True)):
        columns = columns_of(row)
        for word in normal.odd:
            if word == len(columns):
                break  # after the last
            last, end = (columns[word - 1], normal.end(word - 1)) if word else (-1, 0)
            start, column = normal.starts[word], columns[word]
            if start > end:
                found.append((last + 1, number, range(last + 1, column + 1), (end, start)))
            elif start < end:
                tied.update(range(last + 1, column + 1))
                odd.update(range(last, column + 1))
        odd.update(columns[word] for word in normal.long)
        last, end = (columns[-1], normal.end(len(columns) - 1)) if columns else (-1, 0)
        if size > end:
            found.append((last + 1, number, range(0), (end, size)))
    silent: dict[int, dict[int, tuple[int, int]]] = {}
    for border, number, between, tokens in found:
        if between and all(each in tied for each in between):
            continue  # they stand inside of a cell
        at = border
        while at in tied:
            at += 1
        silent.setdefault(at, {})[number] = tokens
    return tied, silent, odd


def _copy(
    made: Sequence[array[int]],
    rows: Sequence[array[int]],
    normals: Sequence[Normal],
    bounds: array[int],
    words: array[int],
    every: array[int],
    start: int,
    end: int,
) -> None:
    """Add cells of one column each."""
    if start == end:
        return
    first = len(made[0])
    for row, own, starts in zip(made, rows, [normal.starts for normal in normals], strict=True):
        if own[start] >= 0 and own[end - 1] - own[start] == end - 1 - start:  # not silent in between
            row.extend(starts[own[start] : own[end - 1] + 1])
        else:
            row.fromlist([starts[word] if word >= 0 else _ABSENT for word in own[start:end]])
    bounds += every[first : first + end - start]
    words += every[start:end]


def _add(
    made: Sequence[array[int]],
    ranges: Mapping[int, tuple[int, int]],
    bounds: array[int],
    words: array[int],
    at: int,
) -> None:
    """Add a cell, given each witness's tokens in it."""
    width = max([end - start for start, end in ranges.values()])
    bounds.append(len(made[0]))
    words.append(at)
    for number, row in enumerate(made):
        start, end = ranges.get(number, (0, 0))
        row.fromlist([*range(start, end), *[_ABSENT] * (width - end + start)])
