"""The canonical transcript and the decisions behind it."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from episodic.canonical.document import (
    Anchors,
    Authority,
    CanonicalUtterance,
    Decision,
    Difference,
    Editor,
    PassageReading,
    PassageVariation,
    Quotation,
    Reading,
    Replay,
    Variation,
    Witness,
)
from episodic.canonical.domain import EditorialDecision, SeriesPolicy
from episodic.canonical.resolution.decisions import Record, seconds_of
from episodic.canonical.resolution.editors.anchors import LostPlaceError, quote
from episodic.canonical.resolution.editors.words import (
    NOTHING,
    SERIES,
    Edited,
    locate,
    overrule,
    replaced,
    words_at,
)
from episodic.canonical.resolution.people import Speakers
from episodic.canonical.resolution.transcripts.apparatus import Compared, Edit, Group, Run, compare
from episodic.canonical.resolution.transcripts.attribution import attribute
from episodic.canonical.resolution.transcripts.bounds import Bounds, Owner
from episodic.canonical.resolution.transcripts.collation import Collation, collate
from episodic.canonical.resolution.transcripts.speech import Speech
from episodic.canonical.resolution.transcripts.timing import Clocks
from episodic.canonical.sources import SourceType
from episodic.canonical.tokens import key

# A variation over the bounds of utterances is one entry from this many words on; a shorter one is
# split at the bounds, where it reads better than as utterances of one or two words.
_PASSAGE: Final = 8
# Of words that stand in several places those are meant that are at most so many seconds from the time that an
# editor gave, when the others are twice as far from it and so many seconds farther.
_FARTHEST: Final = 30.0
_CLEARLY: Final = 2.0
_LACUNA: Final = "lacuna"


@dataclass(frozen=True, slots=True)
class Transcript:
    """The canonical transcript, the siglum of its base, and every decision in it."""

    base: str | None
    parts: tuple[CanonicalUtterance | PassageVariation, ...]
    decisions: tuple[Decision, ...]
    replays: tuple[Replay, ...] = ()
    anchors: Anchors = field(default_factory=dict[uuid.UUID, tuple[Quotation, ...]])
    editors: tuple[Editor, ...] = ()  # beside those whose decisions were given


def merge(
    witnesses: Sequence[Witness],
    speakers: Speakers,
    policy: SeriesPolicy,
    decisions: Sequence[EditorialDecision] = (),
    editors: Mapping[str, Editor] | None = None,
    language: str | None = None,
) -> Transcript:
    """Make one transcript of all.

    Parameters
    ----------
    witnesses
        By falling weight; those that are no transcripts are passed over.
    speakers
        Whom each witness means by each of its speakers' names.
    policy
        The series' policy.
    decisions, editors
        The editors' decisions about the transcript, in the order in which they were made, and who they
        are, by name. A decision without quotations is looked for under its address.
    language
        As a BCP 47 tag.
    """
    transcripts = [w for w in witnesses if w.weighted.source.source_type is SourceType.TRANSCRIPT]
    collation = collate(transcripts, policy, language)
    if collation is None:
        gone = tuple(Replay(each.id, None, "there is no transcript any more") for each in decisions)
        return Transcript(None, (), (), gone)
    voted = compare(collation)
    known = [decision for decision in decisions if decision.quotations]
    edited = locate(collation, known, editors or {})
    new = [decision for decision in decisions if not decision.quotations]
    if new:
        merger = _Merger(collation, speakers, voted, replaced(voted.lemma, policy.replacements, edited.edits))
        merger.merge()
        unknown: list[Replay] = []
        for decision in new:
            try:
                known.append(replace(decision, quotations=quote(collation, *merger.place(decision.address))))
            except LostPlaceError as error:
                unknown.append(Replay(decision.id, None, str(error)))
        edited = locate(collation, known, editors or {})
        edited = replace(edited, lost=(*edited.lost, *unknown))
    edits = replaced(voted.lemma, policy.replacements, edited.edits)
    return _Merger(collation, speakers, voted, edits).merge(edited)


class _Merger:
    """Walks over the runs of a collation and makes utterances of them."""

    def __init__(
        self,
        collation: Collation,
        speakers: Speakers,
        voted: Compared,
        edits: Sequence[Edit],
    ) -> None:
        self._collation = collation
        self._voices = collation.voices
        self._base = collation.base
        self._width = len(collation.rows[collation.base])
        self._clocks = Clocks(collation)
        people, contradictions = attribute(collation, speakers)
        self._speech = Speech(collation, people, self._clocks)
        runs, self._lemma = voted.runs, voted.lemma
        self._runs = overrule(collation, runs, edits)
        self._record = Record(collation, self._lemma)
        self._record.decisions += contradictions
        self._places: dict[str, tuple[int, int]] = {}
        self._addresses: dict[uuid.UUID, str] = {}
        self._bounds = Bounds(collation, self._lemma)
        self._parts: list[CanonicalUtterance | PassageVariation] = []
        # The part of an utterance that is being made.
        self._text: list[str | Variation] = []
        self._owner = Owner(self._base, 0)
        self._start = 0

    def merge(self, edited: Edited = NOTHING) -> Transcript:
        """Make the transcript."""
        for run in self._runs:
            if run.groups and self._is_passage(run):
                self._close(run.start)
                self._add_passage(run)
                self._start = run.end
                continue
            for start, end, owner in self._bounds.pieces(run.start, run.end):
                if owner != self._owner:
                    self._close(start)
                    self._owner = owner
                if run.groups:
                    self._text.append(self._variation(run, start, end))
                else:
                    self._text.append(self._collation.text_in(self._base, start, end))
        self._close(self._width)
        self._add_those_apart()
        siglum = self._voices[self._base].siglum
        in_force = [
            Replay(edit.decision, self._addresses.get(edit.decision, "-"))
            for edit in edited.edits
            if edit.decision
        ]
        replays = (*in_force, *edited.lost)
        return Transcript(
            siglum,
            tuple(self._parts),
            tuple(self._record.decisions),
            replays,
            dict(edited.anchors),
            (SERIES,) if any(run.edit and run.edit.decision is None for run in self._runs) else (),
        )

    def place(self, address: str) -> tuple[int, int]:
        """Find the columns of an address, once the transcript is made.

        Parameters
        ----------
        address
            Of an entry, or ``H:MM:SS/words``: these words where they are clearly the nearest to that time;
            ``-/words``: the only such words.
        """
        if address in self._places:
            return self._places[address]
        clock, _, words = address.partition("/")
        found = words_at(self._lemma, words)
        if not found:
            raise LostPlaceError("there is no such place, and these words are not in the transcript")
        seconds = seconds_of(clock)
        if seconds is None and len(found) > 1:
            raise LostPlaceError(f"these words stand in {len(found)} places: put the time before them")

        if seconds is None or len(found) == 1:
            return found[0]
        distances = sorted(
            (abs(time - seconds), columns)
            for columns in found
            if (time := self._clocks.at(columns[0])) is not None
        )
        if len(distances) == len(found):
            (least, nearest), (second, _), *_ = distances
            if least <= _FARTHEST and second >= max(2 * least, least + _CLEARLY):
                return nearest
        raise LostPlaceError(
            f"these words stand in {len(found)} places, none clearly the nearest to {clock}: "
            "add the words beside them"
        )

    # --- columns

    def _is_passage(self, run: Run) -> bool:
        """Whether a variation is made of utterances, not of words in one."""
        if run.edit and (len(run.groups) == 1 or run.edit.verdict.authority is not Authority.DECISION):
            return False
        if run.end - run.start >= _PASSAGE and self._bounds.cross(run.start, run.end):
            return True
        if self._collation.tokens_in(self._base, run.start, run.end):
            return False
        return any(
            self._speech.has_whole_utterance(group.voices[0], run.start, run.end) for group in run.groups
        )

    def _sigla(self, group: Group) -> tuple[str, ...]:
        return tuple(self._voices[voice].siglum for voice in group.voices)

    # --- utterances

    def _close(self, end: int) -> None:
        """Finish the part of an utterance that is being made, if it has text."""
        if self._text:
            self._parts.append(self._speech.canonical(self._owner, _joined(self._text), self._start, end))
            self._text = []
        self._start = end

    # --- variations

    def _variation(self, run: Run, start: int, end: int) -> Variation:
        """Make an entry of words in an utterance."""
        groups, verdict = run.groups, run.edit and run.edit.verdict
        readings = [
            Reading(
                self._collation.text_in(group.voices[0], start, end),
                self._sigla(group),
                group.weight,
                _LACUNA if group.lacuna else None,
            )
            for group in groups
        ]
        said = self._said(groups, start, end)
        time = self._clocks.at(start)
        address = self._address(run, said, start, end, time)
        if run.edit and verdict and verdict.authority is not Authority.DECISION:
            # Where it reaches over the bounds of utterances, all of it stands before the first bound.
            readings.insert(0, Reading(run.edit.text if start == run.start else "", (), 0))
            said.insert(0, key(readings[0].text))
        variation = Variation(readings[0], tuple(readings[1:]), _difference(said), address, verdict)
        self._record.add(variation, time)
        return variation

    def _address(self, run: Run, said: Sequence[str], start: int, end: int, time: float | None) -> str:
        """Name a place, and remember it by that name."""
        address = self._record.address(said, start, end, time)
        if run.edit and run.edit.decision:
            # Of an edit in several pieces all have one place.
            self._addresses.setdefault(run.edit.decision, address)
            start, end = run.start, run.end
        self._places[address] = start, end
        return address

    def _add_passage(self, run: Run) -> None:
        """Make an entry of utterances."""
        readings = [
            PassageReading(
                tuple(self._utterances(group, run, canonical=number == 0)),
                self._sigla(group),
                group.weight,
                _LACUNA if group.lacuna else None,
            )
            for number, group in enumerate(run.groups)
        ]
        said = self._said(run.groups, run.start, run.end)
        time = self._clocks.at(run.start)
        address = self._address(run, said, run.start, run.end, time)
        verdict = run.edit and run.edit.verdict
        passage = PassageVariation(readings[0], tuple(readings[1:]), _difference(said), address, verdict)
        self._parts.append(passage)
        self._record.add(_flat(passage), time)

    def _utterances(self, group: Group, run: Run, *, canonical: bool) -> Iterator[CanonicalUtterance]:
        """Yield a group's utterances, with the bounds of the base or of the group's heaviest voice."""
        voice = self._base if self._base in group.voices else group.voices[0]
        return self._speech.those_in(voice, run.start, run.end, canonical=canonical)

    def _said(self, groups: Sequence[Group], start: int, end: int) -> list[str]:
        """Give what each group says, without case, punctuation and spacing."""
        return [self._collation.key_in(group.voices[0], start, end) for group in groups]

    # --- voices that belong elsewhere

    def _add_those_apart(self) -> None:
        """Keep the voices that do not belong to the conversation, each whole, as one entry."""
        apart = sorted(self._collation.apart)
        if not apart:
            return
        family = [index for index in range(len(self._voices)) if index not in self._collation.apart]
        lemma = PassageReading((), tuple(self._voices[index].siglum for index in family), 0)
        others = tuple(map(self._speech.whole, apart))
        self._parts.append(PassageVariation(lemma, others))


def _difference(said: Sequence[str]) -> Difference:
    return Difference.SUBSTANTIVE if len(set(said)) > 1 else Difference.ORTHOGRAPHIC


def _joined(parts: Sequence[str | Variation]) -> tuple[str | Variation, ...]:
    """Join neighbouring pieces of agreed text."""
    joined: list[str | Variation] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def _flat(passage: PassageVariation) -> Variation:
    """Make one text of each reading's utterances."""
    readings = [
        Reading(
            "".join(text for u in reading.utterances for text in u.text if isinstance(text, str)),
            reading.sigla,
            reading.weight,
            reading.cause,
        )
        for reading in (passage.lemma, *passage.others)
    ]
    return Variation(readings[0], tuple(readings[1:]), passage.difference, passage.address, passage.verdict)
