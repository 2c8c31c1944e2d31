"""Loops: what an engine says again and again when it hears nothing ("Thank you." 200 times).

A loop is a phrase of up to twelve words that follows itself at least eight times, over at least 24 words:
people repeat themselves, but not like that. Its first round is kept; the rest is no evidence of anything.
"""

from collections.abc import Iterator, Sequence
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
    """Yield the period, the start and the end of every loop, for each period in one pass."""
    size = len(keys)
    for period in range(1, min(_LONGEST, size // _ROUNDS) + 1):
        least = max(_ROUNDS * period, _WORDS) - period  # words that equal the one a period before
        same = 0
        for at in range(period, size):
            if keys[at] == keys[at - period]:
                same += 1
                continue
            if same >= least:
                yield period, at - same - period, at
            same = 0
        if same >= least:
            yield period, size - same - period, size
