"""The longest run that rises, of times or places of which some are wrong."""

from bisect import bisect_right
from collections.abc import Sequence


def rising(numbers: list[int] | list[float]) -> Sequence[int]:
    """Find the longest run of numbers that never goes back (patience sorting), by their places.

    Parameters
    ----------
    numbers
        Times in seconds, or places in a text; of equal ones all may stand in the run.
    """
    if numbers == sorted(numbers):
        return range(len(numbers))
    ends: list[float] = []  # the least end of a run of each length
    last: list[int] = []  # and where it stands
    before: list[int] = []
    for at, number in enumerate(numbers):
        length = bisect_right(ends, number)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(number)
            last.append(at)
        else:
            ends[length], last[length] = number, at
    run: list[int] = []
    at = last[-1] if last else -1
    while at >= 0:
        run.append(at)
        at = before[at]
    return run[::-1]
