"""One clock for all voices: when the words of the canonical text are said.

Whoever has times gives them, whoever gave the words. Strategy:

1. **The clock** is that of the base, where at least half of its words lie between times; else that of the
   voice that times most words of the text. A heavier voice that times many more of these than the base comes
   first: its recording has an opening or advertisements, for which the base's has no time.
2. Every other voice has its own, which may be late, drift, and jump where something was cut. Where both say
   the same word, the difference is known; the medians of so many differences in a row are the *knots* of a
   monotone piecewise-linear map from its clock to ours, which outliers do not move::

       ours    15.2 ────── 40.1 ────── 65.0      95.0 ─────
       its      3.1 ────── 28.0 ────── 52.9 (cut) 53.0 ─────

   Times that both give tell it exactly, those inside of our cues where each stands alone. So a clock is ours
   where the former alone make no knot that is off by more than anybody can tell.

3. The **course** of the text is made of the times that voices give, not of those between: where an utterance
   or a timed word begins, and where one ends. Those of a voice that times words stand above others'. Of times
   that would go back as few as can be are left out; between two, time follows letters.
4. Before the first time and after the last nothing is known, and nothing is said; nor of what others have
   from before our clock begins, such as an advertisement at the head of another cut.

Example: a text without times, and captions in two cues::

    text      We began  with a question. Then we built a tower.
    captions  |0.5 we began with a question 2.9||3.4 then we built a tower 5.0|
    course    0.5                       2.9 3.4                       5.0
"""

import operator
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress, count, pairwise
from typing import Final

from episodic.canonical.editing.addresses import clock
from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.resolution.transcripts.timing import VoiceTiming
from episodic.canonical.text.rising import rising

# Differences of two clocks that make a knot.
_KNOT: Final = 9
_ENOUGH: Final = 4  # knots that tell a clock
# A clock has jumped when the difference changes by so many seconds from a knot to the next.
_JUMP: Final = 1.5
# Differences that nobody can tell from how engines cut their cues: an offset in seconds, a drift in shares.
_OFFSET: Final = 0.25
_DRIFT: Final = 0.0002
# Of the words of the text that a heavier voice times, the base times so many, or the clock is not its: on
# another clock, each of its cues needs an anchor.
_NEARLY: Final = 0.9
_LISTED: Final = 3  # jumps that a note names

