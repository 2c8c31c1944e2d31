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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.resolution.transcripts.alignment import counting
from episodic.canonical.resolution.transcripts.normal import Normal
from episodic.canonical.resolution.transcripts.table import columns_of

_ABSENT: Final = -1
_SILENCE: Final = array("i", [_ABSENT])


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
    tied, silent, odd = _oddities(rows, normals, sizes)
    cells = _Cells(rows, normals, width + sum(sizes))
    done = 0
    for at in sorted({*odd, *silent}):
        if at < done:
            continue
        cells.copy(done, at)
        done = at
        if at in silent:
            cells.add(at, [silent[at].get(number, (0, 0)) for number in range(len(rows))])
        if at in odd:
            done += 1
            while done in tied:
                done += 1
            spans = [_span(row[at:done], normal) for row, normal in zip(rows, normals, strict=True)]
            cells.add(at, spans)
    cells.copy(done, width)
    cells.bounds.append(len(cells.rows[0]))
    cells.words.append(width)
    return Layout(cells.rows, cells.bounds, cells.words)


class _Cells:
    """Cells of a layout, which are laid one after another."""

    def __init__(self, rows: Sequence[array[int]], normals: Sequence[Normal], most: int) -> None:
        self.rows = [array("i") for _ in rows]
        self.bounds, self.words = array("i"), array("i")
        self._witnesses = list(zip(self.rows, rows, [normal.starts for normal in normals], strict=True))
        self._every = counting(most)

    def copy(self, start: int, end: int) -> None:
        """Add cells of one column each."""
        if start == end:
            return
        first = len(self.rows[0])
        for row, own, starts in self._witnesses:
            if own[start] >= 0 and own[end - 1] - own[start] == end - 1 - start:  # not silent in between
                row.extend(starts[own[start] : own[end - 1] + 1])
            else:
                row.fromlist([starts[word] if word >= 0 else _ABSENT for word in own[start:end]])
        self.bounds.extend(self._every[first : first + end - start])
        self.words.extend(self._every[start:end])

    def add(self, at: int, spans: Sequence[tuple[int, int]]) -> None:
        """Add a cell, given each witness's tokens in it."""
        self.bounds.append(len(self.rows[0]))
        self.words.append(at)
        widest = max([end - start for start, end in spans])
        for row, (start, end) in zip(self.rows, spans, strict=True):
            row.extend(self._every[start:end])
            if end - start < widest:
                row.extend(_SILENCE * (widest - end + start))


def _span(own: array[int], normal: Normal) -> tuple[int, int]:
    """Give the tokens of some words of a witness."""
    if own[0] < 0 or own[-1] < 0:
        own = array("i", [word for word in own if word >= 0])
    return (normal.starts[own[0]], normal.end(own[-1])) if own else (0, 0)


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
