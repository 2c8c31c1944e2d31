"""Collation of transcripts: which belong together, which is the base, what stands beside what."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.transcripts.alignment import (
    ABSENT,
    Block,
    Vocabulary,
    align,
    columns,
    similarity,
)
from episodic.canonical.resolution.transcripts.refinement import refine
from episodic.canonical.sources import Utterance
from episodic.canonical.tokens import Tokens, tokenize

# Transcripts of one conversation share most of their words; below this share of the shorter one's
# words they are not of one conversation, unless they are too short to tell.
_BELONGS: Final = 0.1
_TOO_SHORT: Final = 50
# Before its first and after its last shared word a witness covers what the others have there when they
# have no more than ten words there, and ten more for each of its own.
_EDGE: Final = 10


@dataclass(frozen=True, slots=True)
class Voice:
    """A transcript witness with its token stream.

    Parameters
    ----------
    interned
        The stream with one character a token.
    utterance_of
        For each token, the number of its utterance, from 0.
    """

    witness: Witness
    tokens: Tokens
    interned: str
    utterance_of: tuple[int, ...]

    @property
    def siglum(self) -> str:
        """The witness's siglum."""
        return self.witness.siglum

    @property
    def weight(self) -> int:
        """The witness's weight in thousandths."""
        return self.witness.weighted.weight

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """The witness's utterances."""
        return self.witness.weighted.source.utterances


@dataclass(frozen=True, slots=True)
class Collation:
    """Transcripts in columns.

    Parameters
    ----------
    voices
        By siglum, that is by falling weight.
    base
        Index of the voice that gives the bounds of utterances.
    rows
        For each voice, its token in each column, or -1.
    spans
        For each voice, the columns that it covers: the first, and the one after the last.
    copies
        For each voice that is a copy of a heavier one in other packaging, the index of that one.
    apart
        Voices that do not belong to the same conversation; they have no tokens in the columns.
    shared
        For each voice, the share of its words that the base has in the same column.
    """

    voices: tuple[Voice, ...]
    base: int
    rows: tuple[list[int], ...]
    spans: tuple[tuple[int, int], ...]
    copies: dict[int, int]
    apart: frozenset[int]
    shared: tuple[float, ...]

    def tokens_in(self, voice: int, start: int, end: int) -> range:
        """Give the tokens of a voice in a range of columns; they follow one another."""
        places = [place for place in self.rows[voice][start:end] if place >= 0]
        return range(places[0], places[-1] + 1) if places else range(0)

    def text_in(self, voice: int, start: int, end: int) -> str:
        """Give what a voice has in a range of columns, as it spells it."""
        tokens = self.tokens_in(voice, start, end)
        return "".join(self.voices[voice].tokens.forms[tokens.start : tokens.stop])

    def key_in(self, voice: int, start: int, end: int) -> str:
        """Give what a voice says in a range of columns, without case, punctuation and spacing."""
        tokens = self.tokens_in(voice, start, end)
        return "".join(self.voices[voice].tokens.keys[tokens.start : tokens.stop])


def collate(witnesses: Sequence[Witness], policy: SeriesPolicy) -> Collation | None:
    """Collate the transcripts among the witnesses.

    Parameters
    ----------
    witnesses
        Transcripts, by falling weight.
    policy
        `SeriesPolicy.same_text_share` says what counts as a copy.

    Returns
    -------
    ``None`` when no transcript has words.
    """
    vocabulary = Vocabulary()
    voices = tuple(
        _voice(witness, tokens, vocabulary)
        for witness in witnesses
        if (tokens := tokenize(u.text for u in witness.weighted.source.utterances)).forms
    )
    if not voices:
        return None
    aligner = cache(align)
    copies = _copies(voices, policy.same_text_share)
    family = _family(voices, copies, aligner)
    base = _base(voices, family)
    order = [base, *(index for index in family if index != base)]
    streams = [voices[index].interned for index in order]
    collated = refine(columns(streams, aligner), streams)
    width = len(collated[0])
    by_index = dict(zip(order, collated, strict=True))
    rows = tuple(by_index.get(index) or [-1] * width for index in range(len(voices)))
    return Collation(
        voices=voices,
        base=base,
        rows=rows,
        spans=_spans(voices, family, rows),
        copies=copies,
        apart=frozenset(range(len(voices))) - frozenset(family),
        shared=tuple(_share(voices[base].interned, voice.interned, aligner) for voice in voices),
    )


