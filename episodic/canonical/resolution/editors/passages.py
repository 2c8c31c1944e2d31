"""Editors' decisions about passages of prose: which passage each is about, and what stands there.

A passage is quoted from every witness that has it: its words, and so many of its neighbours that it occurs
only once in that witness. It is found again by its words, never by its position or by likeness alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.document import Witness
from episodic.canonical.domain import EditorialDecision
from episodic.canonical.resolution.editors.anchors import END, START, LostPlaceError
from episodic.canonical.resolution.editors.rulings import Ruling
from episodic.canonical.resolved import Quotation, Replay
from episodic.canonical.sources import Passage
from episodic.canonical.text.tokens import key, tokenize

# Words from which a passage is known by itself, with other neighbours.
_TELLING: Final = 5


@dataclass(frozen=True, slots=True)
class Quoted:
    """A passage in the words of one witness, and the number of the place where it stands."""

    quotation: Quotation
    place: int


def quote(witness: Witness, passages: Sequence[Passage]) -> list[Quotation]:
    """Quote every passage of a witness, in its order."""
    said = [START, *(key(passage.text) for passage in passages), END]
    places: dict[str, list[int]] = {}
    for number, own in enumerate(said):
        places.setdefault(own, []).append(number)
    made: list[Quotation] = []
    for at, passage in enumerate(passages, 1):
        context = 1
        while (
            sum(_around(said, at, context) == _around(said, other, context) for other in places[said[at]]) > 1
        ):
            context += 1
        before, after = _around(said, at, context)
        sha256 = witness.weighted.source.content.sha256
        made.append(Quotation(sha256, before, tokenize([passage.text]).keys, after))
    return made


def _around(said: Sequence[str], at: int, context: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(said[max(0, at - context) : at]), tuple(said[at + 1 : at + 1 + context])


def locate(
    rulings: Sequence[Ruling], quoted: Sequence[Quoted], addresses: Sequence[str]
) -> tuple[dict[int, Ruling], list[Replay]]:
    """Find the passages of decisions.

    Parameters
    ----------
    rulings
        About prose, in the order in which they were made. Of two about one passage the later is in force;
        one without quotations is looked for under its address.
    quoted
        Every passage of every witness, by falling weight.
    addresses
        Of the places.

    Returns
    -------
    The decision in force at each place, and what became of the others.
    """
    made: dict[int, Ruling] = {}
    lost: list[Replay] = []
    for ruling in reversed(rulings):
        decision = ruling.decision
        try:
            place = _place(decision, quoted, addresses)
        except LostPlaceError as error:
            lost.append(Replay(decision.id, None, str(error)))
            continue
        if place in made:
            later = made[place].decision
            reason = f"{later.by} decided the same passage later at {later.address}"
            lost.append(Replay(decision.id, None, reason))
        else:
            made[place] = ruling
    return made, lost


def _place(decision: EditorialDecision, quoted: Sequence[Quoted], addresses: Sequence[str]) -> int:
    if decision.quotations:
        return _find(decision.quotations, quoted)
    if decision.address in addresses:
        return addresses.index(decision.address)
    raise LostPlaceError("no passage of prose has this address")


def _find(quotations: Sequence[Quotation], quoted: Sequence[Quoted]) -> int:
    """Find a quoted passage: in the witness that it was quoted from, else by its words in any."""
    for quotation in quotations:
        for own in quoted:
            if own.quotation == quotation:
                return own.place
    same = [
        (quotation, own)
        for quotation in quotations
        for own in quoted
        if "".join(own.quotation.words) == "".join(quotation.words)
    ]
    beside = [pair for pair in same if _neighbours(*pair)]
    telling = [pair for pair in same if len(pair[0].words) >= _TELLING]
    for found in (beside, telling):
        places = {own.place for _, own in found}
        if len(places) > 1:
            raise LostPlaceError("its words now stand in several places")
        if places:
            return places.pop()
    raise LostPlaceError("no witness has this passage any more")


def _neighbours(quotation: Quotation, own: Quoted) -> bool:
    """Whether the passage before or the one after is the same."""
    other = own.quotation
    return quotation.before[-1:] == other.before[-1:] or quotation.after[:1] == other.after[:1]
