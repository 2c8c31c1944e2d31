"""Alignment of two word streams, given as integers.

Strategy:

1. **Anchors**: n-grams that occur once in each stream, the longest chain of them that is in order in both.
   What lies between two anchors is small, so the quadratic step never meets more than a piece. Those that
   begin with every sixteenth word of the vocabulary are enough; more would cut where nothing has to be cut.
2. **Pieces** are aligned by a minimal edit script (Levenshtein, rapidfuzz's bit-parallel implementation). A
   piece that is too large for that, because nothing anchors it, is left unpaired: such texts have nothing
   in common.
3. Such a script pairs whatever stands at the same place, also a passage that was cut with another that was
   added there; so a path of least cost through two states, *related* and *unrelated*, decides which
   stretches are not each other's readings at all: there the streams are put one after the other. Common
   words that happen to match inside them do not count.
4. A **second look** at such a stretch finds a common passage that is hidden between two that are not.
"""

import re
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import count, groupby
from operator import itemgetter
from typing import Final, NamedTuple

from rapidfuzz.distance import Indel, Levenshtein

from episodic.canonical.text.known import looked_up
from episodic.canonical.text.rising import rising

type Stream = Sequence[int]

# Stands in a column for a stream that has no word there.
ABSENT: Final = -1

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
# Words of an anchor, and the words of a stream from which anchors are looked for.
_GRAM: Final = 6
_ANCHORED: Final = 400
# Of so many n-grams of a long piece one is in the other, or the pieces have nothing in common.
_COMMON: Final = 20
# Of so many words of the vocabulary one may begin an anchor: a power of two, up to 256.
_EVERY: Final = 16
# Of the size of what is counted at once, so that small stretches share it.
_LEAST_BITS: Final = 14


# Whether two stretches are equal, and where they begin and end in one stream and in the other.
type _Edit = tuple[bool, int, int, int, int]


class Block(NamedTuple):
    """A stretch of both streams: paired token by token, or, when one of them is empty, unpaired.

    `equal` when the paired tokens are the same.
    """

    start: int
    end: int
    other_start: int
    other_end: int
    equal: bool


class Interner(defaultdict[str, int]):
    """Gives every word a number, in the order in which words come."""

    def __init__(self) -> None:
        super().__init__(count().__next__)

    def intern(self, words: Sequence[str]) -> array[int]:
        """Number words."""
        return array("i", looked_up(self, words))


def counting(size: int) -> array[int]:
    """Give the numbers from 0 on, so many at least; only to copy stretches of, as all share them."""
    return _counted(max(_LEAST_BITS, size.bit_length()))


@lru_cache(4)
def _counted(bits: int) -> array[int]:
    return array("i", range(1 << bits))


def similarity(one: Stream, other: Stream, *, at_least: float) -> float:
    """Give the share of the longer stream's tokens that are equal; 0 when it is below `at_least`."""
    return Levenshtein.normalized_similarity(one, other, score_cutoff=at_least)


def anchored_similarity(one: array[int], other: array[int]) -> float:
    """Give the share of the longer stream's tokens that are equal, as far as anchors show it."""
    edited = sum(max(b - a, d - c) for equal, a, b, c, d in _edits(one, other) if not equal)
    return 1 - edited / (max(len(one), len(other)) or 1)


def anchors(one: array[int], other: array[int]) -> list[tuple[int, int]]:
    """Find where n-grams that both streams have once begin, the longest chain in the order of both.

    Where one stream has a passage twice, the other's is set beside its first, and not scattered over both.
    """
    (own, again), (its, again_there) = _grams(one), _grams(other)
    often = {gram for gram, times in (again + again_there).items() if times > 1}
    pairs = sorted([(at, its[gram]) for gram, at in own.items() if gram in its and gram not in often])
    return [pairs[at] for at in rising([there for _, there in pairs])]


