"""The canonical transcript and the decisions behind it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.ingestion import (
    CanonicalUtterance,
    Decision,
    Difference,
    PassageReading,
    PassageVariation,
    Reading,
    SourceType,
    Variation,
    Witness,
)
from episodic.canonical.resolution.apparatus import Group, Run, compare
from episodic.canonical.resolution.bounds import Bounds, Owner
from episodic.canonical.resolution.collation import Collation, collate
from episodic.canonical.resolution.decisions import Record
from episodic.canonical.resolution.people import Speakers
from episodic.canonical.resolution.speech import Timing, first_present, speakers_of

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


def merge(witnesses: Sequence[Witness], speakers: Speakers, policy: SeriesPolicy) -> Transcript:
    """Make one transcript of all.

    Parameters
    ----------
    witnesses
        By falling weight; those that are no transcripts are passed over.
    speakers
        Whom each witness means by each of its speakers' names.
    policy
        The series' policy.
    """
    transcripts = [w for w in witnesses if w.weighted.source.source_type is SourceType.TRANSCRIPT]
    collation = collate(transcripts, policy)
    if collation is None:
        return Transcript(None, (), ())
    return _Merger(collation, speakers).merge()


class _Merger:
    """Walks over the runs of a collation and makes utterances of them."""

    def __init__(self, collation: Collation, speakers: Speakers) -> None:
        self._collation = collation
        self._voices = collation.voices
        self._rows = collation.rows
        self._base = collation.base
        self._base_row = collation.rows[collation.base]
        self._speakers = speakers_of(collation, speakers)
        self._timings = [Timing(voice) for voice in collation.voices]
        self._runs, lemma = compare(collation)
        self._record = Record(collation, lemma)
        self._bounds = Bounds(collation, lemma)
        self._parts: list[CanonicalUtterance | PassageVariation] = []
        self._last: dict[int, int] = {}  # for each voice, the utterance of which a part was made last
        # The part of an utterance that is being made.
        self._text: list[str | Variation] = []
        self._owner = Owner(self._base, 0)
        self._start = 0

    def merge(self) -> Transcript:
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
                    self._text.append(self._variation(run.groups, start, end))
                else:
                    self._text.append(self._reading_text(self._base, start, end))
        self._close(len(self._base_row))
        self._add_those_apart()
        siglum = self._voices[self._base].siglum
        return Transcript(siglum, tuple(self._parts), tuple(self._record.decisions))

    # --- columns

    def _is_passage(self, run: Run) -> bool:
        """Whether a variation is made of utterances, not of words in one."""
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

    def _variation(self, groups: Sequence[Group], start: int, end: int) -> Variation:
        """Make an entry of words in an utterance."""
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
        variation = Variation(
            readings[0],
            tuple(readings[1:]),
            _difference(said),
            self._record.address(said, start, end, time),
        )
        self._record.add(variation, time)
        return variation

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
        address = self._record.address(said, run.start, run.end, time)
        passage = PassageVariation(readings[0], tuple(readings[1:]), _difference(said), address)
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
        place = first_present(self._base_row, column, -1, -1)
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
    return Variation(readings[0], tuple(readings[1:]), passage.difference, passage.address)
