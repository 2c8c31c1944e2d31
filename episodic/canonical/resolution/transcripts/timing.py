"""When the words of voices are said, each on its own clock and all on that of the base."""

from array import array
from bisect import bisect_left
from collections.abc import Callable

from episodic.canonical.resolution.transcripts.collation import Collation, Voice, first_present

type Shift = Callable[[float | None], float | None]


class Timing:
    """When the words of a voice are said, in seconds on its own clock.

    Between the start and the end of its utterance, a word's time is interpolated by its place.
    """

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._firsts: list[int] = []
        first = 0
        for length in voice.tokens.lengths:
            self._firsts.append(first)
            first += length

    def begins_utterance(self, token: int) -> bool:
        """Whether a token is the first of its utterance."""
        return self._firsts[self._voice.utterance_of[token]] == token

    def ends_utterance(self, token: int) -> bool:
        """Whether a token is the last of its utterance."""
        number = self._voice.utterance_of[token]
        return self._firsts[number] + self._voice.tokens.lengths[number] == token + 1

    def start(self, token: int) -> float | None:
        """When a token starts."""
        number = self._voice.utterance_of[token]
        return self._at(number, token - self._firsts[number])

    def end(self, token: int) -> float | None:
        """When a token ends."""
        number = self._voice.utterance_of[token]
        return self._at(number, token + 1 - self._firsts[number])

    def _at(self, number: int, words: int) -> float | None:
        utterance = self._voice.utterances[number]
        length = self._voice.tokens.lengths[number]
        if words == 0:
            return utterance.start
        if words == length:
            return utterance.end
        if utterance.start is None or utterance.end is None:
            return None
        return round(utterance.start + (utterance.end - utterance.start) * words / length, 3)


class Clocks:
    """The clocks of a collation's voices.

    In the canonical transcript times are on the base's. Where only another voice speaks, its clock is set
    by the last word before, or the first after, that both have; the times stay between those words.
    """

    def __init__(self, collation: Collation) -> None:
        self._collation = collation
        self._base = collation.base
        self._row = collation.rows[collation.base]
        self.timings = [Timing(voice) for voice in collation.voices]
        # The columns in which the base speaks, and those in which another voice does as well.
        self._spoken = array("L", [column for column, place in enumerate(self._row) if place >= 0])
        self._both: dict[int, array[int]] = {}
        # For each utterance of the base its start, or the last known one before it.
        self._started: list[float | None] = []
        known: float | None = None
        for utterance in collation.voices[collation.base].utterances:
            known = known if utterance.start is None else utterance.start
            self._started.append(known)

    def at(self, column: int) -> float | None:
        """Find when the words of the base at a column are said, or the nearest before that have a time.

        Before the first word of the base it is the time of that word.
        """
        place = first_present(self._row, min(column, len(self._row) - 1), -1, -1)
        place = place or 0
        time = self.timings[self._base].start(place)
        number = self._collation.voices[self._base].utterance_of[place]
        return self._started[number] if time is None else time

    def of(self, voice: int, tokens: range) -> tuple[float | None, float | None]:
        """When some tokens of a voice start and end, on its own clock."""
        if not tokens:
            return None, None
        timing = self.timings[voice]
        return timing.start(tokens[0]), timing.end(tokens[-1])

    def has_whole_utterance(self, voice: int, start: int, end: int) -> bool:
        """Whether a voice has all words of some utterance in a range of columns."""
        timing = self.timings[voice]
        begun = False
        for token in self._collation.tokens_in(voice, start, end):
            begun = begun or timing.begins_utterance(token)
            if begun and timing.ends_utterance(token):
                return True
        return False

    def shift(self, voice: int, tokens: range, start: int, end: int) -> Shift:
        """Make a function from a voice's clock to the base's, for its tokens in a range of columns."""
        if voice == self._base:
            return lambda time: time
        at = bisect_left(self._spoken, start)
        after = bisect_left(self._spoken, end)
        base = self.timings[self._base]
        earliest = base.end(self._row[self._spoken[at - 1]]) if at else None
        latest = base.start(self._row[self._spoken[after]]) if after < len(self._spoken) else None
        offset = self._offset(voice, start, end) if tokens else None

        def shifted(time: float | None) -> float | None:
            if time is None or offset is None:
                return None
            low = earliest or 0.0
            high = float("inf") if latest is None else max(low, latest)
            return round(min(max(time + offset, low), high), 3)

        return shifted

    def _offset(self, voice: int, start: int, end: int) -> float | None:
        """Say how far the base's clock is ahead where both spoke last before some columns, or first after."""
        row = self._collation.rows[voice]
        if voice not in self._both:
            self._both[voice] = array("L", [column for column in self._spoken if row[column] >= 0])
        both = self._both[voice]
        at, after = bisect_left(both, start), bisect_left(both, end)
        if at:
            column, of = both[at - 1], Timing.end
        elif after < len(both):
            column, of = both[after], Timing.start
        else:
            return None
        time = of(self.timings[self._base], self._row[column])
        return None if time is None else _difference(time, of(self.timings[voice], row[column]))


def _difference(one: float, other: float | None) -> float | None:
    return None if other is None else one - other
