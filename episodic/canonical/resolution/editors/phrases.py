"""Words of a transcript, and where some of them stand together, however they are spelled."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from episodic.canonical.resolution.transcripts.apparatus import Override
from episodic.canonical.text.tokens import keys_of


@dataclass(frozen=True, slots=True)
class PhraseWord:
    """A word's key, its columns, and the edit that it is of; all words of one have all of its columns."""

    key: str
    start: int
    end: int
    edit: Override | None = None


class Phrases:
    """What is said while edits are in force, and where some of its words stand together.

    Parameters
    ----------
    keys
        What was voted in each column; empty where nothing was.
    edits
        In the order of columns, none over another.
    """

    def __init__(self, keys: Sequence[str], edits: Sequence[Override] = ()) -> None:
        self.words: list[PhraseWord] = []
        done = 0
        for edit in edits:
            self.words += _voted(keys, done, edit.start)
            self.words += [PhraseWord(own, edit.start, edit.end, edit) for own in keys_of(edit.text)]
            done = edit.end
        self.words += _voted(keys, done, len(keys))
        self._places: dict[str, array[int]] = {}
        for at, word in enumerate(self.words):
            self._places.setdefault(word.key, array("I")).append(at)

    def matching(self, words: str) -> Iterator[tuple[int, int]]:
        """Yield where some words begin and end among those that are said."""
        wanted = list(keys_of(words))
        count, before = min(
            ((len(self._places.get(own, ())), number) for number, own in enumerate(wanted)), default=(0, 0)
        )
        for at in self._places[wanted[before]] if count else ():
            first, last = at - before, at - before + len(wanted)
            if first >= 0 and [word.key for word in self.words[first:last]] == wanted:
                yield first, last

    def columns(self, words: str) -> list[tuple[int, int]]:
        """Find the columns in which some words stand."""
        return [(self.words[first].start, self.words[last - 1].end) for first, last in self.matching(words)]


def _voted(keys: Sequence[str], start: int, end: int) -> Iterator[PhraseWord]:
    for column in range(start, end):
        if keys[column]:
            yield PhraseWord(keys[column], column, column + 1)
