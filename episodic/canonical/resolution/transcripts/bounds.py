"""Where the utterances of the canonical transcript begin and end, and whose they are."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import NamedTuple

from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.resolution.transcripts.table import silences


class Owner(NamedTuple):
    """An utterance of a voice: both by index; and which part of it, where it is cut."""

    voice: int
    number: int
    part: int = 0


class Bounds:
    """The bounds of utterances, as columns.

    They are the base's, except where the base lacks whole utterances that the lemma has: there they
    are those of the voice that has most of the lemma's words. Where it lacks the first words of a turn, the
    turn begins with these, as in the voices that have them. Where the base tells no turns, another speaker
    begins where another voice marks it.

    Parameters
    ----------
    lemma
        The form that won in each column, empty where the lemma has no word.
    cuts
        Columns where editors begin parts of utterances.

    Attributes
    ----------
    turns
        What another speaker begins with, as another voice marks it.
    """

    def __init__(self, collation: Collation, lemma: Sequence[str], cuts: Iterable[int] = ()) -> None:
        self._collation = collation
        self._lemma = lemma
        self._row = collation.rows[collation.base]
        bounds = self._base_bounds()
        for start, end in silences(self._row, 0, len(lemma), 1):
            if any(lemma[start:end]):
                self._give_to_guide(bounds, range(start, end))
        self._columns = array("i", sorted(bounds))
        self._owners = [bounds[column] for column in self._columns]
        marked = self._marked()
        for column in sorted({each for each in (*cuts, *marked) if 0 < each < len(lemma)} - bounds.keys()):
            at = bisect_right(self._columns, column)
            cut = self._owners[at - 1]
            self._columns.insert(at, column)
            self._owners.insert(at, cut._replace(part=cut.part + 1))
        self.turns = frozenset(self._owners[bisect_left(self._columns, column)] for column in marked)

    def cross(self, start: int, end: int) -> bool:
        """Whether an utterance begins inside a range of columns."""
        after = bisect_right(self._columns, start)
        return after < len(self._columns) and self._columns[after] < end

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int, Owner]]:
        """Cut a range of columns where utterances begin; what has no columns belongs to those before it."""
        if start == end:
            yield start, end, self._owners[max(0, bisect_left(self._columns, start) - 1)]
        at = bisect_right(self._columns, start) - 1
        while start < end:
            until = self._columns[at + 1] if at + 1 < len(self._columns) else len(self._lemma)
            yield start, min(until, end), self._owners[at]
            start, at = until, at + 1

    def _marked(self) -> set[int]:
        """Find the columns of the words with which another speaker begins whom the base does not tell."""
        voices = self._collation.voices
        if any(u.turn or u.speaker for u in voices[self._collation.base].utterances):
            return set()
        turns = {v: sum(u.turn for u in voices[v].utterances) for v in self._collation.family}
        voice = max(turns, key=lambda each: (turns[each], -each))
        lengths, own = voices[voice].tokens.lengths, self._collation.columns[voice]
        firsts = zip(voices[voice].utterances, accumulate(lengths, initial=0), lengths, strict=False)
        begun = (own[first] for utterance, first, length in firsts if utterance.turn and length)
        after = range(len(self._lemma))
        words = (next(filter(self._lemma.__getitem__, after[column:]), None) for column in begun)
        return {column for column in words if column is not None}

    def _base_bounds(self) -> dict[int, Owner]:
        bounds: dict[int, Owner] = {}
        base = self._collation.base
        lengths, columns = self._collation.voices[base].tokens.lengths, self._collation.columns[base]
        for number, (first, length) in enumerate(zip(accumulate(lengths, initial=0), lengths, strict=False)):
            if length:
                gap = range(columns[first - 1] + 1 if bounds else 0, columns[first])
                begun = self._turn_in(gap) if gap and bounds else gap.start
                bounds[begun] = Owner(base, number)
        return bounds

    def _turn_in(self, gap: range) -> int:
        """Find where a turn begins whose first words the base may lack: where another voice has a change."""
        if any(self._lemma[gap.start : gap.stop]):
            for voice, row in zip(self._collation.voices, self._collation.rows, strict=True):
                for column in (c for c in gap if row[c] > 0 and voice.tokens.forms[row[c]] == self._lemma[c]):
                    before, here = (voice.utterance_of[row[column] - back] for back in (1, 0))
                    if voice.utterances[before].speaker != voice.utterances[here].speaker and before != here:
                        return column
        return gap.stop

    def _give_to_guide(self, bounds: dict[int, Owner], gap: range) -> None:
        """Give the whole utterances in a gap of the base to the voice that has them best."""
        guide = max(range(len(self._collation.voices)), key=lambda voice: self._lemma_words(voice, gap))
        for start, end, number in self._whole_utterances(guide, gap):
            bounds[start] = Owner(guide, number)
            if end < len(self._lemma):
                bounds.setdefault(end, self._base_owner(gap, end))

    def _lemma_words(self, voice: int, gap: range) -> int:
        forms, own = self._collation.voices[voice].tokens.forms, self._collation.columns[voice]
        tokens = range(bisect_left(own, gap.start), bisect_left(own, gap.stop))
        return sum(forms[token] == self._lemma[own[token]] for token in tokens)

    def _whole_utterances(self, voice: int, gap: range) -> Iterator[tuple[int, int, int]]:
        """Yield the columns and the numbers of the utterances that lie in a gap with all their words."""
        row = self._collation.rows[voice]
        lengths = self._collation.voices[voice].tokens.lengths
        utterance_of = self._collation.voices[voice].utterance_of
        columns = [column for column in gap if row[column] >= 0]
        for number, group in groupby(columns, key=lambda column: utterance_of[row[column]]):
            own = list(group)
            if len(own) == lengths[number]:
                yield own[0], own[-1] + 1, number

    def _base_owner(self, gap: range, column: int) -> Owner:
        """Find the utterance of the base that goes on after a gap, or before that went on in it."""
        base = self._collation.base
        utterance_of = self._collation.voices[base].utterance_of
        neighbours = (gap.stop, gap.start - 1) if column == gap.stop else (gap.start - 1, gap.stop)
        for neighbour in neighbours:
            if 0 <= neighbour < len(self._row):
                return Owner(base, utterance_of[self._row[neighbour]])
        return Owner(base, 0)
