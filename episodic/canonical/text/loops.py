"""Loops: what an engine says again and again when it hears nothing ("Thank you." 200 times).

A loop is a phrase of up to twelve words that follows itself at least eight times, over at least 24 words:
people repeat themselves, but not like that. Its first round is kept; the rest is no evidence of anything.
"""

from collections.abc import Iterator, Sequence
from itertools import compress, count
from operator import eq
from typing import Final

_LONGEST: Final = 12
_ROUNDS: Final = 8
_WORDS: Final = 24


def loops(keys: Sequence[str]) -> Iterator[range]:
    """Yield the ranges of words that only repeat those before them.

    Parameters
    ----------
    keys
        What the words of a transcript say, in order.
    """
    done = 0
    for period, start, end in sorted(_repeated(keys), key=lambda each: (each[1], each[0])):
        if start + period >= done:
            yield range(start + period, end)
            done = end


def _repeated(keys: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the period, the start and the end of every loop.

    A loop holds `least` words in a row that equal the one a period before, and so one in each `least` places:
    only there is looked for them.
    """
    size = len(keys)
    for period in range(1, min(_LONGEST, size // _ROUNDS) + 1):
        least = max(_ROUNDS * period, _WORDS) - period
        end = period
        first = period + least - 1
        same = map(eq, keys[first::least], keys[least - 1 :: least], strict=False)
        for at in compress(count(first, least), same):
            if at < end:
                continue
            start, end = at, at + 1
            while start > period and keys[start - 1] == keys[start - 1 - period]:
                start -= 1
            while end < size and keys[end] == keys[end - period]:
                end += 1
            if end - start >= least:
                yield period, start - period, end
