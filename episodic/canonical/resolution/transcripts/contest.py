"""Who says what in each column, and which readings compete in each region.

A witness says nothing where it does not reach, in its holes, and when it copies another. What is left gives
the weights (`evidence`), the regions, and the score of each reading (`features`, `rivals`, `constants`).
"""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from episodic.canonical.resolution.transcripts import evidence, language_tables
from episodic.canonical.resolution.transcripts.alignment import Interner
from episodic.canonical.resolution.transcripts.constants import DOUBT, Constants, scorer
from episodic.canonical.resolution.transcripts.displaced import Displaced
from episodic.canonical.resolution.transcripts.evidence import UNHEARD, Pattern
from episodic.canonical.resolution.transcripts.features import NAME, Column, Features, Lexicon, Vector
from episodic.canonical.resolution.transcripts.layout import Layout
from episodic.canonical.resolution.transcripts.numbers import OH
from episodic.canonical.resolution.transcripts.regions import Region, regions
from episodic.canonical.resolution.transcripts.rivals import Rivals
from episodic.canonical.resolution.transcripts.table import Table, uneven
from episodic.canonical.text.tokens import Tokens

_PLACEHOLDERS: Final = frozenset({"<unk>", "<unknown>", "<blank>"})
# An engine is never less sure than so many thousandths of its mean.
_UNSURE: Final = 50
_UNHEARD: Final = array("i", [UNHEARD])


@dataclass(frozen=True, slots=True)
class Heard:
    """What is compared.

    Parameters
    ----------
    table, layout, tokens
        The witnesses in columns of words, in columns of tokens, and their tokens.
    written
        What each writes in each column of tokens; empty where it has nothing.
    interner, spelled
        By which words were numbered, and which word each number is.
    voters
        Whether each has a vote: copies have none.
    priors
        Their weights beforehand, in thousandths.
    confidences
        For each witness whose engine says how sure it was, a factor in thousandths for each of its words.
    displaced
        Passages that do not stand where they are.
    trusted, edited
        Whether each is right wherever it speaks, and whether a person seems to have edited it.
    language, names, learned
        A BCP 47 tag; keys of words that the episode's papers have, and those of other episodes.
    """

    table: Table
    layout: Layout
    tokens: Sequence[Tokens]
    written: Sequence[list[str]]
    interner: Interner
    spelled: Sequence[str]
    voters: Sequence[bool]
    priors: Sequence[int]
    confidences: Sequence[Sequence[int] | None]
    trusted: Sequence[bool]
    edited: Sequence[bool]
    displaced: Sequence[Displaced] = ()
    language: str | None = None
    names: frozenset[str] = frozenset()
    learned: frozenset[str] = frozenset()


class Contest:
    """Regions and the features of their readings; whoever fits the constants begins here as well."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        table = heard.table
        self.rows = list(_heard(heard))
        self.width = len(self.rows[0])
        self.first = heard.voters.index(True)
        columns = dict(self._uneven())
        ways: dict[Pattern, Pattern] = {}  # columns split in few, and share them
        found = ((at, evidence.pattern_of(column)) for at, column in columns.items())
        self._splits = {at: ways.setdefault(pattern, pattern) for at, pattern in found}
        patterns = self.patterns = Counter(self._splits.values())
        if len(columns) < self.width:
            patterns[tuple(0 if votes else UNHEARD for votes in heard.voters)] += self.width - len(columns)
        self.disputed = {at: column for at, column in columns.items() if max(self._splits[at]) > 0}
        self.evidence = evidence.weigh(patterns, heard.priors)
        self.several = any(len(pattern) - pattern.count(UNHEARD) > 2 for pattern in patterns)
        self._borders = _borders(heard.layout, [edge for spans in _edges(table) for edge in spans])
        self._lexicon = _lexicon(heard)
        self.zeros = _zeros(heard)
        # What may be read as one with a number beside it.
        self.numbers = self._lexicon.numbers | self.zeros
        firm = frozenset(
            at
            for at, column in self.disputed.items()
            if (voice := _firm(self._splits[at])) is not None and column[voice] >= 0
        )
        made = regions(self.rows, list(self.disputed), self._borders, self.numbers, firm)
        self.found = [region for region in made if region.readings]
        # The first witness that is heard, where it is not the usual one; -1: nobody who votes is.
        self.heard_first = {
            at: next((voice for voice, word in enumerate(column) if word != UNHEARD), -1)
            for at, column in columns.items()
            if column[self.first] == UNHEARD
        }

    def _uneven(self) -> Iterator[tuple[int, Column]]:
        """Yield the columns in which not all who vote say the same."""
        voting = [row for row, votes in zip(self.rows, self.heard.voters, strict=True) if votes]
        found = uneven(voting)
        if UNHEARD in voting[0]:
            found.update(at for at, word in enumerate(voting[0]) if word == UNHEARD)
        for at in sorted(found):
            yield at, tuple([row[at] for row in self.rows])

    def features(self) -> Features:
        """Count what the episode says."""
        heard = self.heard
        return Features(
            self.rows,
            heard.table,
            self.disputed,
            self._splits,
            self.found,
            lambda column: self._votes(self.evidence.weights, column),
            lambda column: self._votes(heard.priors, column),
            self._lexicon,
            () if self.several else list(map(self._certainties, range(len(heard.tokens)))),
        )

    def compare(self, features: Features, vectors: Sequence[Sequence[Vector]], constants: Constants) -> None:
        """Add what is known of rivals to the vectors of the regions."""
        chances = None if self.several else self._first_look(vectors, constants)
        rivals = Rivals(self.disputed, features.splits, features.trust, chances)
        for region, own in zip(self.found, vectors, strict=True):
            rivals.add(region, own)

    def deciding(
        self, region: Region, vectors: Sequence[Vector], score: Callable[[Vector], float], won: int
    ) -> Sequence[str]:
        """Find the names of other episodes without which the reading that won would not have."""
        learned = self._lexicon.learned
        found = [
            [word for word in self.rows[voices[0]][region.start : region.end] if word in learned]
            if learned
            else []
            for voices in region.readings
        ]
        if not any(found):
            return ()
        without = [
            [*vector[:NAME], vector[NAME] - len(names), *vector[NAME + 1 :]]
            for vector, names in zip(vectors, found, strict=True)
        ]
        if winner(region, without, score, self.evidence.weights) == won:
            return ()
        own = next(names for names, voices in zip(found, region.readings, strict=True) if won in voices)
        return [self.heard.spelled[word] for word in own]

    def _first_look(
        self, vectors: Sequence[Sequence[Vector]], constants: Constants
    ) -> Mapping[int, Mapping[int, float]]:
        """Give the chances of words in disputed columns, as far as is known without rivals."""
        made: dict[int, dict[int, float]] = {}
        score = scorer(constants)
        for region, own in zip(self.found, vectors, strict=True):
            scores = list(map(score, own))
            odds = [math.exp(DOUBT * (each - max(scores))) for each in scores]
            for voices, each in zip(region.readings, odds, strict=True):
                chance = round(each / math.fsum(odds), 3)
                for at in range(region.start, region.end):
                    if at in self.disputed:
                        words, word = made.setdefault(at, {}), self.rows[voices[0]][at]
                        words[word] = words.get(word, 0.0) + chance
        return made

    def _certainties(self, voice: int) -> Mapping[int, float]:
        """Give the logarithm of how sure an engine was in disputed columns, beside its mean there."""
        factors, row = self.heard.confidences[voice], self.heard.table.rows[voice]
        if not factors:
            return {}
        sure = {
            column: math.log(max(_UNSURE, factors[row[column]]) / 1000)
            for column in self.disputed
            if row[column] >= 0
        }
        mean = math.fsum(sure.values()) / len(sure) if sure else 0.0
        return {column: value - mean for column, value in sure.items()}

    def _votes(self, weights: Sequence[int], column: int) -> Sequence[int]:
        """Give the witnesses' weights in a column; where an engine was less sure, it has less."""
        if not any(self.heard.confidences):
            return weights
        made = list(weights)
        for voice, factors in enumerate(self.heard.confidences):
            word = self.heard.table.rows[voice][column]
            if factors and word >= 0:
                made[voice] = made[voice] * factors[word] // 1000
        return made


