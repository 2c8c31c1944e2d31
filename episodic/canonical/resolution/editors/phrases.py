"""Words of a transcript, and where some of them stand together, however they are spelled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from episodic.canonical.resolution.transcripts.apparatus import Edit
from episodic.canonical.tokens import tokenize


@dataclass(frozen=True, slots=True)
class Word:
    """A word's key, its columns, and the edit that it is of; all words of one have all of its columns."""

    key: str
    start: int
    end: int
    edit: Edit | None = None


def words_of(keys: Sequence[str], edits: Sequence[Edit] = ()) -> list[Word]:
    """List what is said while edits are in force.

    Parameters
    ----------
    keys
        What was voted in each column; empty where nothing was.
    edits
        In the order of columns, none over another.
    """
    words: list[Word] = []
    done = 0
    for edit in edits:
        words += _voted(keys, done, edit.start)
        words += [Word(own, edit.start, edit.end, edit) for own in tokenize([edit.text]).keys if own]
        done = edit.end
    words += _voted(keys, done, len(keys))
    return words


def matching(said: Sequence[Word], words: str) -> Iterator[tuple[int, int]]:
    """Yield where some words begin and end among those that are said."""
    wanted = [own for own in tokenize([words]).keys if own]
    keys = [word.key for word in said]
    for at in range(len(keys) - len(wanted) + 1):
        if wanted and keys[at] == wanted[0] and keys[at : at + len(wanted)] == wanted:
            yield at, at + len(wanted)


def columns_of(said: Sequence[Word], words: str) -> list[tuple[int, int]]:
    """Find the columns in which some words stand."""
    return [(said[first].start, said[last - 1].end) for first, last in matching(said, words)]


def _voted(keys: Sequence[str], start: int, end: int) -> Iterator[Word]:
    for column in range(start, end):
        if keys[column]:
            yield Word(keys[column], column, column + 1)
