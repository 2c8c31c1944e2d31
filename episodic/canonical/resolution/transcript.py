"""The canonical transcript and the decisions behind it."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from episodic.canonical.domain import EditorialDecision, SeriesPolicy
from episodic.canonical.ingestion import (
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
    SourceType,
    Variation,
    Witness,
)
from episodic.canonical.resolution.anchors import LostPlaceError, quote
from episodic.canonical.resolution.apparatus import Edit, Group, Run, compare
from episodic.canonical.resolution.bounds import Bounds, Owner
from episodic.canonical.resolution.collation import Collation, collate
from episodic.canonical.resolution.decisions import Record, seconds_of
from episodic.canonical.resolution.editing import (
    NOTHING,
    SERIES,
    Edited,
    locate,
    overrule,
    replaced,
    words_at,
)
from episodic.canonical.resolution.people import Speakers
from episodic.canonical.resolution.speech import Timing, first_present, speakers_of
from episodic.canonical.resolution.tokens import key

# A variation over the bounds of utterances is one entry from this many words on; a shorter one is
# split at the bounds, where it reads better than as utterances of one or two words.
_PASSAGE: Final = 8
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
    """
    transcripts = [w for w in witnesses if w.weighted.source.source_type is SourceType.TRANSCRIPT]
    collation = collate(transcripts, policy)
    if collation is None:
        gone = tuple(Replay(each.id, None, "there is no transcript any more") for each in decisions)
        return Transcript(None, (), (), gone)
    voted = compare(collation)
    known = [decision for decision in decisions if decision.quotations]
    edited = locate(collation, known, editors or {})
    new = [decision for decision in decisions if not decision.quotations]
    if new:
        merger = _Merger(collation, speakers, voted, replaced(voted[1], policy.replacements, edited.edits))
        merger.merge()
        unknown: list[Replay] = []
        for decision in new:
            try:
                known.append(replace(decision, quotations=quote(collation, *merger.place(decision.address))))
            except LostPlaceError as error:
                unknown.append(Replay(decision.id, None, str(error)))
        edited = locate(collation, known, editors or {})
        edited = replace(edited, lost=(*edited.lost, *unknown))
    edits = replaced(voted[1], policy.replacements, edited.edits)
    return _Merger(collation, speakers, voted, edits).merge(edited)


