"""Where the columns of a collation agree, where they do not, and which reading is the lemma.

In each cell of the layout the lemma is the form of the witness that is followed there (`choice`), and the
witnesses split by their forms. Neighbouring cells merge where the witnesses split in the same way, whoever
is followed.
"""

import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final, NamedTuple

from episodic.canonical.document import Verdict
from episodic.canonical.editing.additions import Addition
from episodic.canonical.resolution.transcripts.choice import Choice, choose
from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.resolution.transcripts.confidence import factors
from episodic.canonical.resolution.transcripts.constants import Constants
from episodic.canonical.resolution.transcripts.contest import Heard
from episodic.canonical.resolution.transcripts.table import columns_of, uneven
from episodic.canonical.resolution.transcripts.timing import VoiceTiming

# Columns on each side of a passage in which two clocks are compared.
_BESIDE: Final = 12

# For each voice the number of its reading, the lemma's being 0.
type _Split = tuple[int, ...]
# What a witness writes in each column; empty where it is silent, `None` where nothing is heard of it.
type _Written = list[str | None]


class Group(NamedTuple):
    """Voices that have one reading, with what they got in the vote.

    Parameters
    ----------
    voices
        Indices, by falling weight.
    lacuna
        Whether they have nothing because they do not reach here.
    """

    voices: tuple[int, ...]
    weight: int
    lacuna: bool


@dataclass(frozen=True, slots=True)
class Override:
    """Columns whose outcome is no matter of the vote.

    Parameters
    ----------
    start, end
        The first column, and the one after the last; equal where no witness has a word.
    text
        What stands there, spelled as tokens.
    verdict
        By whom; its authority is an emendation when no voice has the text.
    decision
        `EditorialDecision.id`; ``None``: a replacement, or the style, of the series.
    turns
        Where the text is turns of their own.
    """

    start: int
    end: int
    text: str
    verdict: Verdict
    decision: uuid.UUID | None = None
    turns: tuple[Addition, ...] = ()


class Run(NamedTuple):
    """Adjacent columns in which the voices agree, or split in one way.

    Parameters
    ----------
    start, end
        The first column, and the one after the last.
    groups
        The lemma's first, the others by falling weight; none where all agree.
    edit
        What overruled the vote; the lemma is a group's only if its authority is a decision.
    """

    start: int
    end: int
    groups: tuple[Group, ...]
    edit: Override | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """The runs, which cover all columns; the form of the lemma in each column; the choice behind it."""

    runs: tuple[Run, ...]
    lemma: tuple[str, ...]
    choice: Choice


def compare(
    collation: Collation,
    names: frozenset[str] = frozenset(),
    learned: frozenset[str] = frozenset(),
    constants: Constants | None = None,
) -> Compared:
    """Choose the lemma in every cell, and merge cells that split in the same way.

    Parameters
    ----------
    names, learned
        Keys of words that the episode's papers have, and those of other episodes.
    constants
        Of the score; ``None``: those of the table.
    """
    heard = heard_of(collation, names, learned)
    choice = choose(heard, _Room(collation).share, constants)
    weights = [
        0 if index in collation.copies else voice.weight for index, voice in enumerate(collation.voices)
    ]
    runs: list[Run] = []
    lemma: list[str] = []
    for split, start, end in _splits(collation, choice, heard, lemma):
        runs.append(Run(start, end, _groups(split, collation, weights, start, end)))
    return Compared(tuple(runs), tuple(lemma), choice)


def heard_of(
    collation: Collation, names: frozenset[str] = frozenset(), learned: frozenset[str] = frozenset()
) -> Heard:
    """Give what is compared of a collation."""
    voices = [collation.voices[index] for index in collation.family]
    return Heard(
        table=collation.table,
        layout=collation.layout,
        tokens=[voice.tokens for voice in voices],
        written=[collation.written(index) for index in collation.family],
        interner=collation.interner,
        spelled=list(collation.interner),
        voters=[collation.original(index) == index for index in collation.family],
        priors=[voice.weight for voice in voices],
        confidences=[
            factors(voice.utterances, voice.tokens, normal)
            for voice, normal in zip(voices, collation.normals, strict=True)
        ],
        displaced=collation.displaced,
        language=collation.language,
        names=names,
        learned=learned,
        trusted=[voice.witness.weighted.trusted for voice in voices],
        edited=[voice.witness.weighted.edited for voice in voices],
    )


