"""What somebody corrected in an exported text, as editors' decisions.

1. The text is compared with the revision that it was exported from (`comparison`): what differs in words is
   mended there, and an utterance is somebody else's when its words are. Where another speaker's turn begins
   within it, a turn begins at its words; what nobody was heard to say is put in as a turn (`insertions`).
2. What others have changed since at the same place, and otherwise, is a conflict: it is named, and nothing
   is done at all.
3. A place is named by its words, with so many beside them, of the same utterance, that they stand in the
   newest revision only once; where an utterance does not have so many, its time tells which it is. Words that
   somebody has decided before are named all together.

For example, "tall tower" for "tower" where towers abound becomes the decision ``0:00:05/climb the tower``:
"climb the tall tower".
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise
from typing import Final

from episodic.canonical.additions import written
from episodic.canonical.addresses import clock
from episodic.canonical.tei.reader import Spoken
from episodic.canonical.tokens import is_unspaced, tokenize
from episodic.publishing.comparison import Comparison, Word, WordChange, compare, whole_in
from episodic.publishing.insertions import marked, placed, set_apart

_DASHES: Final = ("-", "\u2013", "\u2014")
_WIDEST: Final = 200  # words that name a place: what comes again after so many is told by its time
_WHOLE: Final = 2  # utterances of a person from which a change of all of them is one of the label


@dataclass(frozen=True, slots=True)
class Correction:
    """A decision to be made: at this address, this text."""

    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a corrected text comes to.

    Parameters
    ----------
    conflicts
        Places that others have changed otherwise since.
    notes
        What cannot be decided.
    shared
        The share of the words, of the longer text, that both have.
    """

    corrections: Sequence[Correction]
    conflicts: Sequence[str]
    notes: Sequence[str]
    shared: float

    def without(self, others: Iterable[Corrections]) -> Corrections:
        """Leave out what was found out of other texts as well."""
        found = {said for other in others for said in (*other.corrections, *other.conflicts, *other.notes)}
        return replace(
            self,
            corrections=[each for each in self.corrections if each not in found],
            conflicts=[each for each in self.conflicts if each not in found],
            notes=[each for each in self.notes if each not in found],
        )


def corrections(
    seen: Sequence[Spoken],
    newest: Sequence[Spoken],
    corrected: Sequence[Spoken],
    labels: Mapping[str, Sequence[str]],
) -> Corrections:
    """Find out what was corrected.

    Parameters
    ----------
    seen
        The transcript that was exported.
    newest
        The transcript as it is now.
    labels
        What sources call people, by their names.
    """
    every = newest
    (corrected, put_in), (newest, others) = (
        set_apart(marked(seen, corrected)),
        set_apart(marked(seen, newest)),
    )
    seen, before = set_apart(seen)
    mine, theirs = _without_spacing(compare(seen, corrected)), compare(seen, newest)
    wanted, now = placed(put_in, mine), placed(others, theirs)
    conflicts, done = _rivals(seen, mine, theirs)
    places = _Places(seen, every, mine, {*before, *wanted})
    notes: list[str] = []
    found = [places.correction(change) for change in places.changes() if _ends(change.old) not in done]
    for place in sorted({*before, *wanted}):
        was, own, other = (each.get(place, ()) for each in (before, wanted, now))
        if own not in {was, other}:
            if was != other:
                here, there = (f"“{written(each)}”" if each else "nothing" for each in (other, own))
                what = f"{here} is put in now, and {there} in the text"
                conflicts.append(f"{_clock(seen, mine, place)}: {what}")
            found.append(Correction(places.beside(place), written(own)))
    named = any(said.speaker for said in corrected)
    voices = _speakers(seen, newest, corrected, mine, theirs, labels, notes) if named else ()
    turns = places.turns(corrected, theirs, newest) if named else ()
    share = len(mine.pairs) / max(1, len(mine.old), len(mine.new))
    return Corrections((*found, *voices, *turns), tuple(conflicts), tuple(notes), share)


def _without_spacing(found: Comparison) -> Comparison:
    """Leave out what a file does not keep: where lines end in a script without spaces, and a first dash."""
    return replace(found, words=[change for change in found.words if not _is_layout(found, change)])


