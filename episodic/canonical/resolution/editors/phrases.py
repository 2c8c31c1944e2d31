"""Words of a transcript, and where some of them stand together, however they are spelled."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from episodic.canonical.resolution.transcripts.apparatus import Override
from episodic.canonical.tokens import keys_of


@dataclass(frozen=True, slots=True)
class PhraseWord:
    """A word's key, its columns, and the edit that it is of; all words of one have all of its columns."""

    key: str
    start: int
    end: int
    edit: Override | None = None


def words_of(keys: Sequence[str], edits: Sequence[Override] = ()) -> list[PhraseWord]:
    """List what is said while edits are in force.

    Parameters
    ----------
    keys
        What was voted in each column; empty where nothing was.
    edits
        In the order of columns, none over another.
    """
    words: list[PhraseWord] = []
    done = 0
    for edit in edits:
        words += _voted(keys, done, edit.start)
        words += [PhraseWord(own, edit.start, edit.end, edit) for own in keys_of(edit.text)]
        done = edit.end
    words += _voted(keys, done, len(keys))
    return words


def places_of(said: Sequence[PhraseWord]) -> Mapping[str, Sequence[int]]:
    """List where each word is said, by its key."""
    places: dict[str, array[int]] = {}
    for at, word in enumerate(said):
        places.setdefault(word.key, array("I")).append(at)
    return places


def matching(
    said: Sequence[PhraseWord], words: str, places: Mapping[str, Sequence[int]] | None = None
) -> Iterator[tuple[int, int]]:
    """Yield where some words begin and end among those that are said, of which `places` may be known."""
    wanted = list(keys_of(words))
    places = places or places_of(said)
    count, before = min(
        ((len(places.get(own, ())), number) for number, own in enumerate(wanted)), default=(0, 0)
    )
    for at in places[wanted[before]] if count else ():
        first, last = at - before, at - before + len(wanted)
        if first >= 0 and [word.key for word in said[first:last]] == wanted:
            yield first, last


def columns_of(
    said: Sequence[PhraseWord], words: str, places: Mapping[str, Sequence[int]] | None = None
) -> list[tuple[int, int]]:
    """Find the columns in which some words stand."""
    return [(said[first].start, said[last - 1].end) for first, last in matching(said, words, places)]


def _voted(keys: Sequence[str], start: int, end: int) -> Iterator[PhraseWord]:
    for column in range(start, end):
        if keys[column]:
            yield PhraseWord(keys[column], column, column + 1)