class _Room:
    """Tells whether a voice's clock has room for what it lacks."""

    def __init__(self, collation: Collation) -> None:
        self._rows = collation.table.rows
        self._columns = list(map(columns_of, self._rows))
        self._normals = collation.normals
        self._timings = [VoiceTiming(collation.voices[index]) for index in collation.family]

    def share(self, voice: int, start: int, end: int) -> float | None:
        """Give the share of a passage's time that a voice's clock has for it; ``None``: nobody knows."""
        for other, (row, columns) in enumerate(zip(self._rows, self._columns, strict=True)):
            spoken = columns[bisect_left(columns, start) : bisect_left(columns, end)]
            if other == voice or 2 * len(spoken) < end - start:
                continue
            before = self._both(voice, other, range(start - 1, max(-1, start - _BESIDE), -1))
            after = self._both(voice, other, range(end, min(len(row), end + _BESIDE)))
            if before is None or after is None:
                continue
            own = self._between(voice, before, after)
            its = self._between(other, before, after)
            inside = self._between(other, spoken[0], spoken[-1])
            if own is not None and its is not None and inside:
                return 1 - (its - own) / inside
        return None

    def _both(self, one: int, other: int, columns: range) -> int | None:
        """Find the farthest column of a range in which both speak."""
        found = [c for c in columns if self._rows[one][c] >= 0 and self._rows[other][c] >= 0]
        return found[-1] if found else None

    def _between(self, voice: int, start: int, end: int) -> float | None:
        normal, timing = self._normals[voice], self._timings[voice]
        first = timing.start(normal.starts[self._rows[voice][start]])
        last = timing.start(normal.starts[self._rows[voice][end]])
        return None if first is None or last is None else last - first


def _splits(
    collation: Collation, choice: Choice, heard: Heard, lemma: list[str]
) -> Iterator[tuple[_Split, int, int]]:
    """Yield the splits of the witnesses with the columns that they hold for; append each column's lemma."""
    known = dict(zip(collation.family, heard.written, strict=True))
    forms = [known.get(index) or collation.written(index) for index in range(collation.witnesses)]
    written = [_written(collation.spans[index], own) for index, own in enumerate(forms)]
    edges = {edge for spans in collation.spans[: collation.witnesses] for span in spans for edge in span}
    for begin, after in pairwise(sorted({0, *edges, collation.layout.bounds[-1]})):
        pieces = _pieces(collation, choice.leaders, written, begin, after)
        for split, group in groupby(pieces, key=itemgetter(0)):
            own = list(group)
            for _, start, end, first in own:
                lemma += forms[first][start:end]
            yield split, own[0][1], own[-1][2]


def _written(spans: Sequence[tuple[int, int]], forms: Sequence[str]) -> _Written:
    """Tell the silence of a witness from where it is not heard."""
    written: _Written = [*forms]
    done = 0
    for start, end in (*spans, (len(forms), len(forms))):
        written[done:start] = [form or None for form in forms[done:start]]
        done = end
    return written


def _pieces(
    collation: Collation, leaders: Sequence[int], written: Sequence[_Written], begin: int, after: int
) -> Iterator[tuple[_Split, int, int, int]]:
    """Cut the columns between two edges into cells, or more where all who are heard write the same.

    Yields
    ------
    The split, the columns, and the witness that has the lemma.
    """
    bounds = collation.layout.bounds
    heard = [index for index, forms in enumerate(written) if any(f is not None for f in forms[begin:after])]
    usual = tuple([int(index not in heard) for index in range(len(written))])
    leading = {v for v in collation.family if not set(heard).isdisjoint(collation.voices[v].thread.members)}
    first_cell, after_cell = bisect_right(bounds, begin) - 1, bisect_left(bounds, after)
    differing = (begin + at for at in uneven([written[index][begin:after] for index in heard]))
    cells = collation.layout.cells(differing)
    if leading != set(collation.family):
        cells.update(
            cell for cell in range(first_cell, after_cell) if collation.family[leaders[cell]] not in leading
        )
    done = begin
    for cell in sorted(cells):
        start, end = max(begin, bounds[cell]), min(after, bounds[cell + 1])
        leader = collation.family[leaders[cell]]
        if start > done:
            yield usual, done, start, heard[0]
        forms = [own[start] for own in written]
        if end > start + 1:
            forms = ["".join(filter(None, own[start:end])) or own[start] for own in written]
        first = _first(collation, leader, start, end)
        numbers = {forms[first]: 0}
        yield tuple([numbers.setdefault(form, len(numbers)) for form in forms]), start, end, first
        done = end
    if after > done:
        yield usual, done, after, heard[0]


def _first(collation: Collation, leader: int, start: int, end: int) -> int:
    """Find the witness whose words a voice has in a cell, or who is silent for it there."""
    members = collation.voices[leader].thread.members
    if len(members) == 1:
        return members[0]
    having = (index for index in members if max(collation.rows[index][start:end]) >= 0)
    hearing = (index for index in members if collation.hears(index, start, end))
    return next(having, next(hearing, members[0]))


def _groups(
    split: _Split, collation: Collation, weights: Sequence[int], start: int, end: int
) -> tuple[Group, ...]:
    if not any(split):
        return ()
    members: dict[int, list[int]] = {}
    for index, number in enumerate(split):
        members.setdefault(number, []).append(index)
    groups: dict[int, Group] = {}
    for number, voices in members.items():
        absent = max(collation.rows[voices[0]][start:end]) < 0
        lacuna = absent and not any(collation.hears(index, start, end) for index in voices)
        weight = 0 if lacuna else sum(map(weights.__getitem__, voices))
        groups[number] = Group(tuple(voices), weight, lacuna)
    others = [group for number, group in groups.items() if number]
    return (groups[0], *sorted(others, key=lambda group: (-group.weight, group.voices)))
