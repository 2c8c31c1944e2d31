"""What speaks for a reading: one vector of numbers for each reading of a region.

A reading runs through the columns of its region; in each it has a word or is silent, with some witnesses
and against others. Its vector is the sum over the columns, so that its score (`constants`) is the logarithm
of the product of its words' chances: a softmax in each column has the same denominator for all readings.

*Votes* are what the witnesses say, with their weights from `evidence`. *Shape* is what the words look like,
and *episode* how often the same words, the same neighbours and the same confusion occur elsewhere in this
episode; both count little in a text of a few sentences, of whose language nothing is known: they are
multiplied by n² / (n² + 300²), n being the number of columns, and what is known of the witnesses beforehand
by the rest. A name that the episode's papers have is as good in a short text as in a long one.

*Rivals* are compared by who won elsewhere: nearby, usually, and where the same two words met. Of several
witnesses the votes tell who won. Two have one vote each, and nobody wins: there a first look at all regions,
without these three, tells by degrees (`Features.judge`), so that who is right more often wins more doubts::

    s1  the tires we sold   pricing power   a follow up       first look: s1, s1, s2
    s2  the tires he sold   prize in power  as a followup     second look: s1 has won twice as often
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations, pairwise
from typing import Final, NamedTuple

from rapidfuzz.distance import Levenshtein

from episodic.canonical.resolution.transcripts.evidence import UNHEARD, Pattern, side, sides
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
_NEARBY: Final = NAMES.index("nearby")
_UNLIKE: Final = NAMES.index("unlike")
_CONFUSION: Final = NAMES.index("confusion")
_USUAL: Final = NAMES.index("usual")
# Columns in which a text is half known.
_HALF: Final = 300
# Disputed columns on each side in which witnesses are compared nearby.
_NEAR: Final = 12
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


class _Split(NamedTuple):
    """How the votes stand in a column.

    Parameters
    ----------
    shares
        For each witness: its word's share of the votes, and its share beforehand.
    settled
        For each word, by a witness that has it, how far the column is settled on it: of several witnesses
        wholly if it has more than half of the votes; otherwise by its share.
    readings
        How many words there are, silence among them.
    best
        A witness whose word has most votes.
    outvoted
        For each witness, whether its word has less than half.
    """

    shares: Sequence[tuple[float, float]]
    settled: Sequence[tuple[int, float]]
    readings: int
    best: int
    outvoted: Sequence[bool]


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
        self._trust = len(rows[0]) ** 2 / (len(rows[0]) ** 2 + _HALF**2)
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
        self._at = {column: at for at, column in enumerate(disputed)}
        self._split = {at: _split(patterns[at], tuple(votes(at)), tuple(beforehand(at))) for at in disputed}
        self._count(disputed, self._agreed)
        self._looks = False
        # For each disputed column, how far each word wins; and how often each pair of words did.
        self._won: Mapping[int, Mapping[int, float]] = {}
        self._wins: defaultdict[tuple[int, int], float] = defaultdict(float)
        # For each witness, how often it was outvoted before each disputed column.
        self._outvoted: Sequence[Sequence[float]] = ()

    def judge(self, chances: Mapping[int, Mapping[int, float]] | None = None) -> None:
        """Count who wins, and over whom.

        Parameters
        ----------
        chances
            Of each word in disputed columns, by column; ``None``: the votes tell.
        """
        self._looks = chances is not None
        self._won = {at: self._winner(at) for at in self._at} if chances is None else chances
        self._wins.clear()
        losses: list[Sequence[float]] = []
        for column, said in self._disputed.items():
            won = self._won.get(column, {})
            for word, share in won.items():
                for rival in won if share else ():
                    if rival != word:
                        self._wins[word, rival] += share
            lost = [1 - won.get(word, 1.0) for word in said] if self._looks else self._split[column].outvoted
            losses.append(lost)
        self._outvoted = [list(accumulate(own, initial=0.0)) for own in zip(*losses, strict=True)]

    def _winner(self, at: int) -> Mapping[int, float]:
        """Give all of a column to the word that has most votes, the first of equals."""
        column = self._disputed[at]
        best = column[self._split[at].best]
        return {word: float(word == best) for word in column if word != UNHEARD}

    def of(self, region: Region) -> list[Vector]:
        """Give the vectors of a region's readings, without what is known of rivals."""
        here: defaultdict[int, float] = defaultdict(float)
        self._count(range(region.start, region.end), here)
        vectors = [self._vector(region, here, voices) for voices in region.readings]
        if self._voices > 2:  # two are as unlike the one as the other
            for vector, unlike in zip(vectors, self._unlike(region), strict=True):
                vector[_UNLIKE] = unlike * self._trust
        return vectors

    def _count(self, columns: Iterable[int], made: defaultdict[int, float]) -> None:
        """Count the words that columns are settled on."""
        for at in columns:
            if split := self._split.get(at):
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

    def add_rivals(self, region: Region, vectors: Sequence[Vector]) -> None:
        """Add to vectors of `of` how readings fare elsewhere, once that is judged."""
        first = [voices[0] for voices in region.readings]
        for index in range(region.start, region.end):
            if mine := self._won.get(index):
                column = self._disputed[index]
                nearby = self._ahead(index, column, _NEAR)
                usual = self._ahead(index, column, len(self._at)) if self._looks else None
                for vector, voice in zip(vectors, first, strict=True):
                    word = column[voice]
                    vector[_NEARBY] += nearby[word]
                    if usual:
                        vector[_USUAL] += usual[word] * self._trust
                    if word >= 0:
                        vector[_CONFUSION] += self._confusion(word, mine) * self._trust

    def _vector(self, region: Region, here: defaultdict[int, float], voices: Sequence[int]) -> Vector:
        """Sum over the columns of a region what speaks for the reading of some witnesses."""
        lexicon, voice, trust = self._lexicon, voices[0], self._trust
        share = beforehand = silence = silent_share = others_silent = rivals = 0.0
        placeholder = function = function_share = function_silent = number = length = repeat = 0.0
        name = elsewhere = never = neighbours = 0.0
        row, splits = self._rows[voice], self._split
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

    def _confusion(self, word: int, mine: Mapping[int, float]) -> float:
        found = 0.0
        for rival in mine:
            if rival >= 0 and rival != word:
                won = self._wins[word, rival] - mine[word]
                lost = self._wins[rival, word] - mine[rival]
                found += (won - lost) / (won + lost + 2)
        return found

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

    def _ahead(self, column: int, words: Column, near: int) -> dict[int, float]:
        """Say of each word how much less often than the others those who have it are outvoted beside it."""
        at = self._at[column]
        low, high = max(0, at - near), min(len(self._at), at + 1 + near)
        lost: dict[int, list[float]] = {}
        for word, sums in zip(words, self._outvoted, strict=True):
            if word != UNHEARD:
                lost.setdefault(word, []).append(sums[high] - sums[low] - (sums[at + 1] - sums[at]))
        made = dict.fromkeys(lost, 0.0)
        if len(lost) > 1:
            for word, own in lost.items():
                others = [each for rival, its in lost.items() if rival != word for each in its]
                made[word] = (sum(others) / len(others) - sum(own) / len(own)) / (high - low)
        return made


@lru_cache(1 << 10)  # few witnesses split in few ways
def _split(pattern: Pattern, votes: tuple[int, ...], beforehand: tuple[int, ...]) -> _Split:
    """Count the votes where witnesses split in one way."""
    own, before = sides(pattern, votes), sides(pattern, beforehand)
    total, known = sum(own.values()), sum(before.values()) or 1
    several = len(pattern) - pattern.count(UNHEARD) > 2
    shares = [
        (own[each] / (total or 1), before[each] / known) if each != UNHEARD else (0.0, 0.0)
        for each in pattern
    ]
    most = max(own, key=own.__getitem__)
    is_settled = several and 2 * own[most] > total
    settled = {most: 1.0} if is_settled else {each: weight / (total or 1) for each, weight in own.items()}
    return _Split(
        shares,
        [(pattern.index(each), share) for each, share in settled.items()],
        len(own),
        pattern.index(side(pattern, votes)),
        [own.get(each, total) < total / 2 for each in pattern],
    )
