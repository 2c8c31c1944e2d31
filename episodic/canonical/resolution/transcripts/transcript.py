"""The canonical transcript, written from the entries of the voted text, and the decisions behind it."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Final

from episodic.canonical.document import (
    Authority,
    CanonicalUtterance,
    Difference,
    PassageReading,
    PassageVariation,
    Reading,
    Variation,
)
from episodic.canonical.resolution.people import Speakers
from episodic.canonical.resolution.transcripts.apparatus import Group, Override
from episodic.canonical.resolution.transcripts.attribution import Attribution
from episodic.canonical.resolution.transcripts.bounds import Owner
from episodic.canonical.resolution.transcripts.decisions import about, about_witnesses
from episodic.canonical.resolution.transcripts.speech import Speech
from episodic.canonical.resolution.transcripts.voted import Entry, Voted
from episodic.canonical.resolved import Decision, Replay
from episodic.canonical.text.tokens import key, tokenize

_LACUNA: Final = "lacuna"


@dataclass(frozen=True, slots=True)
class Transcript:
    """The canonical transcript, the sigla of its base and clock, every decision in it, the edits in force."""

    base: str | None
    clock: str | None
    parts: tuple[CanonicalUtterance | PassageVariation, ...]
    decisions: tuple[Decision, ...]
    replays: tuple[Replay, ...] = ()
    learned: tuple[str, ...] = ()  # names of other episodes that decided something; sorted


def write(
    voted: Voted,
    edits: Sequence[Override],
    attribution: Attribution,
    decided: Mapping[Owner, str],
    speakers: Speakers,
) -> Transcript:
    """Write the transcript.

    Parameters
    ----------
    edits
        In the order of columns, none over another.
    attribution
        Who speaks.
    decided
        Who speaks where an editor decided it, as `Person.key`.
    speakers
        With the keys of those whom editors name.
    """
    writer = _Writer(voted, attribution, decided, speakers)
    parts = tuple(writer.write(voted.entries(edits)))
    addresses = writer.addresses
    replays = [Replay(edit.decision, addresses.get(edit.decision, "-")) for edit in edits if edit.decision]
    siglum = voted.collation.voices[voted.collation.base].siglum
    decisions, learned = tuple(writer.decisions), tuple(sorted(writer.learned))
    return Transcript(siglum, voted.clocks.siglum, parts, decisions, tuple(replays), learned)


class _Writer:
    """Makes utterances and passages of entries."""

    def __init__(
        self, voted: Voted, attribution: Attribution, decided: Mapping[Owner, str], speakers: Speakers
    ) -> None:
        self._collation = voted.collation
        self._agreed, self._places = "".join(voted.lemma), voted.clocks.places
        self._sigla_of = [voice.siglum for voice in voted.collation.voices]
        self._speech = Speech(
            voted.collation, attribution.people, decided, voted.clocks, speakers, voted.bounds.turns
        )
        undecided = (
            decision
            for decision, numbers in attribution.contradictions
            if any(Owner(voted.collation.base, number) not in decided for number in numbers)
        )
        sources = {voice.siglum: voice.witness.weighted for voice in voted.collation.voices}
        self._trusted = frozenset(siglum for siglum, source in sources.items() if source.trusted)
        self._edited = frozenset(siglum for siglum, source in sources.items() if source.edited)
        self.decisions = [*about_witnesses(voted.collation), *undecided]
        self._names = voted.learned
        self.learned: set[str] = set()
        self.addresses: dict[uuid.UUID, str] = {}  # by the decisions that are in force

    def write(self, entries: Iterable[Entry]) -> Iterator[CanonicalUtterance | PassageVariation]:
        """Yield the parts of the transcript; neighbouring entries of one utterance are one part."""
        for owner, group in groupby(entries, key=attrgetter("owner")):
            own = list(group)
            if owner is None:
                yield from map(self._passage, own)
            else:
                edges = [own[0].start, *[entry.end for entry in own]]
                yield self._speech.canonical(owner, tuple(map(self._text, own)), edges)
        yield from self._those_apart()

    def _text(self, entry: Entry) -> str | Variation:
        if entry.address is None:
            return self._agreed[self._places[entry.start] : self._places[entry.end]]
        return self._variation(entry)

    # --- variations

    def _variation(self, entry: Entry) -> Variation:
        """Make an entry of words in an utterance."""
        edit, said = entry.run.edit, list(entry.said)
        readings = [
            Reading(
                self._collation.text_in(group.voices[0], entry.start, entry.end),
                self._sigla(group),
                group.weight,
                _LACUNA if group.lacuna else None,
            )
            for group in entry.run.groups
        ]
        if edit and edit.verdict.authority is not Authority.DECISION:
            # Where it reaches over the bounds of utterances, all of it stands before the first bound.
            readings.insert(0, Reading(edit.text if entry.start == entry.run.start else "", (), 0))
            said.insert(0, key(readings[0].text))
        variation = Variation(
            readings[0], tuple(readings[1:]), _difference(said), entry.address, edit and edit.verdict
        )
        self._decided(variation, entry)
        return variation

    def _passage(self, entry: Entry) -> PassageVariation:
        """Make an entry of utterances."""
        edit, said = entry.run.edit, list(entry.said)
        readings = [
            PassageReading(
                tuple(self._utterances(group, entry, canonical=number == 0)),
                self._sigla(group),
                group.weight,
                _LACUNA if group.lacuna else None,
            )
            for number, group in enumerate(entry.run.groups)
        ]
        if edit and edit.turns:
            added = tuple(self._speech.added(edit))
            if edit.verdict.authority is Authority.DECISION:
                readings[0] = replace(readings[0], utterances=added)
            else:
                readings.insert(0, PassageReading(added, (), 0))
                said.insert(0, key(edit.text))
        passage = PassageVariation(
            readings[0], tuple(readings[1:]), _difference(said), entry.address, edit and edit.verdict
        )
        self._decided(_flat(passage), entry)
        return passage

    def _decided(self, variation: Variation, entry: Entry) -> None:
        edit = entry.run.edit
        if entry.address and edit and edit.decision:
            self.addresses.setdefault(edit.decision, entry.address)
        names = self._deciding(variation)
        if decision := about(variation, entry.time, self._trusted, self._edited, names):
            self.decisions.append(decision)

    def _deciding(self, variation: Variation) -> Sequence[str]:
        """Find the names of other episodes that speak for a lemma, and nothing else does."""
        if not self._names or variation.verdict or not self._trusted.isdisjoint(variation.lemma.sigla):
            return ()
        others = {word for other in variation.others for word in tokenize([other.text]).keys}
        words = self._names.keys() & set(tokenize([variation.lemma.text]).keys) - others
        names = sorted(map(self._names.__getitem__, words))
        self.learned.update(names)
        return names

    def _utterances(self, group: Group, entry: Entry, *, canonical: bool) -> Iterator[CanonicalUtterance]:
        """Yield a group's utterances, with the bounds of the base or of the group's heaviest voice."""
        threads, base = self._collation.threads, self._collation.base
        voice = next((voice for voice in group.voices if threads[voice] == base), group.voices[0])
        if canonical and self._collation.hears(voice, entry.start, entry.end):
            voice = threads[voice]  # whose clock is that of all who make the transcript with it
        return self._speech.those_in(voice, entry.start, entry.end, canonical=canonical)

    def _sigla(self, group: Group) -> tuple[str, ...]:
        return tuple(map(self._sigla_of.__getitem__, group.voices))

    # --- voices that belong elsewhere

    def _those_apart(self) -> Iterator[PassageVariation]:
        """Keep the voices that do not belong to the conversation, each whole, as one entry."""
        apart = sorted(self._collation.apart)
        if not apart:
            return
        present = [i for i in range(self._collation.witnesses) if i not in self._collation.apart]
        lemma = PassageReading((), tuple(map(self._sigla_of.__getitem__, present)), 0)
        others = tuple(map(self._speech.whole, apart))
        yield PassageVariation(lemma, others)


def _difference(said: Sequence[str]) -> Difference:
    return Difference.SUBSTANTIVE if len(set(said)) > 1 else Difference.ORTHOGRAPHIC


def _flat(passage: PassageVariation) -> Variation:
    """Make one text of each reading's utterances."""
    readings = [
        Reading(
            "".join(text for u in reading.utterances for text in u.text if isinstance(text, str)),
            reading.sigla,
            reading.weight,
            reading.cause,
        )
        for reading in passage.readings
    ]
    return Variation(readings[0], tuple(readings[1:]), passage.difference, passage.address, passage.verdict)
