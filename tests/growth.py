"""How the cost of something grows with its input, whatever the machine and whatever else it does."""

import math
import time
from collections.abc import Callable
from typing import Final

# Fourfold input costs sixteenfold where each meets each; sorting, caches and dictionaries stay below this.
_NEAR_LINEAR: Final = 9
_TIMES: Final = 4
_FEWEST, _TURNS = 2, 12


def grows_near_linearly[T](make: Callable[[int], T], work: Callable[[T], object], size: int) -> bool:
    """Whether fourfold input costs much less than sixteenfold, in this thread's processor time.

    The least of several is what the work itself takes. What else the machine does comes and goes, so they
    take turns, and more of them are asked where few say no.
    """
    few, many = make(size), make(_TIMES * size)
    least = most = math.inf
    for turn in range(_TURNS):
        least, most = min(least, _cost(few, work)), min(most, _cost(many, work))
        if turn >= _FEWEST and most < _NEAR_LINEAR * least:
            return True
    return False


def _cost[T](given: T, work: Callable[[T], object]) -> float:
    began = time.thread_time()
    work(given)
    return time.thread_time() - began