def _voice(witness: Witness, tokens: Tokens, vocabulary: Vocabulary) -> Voice:
    utterance_of = tuple(number for number, length in enumerate(tokens.lengths) for _ in range(length))
    return Voice(witness, tokens, vocabulary.intern(tokens.keys), utterance_of)


def _copies(voices: Sequence[Voice], share: float) -> dict[int, int]:
    """Find for each copy the heaviest voice that it copies."""
    copies: dict[int, int] = {}
    for index, voice in enumerate(voices):
        for earlier in range(index):
            if earlier not in copies and (
                similarity(voices[earlier].interned, voice.interned, at_least=share) >= share
            ):
                copies[index] = earlier
                break
    return copies


type _Aligner = Callable[[str, str], list[Block]]


def _family(voices: Sequence[Voice], copies: dict[int, int], aligner: _Aligner) -> list[int]:
    """Choose, of the sets of voices that belong together, the one with most weight."""
    families: list[list[int]] = []
    for index, voice in enumerate(voices):
        for family in families:
            leader = voices[family[0]].interned
            if (
                min(len(leader), len(voice.interned)) < _TOO_SHORT
                or _share(leader, voice.interned, aligner) >= _BELONGS
            ):
                family.append(index)
                break
        else:
            families.append([index])
    return max(families, key=lambda family: sum(voices[i].weight for i in family if i not in copies))


def _share(one: str, other: str, aligner: _Aligner) -> float:
    """Share of the shorter stream's tokens that stand beside an equal one."""
    shared = sum(block.end - block.start for block in aligner(one, other) if block.equal)
    return shared / min(len(one), len(other))


def _base(voices: Sequence[Voice], family: Sequence[int]) -> int:
    """Take the heaviest; of several, the one that agrees most with the others; then the first."""
    heaviest = max(voices[index].weight for index in family)
    candidates = [index for index in family if voices[index].weight == heaviest]
    if len(candidates) == 1:
        return candidates[0]

    def agreement(index: int) -> float:
        own = voices[index].interned
        return sum(similarity(own, voices[other].interned, at_least=0) for other in family if other != index)

    return max(candidates, key=agreement)


def _spans(
    voices: Sequence[Voice], family: Sequence[int], rows: Sequence[Sequence[int]]
) -> tuple[tuple[int, int], ...]:
    """Find the columns that each voice covers, and so can vote in."""
    width = len(rows[0])
    cells = [list(map((voices[index].interned + ABSENT).__getitem__, rows[index])) for index in family]
    spans: dict[int, tuple[int, int]] = dict.fromkeys(range(len(voices)), (0, 0))
    for number, index in enumerate(family):
        own, others = cells[number], cells[:number] + cells[number + 1 :]
        first = next(_shared_columns(own, others, range(width)), None)
        last = next(_shared_columns(own, others, range(width - 1, -1, -1)), None)
        if first is None or last is None:
            spans[index] = 0, width
            continue
        spans[index] = (
            0 if _reaches(own[:first], [other[:first] for other in others]) else first,
            width if _reaches(own[last + 1 :], [other[last + 1 :] for other in others]) else last + 1,
        )
    return tuple(spans.values())


def _shared_columns(
    own: Sequence[str], others: Sequence[Sequence[str]], indices: Iterable[int]
) -> Iterator[int]:
    """Yield the columns in which some other voice has the same word."""
    for index in indices:
        if own[index] != ABSENT and any(other[index] == own[index] for other in others):
            yield index


def _reaches(own: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether a voice has enough words at an edge to have heard what the others have there."""
    words = len(own) - own.count(ABSENT)
    return all(len(other) - other.count(ABSENT) <= _EDGE * (words + 1) for other in others)


def first_present(row: Sequence[int], start: int, end: int, step: int = 1) -> int | None:
    """Find the first token of a row in a range of columns, walking by `step`."""
    for index in range(start, end, step):
        if row[index] >= 0:
            return row[index]
    return None
