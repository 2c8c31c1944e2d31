"""Refinement of columns where more than two witnesses disagree.

Aligning each witness with the base alone leaves the witnesses' errors beside each other where they
could stand in one column: of two equally short edit scripts, the one that agrees with a third witness
is better. So every small stretch of disagreement is aligned again, one witness at a time against all
others, for the least number of differing pairs (sum of pairs; iterative refinement after Barton and
Sternberg, J. Mol. Biol. 198, 1987).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count, pairwise
from typing import Final

from episodic.canonical.resolution.transcripts.alignment import ABSENT, Stream

# Wider stretches are cut where all witnesses that are present agree, and left alone where none do.
_WIDEST: Final = 24
_ROUNDS: Final = 3

type _Sequences = tuple[tuple[int, ...], ...]
type _Columns = tuple[tuple[int, ...], ...]  # for each column, each witness's place in its sequence


def refine(rows: Sequence[Sequence[int]], streams: Sequence[Stream]) -> Sequence[Sequence[int]]:
    """Improve an alignment.

    Parameters
    ----------
    rows
        For each stream, its token in each column, or -1.
    streams
        Interned token streams.

    Returns
    -------
    Rows of the same kind, with no more differing pairs.
    """
    if len(rows) < 3:
        return rows
    values = [
        list(map([*stream, ABSENT].__getitem__, row)) for row, stream in zip(rows, streams, strict=True)
    ]
    table = list(zip(*values, strict=True))
    refined: list[list[int]] = [[] for _ in rows]
    done = 0
    for start, end in _stretches(table):
        places = [[place for place in row[start:end] if place >= 0] for row in rows]
        texts = [
            tuple(stream[own[0] : own[-1] + 1]) if own else ()
            for stream, own in zip(streams, places, strict=True)
        ]
        if len(set(texts)) < 3:
            continue  # two different texts are already aligned as well as can be
        aligned, cost = _aligned(_relabelled(texts))
        if sum(map(_differing, table[start:end])) < cost:
            continue
        for row, whole in zip(refined, rows, strict=True):
            row.extend(whole[done:start])
        done = end
        for column in aligned:
            for row, own, place in zip(refined, places, column, strict=True):
                row.append(own[place] if place >= 0 else ABSENT)
    for row, whole in zip(refined, rows, strict=True):
        row.extend(whole[done:])
    return refined


def _stretches(table: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of disagreement that are small enough to be aligned again."""
    size = len(table[0]) if table else 0
    agreed = [index for index, column in enumerate(table) if column.count(column[0]) == size]
    for before, after in pairwise([-1, *agreed, len(table)]):
        if after - before > 2:
            yield from _narrowed(table, before + 1, after)


def _narrowed(table: Sequence[tuple[int, ...]], start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start <= _WIDEST:
        yield start, end
        return
    cuts = [start - 1]
    for index in range(start, end):
        present = [word for word in table[index] if word != ABSENT]
        if len(present) > 1 and present.count(present[0]) == len(present):
            cuts.append(index)
    for before, after in pairwise([*cuts, end]):
        if 2 < after - before <= _WIDEST + 1:
            yield before + 1, after


def _relabelled(texts: Sequence[Sequence[int]]) -> _Sequences:
    """Number the tokens by first appearance, so that stretches of one pattern share one result."""
    numbers: dict[int, int] = {}
    return tuple(tuple([numbers.setdefault(word, len(numbers)) for word in text]) for text in texts)


@lru_cache(maxsize=1 << 14)
def _aligned(sequences: _Sequences) -> tuple[_Columns, int]:
    """Align from scratch: progressively, then each against all others until nothing improves.

    Mostly better than what the base alone led to, but not always; so the differing pairs are told.
    """
    columns = [[word] for word in sequences[0]]
    for number, own in enumerate(sequences[1:], 1):
        columns = _joined(columns, own, at=number)
    cost = sum(map(_differing, columns))
    for _ in range(_ROUNDS):
        better = columns
        for number, own in enumerate(sequences):
            rest = [left for column in better if max(left := column[:number] + column[number + 1 :]) >= 0]
            better = _joined(rest, own, at=number)
        better_cost = sum(map(_differing, better))
        if better_cost >= cost:
            break
        columns, cost = better, better_cost
    places = [count() for _ in sequences]
    return tuple(
        tuple([ABSENT if word < 0 else next(place) for place, word in zip(places, column, strict=True)])
        for column in columns
    ), cost


def _differing(column: Sequence[object]) -> int:
    """Count the pairs that differ: all, without those of each with its equals."""
    return (len(column) ** 2 - sum(map(column.count, column))) // 2


def _joined(columns: list[list[int]], own: Sequence[int], *, at: int) -> list[list[int]]:
    """Align one sequence with columns of others by dynamic programming, and put it among them."""
    width = len(columns[0]) if columns else 0
    skips = [width - column.count(ABSENT) for column in columns]
    rows = [[width * j for j in range(len(own) + 1)]]
    for column, skip in zip(columns, skips, strict=True):
        last = rows[-1]
        row = [last[0] + skip]
        for j, token in enumerate(own):
            row.append(min(last[j] + width - column.count(token), last[j + 1] + skip, row[j] + width))
        rows.append(row)
    i, j = len(columns), len(own)
    joined: list[list[int]] = []
    while i or j:
        here = rows[i][j]
        if i and j and here == rows[i - 1][j - 1] + width - columns[i - 1].count(own[j - 1]):
            i, j = i - 1, j - 1
            word = own[j]
        elif i and here == rows[i - 1][j] + skips[i - 1]:
            i, word = i - 1, ABSENT
        else:
            j -= 1
            joined.append([*[ABSENT] * at, own[j], *[ABSENT] * (width - at)])
            continue
        column = columns[i]
        joined.append([*column[:at], word, *column[at:]])
    return joined[::-1]
