"""The canonical transcript and the decisions behind it."""

from bisect import bisect_right
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
        self._bounds, self._numbers = self._utterance_bounds()
        self._parts: list[CanonicalUtterance | PassageVariation] = []
        self._last: dict[int, int] = {}  # for each voice, the utterance of which a part was made last
        # The part of an utterance of the base that is being made.
        self._text: list[str | Variation] = []
        self._number = 0
        self._start = 0

    def merge(self) -> Transcript:
        """Make the transcript."""
        for run in self._runs:
            if run.groups and self._is_passage(run):
                self._close(run.start)
                self._add_passage(run)
                self._start = run.end
                continue
            for start, end, number in self._pieces(run.start, run.end):
                if number != self._number:
                    self._close(start)
                    self._number = number
                if run.groups:
                    self._text.append(self._variation(run.groups, start, end))
                else:
                    self._text.append(self._reading_text(self._base, start, end))
        self._close(len(self._base_row))
        self._add_those_apart()
        siglum = self._voices[self._base].siglum
        return Transcript(siglum, tuple(self._parts), tuple(self._record.decisions))

    # --- bounds

    def _utterance_bounds(self) -> tuple[list[int], list[int]]:
        """Find the columns where utterances of the base begin, and their numbers."""
        utterance_of = self._voices[self._base].utterance_of
        bounds: list[int] = []
        numbers: list[int] = []
        for column, place in enumerate(self._base_row):
            if place >= 0 and (not numbers or utterance_of[place] != numbers[-1]):
                bounds.append(column if bounds else 0)
                numbers.append(utterance_of[place])
        return bounds, numbers

    def _pieces(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Cut a range of columns at the bounds of utterances."""
        at = bisect_right(self._bounds, start) - 1
        while start < end:
            until = self._bounds[at + 1] if at + 1 < len(self._bounds) else len(self._base_row)
            yield start, min(until, end), self._numbers[at]
            start, at = until, at + 1

    def _is_passage(self, run: Run) -> bool:
        """Whether a variation is made of utterances, not of words in one."""
        if run.end - run.start >= _PASSAGE:
            after = bisect_right(self._bounds, run.start)
            if after < len(self._bounds) and self._bounds[after] < run.end:
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

    # --- utterances of the base

    def _close(self, end: int) -> None:
        """Finish the part of an utterance that is being made, if it has text."""
        if self._text:
            start, stop = self._times(self._base, self._tokens(self._base, self._start, end))
            self._parts.append(
                CanonicalUtterance(
                    text=_joined(self._text),
                    siglum=self._voices[self._base].siglum,
                    speaker=self._speakers[self._base][self._number],
                    start=start,
                    end=stop,
                    continues=self._last.get(self._base) == self._number,
                )
            )
            self._last[self._base] = self._number
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
        shift = self._shift(index, run, tokens) if canonical and index != self._base else None
        while tokens:
            number = voice.utterance_of[tokens[0]]
            size = next(
                (i for i, token in enumerate(tokens) if voice.utterance_of[token] != number), len(tokens)
            )
            own, tokens = tokens[:size], tokens[size:]
            start, end = self._times(index, own)
            if shift:
                start, end = shift(start), shift(end)
            elif index != self._base or not canonical:
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

    def _shift(self, index: int, run: Run, tokens: range) -> Callable[[float | None], float | None] | None:
        """Make a function from a voice's clock to the base's, for a passage that the base lacks."""
        row = self._base_row
        before = first_present(row, run.start - 1, -1, -1)
        after = first_present(row, run.end, len(row))
        base, own = self._timings[self._base], self._timings[index]
        earliest = None if before is None else base.end(before)
        latest = None if after is None else base.start(after)
        last = self._voices[index].utterance_of
        if earliest is not None and tokens and tokens[0] > 0:
            here, there = earliest, own.end(tokens[0] - 1)
        elif latest is not None and tokens and tokens[-1] + 1 < len(last):
            here, there = latest, own.start(tokens[-1] + 1)
        else:
            return None
        if there is None:
            return None
        offset = here - there

        def shifted(time: float | None) -> float | None:
            if time is None:
                return None
            lowest = max(0.0, time + offset) if earliest is None else max(earliest, time + offset)
            return round(lowest if latest is None else min(lowest, max(latest, earliest or 0.0)), 3)

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