def winner(
    region: Region, vectors: Sequence[Vector], score: Callable[[Vector], float], weights: Sequence[int]
) -> int:
    """Find a witness that has the best reading of a region."""
    if len(region.readings) == 1:
        return region.readings[0][0]
    scored = [
        (score(vector), len(voices), sum(map(weights.__getitem__, voices)), -voices[0])
        for vector, voices in zip(vectors, region.readings, strict=True)
    ]
    return -max(scored)[-1]


def _heard(heard: Heard) -> Iterator[array[int]]:
    """Give for each witness its words by column, `UNHEARD` where it does not speak."""
    table = heard.table
    for words, (start, end), holes, votes in zip(
        table.words, table.reach, table.holes, heard.voters, strict=True
    ):
        own = words[:] if votes else _UNHEARD * len(words)
        own[:start] = _UNHEARD * start
        own[end:] = _UNHEARD * (len(own) - end)
        for first, after in holes:
            own[first:after] = _UNHEARD * (after - first)
        yield own


@lru_cache(1 << 10)  # few witnesses split in few ways
def _firm(pattern: Pattern) -> int | None:
    """Find one of at least two of three who say the same; ``None``: there are not so many."""
    heard = [number for number in pattern if number != UNHEARD]
    most = max(heard, key=heard.count)
    is_firm = len(heard) > 2 and 3 * heard.count(most) >= 2 * len(heard)
    return pattern.index(most) if is_firm else None


def _edges(table: Table) -> Iterator[tuple[int, int]]:
    yield from table.reach
    for holes in table.holes:
        yield from holes


def _borders(layout: Layout, edges: Sequence[int]) -> bytearray:
    """Say of each column whether a cell begins (0), none does (1), or a region must end before it (2)."""
    borders = bytearray(b"\x01") * (layout.words[-1] + 1)
    for column in layout.words:
        borders[column] = 0
    for edge in edges:
        if not borders[edge]:
            borders[edge] = 2
    return borders


def _zeros(heard: Heard) -> frozenset[int]:
    """Find the words that are a zero before digits: "oh seven two"."""
    if not language_tables.of(heard.language)[1].numerals:
        return frozenset()
    return _numbered(heard, OH)


def _lexicon(heard: Heard) -> Lexicon:
    _, language = language_tables.of(heard.language)
    known = heard.interner.items()
    return Lexicon(
        spelled=heard.spelled,
        numbers=frozenset(n for word, n in known if not word.isalpha() and any(map(str.isdigit, word))),
        functions=_numbered(heard, language.functions),
        names=_numbered(heard, (heard.names | heard.learned) - language.functions),
        learned=_numbered(heard, heard.learned - heard.names - language.functions),
        placeholders=_numbered(heard, _PLACEHOLDERS),
    )


def _numbered(heard: Heard, words: frozenset[str]) -> frozenset[int]:
    return frozenset(heard.interner[word] for word in words & heard.interner.keys())
