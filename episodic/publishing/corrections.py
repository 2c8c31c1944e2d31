"""What somebody corrected in an exported text, as editors' decisions.

1. The text is compared with the revision that it was exported from (`comparison`): what differs in words is
   mended there, and an utterance is somebody else's when its words are. Where another speaker's turn begins
   within it, a turn begins at its words; what nobody was heard to say is put in as a turn (`insertions`).
2. What others have changed since at the same place, and otherwise, is a conflict: it is named, and nothing
   is done at all.
3. A place is named by its words (`naming`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from typing import Final

from episodic.canonical.editing.additions import written
from episodic.canonical.editing.addresses import clock
from episodic.canonical.tei.reader import Spoken
from episodic.canonical.text.tokens import is_unspaced
from episodic.publishing.comparison import Comparison, WordChange, compare, whole_in
from episodic.publishing.insertions import marked, placed, set_apart
from episodic.publishing.naming import Correction, Places, begin_of

_DASHES: Final = ("-", "\u2013", "\u2014")
_WHOLE: Final = 2  # utterances of a person from which a change of all of them is one of the label


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
    places = Places(seen, every, mine, {*before, *wanted})
    notes: list[str] = []
    found = [places.correction(change) for change in places.changes() if _ends(change.old) not in done]
    for place in sorted({*before, *wanted}):
        was, own, other = (each.get(place, ()) for each in (before, wanted, now))
        if own not in {was, other}:
            if was != other:
                here, there = (f"“{written(each)}”" if each else "nothing" for each in (other, own))
                what = f"{here} is put in now, and {there} in the text"
                conflicts.append(f"{begin_of(seen, mine, place)}: {what}")
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
                place = begin_of(seen, mine, change.old.start)
                was = mine.was(other.old) or "nothing"
                conflicts.append(
                    f"{place}: “{was}” is “{theirs.now(other.new)}” now, and “{own}” in the text"
                )
    voices = _Near(theirs.speakers, [other.words for other in theirs.speakers])
    for voice in mine.speakers:
        for other in voices.to(voice.words):
            if voice.new and other.new != voice.new and _meet(voice.words, other.words):
                place = begin_of(seen, mine, voice.words.start)
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