class _Merger:
    """Walks over the runs of a collation and makes utterances of them."""

    def __init__(
        self,
        collation: Collation,
        speakers: Speakers,
        voted: tuple[Sequence[Run], Sequence[str]],
        edits: Sequence[Edit],
    ) -> None:
        self._collation = collation
        self._voices = collation.voices
        self._rows = collation.rows
        self._base = collation.base
        self._base_row = collation.rows[collation.base]
        self._speakers = speakers_of(collation, speakers)
        self._timings = [Timing(voice) for voice in collation.voices]
        runs, self._lemma = voted
        self._runs = overrule(collation, runs, edits)
        self._record = Record(collation, self._lemma)
        self._places: dict[str, tuple[int, int]] = {}
        self._addresses: dict[uuid.UUID, str] = {}
        self._bounds = Bounds(collation, self._lemma)
        self._parts: list[CanonicalUtterance | PassageVariation] = []
        self._last: dict[int, int] = {}  # for each voice, the utterance of which a part was made last
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
                    self._text.append(self._reading_text(self._base, start, end))
        self._close(len(self._base_row))
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
            Of an entry, or ``H:MM:SS/words``: the nearest of these words to that time; ``-/words``: the
            only such words.
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

        def distance(columns: tuple[int, int]) -> float:
            time = self._time(columns[0])
            return 0.0 if seconds is None or time is None else abs(time - seconds)

        return min(found, key=distance)

    # --- columns

    def _is_passage(self, run: Run) -> bool:
        """Whether a variation is made of utterances, not of words in one."""
        if run.edit and (len(run.groups) == 1 or run.edit.verdict.authority is not Authority.DECISION):
            return False
        if run.end - run.start >= _PASSAGE and self._bounds.cross(run.start, run.end):
            return True
        if first_present(self._base_row, run.start, run.end) is not None:
            return False
        return any(self._has_whole_utterance(group.voices[0], run) for group in run.groups)

    def _has_whole_utterance(self, voice: int, run: Run) -> bool:
        tokens = self._tokens(voice, run.start, run.end)
        timing = self._timings[voice]
        begun = False
        for token in tokens:
            begun = begun or timing.begins_utterance(token)
            if begun and timing.ends_utterance(token):
                return True
        return False

    def _tokens(self, voice: int, start: int, end: int) -> range:
        """Give the tokens of a voice in a range of columns; they follow one another."""
        places = [place for place in self._rows[voice][start:end] if place >= 0]
        return range(places[0], places[-1] + 1) if places else range(0)

    def _reading_text(self, voice: int, start: int, end: int) -> str:
        tokens = self._tokens(voice, start, end)
        return "".join(self._voices[voice].tokens.forms[tokens.start : tokens.stop])

    def _sigla(self, group: Group) -> tuple[str, ...]:
        return tuple(self._voices[voice].siglum for voice in group.voices)

    # --- utterances

    def _close(self, end: int) -> None:
        """Finish the part of an utterance that is being made, if it has text."""
        if self._text:
            index, number = self._owner.voice, self._owner.number
            tokens = self._tokens(index, self._start, end)
            start, stop = self._canonical_times(index, tokens, self._start, end)
            self._parts.append(
                CanonicalUtterance(
                    text=_joined(self._text),
                    siglum=self._voices[index].siglum,
                    speaker=self._speakers[index][number],
                    start=start,
                    end=stop,
                    continues=self._last.get(index) == number,
                )
            )
            self._last[index] = number
            self._text = []
        self._start = end

    def _times(self, voice: int, tokens: range) -> tuple[float | None, float | None]:
        if not tokens:
            return None, None
        timing = self._timings[voice]
        return timing.start(tokens[0]), timing.end(tokens[-1])

    # --- variations

    def _variation(self, run: Run, start: int, end: int) -> Variation:
        """Make an entry of words in an utterance."""
        groups, verdict = run.groups, run.edit and run.edit.verdict
        readings = [
            Reading(
                self._reading_text(group.voices[0], start, end),
                self._sigla(group),
                group.weight,
                _LACUNA if group.lacuna else None,
            )
            for group in groups
        ]
        said = self._said(groups, start, end)
        time = self._time(start)
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
        time = self._time(run.start)
        address = self._address(run, said, run.start, run.end, time)
        verdict = run.edit and run.edit.verdict
        passage = PassageVariation(readings[0], tuple(readings[1:]), _difference(said), address, verdict)
        self._parts.append(passage)
        self._record.add(_flat(passage), time)

    def _utterances(self, group: Group, run: Run, *, canonical: bool) -> Iterator[CanonicalUtterance]:
        """Yield a group's utterances, with the bounds of the base or of the group's heaviest voice."""
        index = self._base if self._base in group.voices else group.voices[0]
        voice, timing = self._voices[index], self._timings[index]
        tokens = self._tokens(index, run.start, run.end)
        shift = self._shift(index, tokens, run.start, run.end) if canonical else None
        while tokens:
            number = voice.utterance_of[tokens[0]]
            size = next(
                (i for i, token in enumerate(tokens) if voice.utterance_of[token] != number), len(tokens)
            )
            own, tokens = tokens[:size], tokens[size:]
            start, end = self._times(index, own)
            if shift:
                start, end = shift(start), shift(end)
            else:
                # On its own clock a witness has only the times that it gives.
                start = start if timing.begins_utterance(own[0]) else None
                end = end if timing.ends_utterance(own[-1]) else None
            yield CanonicalUtterance(
                text=("".join(voice.tokens.forms[own.start : own.stop]),),
                siglum=voice.siglum,
                speaker=self._speakers[index][number],
                start=start,
                end=end,
                continues=self._last.get(index) == number,
            )
            self._last[index] = number

    def _said(self, groups: Sequence[Group], start: int, end: int) -> list[str]:
        """Give what each group says, without case, punctuation and spacing."""
        said: list[str] = []
        for group in groups:
            tokens = self._tokens(group.voices[0], start, end)
            keys = self._voices[group.voices[0]].tokens.keys
            said.append("".join(keys[tokens.start : tokens.stop]))
        return said

    # --- time

    def _time(self, column: int) -> float | None:
        """Find when the words of the base at a column, or the next before it, are said."""
        place = first_present(self._base_row, min(column, len(self._base_row) - 1), -1, -1)
        return None if place is None else self._timings[self._base].start(place)

    def _canonical_times(
        self, index: int, tokens: range, start: int, end: int
    ) -> tuple[float | None, float | None]:
        shift = self._shift(index, tokens, start, end)
        first, last = self._times(index, tokens)
        return shift(first), shift(last)

    def _shift(
        self, index: int, tokens: range, start: int, end: int
    ) -> Callable[[float | None], float | None]:
        """Make a function from a voice's clock to the base's, for columns where the base is absent.

        The clocks are set by the last word before, or the first after, that both have; the times stay
        between those words.
        """
        if index == self._base:
            return lambda time: time
        row = self._base_row
        before = first_present(row, start - 1, -1, -1)
        after = first_present(row, end, len(row))
        base, own = self._timings[self._base], self._timings[index]
        earliest = None if before is None else base.end(before)
        latest = None if after is None else base.start(after)
        offset = None
        if earliest is not None and tokens and tokens[0] > 0:
            offset = _difference_of(earliest, own.end(tokens[0] - 1))
        elif latest is not None and tokens and tokens[-1] + 1 < len(self._voices[index].utterance_of):
            offset = _difference_of(latest, own.start(tokens[-1] + 1))

        def shifted(time: float | None) -> float | None:
            if time is None or offset is None:
                return None
            low = earliest or 0.0
            high = float("inf") if latest is None else max(low, latest)
            return round(min(max(time + offset, low), high), 3)

        return shifted

    # --- voices that belong elsewhere

    def _add_those_apart(self) -> None:
        """Keep the voices that do not belong to the conversation, each whole, as one entry."""
        apart = sorted(self._collation.apart)
        if not apart:
            return
        family = [index for index in range(len(self._voices)) if index not in self._collation.apart]
        lemma = PassageReading((), tuple(self._voices[index].siglum for index in family), 0)
        others = tuple(self._whole(index) for index in apart)
        self._parts.append(PassageVariation(lemma, others))

    def _whole(self, index: int) -> PassageReading:
        voice = self._voices[index]
        utterances: list[CanonicalUtterance] = []
        at = 0
        for number, (utterance, length) in enumerate(
            zip(voice.utterances, voice.tokens.lengths, strict=True)
        ):
            if length:
                text = "".join(voice.tokens.forms[at : at + length])
                speaker = self._speakers[index][number]
                utterances.append(
                    CanonicalUtterance((text,), voice.siglum, speaker, utterance.start, utterance.end)
                )
            at += length
        return PassageReading(tuple(utterances), (voice.siglum,), 0)


def _difference_of(one: float, other: float | None) -> float | None:
    return None if other is None else one - other


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
