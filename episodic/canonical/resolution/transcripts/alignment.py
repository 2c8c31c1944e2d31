"""Alignment of two token streams, and of any number of them into columns.

Two streams are aligned by a minimal edit script (Levenshtein, by rapidfuzz's bit-parallel
implementation over interned tokens). Such a script pairs whatever stands at the same place, also a
passage that was cut with another that was added there; so a path of least cost through two states,
*related* and *unrelated*, decides which stretches are not each other's readings at all: there the
streams are put one after the other. Common words that happen to match inside them do not count.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from rapidfuzz.distance import Indel, Levenshtein

from episodic.canonical.errors import ResolutionError

# Costs of the two states. A matched token speaks against *unrelated* twice as strongly as one that
# differs against *related*, so stretches with a third of their tokens in common are where they part;
# a change of state costs as much as six differing tokens, so that a few words make no passage. A gap
# costs as much as three at most: a passage that only one stream has relates or parts nothing by itself,
# but a few words scattered over a long passage are no reading of it.
_MATCH_IN_UNRELATED: Final = 2
_CHANGE: Final = 6
_GAP: Final = 3
# The longest common subsequence takes a bit for each pair of tokens: 50 MB.
_LARGEST_TABLE: Final = 400_000_000
# Stands in a column for a stream that has no token there; no key is interned as it.
ABSENT: Final = "\U0010ffff"
_FIRST_SURROGATE: Final = 0xD800
_SURROGATES: Final = 0x800
_MOST: Final = 0x110000 - _SURROGATES  # characters that there are


# Whether two stretches are equal, and where they begin and end in one stream and in the other.
type _Edit = tuple[bool, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of both streams: paired token by token, or, when one of them is empty, unpaired.

    `equal` when the paired tokens are the same.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    equal: bool


class Vocabulary:
    """Gives every key a character, so that a token stream is a string that rapidfuzz can compare."""

    def __init__(self) -> None:
        self._characters: dict[str, str] = {}

    def intern(self, keys: Iterable[str]) -> str:
        """Spell a token stream, one character a token."""
        known = self._characters
        for key in keys:
            if key not in known:
                code = len(known)
                if code == _MOST:
                    raise ResolutionError(
                        f"the transcripts have more than {_MOST:,} different words; give fewer"
                    )
                known[key] = chr(code if code < _FIRST_SURROGATE else code + _SURROGATES)
        return "".join([known[key] for key in keys])


def similarity(one: str, other: str, *, at_least: float) -> float:
    """Give the share of the longer stream's tokens that are equal; 0 when it is below `at_least`."""
    return Levenshtein.normalized_similarity(one, other, score_cutoff=at_least)


def align(one: str, other: str) -> list[Block]:
    """Align two interned streams; the blocks cover both, in order."""
    edits = [
        (op.tag == "equal", op.src_start, op.src_end, op.dest_start, op.dest_end)
        for op in Levenshtein.opcodes(one, other)
    ]
    blocks: list[Block] = []
    for related, group in groupby(zip(edits, _related(edits), strict=True), key=itemgetter(1)):
        stretch = [edit for edit, _ in group]
        if related:
            blocks += _blocks(stretch)
        else:
            blocks += _second_look(one, other, *_extent(stretch))
    return blocks


def _second_look(one: str, other: str, a: int, b: int, c: int, d: int) -> list[Block]:
    """Look for a common passage in a stretch that the shortest edit script leaves unrelated.

    Where each stream has a passage of its own before or after a common one that is not much longer,
    replacing all is shorter than leaving out both; the longest common subsequence finds it.
    """
    if (b - a) * (d - c) > _LARGEST_TABLE:
        return _unpaired(a, b, c, d)
    edits: list[_Edit] = []
    scripts = ((op.tag == "equal", op) for op in Indel.opcodes(one[a:b], other[c:d]))
    for equal, group in groupby(scripts, key=itemgetter(0)):
        ops = [op for _, op in group]
        edits.append(
            (equal, a + ops[0].src_start, a + ops[-1].src_end, c + ops[0].dest_start, c + ops[-1].dest_end)
        )
    blocks: list[Block] = []
    for related, group in groupby(zip(edits, _related(edits), strict=True), key=itemgetter(1)):
        stretch = [edit for edit, _ in group]
        blocks += _blocks(stretch) if related else _unpaired(*_extent(stretch))
    return blocks


