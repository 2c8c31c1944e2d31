"""What is known of words, looked up for whole texts at once: most words come again and again."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Final


class Known[T](dict[str, T]):
    """Keeps what a function says of a word, so that it is asked once; a full one begins anew.

    Parameters
    ----------
    most
        How many words are kept.
    """

    __slots__: Final = ("_most", "_tell")

    def __init__(self, tell: Callable[[str], T], most: int) -> None:
        super().__init__()
        self._tell = tell
        self._most = most

    def __missing__(self, word: str) -> T:
        if len(self) >= self._most:
            self.clear()
        self[word] = told = self._tell(word)
        return told


def looked_up[T](table: Mapping[str, T], words: Sequence[str]) -> tuple[T, ...]:
    """Give what a table has for each word, in half the time of a loop."""
    return itemgetter(*words)(table) if len(words) > 1 else tuple(map(table.__getitem__, words))
