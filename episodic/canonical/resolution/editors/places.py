"""From the address of a decision to its place in the voted text.

A decision that was in force before is found by its quotations (`anchors`), whatever its address says. A new
one is found by its address, as the editor saw it, in the text in which the earlier decisions are in force:
among its entries, else by its words, else by those that were voted. Words of an earlier decision are named
as a whole, for what is said of a part would leave out the rest. Its place is then quoted, so that the next
revision finds it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.addresses import beside_of, seconds_of
from episodic.canonical.document import Replay
from episodic.canonical.domain import EditorialDecision
from episodic.canonical.resolution.editors.anchors import LostPlaceError, Place, find, quote
from episodic.canonical.resolution.transcripts.apparatus import Edit
from episodic.canonical.resolution.transcripts.voted import Voted
from episodic.canonical.tokens import key, tokenize

# Of words that stand in several places those are meant that are at most so many seconds from the time that an
# editor gave, when the others are twice as far from it and so many seconds farther.
_FARTHEST: Final = 30.0
_CLEARLY: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Word:
    """A word's key, its columns, and the edit that it is of; all words of one have all of its columns."""

    key: str
    start: int
    end: int
    edit: Edit | None = None


# Decisions and their places, in the order in which they were made.
type Places = Sequence[tuple[EditorialDecision, Place]]


def locate(
    voted: Voted,
    decisions: Sequence[EditorialDecision],
    edits_of: Callable[[Places], Sequence[Edit]],
) -> tuple[Places, list[Replay]]:
    """Find the places of decisions.

    Parameters
    ----------
    edits_of
        Makes edits of the places that are found by quotations.

    Returns
    -------
    The places found, and why the others are not.
    """
    places: list[tuple[EditorialDecision, Place]] = []
    lost: list[Replay] = []
    text: InForce | None = None
    for decision in sorted(decisions, key=lambda each: not each.quotations):  # new ones last
        try:
            quotations = decision.quotations
            if not quotations:
                text = text or in_force(voted, edits_of(places))
                quotations = quote(voted.collation, *named(voted, text, decision.address))
            places.append((decision, find(voted.collation, quotations)))
        except LostPlaceError as error:
            lost.append(Replay(decision.id, None, str(error)))
    return places, lost


@dataclass(frozen=True, slots=True)
class InForce:
    """The text in which decisions are in force: the columns of its addresses, and its words."""

    columns: Mapping[str, tuple[int, int]]
    words: Sequence[_Word]


def in_force(voted: Voted, edits: Sequence[Edit]) -> InForce:
    """Read the text with edits, of which all pieces have one place."""
    columns: dict[str, tuple[int, int]] = {}
    for entry in voted.entries(edits):
        if entry.address:
            whole = entry.run if entry.run.edit and entry.run.edit.decision else entry
            columns[entry.address] = whole.start, whole.end
    words: list[_Word] = []
    before = 0
    for edit in edits:
        words += _voted_words(voted.lemma, before, edit.start)
        words += [_Word(own, edit.start, edit.end, edit) for own in tokenize([edit.text]).keys if own]
        before = edit.end
    words += _voted_words(voted.lemma, before, len(voted.lemma))
    return InForce(columns, words)


def named(voted: Voted, text: InForce, address: str) -> tuple[int, int]:
    """Find the columns of an address: an entry's, or those of words where they are clearly nearest."""
    if beside := beside_of(address):
        side, place = beside
        edge = named(voted, text, place)[side == "after"]
        return edge, edge
    if address in text.columns:
        return text.columns[address]
    clock, _, words = address.partition("/")
    found = _whole(text.words, words) or words_at(voted.lemma, words)
    if not found:
        raise LostPlaceError("there is no such place, and these words are not in the transcript")
    seconds = seconds_of(clock)
    if len(found) == 1:
        return found[0]
    if seconds is None:
        raise LostPlaceError(f"these words stand in {len(found)} places: put the time before them")
    distances = sorted(
        (abs(time - seconds), columns)
        for columns in found
        if (time := voted.clocks.at(columns[0])) is not None
    )
    if len(distances) == len(found):
        (least, nearest), (second, _), *_ = distances
        if least <= _FARTHEST and second >= max(2 * least, least + _CLEARLY):
            return nearest
    raise LostPlaceError(
        f"these words stand in {len(found)} places, none clearly the nearest to {clock}: "
        "add the words beside them"
    )


def _whole(said: Sequence[_Word], words: str) -> list[tuple[int, int]]:
    """Find the columns of words; raises `LostPlaceError` where all that there are cut a decision."""
    found: list[tuple[int, int]] = []
    cut: Edit | None = None
    for first, last in _matching(said, words):
        edits = [said[at].edit for at in (first, last) if _cuts(said, at)]
        if edits:
            cut = edits[0]
        else:
            found.append((said[first].start, said[last - 1].end))
    if cut and not found:
        whole = cut.text.strip()
        raise LostPlaceError(f"these words are a part of “{whole}”, which was decided before: name all of it")
    return found


def words_at(lemma: Sequence[str], words: str) -> list[tuple[int, int]]:
    """Find the columns where the lemma has some words, however it spells them."""
    said = list(_voted_words(lemma, 0, len(lemma)))
    return [(said[first].start, said[last - 1].end) for first, last in _matching(said, words)]


def _voted_words(lemma: Sequence[str], start: int, end: int) -> Iterator[_Word]:
    for column in range(start, end):
        if own := key(lemma[column]):
            yield _Word(own, column, column + 1)


def _matching(said: Sequence[_Word], words: str) -> Iterator[tuple[int, int]]:
    """Yield where some words begin and end among those that are said."""
    wanted = [own for own in tokenize([words]).keys if own]
    keys = [word.key for word in said]
    for at in range(len(keys) - len(wanted) + 1):
        if wanted and keys[at] == wanted[0] and keys[at : at + len(wanted)] == wanted:
            yield at, at + len(wanted)


def _cuts(said: Sequence[_Word], at: int) -> bool:
    """Whether an edit goes on where a word begins."""
    return 0 < at < len(said) and said[at].edit is not None and said[at - 1].edit is said[at].edit
