"""Regions: where the witnesses do not say the same, between columns in which they do.

Inside a region whole readings compete, and one witness's is taken as it stands: a free mixture of columns
would say what no witness says. So a region

1. covers neighbouring columns that are not all equal; one in which two of three say the same word stands
   for itself, so that who is wrong there may still be right beside it;
2. is widened until both ends are borders of cells, and never ends between two numbers, which would make one
   of two;
3. ends where a hole begins or ends: inside the hole those that speak settle the words among themselves.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from episodic.canonical.resolution.transcripts.evidence import UNHEARD


class Region(NamedTuple):
    """A range of columns of words, and the readings in it, each with the witnesses that have it."""

    start: int
    end: int
    readings: tuple[tuple[int, ...], ...]


def regions(
    rows: Sequence[Sequence[int]],
    disputed: Sequence[int],
    borders: Sequence[int],
    numbers: frozenset[int],
    firm: frozenset[int],
) -> Iterator[Region]:
    """Yield the regions in order.

    Parameters
    ----------
    rows
        What each witness says by column, as numbers; -1 for silence, `UNHEARD` where it does not speak.
    disputed
        The columns in which not all say the same, in order.
    borders
        For each column, 0 where a cell begins; 1 where none does; 2 where a region must end.
    numbers
        The words that are numbers.
    firm
        Columns that stand for themselves.
    """
    width = len(rows[0])
    end = 0
    waiting: list[int] = []  # start and end of the region that is being made

    def is_number(column: int) -> bool:
        return not numbers.isdisjoint([row[column] for row in rows])

    def ends_before(column: int) -> bool:
        if borders[column] or not (column in firm or column - 1 in firm):
            return borders[column] == 2
        return not (is_number(column) and is_number(column - 1))

    for column in disputed:
        if column < end:
            continue
        start, last = column, column + 1
        while start > end and (
            borders[start] == 1 or (borders[start] == 0 and is_number(start) and is_number(start - 1))
        ):
            start -= 1
        while last < width and (
            borders[last] == 1 or (borders[last] == 0 and is_number(last) and is_number(last - 1))
        ):
            last += 1
        end = last
        if waiting and waiting[1] == start and not ends_before(start):
            waiting[1] = last
            continue
        if waiting:
            yield _region(rows, *waiting)
        waiting = [start, last]
    if waiting:
        yield _region(rows, *waiting)


def _region(rows: Sequence[Sequence[int]], start: int, end: int) -> Region:
    by_reading: dict[tuple[int, ...], list[int]] = {}
    for voice, row in enumerate(rows):
        if UNHEARD not in (said := row[start:end]):
            by_reading.setdefault(tuple([word for word in said if word >= 0]), []).append(voice)
    return Region(start, end, tuple(map(tuple, by_reading.values())))
