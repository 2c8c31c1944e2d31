"""Which witness is followed where: the canonical words, cell by cell.

1. **Columns** as they are heard: a witness says nothing where it does not reach, in its holes, and when it
   copies another.
2. **Weights** from evidence, then the **score** of every reading of every region; the greatest wins, of
   equals the one that more witnesses have, then the heavier, then the first.
3. **Holes**: whether a passage stands that some lack is decided as a whole. A witness whose clock has room
   for it has missed it and has no vote, nor has a fragment of the whole; one without room left it out, and a
   short passage that one hears in a pause of several others is made up. What a witness has in another place
   than the others does not stand there (`displaced`).
4. A **trusted** witness is followed wherever it speaks, but not where its clock has room for what it lacks;
   so is one that outweighs several others together.
5. **Silent cells** (fillers, marks alone) stand where most weight has them; inside a region its winner
   decides.
6. **Spelling**: of those who say what was chosen, who writes it best (`spelling`).
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, count
from typing import Final

from episodic.canonical.resolution.transcripts import evidence, languages, spelling
from episodic.canonical.resolution.transcripts.constants import SEVERAL, TWO, Constants, score
from episodic.canonical.resolution.transcripts.displaced import Displaced
from episodic.canonical.resolution.transcripts.evidence import UNHEARD, Evidence
from episodic.canonical.resolution.transcripts.features import Column, Features, Lexicon, Vector
from episodic.canonical.resolution.transcripts.layout import Layout
from episodic.canonical.resolution.transcripts.regions import Region, regions
from episodic.canonical.resolution.transcripts.table import Table, overlaid, uneven
from episodic.canonical.tokens import Tokens, key

_PLACEHOLDERS: Final = frozenset({"<unk>", "<unknown>", "<blank>"})
# A witness has missed a passage for which its clock has at least such a share of the time that others take.
_ROOM: Final = 0.5
# What one hears in a pause of several others is made up, when it is shorter than so many words.
_LONE: Final = 60
# One that lacks more than half is a fragment, such as a single track, when it is in more places than so many.
_CUTS: Final = 2
# Tokens that come to no word, of which no witness that hears words says so many.
_LONG: Final = 12
# How fast the votes of those fall who write less well than the best.
_STEEP: Final = 24
# An engine is never less sure than so many thousandths of its mean.
_UNSURE: Final = 50


@dataclass(frozen=True, slots=True)
class Heard:
    """What is compared.

    Parameters
    ----------
    table, layout, tokens
        The witnesses in columns of words, in columns of tokens, and their tokens.
    streams
        Their words by number, and which word each number is.
    voters
        Whether each has a vote: copies have none.
    priors
        Their weights beforehand, in thousandths.
    confidences
        For each witness whose engine says how sure it was, a factor in thousandths for each of its words.
    displaced
        Passages that do not stand where they are.
    language, names
        A BCP 47 tag; keys of words that the episode's papers have.
    trusted
        Whether each is right wherever it speaks.
    """

    table: Table
    layout: Layout
    tokens: Sequence[Tokens]
    streams: Sequence[Sequence[int]]
    spelled: Sequence[str]
    voters: Sequence[bool]
    priors: Sequence[int]
    confidences: Sequence[Sequence[int] | None]
    displaced: Sequence[Displaced] = ()
    language: str | None = None
    names: frozenset[str] = frozenset()
    trusted: Sequence[bool] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom the text follows in each cell, and how far each witness is trusted."""

    leaders: Sequence[int]
    evidence: Evidence


