"""Two states of a transcript, compared word by word.

Words are what stands between spaces, or the characters of a script without them, with their marks and
capitals. They are aligned (`alignment`); what lies
between two words that both have is one change. Who speaks is compared for the words that both have.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from episodic.canonical.resolution.transcripts.alignment import Interner, align
from episodic.canonical.tei.reader import Spoken
from episodic.canonical.text.tokens import is_unspaced, spelled, tokenize


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word in its utterance: the number of that, and where in its text the word begins."""

    text: str
    utterance: int
    offset: int


@dataclass(frozen=True, slots=True)
class WordChange:
    """A place where words differ: ranges of words in the one text and in the other."""

    old: range
    new: range


@dataclass(frozen=True, slots=True)
class SpeakerChange:
    """Neighbouring words, by their numbers in the one text, that somebody else says in the other."""

    words: range
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two states of a transcript; `pairs` are the numbers of words that both have."""

    old: Sequence[PlacedWord]
    new: Sequence[PlacedWord]
    pairs: Sequence[tuple[int, int]]
    words: Sequence[WordChange]
    speakers: Sequence[SpeakerChange]

    def was(self, words: Iterable[int]) -> str:
        """Write words of the one text, given by their numbers, as a text."""
        return "".join(spelled(self.old[number].text) for number in words).rstrip()

    def now(self, words: Iterable[int]) -> str:
        """Write words of the other text, given by their numbers, as a text."""
        return "".join(spelled(self.new[number].text) for number in words).rstrip()


def words_of(utterances: Sequence[Spoken]) -> list[PlacedWord]:
    """List the words of utterances."""
    found: list[PlacedWord] = []
    for place, each in enumerate(utterances):
        at = 0
        for text in _cut(each.text):
            at = each.text.index(text, at)
            found.append(PlacedWord(text, place, at))
            at += len(text)
    return found


def _cut(text: str) -> Iterator[str]:
    """Yield the words of a text: a chunk is cut only where no space would come between its parts."""
    for chunk in text.split():
        if chunk.isascii() or not any(map(is_unspaced, chunk)):
            yield chunk
            continue
        word = ""
        for form in tokenize([chunk]).forms:
            word += form.rstrip()
            if spelled(word) == word:
                yield word
                word = ""
        if word:
            yield word


def whole_in(words: Sequence[PlacedWord], place: range) -> list[int]:
    """The utterances all of whose words lie in a range."""
    inside = dict.fromkeys(words[number].utterance for number in place)
    outside = {words[n].utterance for n in (place.start - 1, place.stop) if 0 <= n < len(words)}
    return [number for number in inside if number not in outside]


def compare(old: Sequence[Spoken], new: Sequence[Spoken]) -> Comparison:
    """Compare the utterances of two states of a transcript."""
    own, its = words_of(old), words_of(new)
    pairs = list(_pairs([word.text for word in own], [word.text for word in its]))
    speakers = _speakers(
        pairs, [old[w.utterance].speaker for w in own], [new[w.utterance].speaker for w in its]
    )
    return Comparison(own, its, pairs, list(_changes(pairs, len(own), len(its))), list(speakers))


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pair the words that both have, in order."""
    interner = Interner()
    for block in align(interner.intern(old), interner.intern(new)):
        if block.end - block.start == block.other_end - block.other_start:
            there = range(block.other_start, block.other_end)
            own = range(block.start, block.end)
            yield from ((one, other) for one, other in zip(own, there, strict=True) if old[one] == new[other])


def _changes(pairs: Sequence[tuple[int, int]], old: int, new: int) -> Iterator[WordChange]:
    here = there = 0
    for own, its in [*pairs, (old, new)]:
        if own > here or its > there:
            yield WordChange(range(here, own), range(there, its))
        here, there = own + 1, its + 1


def _speakers(
    pairs: Sequence[tuple[int, int]], old: Sequence[str | None], new: Sequence[str | None]
) -> Iterator[SpeakerChange]:
    for (before, after), group in groupby(pairs, key=lambda pair: (old[pair[0]], new[pair[1]])):
        if before != after:
            own = [number for number, _ in group]
            yield SpeakerChange(range(own[0], own[-1] + 1), before, after)