def _is_layout(found: Comparison, change: WordChange) -> bool:
    was, now = ("".join(text.split()) for text in (found.was(change.old), found.now(change.new)))
    if not now and was in _DASHES:
        return found.old[change.old.start].offset == 0
    return was == now and any(map(is_unspaced, was))


def _rivals(
    seen: Sequence[Spoken], mine: Comparison, theirs: Comparison
) -> tuple[list[str], set[tuple[int, int]]]:
    """What others have changed otherwise, and the places where they changed the same."""
    conflicts: list[str] = []
    done: set[tuple[int, int]] = set()
    others = _Near(theirs.words, [other.old for other in theirs.words])
    for change in mine.words:
        own = mine.now(change.new)
        for other in others.to(change.old):
            if _ends(change.old) == _ends(other.old) and own == theirs.now(other.new):
                done.add(_ends(change.old))
            elif _meet(change.old, other.old):
                place = _clock(seen, mine, change.old.start)
                was = mine.was(other.old) or "nothing"
                conflicts.append(
                    f"{place}: “{was}” is “{theirs.now(other.new)}” now, and “{own}” in the text"
                )
    voices = _Near(theirs.speakers, [other.words for other in theirs.speakers])
    for voice in mine.speakers:
        for other in voices.to(voice.words):
            if voice.new and other.new != voice.new and _meet(voice.words, other.words):
                place = _clock(seen, mine, voice.words.start)
                conflicts.append(f"{place}: {other.new or 'nobody'} speaks now, and {voice.new} in the text")
    return conflicts, done


def _ends(place: range) -> tuple[int, int]:
    """Give the ends of a place, by which empty ones, equal as ranges, are told from each other."""
    return place.start, place.stop


class _Near[T]:
    """Changes in the order of their places, none of which lies over another: those beside a place."""

    def __init__(self, changes: Sequence[T], places: Sequence[range]) -> None:
        self._changes = changes
        self._starts = [place.start for place in places]
        self._stops = [place.stop for place in places]

    def to(self, place: range) -> Sequence[T]:
        """Give those that touch a place."""
        return self._changes[bisect_left(self._stops, place.start) : bisect_right(self._starts, place.stop)]


def _meet(one: range, other: range) -> bool:
    """Whether two places overlap; an insertion meets what it stands within or beside."""
    if one and other:
        return one.start < other.stop and other.start < one.stop
    return one.start <= other.stop and other.start <= one.stop


def _clock(seen: Sequence[Spoken], comparison: Comparison, word: int) -> str:
    if not comparison.old:
        return "-"
    return clock(seen[comparison.old[min(word, len(comparison.old) - 1)].utterance].start)


class _Places:
    """Names places by their words."""

    def __init__(
        self, seen: Sequence[Spoken], newest: Sequence[Spoken], mine: Comparison, cuts: Collection[int]
    ) -> None:
        self._seen = seen
        self._mine = mine
        self._cuts = cuts
        self._said = [key for said in newest for key in tokenize([said.text]).keys if key]
        self._places: dict[str, array[int]] = {}
        for place, key in enumerate(self._said):
            self._places.setdefault(key, array("I")).append(place)
        self._starts = [change.old.start for change in mine.words]
        self._within = frozenset(_within_decisions(seen, mine.old))

    def changes(self) -> Iterator[WordChange]:
        """Yield the changes, those that touch each other's words as one."""
        last: WordChange | None = None
        for change in self._mine.words:
            if last and (self._together(last, change) or self._of_one_decision(last, change)):
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
        if any(one.old.stop <= cut <= other.old.start for cut in self._cuts):
            return False
        words = self._mine.old[max(0, one.old.start - 1) : other.old.stop + 1]
        return other.old.start - one.old.stop <= 1 and len({word.utterance for word in words}) == 1

    def _of_one_decision(self, one: WordChange, other: WordChange) -> bool:
        return self._within.issuperset(range(one.old.stop, other.old.start + 1))

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
        return f"{_clock(self._seen, self._mine, place.start)}/{self._mine.was(place)}"

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
                    yield Correction(f"speaker {_clock(self._seen, self._mine, own)}/{words}", name)

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
        if not words or not _keys(words[0]) or not _keys(words[-1]):
            return False
        wanted = _keys(self._mine.was(place))
        rarest = min(range(len(wanted)), key=lambda number: len(self._places.get(wanted[number], ())))
        found = (
            at
            for at in self._places.get(wanted[rarest], ())
            if at >= rarest and self._said[at - rarest : at - rarest + len(wanted)] == wanted
        )
        return next(found, None) is not None and next(found, None) is None


