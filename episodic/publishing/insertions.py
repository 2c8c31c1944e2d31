"""Which turns a corrected text puts in, where, and which were put in before.

1. A turn is put in when none of its words are those of a source, and when it takes no other's place: that
   would be one of as many that were replaced, or of the same speaker.
2. Those of both texts are set apart, so that what is left is compared word by word.
3. Those that stand between the same two words are one decision.
4. A text holds on to the name of a turn that is put in where nobody is named behind it: there it is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from episodic.canonical.editing.additions import Addition
from episodic.canonical.tei.reader import Spoken
from episodic.publishing.comparison import Comparison, WordChange, compare, whole_in, words_of

# Turns that were put in, by the number of the word that they stand before.
type Insertions = Mapping[int, tuple[Addition, ...]]


def marked(seen: Sequence[Spoken], other: Sequence[Spoken]) -> list[Spoken]:
    """Mark what was put into another state of a text, also before."""
    comparison = compare(seen, other)
    of_sources: dict[int, bool] = {}
    unnamed: set[int] = set()
    for own, its in comparison.pairs:
        utterance, heard = comparison.new[its].utterance, seen[comparison.old[own].utterance]
        of_sources[utterance] = of_sources.get(utterance, False) or not heard.added
        if heard.speaker is None:
            unnamed.add(utterance)
    new = {number for change in comparison.words for number in _new(comparison, seen, other, change)}
    found: list[Spoken] = []
    held: str | None = None
    for number, each in enumerate(other):
        added = each.added or number in new or not of_sources.get(number, True)
        held = each.speaker if added or each.speaker == held else None
        is_held = not added and held is not None and number in unnamed
        found.append(replace(each, added=added, speaker=None if is_held else each.speaker))
    return found


def _new(
    comparison: Comparison, seen: Sequence[Spoken], other: Sequence[Spoken], change: WordChange
) -> Iterator[int]:
    """Yield the turns that a change puts in."""
    whole = whole_in(comparison.new, change.new)
    old = [number for number in change.old if not seen[comparison.old[number].utterance].added]
    if old and len(whole) == len(whole_in(comparison.old, change.old)):
        return
    speakers = {seen[comparison.old[number].utterance].speaker for number in old}
    yield from (number for number in whole if other[number].speaker not in speakers)


def set_apart(utterances: Iterable[Spoken]) -> tuple[list[Spoken], Insertions]:
    """Take out what was put in."""
    left: list[Spoken] = []
    found: dict[int, tuple[Addition, ...]] = {}
    words = 0
    for each in utterances:
        if each.added:
            found[words] = (*found.get(words, ()), Addition(each.text, each.speaker))
        else:
            left.append(each)
            words += len(words_of([each]))
    return left, found


def placed(insertions: Insertions, comparison: Comparison) -> Insertions:
    """Give insertions of the other text by the words of the one."""
    found: dict[int, tuple[Addition, ...]] = {}
    after = [0] * (len(comparison.new) + 1)
    for own, its in comparison.pairs:
        after[its + 1] = own + 1
    after = list(accumulate(after, max))
    for place, turns in insertions.items():
        found[after[place]] = (*found.get(after[place], ()), *turns)
    return found