class Contest:
    """Regions and the features of their readings; whoever fits the constants begins here as well."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        table = heard.table
        self.rows = list(_heard(heard))
        self.width = len(self.rows[0])
        self.first = heard.voters.index(True)
        columns = dict(self._uneven())
        patterns = Counter(map(evidence.pattern_of, columns.values()))
        if len(columns) < self.width:
            patterns[tuple(0 if votes else UNHEARD for votes in heard.voters)] += self.width - len(columns)
        self.disputed = {at: column for at, column in columns.items() if len({*column} - {UNHEARD}) > 1}
        self.evidence = evidence.weigh(patterns, heard.priors)
        self.several = any(len(pattern) - pattern.count(UNHEARD) > 2 for pattern in patterns)
        self._borders = _borders(heard.layout, [edge for spans in _edges(table) for edge in spans])
        self._lexicon = _lexicon(heard)
        found = regions(self.rows, list(self.disputed), self._borders, self._lexicon.numbers)
        self.found = [region for region in found if region.readings]
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

    @property
    def numbers(self) -> frozenset[int]:
        """The words that are numbers."""
        return self._lexicon.numbers

    def features(self) -> Features:
        """Count what the episode says."""
        heard = self.heard
        return Features(
            self.rows,
            self.disputed,
            heard.streams,
            lambda column: self._votes(self.evidence.weights, column),
            lambda column: self._votes(heard.priors, column),
            self._lexicon,
            () if self.several else list(map(self._certainties, range(len(heard.streams)))),
        )

    def compare(self, features: Features, vectors: Sequence[Sequence[Vector]], constants: Constants) -> None:
        """Add what is known of rivals to the vectors of the regions."""
        features.judge(None if self.several else self._first_look(vectors, constants))
        for region, own in zip(self.found, vectors, strict=True):
            features.add_rivals(region, own)

    def _first_look(self, vectors: Sequence[Sequence[Vector]], constants: Constants) -> Mapping[int, int]:
        """Give the words that win in disputed columns, as far as is known without rivals."""
        winners: dict[int, int] = {}
        for region, own in zip(self.found, vectors, strict=True):
            voice = _winner(region, own, constants, self.evidence.weights)
            for column in range(region.start, region.end):
                winners[column] = self.rows[voice][column]
        return winners

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


def choose(
    heard: Heard, room: Callable[[int, int, int], float | None], constants: Constants | None = None
) -> Choice:
    """Choose whom to follow.

    Parameters
    ----------
    room
        Tells for a witness and a range of columns what share its clock has of the time that the others take.
    constants
        Of the score; ``None``: those of the table.
    """
    if len(heard.tokens) == 1:
        return Choice([0] * (len(heard.layout.bounds) - 1), Evidence((0,), ((0, 0),), 0))
    contest = Contest(heard)
    if constants is None:
        constants = SEVERAL if contest.several else TWO
    followed = [contest.first] * contest.width
    for at, voice in contest.heard_first.items():
        followed[at] = voice if voice >= 0 else _any(heard, at)
    if contest.disputed:
        features = contest.features()
        vectors = list(map(features.of, contest.found))
        contest.compare(features, vectors, constants)
        for region, own in zip(contest.found, vectors, strict=True):
            winner = _winner(region, own, constants, contest.evidence.weights)
            followed[region.start : region.end] = [winner] * (region.end - region.start)
    for start, end, silent in _passages(heard, contest, room):
        followed[start:end] = [silent] * (end - start)
    for each in heard.displaced:
        followed[each.start : each.end] = [each.silent[0]] * (each.end - each.start)
    leaders = _spelled(heard, contest, followed)
    for trusted in _trusted(heard):
        missed = [
            heard.layout.columns(*hole)
            for hole in heard.table.holes[trusted]
            if (share := room(trusted, *hole)) is not None and share >= _ROOM
        ]
        start, end = heard.layout.columns(*heard.table.reach[trusted])
        leaders = [
            trusted if start <= bound < end and not any(a <= bound < b for a, b in missed) else leader
            for bound, leader in zip(heard.layout.bounds, leaders, strict=False)
        ]
    return Choice(leaders, contest.evidence)


def _trusted(heard: Heard) -> Sequence[int]:
    """Find the witnesses that are not put to the vote, the last over the others.

    They are those that the editor trusts; without any, one that outweighs several others together.
    """
    if any(heard.trusted):
        trusted = [voice for voice, is_trusted in enumerate(heard.trusted) if is_trusted]
        return sorted(trusted, key=lambda voice: (heard.priors[voice], -voice))
    weights = [prior for prior, votes in zip(heard.priors, heard.voters, strict=True) if votes]
    heaviest = max(weights, default=0)
    if len(weights) < 3 or 2 * heaviest <= sum(weights):
        return ()
    return [voice for voice, prior in enumerate(heard.priors) if heard.voters[voice] and prior == heaviest][
        :1
    ]


def _any(heard: Heard, column: int) -> int:
    """Find somebody who has a word that no voter has."""
    return next((v for v, words in enumerate(heard.table.words) if words[column] >= 0), 0)


def _winner(
    region: Region,
    vectors: Sequence[Vector],
    constants: Constants,
    weights: Sequence[int],
) -> int:
    if len(region.readings) == 1:
        return region.readings[0][0]
    scored = [
        (score(vector, constants), len(voices), sum(weights[voice] for voice in voices), -voices[0])
        for vector, voices in zip(vectors, region.readings, strict=True)
    ]
    return -max(scored)[-1]


def _heard(heard: Heard) -> Iterator[list[int]]:
    """Give for each witness its words by column, `UNHEARD` where it does not speak."""
    table = heard.table
    for words, (start, end), holes, votes in zip(
        table.words, table.reach, table.holes, heard.voters, strict=True
    ):
        own = list(words) if votes else [UNHEARD] * len(words)
        own[:start] = [UNHEARD] * start
        own[end:] = [UNHEARD] * (len(own) - end)
        for first, after in holes:
            own[first:after] = [UNHEARD] * (after - first)
        yield own


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


def _lexicon(heard: Heard) -> Lexicon:
    _, language = languages.of(heard.language)
    functions: set[int] = set()
    numbers: set[int] = set()
    names: set[int] = set()
    placeholders: set[int] = set()
    for number, word in enumerate(heard.spelled):
        if word in language.functions:
            functions.add(number)
        elif word in _PLACEHOLDERS:
            placeholders.add(number)
        elif not word.isalpha() and any(char.isdigit() for char in word):
            numbers.add(number)
        if word in heard.names and word not in language.functions:
            names.add(number)
    return Lexicon(
        heard.spelled, frozenset(numbers), frozenset(functions), frozenset(names), frozenset(placeholders)
    )


# --- passages that some lack


def _passages(
    heard: Heard, contest: Contest, room: Callable[[int, int, int], float | None]
) -> Iterator[tuple[int, int, int]]:
    """Yield the passages that do not stand, with one who left it out."""
    table = heard.table
    holes = (
        (start, end, voice)
        for voice, own in enumerate(table.holes)
        for start, end in own
        if heard.voters[voice]
    )
    fragments = {
        voice
        for voice, (own, (first, after)) in enumerate(zip(table.holes, table.reach, strict=True))
        if len(own) > _CUTS and 2 * sum(end - start for start, end in own) > after - first
    }
    for start, end, here in overlaid(holes):
        silent = sorted({voice for _, _, voice in here})
        weights = _trust(contest, heard)
        speaking = [
            voice for voice, row in enumerate(contest.rows) if any(word >= 0 for word in row[start:end])
        ]
        elsewhere = {v for v in silent if v in fragments or _has_elsewhere(heard.displaced, v, start, end)}
        heard_by_one = len(speaking) == 1 and len(silent) - len(elsewhere) > 1 and end - start < _LONE
        missed = elsewhere | {
            voice
            for first, after, voice in here
            if not heard_by_one and (share := room(voice, first, after)) is not None and share >= _ROOM
        }
        against = [voice for voice in silent if voice not in missed]
        if sum(weights[v] for v in against) > sum(weights[v] for v in speaking):
            yield start, end, against[0]


def _has_elsewhere(displaced: Sequence[Displaced], voice: int, start: int, end: int) -> bool:
    """Whether a witness has some columns in another place."""
    return any(voice in each.voices and each.home[0] < end and start < each.home[1] for each in displaced)


def _trust(contest: Contest, heard: Heard) -> Sequence[int]:
    """Weights for the question whether a passage stands: of two witnesses those beforehand."""
    return contest.evidence.weights if contest.several else heard.priors


# --- spelling


def _spelled(heard: Heard, contest: Contest, followed: Sequence[int]) -> list[int]:
    """Choose for each cell, of those who say what the one says that is followed, whose form is taken.

    Where all write the same the best of all is followed, and only the other cells are looked at.
    """
    layout, words = heard.layout, heard.table.words
    weights = _hands(heard)
    order = sorted(range(len(words)), key=lambda v: (-weights[v], -contest.evidence.weights[v], v))
    regional = bytearray(len(followed) + 1)
    for region in contest.found:
        regional[region.start : region.end] = b"\x01" * (region.end - region.start)
    numbers = contest.numbers
    leaders = [order[0]] * (len(layout.bounds) - 1)
    forms, row = heard.tokens[order[0]].forms, layout.rows[order[0]]
    before: Sequence[int] = ()
    begins, done = True, 0
    for cell in _unsettled(heard, contest):
        start, end = layout.bounds[cell : cell + 2]
        column, after = layout.words[cell : cell + 2]
        if cell > done:
            before = words[order[0]][column - 1 : column]
            begins = spelling.ends_sentence(forms[row[start - 1]])
        if after == column:
            inside = bool(column and regional[column - 1] and regional[column])
            leader = followed[column] if inside else _silent(heard, contest, start, end, column)
        else:
            said = words[followed[column]][column:after]
            who = [v for v in order if words[v][column:after] == said]
            last_leader = leaders[cell - 1] if cell else -1
            if last_leader in who and not (numbers.isdisjoint(said) or numbers.isdisjoint(before)):
                leader = last_leader  # two numbers side by side, each as another writes it, may read as one
            else:
                leader = _form(heard, who, weights, start, end, begins=begins) if len(who) > 1 else who[0]
            before = said
        leaders[cell], done = leader, cell + 1
        own = layout.rows[leader]
        last = next((own[place] for place in range(end - 1, start - 1, -1) if own[place] >= 0), None)
        if last is not None:
            begins = spelling.ends_sentence(heard.tokens[leader].forms[last])
    return leaders


def _unsettled(heard: Heard, contest: Contest) -> list[int]:
    """Find the cells but those of one word, no number, that all have and write the same."""
    layout, words = heard.layout, heard.table.words
    written = uneven(
        [
            list(map([*tokens.forms, ""].__getitem__, row))
            for tokens, row in zip(heard.tokens, layout.rows, strict=True)
        ]
    )
    said = uneven(words)
    said.update(compress(count(), map(contest.numbers.__contains__, words[0])))
    return sorted({*layout.odd, *layout.cells(written), *(bisect_right(layout.words, at) - 1 for at in said)})


def _form(
    heard: Heard, who: Sequence[int], weights: Sequence[int], start: int, end: int, *, begins: bool
) -> int:
    """Choose whose form to take of some that say the same; the one that writes best comes first."""
    if not weights[who[0]]:
        return who[0]
    written: list[tuple[int, str, int]] = []
    for voice in who:
        places = [place for place in heard.layout.rows[voice][start:end] if place >= 0]
        if weights[voice] and places:
            form = "".join(heard.tokens[voice].forms[places[0] : places[-1] + 1])
            written.append((voice, form, places[0]))
    if all(form == written[0][1] for _, form, _ in written):
        return who[0]
    forms = [
        (voice, form, first == 0 or spelling.ends_sentence(heard.tokens[voice].forms[first - 1]))
        for voice, form, first in written
    ]
    said: dict[str, int] = {}
    for voice, form, _ in forms:
        said[key(form)] = said.get(key(form), 0) + heard.priors[voice]
    most = max(said, key=said.__getitem__)
    return spelling.best([each for each in forms if key(each[1]) == most], weights, begins=begins)


def _hands(heard: Heard) -> list[int]:
    """Say how well each witness writes, in thousandths of the best.

    It is the F1 of its marks and capitals, the others being the measure. Those that do not write have 0; of
    two that do nobody knows, and their weights beforehand decide.
    """
    count = len(heard.tokens)
    writers = [voice for voice, tokens in enumerate(heard.tokens) if spelling.writes(tokens)]
    shares = [1 + prior for prior in heard.priors]
    if len(writers) > 2:
        signs = [_signs(heard.tokens[v].forms, heard.layout.rows[v]) for v in writers]
        same, made = [0] * count, [1] * count
        for column, times in Counter(zip(*signs, strict=True)).items():
            if None in column:
                continue
            for kind in (0, 1):
                own = [sign[kind] for sign in column if sign]
                given = len(own) - own.count("")
                for voice, sign in zip(writers, own, strict=True):
                    made[voice] += times * (given - (sign != "") + (len(own) - 1) * (sign != ""))
                    same[voice] += 2 * times * (own.count(sign) - 1) * (sign != "")
        shares = [1000 * same[v] // made[v] for v in range(count)]
    best = max((shares[v] for v in writers), default=0) or 1
    return [1 + 1000 * shares[v] ** _STEEP // best**_STEEP if v in writers else 0 for v in range(count)]


def _signs(forms: Sequence[str], row: Sequence[int]) -> list[tuple[str, str] | None]:
    """Give the mark and the capital of each form in a row."""
    known: dict[str, tuple[str, str]] = {}
    for form in forms:
        if form not in known:
            known[form] = spelling.mark_of(form), "A" if spelling.is_capital(form) else ""
    return [known[forms[place]] if place >= 0 else None for place in row]


def _silent(heard: Heard, contest: Contest, start: int, end: int, column: int) -> int:
    """Choose whom to follow where some have tokens that come to no word."""
    weights = contest.evidence.weights
    near = [row[min(column, contest.width - 1)] for row in contest.rows] if contest.width else None
    sides: dict[bool, list[int]] = {True: [], False: []}
    for voice, row in enumerate(heard.layout.rows):
        if heard.voters[voice] and (row[start] >= 0 or not near or near[voice] != UNHEARD):
            sides[row[start] >= 0].append(voice)
    stands = sum(weights[v] for v in sides[True]) > sum(weights[v] for v in sides[False])
    if end - start > _LONG and sides[False]:
        stands = False  # the rest of a loop
    group = sides[stands] or sides[not stands]
    return max(group, key=lambda v: (weights[v], -v)) if group else 0
