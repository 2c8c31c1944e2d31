"""How the cost of something grows with its input, whatever the machine and whatever else it does."""

import time
from collections.abc import Callable
from typing import Final

# Fourfold input costs sixteenfold where each meets each; sorting, caches and dictionaries stay below this.
_NEAR_LINEAR: Final = 9
_TIMES: Final = 4


def grows_near_linearly[T](make: Callable[[int], T], work: Callable[[T], object], size: int) -> bool:
    """Whether fourfold input costs much less than sixteenfold, in this thread's processor time."""
    return _cost(make(_TIMES * size), work) < _NEAR_LINEAR * _cost(make(size), work)


def _cost[T](given: T, work: Callable[[T], object]) -> float:
    costs: list[float] = []
    for _ in range(3):  # the least of several is what the work itself takes
        began = time.thread_time()
        work(given)
        costs.append(time.thread_time() - began)
    return min(costs)