# A place in the text, which counts letters, and its time.
type _Point = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A monotone piecewise-linear map from one clock to another.

    Parameters
    ----------
    own, ours
        The knots, in seconds.
    """

    own: tuple[float, ...]
    ours: tuple[float, ...]

    def __call__(self, time: float) -> float:
        """Give the time on our clock; beyond the knots the difference stays."""
        after = bisect_right(self.own, time)
        if after in {0, len(self.own)}:
            nearest = min(after, len(self.own) - 1)
            return time + self.ours[nearest] - self.own[nearest]
        low, high = self.own[after - 1], self.own[after]
        share = (time - low) / (high - low)
        return self.ours[after - 1] + share * (self.ours[after] - self.ours[after - 1])

    @property
    def jumps(self) -> list[tuple[float, float]]:
        """Where the clock jumps, on our clock, and by how many seconds."""
        differences = [ours - own for own, ours in zip(self.own, self.ours, strict=True)]
        steps = zip(pairwise(differences), pairwise(self.ours), strict=True)
        return [
            ((low + high) / 2, after - before)
            for (before, after), (low, high) in steps
            if abs(after - before) >= _JUMP
        ]

    @property
    def offset(self) -> float:
        """Seconds that it is to be set forward."""
        return _median(ours - own for own, ours in zip(self.own, self.ours, strict=True))

    @property
    def drift(self) -> float:
        """Share by which it is slow (Theil and Sen's slope, less one); 0 where that cannot be told."""
        half = len(self.own) // 2
        if half < 2:
            return 0.0
        slopes = [
            (self.ours[at + half] - self.ours[at]) / (self.own[at + half] - self.own[at])
            for at in range(len(self.own) - half)
        ]
        return _median(slopes) - 1


_OURS: Final = Mapping((0.0,), (0.0,))


class Clocks:
    """When the words of the canonical text are said.

    Parameters
    ----------
    lemma
        The form that won in each column.
    """

    def __init__(self, collation: Collation, lemma: Sequence[str]) -> None:
        self._collation = collation
        self.timings = [VoiceTiming(voice) for voice in collation.voices]
        self.places = array("I", accumulate(map(len, lemma), initial=0))
        self._timed = [v for v in collation.family if self.timings[v].is_timed]
        self.reference = self._reference(list(compress(count(), map(operator.not_, lemma))))
        self.mappings = {v: mapped for v in self._timed if (mapped := self._mapping(v)) is not None}
        self._only = next(iter(self.mappings)) if len(self.mappings) == 1 else -1
        self._places, self._times = self._course()

    def at(self, column: int) -> float | None:
        """Find when the words at a column begin, or the nearest before, or the first, that have a time."""
        if not self._times:
            return None
        return self.start(column, nearest=True)

    def start(self, column: int, *, nearest: bool = False) -> float | None:
        """When the words at a column begin."""
        return self._between(self.places[column], bisect_right(self._places, self.places[column]), nearest)

    def end(self, column: int) -> float | None:
        """When the words before a column end."""
        return self._between(self.places[column], bisect_left(self._places, self.places[column]), False)

    def within(self, start: int, end: int) -> tuple[float | None, float | None]:
        """When the words in a range of columns start and end, or the silence where there are none."""
        if start == end:
            return self.end(start), self.start(start)
        return _forward(self.start(start), self.end(end))

    def columns(self, voice: int, tokens: range) -> tuple[int, int]:
        """Give the columns of some tokens of a voice."""
        own = self._collation.columns[voice]
        return own[tokens[0]], own[tokens[-1]] + 1

    def bends(self, start: int, end: int) -> bool:
        """Whether any time is given inside of a range of columns."""
        after = bisect_right(self._places, self.places[start])
        return after < len(self._places) and self._places[after] < self.places[end]

    def points(self, start: int, end: int) -> Iterator[_Point]:
        """Give where in a range of columns words begin whose time is given: the place, and seconds."""
        first, after = self.places[start], self.places[end]
        low = bisect_left(self._places, first)
        high = bisect_left(self._places, after, low)
        return zip(self._places[low:high], self._times[low:high], strict=True)

    def has_whole_utterance(self, voice: int, start: int, end: int) -> bool:
        """Whether a voice has all words of some utterance in a range of columns."""
        timing = self.timings[voice]
        begun = False
        for token in self._collation.tokens_in(voice, start, end):
            begun = begun or timing.begins_utterance(token)
            if begun and timing.ends_utterance(token):
                return True
        return False

    def bounds(self, voice: int, tokens: range) -> tuple[float | None, float | None]:
        """When tokens of a voice that stand in the text start and end, on our clock.

        The times that its own utterance gives stand; what it does not give comes from the course.
        """
        if not tokens:
            return None, None
        timing, alone = self.timings[voice], voice == self._only
        first, last = timing.between(tokens) if alone else timing.given(tokens)
        first = None if first is None else self._ours(voice, tokens, first)
        last = None if last is None else self._ours(voice, tokens, last)
        if not alone and (first is None or last is None):
            start, end = self.columns(voice, tokens)
            first = self.start(start) if first is None else first
            last = self.end(end) if last is None else last
        return _forward(first, last)

    # --- clocks

    def notes(self) -> dict[str, tuple[str, ...]]:
        """Say of each voice how its clock stands to ours, and of those without times who lends them some."""
        ours = self._collation.voices[self.reference].siglum
        said = {v: _described(map_, ours) for v, map_ in self.mappings.items()}
        if self.reference in said:
            said[self.reference] = "clock: the times of the transcript are on this one"
        untimed = [v for v in self._collation.family if v not in said] if self._times else []
        said |= dict.fromkeys(untimed, f"clock: gives no times; those of its words are on {ours}'s")
        voices = self._collation.voices
        return {voices[v].siglum: (note,) for v, note in said.items()} if len(said) > 1 else {}

    def _reference(self, silent: Sequence[int]) -> int:
        """Choose the voice whose clock is ours, given the columns without a word of the text."""
        base, voices = self._collation.base, self._collation.voices
        heard = {voice: self._timed_words(voice, silent) for voice in {base, *self._timed}}
        if 2 * heard[base] < len(voices[base].tokens.forms) or not self._timed:
            return max(self._timed, key=lambda voice: (heard[voice], voice == base, -voice), default=base)
        heavier = [voice for voice in self._timed if voices[voice].weight > voices[base].weight]
        most = max(heavier, key=lambda voice: (heard[voice], -voice), default=base)
        return most if _NEARLY * heard[most] > heard[base] else base

    @property
    def siglum(self) -> str | None:
        """Whose clock is ours; ``None`` where nobody has times."""
        return self._collation.voices[self.reference].siglum if self._times else None

    def _timed_words(self, voice: int, silent: Sequence[int]) -> int:
        """Count the words of the text that a voice has between times."""
        own = self._collation.voices[voice]
        timed = [u.start is not None and (u.end is not None or bool(u.words)) for u in own.utterances]
        if not any(timed):
            return 0
        row = self._collation.rows[voice]
        left_out = (row[column] for column in silent if row[column] >= 0)
        spoken = sum(compress(own.tokens.lengths, timed))
        return spoken - sum(timed[own.utterance_of[token]] for token in left_out)

    def _mapping(self, voice: int) -> Mapping | None:
        """Map a voice's clock to ours; ``None`` where they have nothing in common."""
        if voice == self.reference:
            return _OURS
        given = _knots(list(self._pairs(voice, between=False)))
        if len(given) >= _ENOUGH and all(abs(own - ours) < _OFFSET for own, ours in given):
            return _OURS
        knots = _knots(list(self._pairs(voice, between=True)))
        if not knots:
            return None
        kept = rising([ours for _, ours in knots])
        own = dict(reversed([knots[at] for at in kept]))  # of equal times the first
        return Mapping(tuple(reversed(own)), tuple(reversed(own.values())))

    def _pairs(self, voice: int, *, between: bool) -> Iterator[tuple[float, float]]:
        """Yield the times of a voice where ours has the same word and gives its time, or has one between."""
        ours, row = self._collation.voices[self.reference], self._collation.rows[self.reference]
        timing, its = self.timings[self.reference], self._collation.voices[voice]
        given = {(token, ends) for token, _, ends in timing.measured()}
        for token, time, ends in self.timings[voice].measured():
            place = row[self._collation.columns[voice][token]]
            if place < 0 or ours.interned[place] != its.interned[token]:
                continue
            if between or (place, ends) in given:
                there = timing.end(place) if ends else timing.start(place)
                if there is not None:
                    yield time, there

    def _ours(self, voice: int, tokens: range, time: float) -> float | None:
        """Give a time of some tokens of a voice on our clock."""
        if voice == self.reference:
            return round(max(time, 0.0), 3)
        if (map_ := self.mappings.get(voice)) is None:
            return None
        if (ours := map_(time)) < -_JUMP:
            return None
        low, high = self._room(*self.columns(voice, tokens))
        return round(min(max(ours, low), high), 3)

    def _room(self, start: int, end: int) -> tuple[float, float]:
        """Give the times between which words must lie that the voice whose clock is ours does not have."""
        columns, timing = self._collation.columns[self.reference], self.timings[self.reference]
        before, after = bisect_left(columns, start), bisect_left(columns, end)
        earliest = timing.end(before - 1) if before else None
        latest = timing.start(after) if after < len(columns) else None
        low = earliest or 0.0
        return low, float("inf") if latest is None else max(low, latest)

    # --- the course

    def _course(self) -> tuple[Sequence[int], Sequence[float]]:
        """Give places and the times that voices give there, on our clock; as few are left out as can be."""
        worded = {
            column  # whose word somebody times
            for voice in self.mappings
            if any(u.words for u in self._collation.voices[voice].utterances)
            for token, column in enumerate(self._collation.columns[voice])
            if self.timings[voice].has_words(token)
        }
        found: defaultdict[int, list[float]] = defaultdict(list)  # what ends before what begins there
        for voice, map_ in self.mappings.items():
            timing, columns, places = self.timings[voice], self._collation.columns[voice], self.places
            is_ours = voice == self.reference
            for token, time, ends in timing.measured():
                column = columns[token]
                if column in worded and not timing.has_words(token):
                    continue
                ours = time if is_ours else map_(time)
                if is_ours or ours >= 0:
                    found[2 * places[column + 1] if ends else 2 * places[column] + 1].append(ours)
        orders = sorted(found)
        given = map(found.__getitem__, orders)
        middles = ((each[0] + each[-1]) / 2 if len(each) < 3 else _median(each) for each in given)
        times = [round(middle, 3) for middle in middles]
        kept = rising(times)
        return [orders[at] // 2 for at in kept], [times[at] for at in kept]

    def _between(self, place: int, after: int, nearest: bool) -> float | None:
        """Give the time of a place, between the point before `after` and that at it."""
        if not self._times:
            return None
        last = len(self._places) - 1
        for at in (after - 1, after):
            if 0 <= at <= last and self._places[at] == place:
                return self._times[at]
        if not 0 < after <= last:
            return self._times[min(max(after - 1, 0), last)] if nearest else None
        low, high = self._places[after - 1], self._places[after]
        share = (place - low) / (high - low)
        return round(self._times[after - 1] + share * (self._times[after] - self._times[after - 1]), 3)


def _described(map_: Mapping, ours: str) -> str:
    """Say how a clock stands to ours."""
    late, slow = map_.offset, map_.drift
    parts = [f"{abs(late):.1f} s {'behind' if late > 0 else 'ahead of'} {ours}'s"]
    if abs(late) < _OFFSET:
        parts = [f"goes with {ours}'s"]
    if not map_.jumps and abs(slow) >= _DRIFT:
        parts.append(f"{abs(slow):.2%} {'slow' if slow > 0 else 'fast'}")
    if jumps := map_.jumps:
        times = ", ".join(f"{by:+.1f} s near {clock(at)}" for at, by in jumps[:_LISTED])
        parts.append(f"jumps by {times}{', …' if len(jumps) > _LISTED else ''}")
    return f"clock: {', '.join(parts)}"


def _knots(pairs: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Give the middles of some pairs of times in a row, and what the other clock has there."""
    size = min(_KNOT, max(1, len(pairs) // _ENOUGH))
    return sorted(_knot(pairs[at : at + size]) for at in range(0, len(pairs) - size + 1, size))


def _knot(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Give the middle of some pairs of times, and what the other clock has there."""
    middle = _median(own for own, _ in pairs)
    return middle, middle + _median(ours - own for own, ours in pairs)


def _forward(start: float | None, end: float | None) -> tuple[float | None, float | None]:
    """Leave out an end before the start."""
    return start, None if start is not None and end is not None and end < start else end


def _median(numbers: Iterable[float]) -> float:
    """Do as `statistics.median`, which takes as long to load as an episode to weigh."""
    ordered = sorted(numbers)
    half = len(ordered) // 2
    return (ordered[half] + ordered[~half]) / 2
