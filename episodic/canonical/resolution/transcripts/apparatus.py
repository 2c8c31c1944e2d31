"""Where the columns of a collation agree, where they do not, and which reading is the lemma."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from episodic.canonical.document import Verdict
from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.resolution.transcripts.vote import confident_votes, elect

# For each voice the number of its reading, the lemma's being 0.
type _Split = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
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
class Edit:
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
        `EditorialDecision.id`; ``None``: a replacement of the series.
    """

    start: int
    end: int
    text: str
    verdict: Verdict
    decision: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Run:
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
    edit: Edit | None = None


def compare(collation: Collation) -> tuple[list[Run], list[str]]:
    """Vote in every column and merge columns that split in the same way.

    Returns
    -------
    The runs, which cover all columns in order, and the form that won in each column, empty where the
    lemma has no word.
    """
    table = _forms(collation)
    votes = _votes(collation)
    runs: list[Run] = []
    lemma: list[str] = []
    for start, end in pairwise(sorted({0, len(table), *(edge for span in collation.spans for edge in span)})):
        voters = [
            index not in collation.copies and span[0] <= start and end <= span[1]
            for index, span in enumerate(collation.spans)
        ]
        for split, first, last in _splits(table, votes, voters, start, end, lemma):
            groups = _groups(split, table[first], voters, [row[first:last] for row in votes])
            runs.append(Run(first, last, groups))
    return runs, lemma


def _forms(collation: Collation) -> list[tuple[str | None, ...]]:
    """Give for each column the voices' forms: empty where absent, ``None`` where out of reach."""
    forms: list[list[str | None]] = []
    for voice, row, (start, end) in zip(collation.voices, collation.rows, collation.spans, strict=True):
        own = [*voice.tokens.forms, ""]
        column_forms: list[str | None] = [own[place] for place in row]
        for outside in (range(start), range(end, len(row))):
            for index in outside:
                column_forms[index] = column_forms[index] or None
        forms.append(column_forms)
    return list(zip(*forms, strict=True))


def _votes(collation: Collation) -> list[list[int]]:
    """Give for each voice its vote in each column."""
    votes: list[list[int]] = []
    for voice, row in zip(collation.voices, collation.rows, strict=True):
        confident = confident_votes(voice.weight, voice.utterances, voice.tokens)
        if confident is None:
            votes.append([voice.weight] * len(row))
        else:
            by_place = [*confident, voice.weight]  # absence has the mean vote
            votes.append([by_place[place] for place in row])
    return votes


def _splits(
    table: Sequence[tuple[str | None, ...]],
    votes: Sequence[Sequence[int]],
    voters: Sequence[bool],
    start: int,
    end: int,
    lemma: list[str],
) -> Iterator[tuple[_Split, int, int]]:
    """Yield the splits of the voices with the columns that they hold for; append each column's lemma."""
    agreed = (0,) * len(voters)
    ballots = list(zip(*votes, strict=True))
    known: dict[tuple[tuple[str | None, ...], tuple[int, ...]], tuple[_Split, str]] = {}
    current, since = agreed, start
    for index in range(start, end):
        forms = table[index]
        if forms.count(forms[0]) == len(forms):
            split, won = agreed, forms[0] or ""
        else:
            case = forms, ballots[index]
            if case not in known:
                cast = [vote if votes else None for vote, votes in zip(ballots[index], voters, strict=True)]
                winner = elect(forms, cast)
                numbers: dict[str | None, int] = {winner: 0}
                known[case] = (
                    tuple([numbers.setdefault(form, len(numbers)) for form in forms]),
                    winner or "",
                )
            split, won = known[case]
        lemma.append(won)
        if split != current:
            if index > since:
                yield current, since, index
            current, since = split, index
    if end > since:
        yield current, since, end


def _groups(
    split: _Split, forms: Sequence[str | None], voters: Sequence[bool], votes: Sequence[Sequence[int]]
) -> tuple[Group, ...]:
    if not any(split):
        return ()
    members: dict[int, list[int]] = {}
    for index, number in enumerate(split):
        members.setdefault(number, []).append(index)
    groups = {
        number: Group(
            tuple(voices),
            sum(sum(votes[index]) // len(votes[index]) for index in voices if voters[index]),
            forms[voices[0]] is None,
        )
        for number, voices in members.items()
    }
    others = [group for number, group in groups.items() if number]
    return (groups[0], *sorted(others, key=lambda group: (-group.weight, group.voices)))
