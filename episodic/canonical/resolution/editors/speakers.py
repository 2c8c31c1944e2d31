"""Editors' decisions about who speaks.

1. A *label* ("speaker Speaker 1") means a person wherever a source of the episode calls somebody so; it is
   resolved where people are merged, before anybody is counted.
2. Everything else names utterances of the canonical text: by a time, a range, or the address of a
   contradiction. Each utterance is quoted by itself (`anchors`), so that a new revision finds it by its words
   wherever its bounds and times lie then; what lies in it for the most part is said by whom the editor named.
   A turn that begins within an utterance (`turns`) is quoted as a whole.
3. Of two decisions about an utterance the later is in force; one of which nothing is left waits.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.addresses import span_of
from episodic.canonical.document import (
    Anchors,
    Authority,
    Decision,
    Editor,
    Quotation,
    Reading,
    Replay,
    Variation,
    Verdict,
)
from episodic.canonical.domain import EditorialDecision
from episodic.canonical.resolution.editors.anchors import LostPlaceError, find, quote
from episodic.canonical.resolution.editors.turns import Turns
from episodic.canonical.resolution.people import Speakers, folded
from episodic.canonical.resolution.transcripts.attribution import Attribution
from episodic.canonical.resolution.transcripts.bounds import Owner
from episodic.canonical.resolution.transcripts.voted import Voted
from episodic.canonical.sources import SourceType, WeightedSource
from episodic.canonical.tokens import printable

_NONE: Final = "nobody says anything there"
_OVERTAKEN: Final = "later decisions about the same are in force"
_NO_TRANSCRIPT: Final = "there is no transcript any more"

# Columns of the canonical text's utterances, by whose they are.
type _Columns = Mapping[Owner, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Labels:
    """What labels mean: for `people.merge`, and what became of the decisions about them."""

    called: Mapping[str, str]
    replays: tuple[Replay, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Who speaks by editors' word.

    Parameters
    ----------
    decided
        `Person.key` of the speaker of an utterance.
    """

    decided: Mapping[Owner, str]
    decisions: tuple[Decision, ...]
    replays: tuple[Replay, ...]
    anchors: Anchors


def labels(
    sources: Sequence[tuple[str, WeightedSource]],
    series: Mapping[str, str],
    decisions: Sequence[tuple[str, EditorialDecision]],
    editors: Mapping[str, Editor],
) -> Labels:
    """Find out whom labels mean; an episode's editor has the last word.

    Parameters
    ----------
    sources
        By siglum.
    series
        What the series says.
    decisions
        About labels, each with its label.
    """
    called = {folded(label): name for label, name in series.items()}
    used: dict[str, list[str]] = {}
    for siglum, weighted in sources:
        if weighted.source.source_type is SourceType.TRANSCRIPT:
            for label in {folded(u.speaker) for u in weighted.source.utterances if u.speaker}:
                used.setdefault(label, []).append(siglum)
    replays: list[Replay] = []
    made: dict[str, Decision] = {}
    for label, decision in decisions:
        sigla = used.get(folded(label))
        replays.append(
            Replay(decision.id, decision.address if sigla else None, None if sigla else _unknown(label))
        )
        if sigla:
            called[folded(label)] = decision.text
            made[decision.address] = _made(decision, [Reading(label, tuple(sigla), 0)], None, editors)
    return Labels(called, tuple(replays), tuple(made.values()))


def speak(
    voted: Voted,
    attribution: Attribution,
    decisions: Sequence[EditorialDecision],
    editors: Mapping[str, Editor],
    speakers: Speakers,
    turns: Turns,
) -> Spoken:
    """Turn decisions about places into speakers of utterances.

    Parameters
    ----------
    decisions
        About who speaks at a place, in the order in which they were made.
    speakers
        With the keys of those whom editors name.
    turns
        That editors begin within utterances.
    """
    if not decisions:
        return Spoken({}, (), (), {})
    columns = _columns(voted)
    taken: dict[Owner, EditorialDecision] = {}
    wanted: dict[uuid.UUID, Owner] = {}
    reasons = dict(turns.lost)
    for decision in decisions:
        if decision.id in turns.lost:
            continue
        try:
            if place := turns.places.get(decision.id):
                owners: Sequence[Owner] = list(_in_places(columns, [place]))
            else:
                owners = _owners(voted, attribution, columns, decision)
        except LostPlaceError as error:
            reasons[decision.id] = str(error)
            continue
        taken |= dict.fromkeys(owners, decision)
        if owners:
            wanted[decision.id] = owners[0]
    replays: list[Replay] = []
    made: list[Decision] = []
    anchors: dict[uuid.UUID, tuple[Quotation, ...]] = {}
    for decision in decisions:
        owners = [owner for owner, each in taken.items() if each is decision]
        reason = reasons.get(decision.id) or (None if owners else _OVERTAKEN)
        rival = taken[wanted[decision.id]].id if decision.id in wanted and not owners else None
        replays.append(Replay(decision.id, None if reason else decision.address, reason, rival))
        if owners:
            own = [turns.places[decision.id]] if decision.id in turns.places else [columns[o] for o in owners]
            quoted = (quote(voted.collation, *place) for place in own)
            anchors[decision.id] = tuple(each for quotations in quoted for each in quotations)
            start = voted.clocks.at(columns[owners[0]][0])
            made.append(_made(decision, list(_named(voted, owners)), start, editors))
    decided = {owner: speakers["", decision.text] for owner, decision in taken.items()}
    return Spoken(decided, tuple(made), tuple(replays), anchors)


