"""Editors' decisions about who speaks.

1. A *label* ("speaker Speaker 1") means a person wherever a source of the episode calls somebody so; it is
   resolved where people are merged, before anybody is counted.
2. Everything else names utterances of the canonical text: by a time, a range, or the address of a
   contradiction. Each utterance is quoted by itself (`anchors`), so that a new revision finds it by its words
   wherever its bounds and times lie then; what lies in it for the most part is said by whom the editor named.
   A turn that begins within an utterance is quoted as a whole (`places`).
3. Of two decisions about an utterance the later is in force; one of which nothing is left waits.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from episodic.canonical.document import Reading, Variation
from episodic.canonical.resolution.editors.anchors import LostPlaceError, quote
from episodic.canonical.resolution.editors.places import Located
from episodic.canonical.resolution.editors.rulings import Ruling
from episodic.canonical.resolution.names import folded
from episodic.canonical.resolution.people import Mention, Speakers
from episodic.canonical.resolution.transcripts.attribution import Attribution
from episodic.canonical.resolution.transcripts.bounds import Owner
from episodic.canonical.resolution.transcripts.voted import Voted
from episodic.canonical.resolved import Anchors, Decision, Quotation, Replay
from episodic.canonical.sources import SourceType, WeightedSource
from episodic.canonical.text.tokens import printable

_NONE: Final = "nobody says anything there"
_OVERTAKEN: Final = "later decisions about the same are in force"

# Columns of the canonical text's utterances, by whose they are.
type _Columns = Mapping[Owner, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class LabelMeanings:
    """What labels mean: for `people.merge`, and what became of the decisions about them."""

    called: Mapping[str, str]
    replays: tuple[Replay, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Speaking:
    """Who speaks by editors' word.

    Parameters
    ----------
    decided
        `Person.key` of the speaker of an utterance.
    """

    decided: Mapping[Owner, str] = field(default_factory=dict[Owner, str])
    decisions: tuple[Decision, ...] = ()
    replays: tuple[Replay, ...] = ()
    anchors: Anchors = field(default_factory=dict[uuid.UUID, tuple[Quotation, ...]])


def labels(
    sources: Sequence[tuple[str, WeightedSource]],
    series: Mapping[str, str],
    rulings: Sequence[Ruling],
    tracks: AbstractSet[Mention] = frozenset(),
) -> LabelMeanings:
    """Find out whom labels mean; an episode's editor has the last word.

    Parameters
    ----------
    sources
        By siglum.
    series
        What the series says.
    rulings
        About labels.
    tracks
        Whom sources name by their files alone.
    """
    called = {folded(label): name for label, name in series.items()}
    used: dict[str, list[str]] = {}
    for siglum, name in sorted(tracks):
        used.setdefault(folded(name), []).append(siglum)
    for siglum, weighted in sources:
        if weighted.source.source_type is SourceType.TRANSCRIPT:
            for label in {folded(u.speaker) for u in weighted.source.utterances if u.speaker}:
                used.setdefault(label, []).append(siglum)
    replays: list[Replay] = []
    made: dict[str, Decision] = {}
    for ruling in rulings:
        decision, label = ruling.decision, ruling.label or ""
        sigla = used.get(folded(label))
        unknown = None if sigla else f"no source calls a speaker {label}"
        replays.append(Replay(decision.id, decision.address if sigla else None, unknown))
        if sigla:
            called[folded(label)] = decision.text
            made[decision.address] = _made(ruling, [Reading(label, tuple(sigla), 0)], None)
    return LabelMeanings(called, tuple(replays), tuple(made.values()))


def speak(
    voted: Voted, attribution: Attribution, rulings: Sequence[Ruling], speakers: Speakers, located: Located
) -> Speaking:
    """Turn decisions about places into speakers of utterances.

    Parameters
    ----------
    rulings
        About who speaks at a place, in the order in which they were made.
    speakers
        With the keys of those whom editors name.
    located
        Their places in words.
    """
    if not rulings:
        return Speaking()
    columns = _columns(voted)
    taken: dict[Owner, Ruling] = {}
    wanted: dict[uuid.UUID, Owner] = {}
    reasons: dict[uuid.UUID, str] = {}
    found = [each for each in rulings if each.decision.id not in located.lost]
    for ruling in found:
        try:
            owners = _owners(voted, attribution, columns, ruling, located)
        except LostPlaceError as error:
            reasons[ruling.decision.id] = str(error)
            continue
        taken |= dict.fromkeys(owners, ruling)
        if owners:
            wanted[ruling.decision.id] = owners[0]
    replays: list[Replay] = []
    made: list[Decision] = []
    anchors: dict[uuid.UUID, tuple[Quotation, ...]] = {}
    for ruling in found:
        decision = ruling.decision
        owners = [owner for owner, each in taken.items() if each is ruling]
        reason = reasons.get(decision.id) or (None if owners else _OVERTAKEN)
        rival = taken[wanted[decision.id]].decision.id if decision.id in wanted and not owners else None
        replays.append(Replay(decision.id, None if reason else decision.address, reason, rival))
        if owners:
            own = located.spoken[decision.id] if ruling.place else [columns[owner] for owner in owners]
            quoted = (quote(voted.collation, *place) for place in own)
            anchors[decision.id] = tuple(each for quotations in quoted for each in quotations)
            start = voted.clocks.at(columns[owners[0]][0])
            made.append(_made(ruling, list(_named(voted, owners)), start))
    decided = {owner: speakers["", ruling.decision.text] for owner, ruling in taken.items()}
    return Speaking(decided, tuple(made), tuple(replays), anchors)


def _columns(voted: Voted) -> _Columns:
    """The columns of each utterance of the canonical text, in their order."""
    found: dict[Owner, tuple[int, int]] = {}
    for start, end, owner in voted.utterances():
        if start < end and any(voted.lemma[start:end]):
            found[owner] = found.get(owner, (start, end))[0], end
    return found


def _owners(
    voted: Voted, attribution: Attribution, columns: _Columns, ruling: Ruling, located: Located
) -> Sequence[Owner]:
    """Find the utterances that a decision is about; raises `LostPlaceError`."""
    if (places := located.spoken.get(ruling.decision.id)) is not None:
        owners = list(_in_places(columns, places))
        if not owners and not ruling.place:
            raise LostPlaceError("no witness has these words, or the words around them, any more")
        return owners
    for contradiction, numbers in attribution.contradictions:
        if contradiction.address == ruling.decision.address:
            return [owner for n in numbers if (owner := Owner(voted.collation.base, n)) in columns]
    if ruling.span is None:
        raise LostPlaceError("there is no such place; give the time at which somebody begins to speak")
    starts = [(time, owner) for owner, at in columns.items() if (time := voted.clocks.at(at[0])) is not None]
    first, last = ruling.span
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


def _made(ruling: Ruling, others: Sequence[Reading], start: float | None) -> Decision:
    text, address, verdict = ruling.decision.text, ruling.decision.address, ruling.verdict
    same = next((each for each in others if each.text == text), None)
    lemma = same or Reading(text, (), 0)
    variation = Variation(
        lemma, tuple(each for each in others if each is not same), address=address, verdict=verdict
    )
    return Decision("speaker", address, variation, verdict.reason, start)
