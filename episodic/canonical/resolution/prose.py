"""Prose of brief, notes, press release and feed: merged where passages say the same.

Every witness keeps its own division with its own order and headings. A passage that a heavier witness
has too stands there, with all its witnesses, and is pointed to from the lighter one's place; a near
duplicate is a reading in an entry there.
"""

import uuid
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rapidfuzz.distance import Indel
from rapidfuzz.process import extractOne

from episodic.canonical.document import CanonicalPassage, Difference, Division, Reading, Variation, Witness
from episodic.canonical.editing.addresses import Names, fingerprint
from episodic.canonical.resolution.editors.fields import overruled
from episodic.canonical.resolution.editors.passages import Quoted, locate, quote
from episodic.canonical.resolution.editors.rulings import Ruling
from episodic.canonical.resolution.transcripts.alignment import Interner
from episodic.canonical.resolved import Anchors, Decision, Quotation, Replay
from episodic.canonical.sources import Passage, PassageKind, SourceType, decimal
from episodic.canonical.text.tokens import key, printable, tokenize

# Two passages with so many of their words in common, in order, are one passage in two wordings.
_NEAR: Final = 0.8
# Shorter passages are too easily alike to be one in two wordings.
_FEWEST_WORDS: Final = 5


@dataclass(slots=True)
class _Shared:
    """A passage in the place where it stands, and the wordings of it that other witnesses have."""

    witness: Witness
    number: int
    passage: Passage
    words: Sequence[int]
    others: list[tuple[Witness, str]] | None = None  # nearly all have none

    @property
    def readings(self) -> dict[str, list[Witness]]:
        """The wordings, each with its witnesses, the heaviest first."""
        found = {printable(self.passage.text): [self.witness]}
        for witness, text in self.others or ():
            found.setdefault(text, []).append(witness)
        return found

    @property
    def sigla(self) -> tuple[str, ...]:
        """Its witnesses, by their wordings."""
        owners = (witness.siglum for owners in self.readings.values() for witness in owners)
        return tuple(dict.fromkeys(owners))


