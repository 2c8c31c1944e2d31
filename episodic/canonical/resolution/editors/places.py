"""From a decision to its place in the voted text.

A decision that was in force before is found by its quotations (`anchors`), whatever its address says. A new
one is found by its address, as the editor saw it, in the text in which the earlier decisions are in force:
among its entries, else by its words, else by those that were voted. Words of an earlier decision are named
as a whole, for what is said of a part would leave out the rest. Its place is then quoted, so that the next
revision finds it.

Who speaks is found the same way where it is quoted or begins with some words; what begins with them, to the
end of the utterance as it is then, is a turn of its own. Where it is only a time that is named, the
utterances tell (`speakers`).
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from episodic.canonical.document import Editor
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.editing.addresses import seconds_of
from episodic.canonical.resolution.editors.anchors import LostPlaceError, Place, find, quote, settle
from episodic.canonical.resolution.editors.phrases import Phrases, PhraseWord
from episodic.canonical.resolution.editors.rulings import Ruling, Rulings
from episodic.canonical.resolution.editors.words import SERIES, STYLE, Placed, edits_of
from episodic.canonical.resolution.transcripts.apparatus import Override
from episodic.canonical.resolution.transcripts.voted import Voted
from episodic.canonical.resolved import Anchors, Quotation, Replay

# Of words that stand in several places those are meant that are at most so many seconds from the time that an
# editor gave, when the others are twice as far from it and so many seconds farther.
_FARTHEST: Final = 30.0
_CLEARLY: Final = 2.0

type _Columns = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Located:
    """Where decisions lie in a transcript, and what they make of its words.

    Parameters
    ----------
    edits
        In the order of columns, none over another.
    anchors
        The places of the edits, quoted.
    spoken
        By decision about who speaks, the columns that it quotes or, of a turn, those from its words on.
    cuts
        The columns where such turns begin and end.
    lost
        By decision, why it has no place.
    """

    edits: tuple[Override, ...] = ()
    anchors: Anchors = field(default_factory=dict[uuid.UUID, tuple[Quotation, ...]])
    spoken: Mapping[uuid.UUID, Sequence[_Columns]] = field(
        default_factory=dict[uuid.UUID, Sequence[_Columns]]
    )
    cuts: Sequence[int] = ()
    lost: Mapping[uuid.UUID, Replay] = field(default_factory=dict[uuid.UUID, Replay])

    @property
    def editors(self) -> tuple[Editor, ...]:
        """Who edited beside those whose decisions were given."""
        keys = {edit.verdict.editor for edit in self.edits}
        return tuple(editor for editor in (SERIES, STYLE) if editor.key in keys)


def nowhere(rulings: Rulings) -> Located:
    """Say of decisions that there is nothing any more that they could be about."""
    reason = "there is no transcript any more"
    gone = (each.decision.id for each in (*rulings.words, *rulings.speakers))
    return Located(lost={decision: Replay(decision, None, reason) for decision in gone})


def locate(voted: Voted, rulings: Rulings, policy: SeriesPolicy) -> Located:
    """Find the places of decisions, and make edits of those about words.

    Parameters
    ----------
    policy
        As `edits_of` takes it.
    """
    found: list[tuple[Ruling, Sequence[Place]]] = []
    lost: dict[uuid.UUID, Replay] = {}
    text: _InForce | None = None
    every = (*rulings.words, *rulings.speakers)
    for ruling in sorted(every, key=lambda each: not each.decision.quotations):  # new ones last
        try:
            if ruling.decision.quotations:
                found.append((ruling, _quoted(voted, ruling)))
            elif ruling.place:
                text = text or _in_force(voted.cut(_cut_at(found)), edits_of(voted, _words(found), policy)[0])
                found.append((ruling, [_named(voted, text, ruling, ruling.place)]))
        except LostPlaceError as error:
            lost[ruling.decision.id] = Replay(ruling.decision.id, None, str(error))
    edits, overtaken = edits_of(voted, _words(found), policy)
    spoken = [(ruling, places) for ruling, places in found if not _is_of_words(ruling)]
    return Located(
        edits=edits,
        anchors={
            each.decision: quote(voted.collation, each.start, each.end) for each in edits if each.decision
        },
        spoken={ruling.decision.id: [(each.start, each.end) for each in places] for ruling, places in spoken},
        cuts=_cut_at(spoken),
        lost=lost | {each.decision: each for each in overtaken},
    )


def _is_of_words(ruling: Ruling) -> bool:
    return ruling.decision.kind == "transcript"


def _words(found: Sequence[tuple[Ruling, Sequence[Place]]]) -> Placed:
    return [(ruling, place) for ruling, places in found if _is_of_words(ruling) for place in places]


def _cut_at(found: Sequence[tuple[Ruling, Sequence[Place]]]) -> list[int]:
    """The columns where turns begin and end within utterances."""
    turns = [places for ruling, places in found if ruling.place and not _is_of_words(ruling)]
    return [column for places in turns for place in places for column in (place.start, place.end)]


def _quoted(voted: Voted, ruling: Ruling) -> list[Place]:
    """Find what a decision quotes: one place; of who speaks at a time each utterance by itself."""
    quotations = ruling.decision.quotations
    if ruling.place:
        return [find(voted.collation, quotations)]
    places: list[Place] = []
    for quotation in quotations:
        with suppress(LostPlaceError):
            places.append(find(voted.collation, [quotation]))
    return places


@dataclass(frozen=True, slots=True)
class _InForce:
    """The text with decisions in force: the columns of its addresses, and its words."""

    columns: Mapping[str, _Columns]
    phrases: Phrases


def _in_force(voted: Voted, edits: Sequence[Override]) -> _InForce:
    """Read the text with edits, of which all pieces have one place."""
    columns: dict[str, _Columns] = {}
    for entry in voted.entries(edits):
        if entry.address:
            whole = entry.run if entry.run.edit and entry.run.edit.decision else entry
            columns[entry.address] = whole.start, whole.end
    return _InForce(columns, Phrases(voted.keys, edits))


def _named(voted: Voted, text: _InForce, ruling: Ruling, address: str) -> Place:
    """Find the place that a new decision names."""
    start, end = _columns(voted, text, address)
    if not _is_of_words(ruling):
        _, end, _ = next(voted.bounds.pieces(start, len(voted.lemma)))
        return Place(start, end, (start, end))
    if ruling.side:
        start = end = end if ruling.side == "after" else start
    return settle(voted.collation, start, end)


def _columns(voted: Voted, text: _InForce, address: str) -> _Columns:
    """Find the columns of an address: an entry's, or those of words where they are clearly nearest."""
    if address in text.columns:
        return text.columns[address]
    clock, _, words = address.partition("/")
    found = _whole(text.phrases, words) or Phrases(voted.keys).columns(words)
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


def _whole(phrases: Phrases, words: str) -> list[_Columns]:
    """Find the columns of words; raises `LostPlaceError` where all that there are cut a decision."""
    found: list[_Columns] = []
    cut: Override | None = None
    said = phrases.words
    for first, last in phrases.matching(words):
        edits = [said[at].edit for at in (first, last) if _cuts(said, at)]
        if edits:
            cut = edits[0]
        else:
            found.append((said[first].start, said[last - 1].end))
    if cut and not found:
        whole = cut.text.strip()
        raise LostPlaceError(f"these words are a part of “{whole}”, which was decided before: name all of it")
    return found


def _cuts(said: Sequence[PhraseWord], at: int) -> bool:
    """Whether an edit goes on where a word begins."""
    return 0 < at < len(said) and said[at].edit is not None and said[at - 1].edit is said[at].edit
