"""What speaks for a reading: one vector of numbers for each reading of a region.

A reading runs through the columns of its region; in each it has a word or is silent, with some witnesses
and against others. Its vector is the sum over the columns, so that its score (`constants`) is the logarithm
of the product of its words' chances: a softmax in each column has the same denominator for all readings.

*Votes* are what the witnesses say, with their weights from `evidence`. *Shape* is what the words look like,
and *episode* how often the same words, the same neighbours and the same confusion occur elsewhere in this
episode; both count little in a text of a few sentences, of whose language nothing is known: they are
multiplied by n² / (n² + 300²), n being the number of columns, and what is known of the witnesses beforehand
by the rest. A name that the episode's papers have is as good in a short text as in a long one.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

from rapidfuzz.distance import Levenshtein

from episodic.canonical.resolution.transcripts.evidence import UNHEARD, Pattern, split_of
from episodic.canonical.resolution.transcripts.regions import Region
from episodic.canonical.resolution.transcripts.table import Table, uneven

NAMES: Final = (
    "share",  # of the weight of those who speak
    "nearby",  # how much less often those who have it are outvoted nearby than the others
    "whole",  # share of the witnesses that have the whole reading
    "beforehand",  # share of the weight beforehand
    "silence",
    "silence x share",
    "unlike",  # letters in which the witnesses' readings differ from it, in the mean
    "others silent",  # their share, where there is a word
    "rivals",  # how many other words are there
    "placeholder",  # what an engine writes for a word that it does not know
    "function word",
    "function word x share",
    "function word, others silent",
    "number",
    "length",  # tens of characters
    "repeat",  # the word before once more
    "name",  # a word of the episode's papers, or a name of another episode
    "elsewhere",  # logarithm of in how many other columns all or most say it, or what share of them
    "never elsewhere",
    "neighbours",  # logarithm of how often the words beside it stand beside it elsewhere
    "confusion",  # how often it outweighs the same rivals elsewhere
    "usual",  # how much less often those who have it lose elsewhere than the others
    "certainty",  # logarithm of how sure the engine was, beside the other words that are disputed
)
NAME: Final = NAMES.index("name")
NEARBY: Final = NAMES.index("nearby")
_UNLIKE: Final = NAMES.index("unlike")
CONFUSION: Final = NAMES.index("confusion")
USUAL: Final = NAMES.index("usual")
# Columns in which a text is half known.
_HALF: Final = 300
_LONGEST: Final = 15

type Vector = list[float]
type Column = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of words, by their numbers.

    Parameters
    ----------
    spelled
        Every word.
    numbers, functions, names, placeholders
        Words with digits; the commonest; those of the episode's papers and of other episodes; what engines
        write for no word.
    learned
        Of the names, those that other episodes alone have.
    """

    spelled: Sequence[str]
    numbers: frozenset[int]
    functions: frozenset[int]
    names: frozenset[int]
    placeholders: frozenset[int]
    learned: frozenset[int] = frozenset()