def grams(stream: Stream, words: int, every: int) -> list[tuple[bytes, int]]:
    """List n-grams of a stream and where they begin: those that begin with one of so many words.

    These are the same in every stream, so that an n-gram comes from all that have it, as often.
    """
    stream = array("i", stream)
    raw, size = stream.tobytes(), stream.itemsize
    # The lowest byte of a number tells, and to look at bytes takes a third of the time.
    lowest = raw[0 if sys.byteorder == "little" else size - 1 :: size]
    begins = lowest[: max(0, len(stream) - words + 1)].translate(_dividing(every))
    found = re.finditer(rb"\x01", begins)
    return [(raw[(at := each.start()) * size : (at + words) * size], at) for each in found]


@cache
def _dividing(every: int) -> bytes:
    """Say of each byte whether a power of two divides it."""
    return bytes(value % every == 0 for value in range(256))


def _grams(stream: Stream) -> tuple[dict[bytes, int], Counter[bytes]]:
    """Give the place where each n-gram begins first, and how often those come again that do."""
    found = grams(stream, _GRAM, _EVERY)
    first = dict(reversed(found))
    return first, Counter(gram for gram, at in found if first[gram] != at)


def _edits(one: array[int], other: array[int]) -> Iterator[_Edit]:
    """Yield an edit script, short stretches between anchors by the shortest."""
    a = c = 0
    if min(len(one), len(other)) >= _ANCHORED:
        for at, there in anchors(one, other):
            if at < a or there < c:
                continue
            yield from _script(one, other, a, at, c, there)
            equal = _equal(one, other, at, there)
            a, c = at + equal, there + equal
            yield True, at, a, there, c
    yield from _script(one, other, a, len(one), c, len(other))


def _equal(one: array[int], other: array[int], a: int, c: int) -> int:
    """Count the tokens that are equal from two places on."""
    equal, step, most = 0, 1, min(len(one) - a, len(other) - c)
    while step and equal < most:
        if one[a + equal : a + equal + step] == other[c + equal : c + equal + step]:
            equal, step = equal + step, 2 * step
        else:
            step //= 2
    return min(equal, most)


def _script(one: array[int], other: array[int], a: int, b: int, c: int, d: int) -> Iterator[_Edit]:
    if a == b and c == d:
        return
    if (b - a) * (d - c) > _LARGEST_TABLE and not _alike(one[a:b], other[c:d]):
        yield False, a, b, c, c
        yield False, b, b, c, d
        return
    for op in Levenshtein.opcodes(one[a:b], other[c:d]):
        yield op.tag == "equal", a + op.src_start, a + op.src_end, c + op.dest_start, c + op.dest_end


def align(one: Stream, other: Stream) -> list[Block]:
    """Align two streams; the blocks cover both, in order."""
    one, other = array("i", one), array("i", other)  # stretches of arrays are compared in one step
    edits = _joined(_edits(one, other))
    blocks: list[Block] = []
    for related, group in groupby(zip(edits, _related(edits), strict=True), key=itemgetter(1)):
        stretch = [edit for edit, _ in group]
        if related:
            blocks += _blocks(stretch)
        else:
            blocks += _second_look(one, other, *_extent(stretch))
    return blocks


def _alike(one: array[int], other: array[int]) -> bool:
    """Whether two long pieces without anchors repeat the same phrases, or have nothing in common."""
    (grams, _), (theirs, _) = _grams(one), _grams(other)
    return _COMMON * len(grams.keys() & theirs.keys()) > min(len(grams), len(theirs))


def _joined(edits: Iterator[_Edit]) -> list[_Edit]:
    """Join neighbouring equal stretches: anchors cut them."""
    joined: list[_Edit] = []
    for edit in edits:
        if edit[0] and joined and joined[-1][0] and joined[-1][2] == edit[1] and joined[-1][4] == edit[3]:
            joined[-1] = (True, joined[-1][1], edit[2], joined[-1][3], edit[4])
        else:
            joined.append(edit)
    return joined


def _second_look(one: array[int], other: array[int], a: int, b: int, c: int, d: int) -> list[Block]:
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
