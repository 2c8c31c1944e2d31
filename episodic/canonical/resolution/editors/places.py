"""From the address of a decision to its place in the voted text.

A decision that was in force before is found by its quotations (`anchors`), whatever its address says. A new
one is found by its address, as the editor saw it: among the entries of the text in which the earlier
decisions are in force, else as words of the lemma. Its place is then quoted, so that the next revision
finds it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from episodic.canonical.addresses import seconds_of
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
    columns: dict[str, tuple[int, int]] | None = None
    for decision in sorted(decisions, key=lambda each: not each.quotations):  # new ones last
        try:
            quotations = decision.quotations
            if not quotations:
                columns = _columns(voted, edits_of(places)) if columns is None else columns
                quotations = quote(voted.collation, *named(voted, columns, decision.address))
            places.append((decision, find(voted.collation, quotations)))
        except LostPlaceError as error:
            lost.append(Replay(decision.id, None, str(error)))
    return places, lost


def _columns(voted: Voted, edits: Sequence[Edit]) -> dict[str, tuple[int, int]]:
    """Give the columns of each address; all pieces of an editor's edit have one place."""
    columns: dict[str, tuple[int, int]] = {}
    for entry in voted.entries(edits):
        if entry.address:
            whole = entry.run if entry.run.edit and entry.run.edit.decision else entry
            columns[entry.address] = whole.start, whole.end
    return columns


def named(voted: Voted, columns: Mapping[str, tuple[int, int]], address: str) -> tuple[int, int]:
    """Find the columns of an address: an entry's, or those of words where they are clearly nearest."""
    if address in columns:
        return columns[address]
    clock, _, words = address.partition("/")
    found = words_at(voted.lemma, words)
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


def words_at(lemma: Sequence[str], words: str) -> list[tuple[int, int]]:
    """Find the columns where the lemma has some words, however it spells them."""
    wanted = [own for own in tokenize([words]).keys if own]
    said = [(column, own) for column, form in enumerate(lemma) if (own := key(form))]
    keys = [own for _, own in said]
    return [
        (said[at][0], said[at + len(wanted) - 1][0] + 1)
        for at in range(len(keys) - len(wanted) + 1)
        if wanted and keys[at] == wanted[0] and keys[at : at + len(wanted)] == wanted
    ]
