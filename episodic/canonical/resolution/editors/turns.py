"""Turns that an editor begins within an utterance: ``speaker 0:00:12/and then``.

What begins with the words, to the end of the utterance as it is then, is a part of its own, and is quoted as
a whole: a new revision, whose utterances may be others, cuts where the quoted words begin and end.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from episodic.canonical.additions import additions
from episodic.canonical.addresses import beside_of, turn_of
from episodic.canonical.domain import EditorialDecision
from episodic.canonical.resolution.editors.anchors import LostPlaceError, find
from episodic.canonical.resolution.editors.places import InForce, in_force, named
from episodic.canonical.resolution.transcripts.apparatus import Edit
from episodic.canonical.resolution.transcripts.bounds import Bounds
from episodic.canonical.resolution.transcripts.voted import Voted


@dataclass(frozen=True, slots=True)
class Turns:
    """What editors' turns make of the voted text.

    Parameters
    ----------
    voted
        With bounds where turns begin and end.
    places
        The columns of each, by `EditorialDecision.id`.
    lost
        Why the others have no place.
    """

    voted: Voted
    places: Mapping[uuid.UUID, tuple[int, int]]
    lost: Mapping[uuid.UUID, str]


def named_in(decisions: Sequence[EditorialDecision]) -> list[str]:
    """List whom decisions name as speakers."""
    named = [decision.text for decision in decisions if decision.kind == "speaker"]
    added = (turn for each in decisions if beside_of(each.address) for turn in additions(each.text))
    return [*named, *(turn.speaker for turn in added if turn.speaker)]


def begin_turns(
    voted: Voted, decisions: Sequence[EditorialDecision], edits: Callable[[], Sequence[Edit]]
) -> Turns:
    """Find the turns among decisions about speakers, and cut utterances there.

    Parameters
    ----------
    edits
        Gives those that were in force where an editor named the words of a new turn.
    """
    text: InForce | None = None
    places: dict[uuid.UUID, tuple[int, int]] = {}
    lost: dict[uuid.UUID, str] = {}
    for decision in decisions:
        if (address := turn_of(decision.address)) is None:
            continue
        try:
            if decision.quotations:
                place = find(voted.collation, decision.quotations)
                places[decision.id] = place.start, place.end
            else:
                text = text or in_force(voted, edits())
                start, _ = named(voted, text, address)
                _, end, _ = next(voted.bounds.pieces(start, len(voted.lemma)))
                places[decision.id] = start, end
        except LostPlaceError as error:
            lost[decision.id] = str(error)
    cuts = [column for place in places.values() for column in place]
    bounds = Bounds(voted.collation, voted.lemma, cuts) if cuts else voted.bounds
    return Turns(replace(voted, bounds=bounds), places, lost)