def nobody(decisions: Sequence[EditorialDecision]) -> Spoken:
    """Say of decisions about places that there is nothing any more that they could be about."""
    return Spoken({}, (), tuple(Replay(each.id, None, _NO_TRANSCRIPT) for each in decisions), {})


def _unknown(label: str) -> str:
    return f"no source calls a speaker {label}"


def _columns(voted: Voted) -> _Columns:
    """The columns of each utterance of the canonical text, in their order."""
    found: dict[Owner, tuple[int, int]] = {}
    for start, end, owner in voted.utterances():
        if start < end and any(voted.lemma[start:end]):
            found[owner] = found.get(owner, (start, end))[0], end
    return found


def _owners(
    voted: Voted, attribution: Attribution, columns: _Columns, decision: EditorialDecision
) -> Sequence[Owner]:
    """Find the utterances that a decision is about; raises `LostPlaceError`."""
    if decision.quotations:
        owners = list(_quoted(voted, columns, decision.quotations))
        if not owners:
            raise LostPlaceError("no witness has these words, or the words around them, any more")
        return owners
    for contradiction, numbers in attribution.contradictions:
        if contradiction.address == decision.address:
            return [owner for n in numbers if (owner := Owner(voted.collation.base, n)) in columns]
    span = span_of(decision.address)
    if span is None:
        raise LostPlaceError("there is no such place; give the time at which somebody begins to speak")
    starts = [(time, owner) for owner, at in columns.items() if (time := voted.clocks.at(at[0])) is not None]
    first, last = span
    if last is not None:
        found = [owner for time, owner in starts if first <= int(time) <= last]
    else:
        found = [owner for time, owner in starts if int(time) == first][:1]
        found = found or [owner for time, owner in starts if time <= first][-1:]
        if starts and found == [starts[-1][1]] and _is_over(voted, found[0], columns[found[0]], first):
            found = []
    if not found:
        raise LostPlaceError(_NONE)
    return found


def _is_over(voted: Voted, owner: Owner, place: tuple[int, int], second: int) -> bool:
    """Whether all has been said by a second, as far as the last utterance tells."""
    tokens = voted.collation.tokens_in(owner.voice, *place)
    end = voted.clocks.bounds(owner.voice, tokens)[1] if tokens else None
    return end is not None and second > end + 1


def _quoted(voted: Voted, columns: _Columns, quotations: Sequence[Quotation]) -> Iterator[Owner]:
    """Find the utterances that lie in quoted places for the most part."""
    places: dict[tuple[int, int], None] = {}
    for quotation in quotations:
        try:
            place = find(voted.collation, [quotation])
        except LostPlaceError:
            continue
        places[place.start, place.end] = None
    yield from _in_places(columns, list(places))


def _in_places(columns: _Columns, places: Sequence[tuple[int, int]]) -> Iterator[Owner]:
    """Find the utterances that lie in places for the most part."""
    for owner, (start, end) in columns.items():
        covered = max((min(end, last) - max(start, first) for first, last in places), default=0)
        if 2 * covered >= end - start:
            yield owner


def _named(voted: Voted, owners: Sequence[Owner]) -> Iterator[Reading]:
    """What the witnesses call those who speak, each name once."""
    names: dict[str, dict[str, None]] = {}
    for owner in owners:
        voice = voted.collation.voices[owner.voice]
        if name := printable(voice.utterances[owner.number].speaker or ""):
            names.setdefault(name, {})[voted.collation.siglum(owner.voice, owner.number)] = None
    for name, sigla in names.items():
        yield Reading(name, tuple(sigla), 0)


def _made(
    decision: EditorialDecision,
    others: Sequence[Reading],
    start: float | None,
    editors: Mapping[str, Editor],
) -> Decision:
    verdict = Verdict(Authority.DECISION, editors[decision.by].key, decision.by, decision.note)
    same = next((each for each in others if each.text == decision.text), None)
    lemma = same or Reading(decision.text, (), 0)
    variation = Variation(
        lemma, tuple(each for each in others if each is not same), address=decision.address, verdict=verdict
    )
    return Decision("speaker", decision.address, variation, verdict.reason, start)