def _within_decisions(said: Sequence[Spoken], words: Sequence[Word]) -> Iterator[int]:
    """Yield the numbers of the words before which a decision's words have begun, and not ended."""
    for utterance, group in groupby(enumerate(words), key=lambda numbered: numbered[1].utterance):
        decided = sorted(said[utterance].decided)
        starts = [start for start, _ in decided]
        for number, word in group:
            at = bisect_left(starts, word.offset) - 1
            if at >= 0 and word.offset < decided[at][1]:
                yield number


def _keys(text: str) -> list[str]:
    return [key for key in tokenize([text]).keys if key]


def _speakers(
    seen: Sequence[Spoken],
    newest: Sequence[Spoken],
    corrected: Sequence[Spoken],
    mine: Comparison,
    theirs: Comparison,
    labels: Mapping[str, Sequence[str]],
    notes: list[str],
) -> Iterator[Correction]:
    """Yield who speaks instead: of a label where all of it changed, else of what begins in a time."""
    wanted = _heard(seen, corrected, mine)
    now = _heard(seen, newest, theirs)
    spoken: dict[str | None, list[int]] = {}
    for number, said in enumerate(seen):
        spoken.setdefault(said.speaker, []).append(number)
    for name, known in labels.items():
        those = spoken.get(name, ())
        called = {wanted[number] for number in those}
        new = called.pop() if len(called) == 1 else None
        done = all(now[number] == new for number in those)
        if known and len(those) >= _WHOLE and new and new != name and not done:
            yield from (Correction(f"speaker {label}", new) for label in dict.fromkeys(known))
            for number in those:
                wanted[number] = name
    # Where nobody is named, a text holds on to the last name: that is no change.
    held = accumulate((said.speaker for said in seen), lambda last, name: name or last)
    changed = [
        new if new not in {said.speaker, others, *([last] if said.speaker is None else [])} else None
        for said, new, others, last in zip(seen, wanted, now, held, strict=True)
    ]
    begins = sorted(int(said.start) for said in seen if said.start is not None)
    for name, group in groupby(range(len(seen)), key=changed.__getitem__):
        if name is not None:
            yield from _in_time(seen, list(group), name, begins, notes)


def _heard(seen: Sequence[Spoken], other: Sequence[Spoken], comparison: Comparison) -> list[str | None]:
    """Who says each utterance in another state of the text, or begins it there; else who said it."""
    heard: list[str | None] = [None] * len(seen)
    for own, its in comparison.pairs:
        utterance = comparison.old[own].utterance
        heard[utterance] = heard[utterance] or other[comparison.new[its].utterance].speaker
    for change in comparison.words:
        old, new = whole_in(comparison.old, change.old), whole_in(comparison.new, change.new)
        for own, its in zip(old, new, strict=False) if len(old) == len(new) else ():
            heard[own] = other[its].speaker
    return [name or said.speaker for said, name in zip(seen, heard, strict=True)]


def _in_time(
    seen: Sequence[Spoken], numbers: Sequence[int], name: str, begins: Sequence[int], notes: list[str]
) -> Iterator[Correction]:
    """Name utterances that follow one another by the time in which they begin; `begins` are all seconds."""
    starts = [int(start) for number in numbers if (start := seen[number].start) is not None]
    if len(starts) < len(numbers):
        notes.append(f"“{seen[numbers[0]].text[:40]}” has no time by which {name} could be named for it")
        return
    first, last = starts[0], starts[-1]
    within = bisect_right(begins, last) - bisect_left(begins, first)
    if within > sum(first <= start <= last for start in starts):
        notes.append(f"{clock(first)}: several begin to speak in one second; {name} cannot be named for one")
        return
    span = clock(first) if len(numbers) == 1 else f"{clock(first)}-{clock(last)}"
    yield Correction(f"speaker {span}", name)
