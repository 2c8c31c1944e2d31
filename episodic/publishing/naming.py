"""Naming a place of a text by its words, so that a decision finds it.

A place is named by its words, with so many beside them, of the same utterance, that they stand in the newest
revision only once; where an utterance does not have so many, its time tells which it is. Words that somebody
has decided before are named all together.

For example, "tall tower" for "tower" where towers abound becomes the decision ``0:00:05/climb the tower``:
"climb the tall tower".
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from episodic.canonical.editing.addresses import clock
from episodic.canonical.tei.reader import Spoken
from episodic.canonical.text.tokens import keys_of
from episodic.publishing.comparison import Comparison, PlacedWord, WordChange

_WIDEST: Final = 200  # words that name a place: what comes again after so many is told by its time


@dataclass(frozen=True, slots=True)
class Correction:
    """A decision to be made: at this address, this text."""

    address: str
    text: str


def begin_of(seen: Sequence[Spoken], comparison: Comparison, word: int) -> str:
    """When the utterance of a word begins."""
    if not comparison.old:
        return "-"
    return clock(seen[comparison.old[min(word, len(comparison.old) - 1)].utterance].start)


class Places:
    """Names places by their words."""

    def __init__(
        self, seen: Sequence[Spoken], newest: Sequence[Spoken], mine: Comparison, cuts: Collection[int]
    ) -> None:
        self._seen = seen
        self._mine = mine
        self._cuts = cuts
        self._said = [key for said in newest for key in keys_of(said.text)]
        self._places: dict[str, array[int]] = {}
        for place, key in enumerate(self._said):
            self._places.setdefault(key, array("I")).append(place)
        self._starts = [change.old.start for change in mine.words]
        self._within = frozenset(_within_decisions(seen, mine.old))

    def changes(self) -> Iterator[WordChange]:
        """Yield the changes, those that touch each other's words as one."""
        last: WordChange | None = None
        for change in self._mine.words:
            if last and self._together(last, change):
                last = WordChange(
                    range(last.old.start, change.old.stop), range(last.new.start, change.new.stop)
                )
            else:
                if last:
                    yield last
                last = change
        if last:
            yield last

    def _together(self, one: WordChange, other: WordChange) -> bool:
        if self._within.issuperset(range(one.old.stop, other.old.start + 1)):
            return True
        if any(one.old.stop <= cut <= other.old.start for cut in self._cuts):
            return False
        words = self._mine.old[max(0, one.old.start - 1) : other.old.stop + 1]
        return other.old.start - one.old.stop <= 1 and len({word.utterance for word in words}) == 1

    def correction(self, change: WordChange) -> Correction:
        """Name the place of a change, with words beside it where that is needed."""
        old, new = change.old, change.new
        first, last = self._utterance(change)
        old, new = self._with_whole_decisions(old, new, first, last)
        while len(old) < _WIDEST and not self._is_named(old) and (old.start > first or old.stop < last):
            if old.start > first and (old.stop >= last or (old.start - first) >= (last - old.stop)):
                old, new = range(old.start - 1, old.stop), range(new.start - 1, new.stop)
            else:
                old, new = range(old.start, old.stop + 1), range(new.start, new.stop + 1)
        return Correction(self._address(old), self._mine.now(new))

    def beside(self, place: int) -> str:
        """Name the place between a word and the one before."""
        words = self._mine.old
        while place in self._within:
            place += 1
        first = after = place
        while first and after - first < _WIDEST and not self._is_named(range(first, after)):
            if first < after and words[first - 1].utterance != words[after - 1].utterance:
                break
            first -= 1
        if first < after:
            return f"after {self._address(range(first, after))}"
        while after < len(words) and after - first < _WIDEST and not self._is_named(range(first, after)):
            after += 1
        return f"before {self._address(range(first, after))}"

    def _address(self, place: range) -> str:
        return f"{begin_of(self._seen, self._mine, place.start)}/{self._mine.was(place)}"

    def _with_whole_decisions(self, old: range, new: range, first: int, last: int) -> tuple[range, range]:
        """Widen a change to the words that were decided together with its own."""
        start, stop = old.start, old.stop
        while start in self._within and start > first:
            start -= 1
        while stop in self._within and stop < last:
            stop += 1
        return range(start, stop), range(new.start - (old.start - start), new.stop + (stop - old.stop))

    def turns(
        self, corrected: Sequence[Spoken], theirs: Comparison, newest: Sequence[Spoken]
    ) -> Iterator[Correction]:
        """Yield the turns of others that begin within utterances."""
        now = dict(theirs.pairs)
        for _, group in groupby(self._mine.pairs, key=lambda pair: self._mine.old[pair[0]].utterance):
            pairs = list(group)
            paired = {each for each, _ in pairs}
            for (_, before), (own, its) in pairwise(pairs):
                one, other = (self._mine.new[n].utterance for n in (before, its))
                name = corrected[other].speaker
                if one == other or name is None or name == corrected[one].speaker:
                    continue
                there = now.get(own)
                done = there is not None and self._begins(theirs, there, newest) == name
                if not done and (words := self._opening(own, paired)):
                    yield Correction(f"speaker {begin_of(self._seen, self._mine, own)}/{words}", name)

    @staticmethod
    def _begins(comparison: Comparison, word: int, said: Sequence[Spoken]) -> str | None:
        """Who begins to speak with a word, where somebody does."""
        utterance = comparison.new[word].utterance
        first = word == 0 or comparison.new[word - 1].utterance != utterance
        return said[utterance].speaker if first else None

    def _opening(self, first: int, paired: Collection[int]) -> str:
        """So many of the words with which a turn begins that they stand once; all, where none do."""
        last = first + 1
        while last in paired and last - first < _WIDEST and not self._is_named(range(first, last)):
            last += 1
        return self._mine.was(range(first, last))

    def _utterance(self, change: WordChange) -> tuple[int, int]:
        """The words that may be named with a change: those up to the next one, of its utterance."""
        words, changes = self._mine.old, self._mine.words
        if not words:
            return 0, 0
        own = {words[n].utterance for n in change.old} or {self._beside(change)}
        first, last = change.old.start, change.old.stop
        earlier = bisect_left(self._starts, first)
        later = max(earlier, bisect_left(self._starts, last))
        while later < len(changes) and changes[later].old.stop <= last:
            later += 1  # it is the change itself
        before = changes[earlier - 1].old.stop if earlier else 0
        after = changes[later].old.start if later < len(changes) else len(words)
        while first > before and first not in self._cuts and words[first - 1].utterance in own:
            first -= 1
        while last < after and last not in self._cuts and words[last].utterance in own:
            last += 1
        return first, last

    def _beside(self, change: WordChange) -> int:
        """The utterance into which words were put: that of the words beside them in the corrected text."""
        words, new = self._mine.old, self._mine.new
        before, after = change.old.start - 1, change.old.start
        inserted = new[change.new.start].utterance
        if before < 0:
            return words[after].utterance
        with_next = after < len(words) and new[change.new.stop].utterance == inserted
        if with_next and new[change.new.start - 1].utterance != inserted:
            return words[after].utterance
        return words[before].utterance

    def _is_named(self, place: range) -> bool:
        """Whether words stand once, cut no decision, and begin and end with one that says something."""
        if place.start in self._within or place.stop in self._within:
            return False
        words = [word.text for word in self._mine.old[place.start : place.stop]]
        if not words or not keys_of(words[0]) or not keys_of(words[-1]):
            return False
        wanted = list(keys_of(self._mine.was(place)))
        rarest = min(range(len(wanted)), key=lambda number: len(self._places.get(wanted[number], ())))
        found = (
            at
            for at in self._places.get(wanted[rarest], ())
            if at >= rarest and self._said[at - rarest : at - rarest + len(wanted)] == wanted
        )
        return next(found, None) is not None and next(found, None) is None


def _within_decisions(said: Sequence[Spoken], words: Sequence[PlacedWord]) -> Iterator[int]:
    """Yield the numbers of the words before which a decision's words have begun, and not ended."""
    for utterance, group in groupby(enumerate(words), key=lambda numbered: numbered[1].utterance):
        decided = sorted(said[utterance].decided)
        starts = [start for start, _ in decided]
        for number, word in group:
            at = bisect_left(starts, word.offset) - 1
            if at >= 0 and word.offset < decided[at][1]:
                yield number