class Choices:
    """Passages, to find the one that says the same as another without comparing it with all.

    Of two passages with `_NEAR` of their words in common, in order, one lacks at most a third of the words
    of the other. So of any of its words that are more than a third, one is in the other as well: the rarest
    are looked up.
    """

    def __init__(self) -> None:
        self._words: dict[int, Sequence[int]] = {}
        self._having: dict[int, list[int]] = {}

    def add(self, number: int, words: Sequence[int]) -> None:
        """Let a passage be found, the last by number."""
        self._words[number] = words
        for word in set(words):
            self._having.setdefault(word, []).append(number)

    def find(self, words: Sequence[int], used: Collection[int] = ()) -> int | None:
        """Find the passage that says the same, or most nearly so; the first of equals, none that is used."""
        exactly = len(words) < _FEWEST_WORDS
        rarest = sorted((self._having.get(word, []) for word in words), key=len)
        having = rarest[: 1 if exactly else len(words) // 3 + 1]
        numbers = sorted(set[int]().union(*having))
        likely = {number: self._words[number] for number in numbers if number not in used}
        found = extractOne(
            words,
            likely,
            scorer=Indel.normalized_similarity,
            # Below, as rapidfuzz takes what is just as like for less.
            score_cutoff=(1.0 if exactly else _NEAR) - 1e-6,
        )
        return None if found is None else found[2]


@dataclass(frozen=True, slots=True)
class MergedProse:
    """A division for each witness that has prose, and a decision for each passage whose wordings differ."""

    divisions: tuple[Division, ...]
    decisions: tuple[Decision, ...]
    replays: tuple[Replay, ...] = ()
    anchors: Anchors = field(default_factory=dict[uuid.UUID, tuple[Quotation, ...]])


def merge(witnesses: Sequence[Witness], rulings: Sequence[Ruling] = ()) -> MergedProse:
    """Gather the prose of all witnesses.

    Parameters
    ----------
    witnesses
        By falling weight.
    rulings
        Editors' decisions about prose, in the order in which they were made.
    """
    standing, places, quoted = _gathered(witnesses, quoting=bool(rulings))
    # An address tells a place from all others, of which it is one only where somebody votes or decides.
    voting = bool(rulings) or any(shared.others for shared in standing)
    voted = _addressed(map(_vote, standing)) if voting else ()
    in_force, lost = locate(rulings, quoted, [variation.address or "" for variation in voted])
    made = {
        number: overruled(variation.readings, in_force[number], variation.address or "")
        if number in in_force
        else variation
        for number, variation in enumerate(voted)
        if variation.others or number in in_force
    }
    divisions = tuple(
        Division(witness.weighted.source.source_type, witness.siglum, passages)
        for witness, own in zip(witnesses, places, strict=True)
        if (passages := tuple(_placed(witness, own, standing, made)))
    )
    replays = [Replay(ruling.decision.id, voted[number].address) for number, ruling in in_force.items()]
    anchors = {
        ruling.decision.id: tuple(own.quotation for own in quoted if own.place == number)
        for number, ruling in in_force.items()
    }
    return MergedProse(divisions, tuple(map(_decision, made.values())), (*replays, *lost), anchors)


def _gathered(
    witnesses: Sequence[Witness], *, quoting: bool
) -> tuple[list[_Shared], list[array[int]], list[Quoted]]:
    """Find which passages are one; also where those of each witness stand, and what can be quoted."""
    interner = Interner()
    standing: list[_Shared] = []
    places: list[array[int]] = []
    quoted: list[Quoted] = []
    choices = Choices()
    for witness in witnesses:
        # What this witness has already used is out, and so is its own: if it repeats itself, it keeps both.
        own, used, first = array("I"), set[int](), len(standing)
        for number, passage in enumerate(_prose_of(witness), 1):
            # What a single witness has is compared with nothing.
            words = interner.intern(tokenize([passage.text]).keys) if len(witnesses) > 1 else ()
            found = None if passage.kind is PassageKind.HEADING else choices.find(words, used)
            if found is None:
                found = len(standing)
                standing.append(_Shared(witness, number, passage, words))
            else:
                used.add(found)
                shared = standing[found]
                shared.others = shared.others or []
                shared.others.append((witness, printable(passage.text)))
            own.append(found)
        places.append(own)
        for number in range(first, len(standing)):
            if standing[number].passage.kind is not PassageKind.HEADING:
                choices.add(number, standing[number].words)
        if quoting:
            quotations = quote(witness, list(_prose_of(witness)))
            quoted += map(Quoted, quotations, own, strict=True)
    return standing, places, quoted


def _prose_of(witness: Witness) -> Iterator[Passage]:
    """Yield what a witness has in prose; speech outside a transcript is prose, with its speaker."""
    source = witness.weighted.source
    if source.source_type is not SourceType.TRANSCRIPT:
        for utterance in source.utterances:
            text = f"{utterance.speaker}: {utterance.text}" if utterance.speaker else utterance.text
            yield Passage(PassageKind.PARAGRAPH, text, utterance.where)
    for passage in source.passages:
        if printable(passage.text):
            yield passage


def _vote(shared: _Shared) -> Variation:
    """Vote between the wordings: those that say the same pool their votes, as in transcripts."""
    readings = [
        Reading(text, tuple(w.siglum for w in owners), sum(w.weighted.weight for w in owners))
        for text, owners in shared.readings.items()
    ]
    said: dict[str, int] = {}
    for reading in readings:
        words = key(reading.text)
        said[words] = said.get(words, 0) + reading.weight
    winner = max(said, key=said.__getitem__)  # of equals the first, which the heavier witness has
    lemma = max((r for r in readings if key(r.text) == winner), key=lambda reading: reading.weight)
    others = sorted((r for r in readings if r is not lemma), key=lambda reading: -reading.weight)
    difference = Difference.SUBSTANTIVE if len(said) > 1 else Difference.ORTHOGRAPHIC
    return Variation(lemma, tuple(others), difference, f"prose/{fingerprint(sorted(said))}")


def _addressed(voted: Iterable[Variation]) -> list[Variation]:
    """Tell places apart that have the same words: all but the first are numbered."""
    names = Names()
    return [replace(variation, address=names.unique(variation.address or "")) for variation in voted]


def _placed(
    witness: Witness, places: Sequence[int], standing: Sequence[_Shared], made: Mapping[int, Variation]
) -> Iterator[CanonicalPassage]:
    """Yield the passages in a witness's places: the text where it stands, elsewhere a pointer to it."""
    alone = (witness.siglum,)
    for number, (place, passage) in enumerate(zip(places, _prose_of(witness), strict=True), 1):
        shared = standing[place]
        name = f"{witness.siglum}.p{number}"
        if shared.witness is witness:
            text = made.get(place) or printable(passage.text)
            sigla = shared.sigla if shared.others else alone
            yield CanonicalPassage(name, passage.kind, (text,), sigla, passage.level)
        else:
            there = f"{shared.witness.siglum}.p{shared.number}"
            yield CanonicalPassage(name, passage.kind, (), alone, passage.level, there)


def _decision(variation: Variation) -> Decision:
    if variation.verdict:
        reason = variation.verdict.reason
    elif variation.difference is Difference.ORTHOGRAPHIC:
        reason = "the same passage, spelled differently"
    else:
        strongest = decimal(max(other.weight for other in variation.others))
        reason = f"{decimal(variation.lemma.weight)} for this wording, {strongest} for the strongest other"
    return Decision("prose", variation.address or "", variation, reason)