class Features:
    """Makes the vectors of readings.

    Parameters
    ----------
    rows
        What each witness says in each column, by number; `UNHEARD` where it has no vote.
    table
        The same, whether or not it has one.
    disputed
        The columns in which they do not all say the same, with what they say.
    patterns
        The ways in which they split there.
    found
        The regions that they make.
    votes, beforehand
        Give the witnesses' weights in a column, in thousandths: from evidence, and beforehand.
    certainties
        For each witness, the logarithm of how sure its engine was in columns where that counts; none: it
        never does.

    Attributes
    ----------
    splits
        How the votes stand in each disputed column.
    trust
        What a count in this text is worth, in 0..1: little in a text of a few sentences.
    """

    def __init__(
        self,
        rows: Sequence[Sequence[int]],
        table: Table,
        disputed: Mapping[int, Column],
        patterns: Mapping[int, Pattern],
        found: Sequence[Region],
        votes: Callable[[int], Sequence[int]],
        beforehand: Callable[[int], Sequence[int]],
        lexicon: Lexicon,
        certainties: Sequence[Mapping[int, float]] = (),
    ) -> None:
        self._rows = rows
        self._disputed = disputed
        self._certainties = certainties
        self._lexicon = lexicon
        self.trust = len(rows[0]) ** 2 / (len(rows[0]) ** 2 + _HALF**2)
        words, self._voices = table.words, len(table.words)
        differing = uneven(words)
        agreed = Counter(words[0])  # what all say is counted once
        agreed.subtract(words[0][at] for at in differing)
        self._words = Counter({word: len(words) * times for word, times in agreed.items()})
        self._words.update(row[at] for row in words for at in differing)
        self._every = (sum(map(len, table.streams)) or 1) * len(words)
        undisputed = differing.difference(disputed)
        agreed.update(next((row[at] for row in rows if row[at] != UNHEARD), -1) for at in undisputed)
        self._agreed: defaultdict[int, float] = defaultdict(float, agreed)
        wanted = {pair for region in found for pair in self._pairs_in(region)}
        self._pairs: Counter[tuple[int, int]] = Counter()
        for stream in table.streams:
            self._pairs.update(filter(wanted.__contains__, pairwise(stream)))
        self.splits = {at: split_of(patterns[at], tuple(votes(at)), tuple(beforehand(at))) for at in disputed}
        self._count(disputed, self._agreed)

    def of(self, region: Region) -> list[Vector]:
        """Give the vectors of a region's readings, without what is known of rivals."""
        here: defaultdict[int, float] = defaultdict(float)
        self._count(range(region.start, region.end), here)
        vectors = [self._vector(region, here, voices) for voices in region.readings]
        if self._voices > 2:  # two are as unlike the one as the other
            for vector, unlike in zip(vectors, self._unlike(region), strict=True):
                vector[_UNLIKE] = unlike * self.trust
        return vectors

    def _count(self, columns: Iterable[int], made: defaultdict[int, float]) -> None:
        """Count the words that columns are settled on."""
        for at in columns:
            if split := self.splits.get(at):
                column = self._disputed[at]
                for voice, settled in split.settled:
                    made[column[voice]] += settled

    def _unlike(self, region: Region) -> Sequence[float]:
        """Give for each reading the letters in which the witnesses' readings differ from it, in the mean."""
        rows, spelled = self._rows, self._lexicon.spelled
        texts = [
            "".join([spelled[word] for word in rows[voice][region.start : region.end] if word >= 0])
            for voice, *_ in region.readings
        ]
        votes = list(map(len, region.readings))
        every = sum(votes)
        unlike = [0.0] * len(texts)
        for one, other in combinations(range(len(texts)), 2):
            distance = Levenshtein.distance(texts[one], texts[other])
            unlike[one] += votes[other] * distance
            unlike[other] += votes[one] * distance
        return [each / every for each in unlike]

    def _vector(self, region: Region, here: defaultdict[int, float], voices: Sequence[int]) -> Vector:
        """Sum over the columns of a region what speaks for the reading of some witnesses."""
        lexicon, voice, trust = self._lexicon, voices[0], self.trust
        share = beforehand = silence = silent_share = others_silent = rivals = 0.0
        placeholder = function = function_share = function_silent = number = length = repeat = 0.0
        name = elsewhere = never = neighbours = 0.0
        row, splits = self._rows[voice], self.splits
        previous = self._neighbour(voice, region.start - 1, -1)
        for index in range(region.start, region.end):
            word = row[index]
            split = splits.get(index)
            own, before = split.shares[voice] if split else (0.0, 0.0)
            share += own
            beforehand += before
            if word < 0:
                silence += split is not None
                silent_share += own
                continue
            if split:
                placeholder += word in lexicon.placeholders
                column = self._disputed[index]
                silent = split.shares[column.index(-1)][0] if -1 in column else 0.0
                others_silent += silent
                rivals += split.readings - 1 - (-1 in column)
                if word in lexicon.functions:
                    function += 1
                    function_share += own
                    function_silent += silent
                number += word in lexicon.numbers
                length += min(len(lexicon.spelled[word]), _LONGEST) / 10
                repeat += word == previous
                name += word in lexicon.names
                others = round(self._agreed[word] - here[word], 6)
                elsewhere += math.log1p(others)
                never += not others
            neighbours += self._pair(previous, word)
            previous = word
        neighbours += self._pair(previous, self._neighbour(voice, region.end, 1))
        whole = len(voices) / sum(map(len, region.readings))
        shape = (
            *(silence, silent_share, 0.0, others_silent, rivals),
            *(placeholder, function, function_share, function_silent, number, length, repeat),
        )
        certainty = self._certainty(region, voices) if self._certainties else 0.0
        episode = (elsewhere, never, neighbours, 0.0, 0.0, certainty)
        return [  # in the order of `NAMES`
            *(share, 0.0, whole, beforehand * (1 - trust)),
            *[value * trust for value in shape],
            name,
            *[value * trust for value in episode],
        ]

    def _certainty(self, region: Region, voices: Sequence[int]) -> float:
        return math.fsum(
            sure
            for voice in voices
            if (known := self._certainties[voice])
            for index in range(region.start, region.end)
            if (sure := known.get(index)) is not None
        )

    def _pair(self, one: int, other: int) -> float:
        """How often one word follows another, beside how often that is to be expected."""
        if one < 0 or other < 0:
            return 0.0
        count = self._pairs.get((one, other), 0) / self._voices
        expected = self._words[one] * self._words[other] / self._every
        return math.log((count + 0.1 + expected) / (0.1 + 2 * expected))

    def _pairs_in(self, region: Region) -> Iterator[tuple[int, int]]:
        """Yield the neighbours whose chances are asked in a region."""
        for voice, *_ in region.readings:
            said = [word for word in self._rows[voice][region.start : region.end] if word >= 0]
            before, after = (
                self._neighbour(voice, region.start - 1, -1),
                self._neighbour(voice, region.end, 1),
            )
            yield from pairwise([before, *said, after])

    def _neighbour(self, voice: int, column: int, step: int) -> int:
        """Find the nearest word of a witness beside a region; -1: there is none."""
        row = self._rows[voice]
        while 0 <= column < len(row):
            word = row[column]
            if word != -1:
                return word
            column += step
        return -1