def _extent(stretch: Sequence[_Edit]) -> tuple[int, int, int, int]:
    (_, a, _, c, _), (_, _, b, _, d) = stretch[0], stretch[-1]
    return a, b, c, d


def _blocks(edits: Sequence[_Edit]) -> Iterator[Block]:
    """Pair what is equal, and what differs as far as both streams have something there."""
    for equal, a, b, c, d in edits:
        paired = min(b - a, d - c)
        if paired:
            yield Block(a, a + paired, c, c + paired, equal)
        yield from _unpaired(a + paired, b, c + paired, d)


def _unpaired(a: int, b: int, c: int, d: int) -> list[Block]:
    """Put the first stream's stretch before the other's."""
    first = [Block(a, b, c, c, equal=False)] if b > a else []
    second = [Block(b, b, c, d, equal=False)] if d > c else []
    return first + second


def _related(edits: Sequence[_Edit]) -> list[bool]:
    """Find for each edit the state on the path of least cost (Viterbi's algorithm)."""
    related = unrelated = 0
    steps: list[tuple[bool, bool]] = []  # for each state, whether the best path came from *related*
    for equal, a, b, c, d in edits:
        paired = min(b - a, d - c)
        gap = min(_GAP, b - a + d - c - 2 * paired)
        steps.append((related <= unrelated + _CHANGE, related + _CHANGE < unrelated))
        related, unrelated = (
            min(related, unrelated + _CHANGE) + (0 if equal else paired + gap),
            min(unrelated, related + _CHANGE) + (_MATCH_IN_UNRELATED * paired if equal else 0),
        )
    state = related <= unrelated
    states: list[bool] = []
    for step in reversed(steps):
        states.append(state)
        state = step[0] if state else step[1]
    return states[::-1]


def columns(streams: Sequence[str], aligner: Callable[[str, str], list[Block]] = align) -> list[list[int]]:
    """Align any number of interned streams.

    Parameters
    ----------
    streams
        The first is the base, against which the others are aligned; what they have beyond it at
        one place is aligned with each other in the same way.
    aligner
        `align`, or something that remembers what it gave.

    Returns
    -------
    For each stream, its token in each column, or -1 where it has none. Every token stands in one
    column, in order, and every column has a token.
    """
    base, *others = streams
    rows = [list(range(len(base)))]
    gaps: dict[int, dict[int, tuple[int, int]]] = {}
    for number, other in enumerate(others, 1):
        row = [-1] * len(base)
        for block in aligner(base, other):
            if block.start == block.end:
                gap = gaps.setdefault(block.start, {})
                start, _ = gap.get(number, (block.other_start, 0))
                gap[number] = start, block.other_end
            elif block.other_start < block.other_end:
                row[block.start : block.end] = range(block.other_start, block.other_end)
        rows.append(row)
    return _opened(rows, streams, gaps) if gaps else rows


def _opened(
    rows: list[list[int]], streams: Sequence[str], gaps: dict[int, dict[int, tuple[int, int]]]
) -> list[list[int]]:
    """Insert the columns that stand in the gaps of the base."""
    opened: list[list[int]] = [[] for _ in rows]
    done = 0
    for at in sorted(gaps):
        inserted = gaps[at]
        for row, whole in zip(opened, rows, strict=True):
            row.extend(whole[done:at])
        done = at
        inner = columns([streams[number][start:end] for number, (start, end) in inserted.items()])
        width = len(inner[0])
        by_number = dict(zip(inserted, inner, strict=True))
        for number, row in enumerate(opened):
            if number in by_number:
                start = inserted[number][0]
                row.extend([place if place < 0 else place + start for place in by_number[number]])
            else:
                row.extend([-1] * width)
    for row, whole in zip(opened, rows, strict=True):
        row.extend(whole[done:])
    return opened
