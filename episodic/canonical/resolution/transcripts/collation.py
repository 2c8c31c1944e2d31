"""Collation of transcripts: which belong together, which is the base, what stands beside what."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.loops import loops
from episodic.canonical.resolution.transcripts import columns
from episodic.canonical.resolution.transcripts.alignment import Interner, align, similarity
from episodic.canonical.resolution.transcripts.layout import Layout, lay_out
from episodic.canonical.resolution.transcripts.normal import Normal, normalize
from episodic.canonical.resolution.transcripts.table import Table, tabulate
from episodic.canonical.sources import Utterance
from episodic.canonical.tokens import Tokens, tokenize

# Transcripts of one conversation share most of their words; below this share of the shorter one's
# words they are not of one conversation, unless they are too short to tell.
_BELONGS: Final = 0.1
_TOO_SHORT: Final = 50


@dataclass(frozen=True, slots=True)
class Voice:
    """A transcript witness with its token stream.

    Parameters
    ----------
    interned
        The keys of its tokens, as numbers.
    normal
        What it says, in normal form.
    utterance_of
        For each token, the number of its utterance, from 0.
    """

    witness: Witness
    tokens: Tokens
    interned: array[int]
    utterance_of: array[int]
    normal: Normal

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
    family
        The voices that stand in the table, in its order.
    table, layout
        The columns of words, and those of tokens made from them.
    interner
        By which keys and words were numbered.
    language
        As a BCP 47 tag.
    """

    voices: tuple[Voice, ...]
    base: int
    rows: tuple[list[int], ...]
    spans: tuple[tuple[int, int], ...]
    copies: dict[int, int]
    apart: frozenset[int]
    shared: tuple[float, ...]
    family: tuple[int, ...]
    table: Table
    layout: Layout
    interner: Interner
    language: str | None = None

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


def collate(
    witnesses: Sequence[Witness], policy: SeriesPolicy, language: str | None = None
) -> Collation | None:
    """Collate the transcripts among the witnesses.

    Parameters
    ----------
    witnesses
        Transcripts, by falling weight.
    policy
        `SeriesPolicy.same_text_share` says what counts as a copy.
    language
        As a BCP 47 tag.

    Returns
    -------
    ``None`` when no transcript has words.
    """
    interner = Interner()
    voices = tuple(
        _voice(witness, tokens, interner, language)
        for witness in witnesses
        if (tokens := tokenize(u.text for u in witness.weighted.source.utterances)).forms
    )
    if not voices:
        return None
    copies = _copies(voices, policy.same_text_share)

    @cache
    def share(one: int, other: int) -> float:
        return 1.0 if one == other else _share(voices[one], voices[other])

    family = _family(voices, copies, share)
    base = _base(voices, family)
    streams = [interner.intern(voices[index].normal.words) for index in family]
    table = tabulate(columns.columns(streams), streams)
    normals = [voices[index].normal for index in family]
    layout = lay_out(table.rows, normals, [len(voices[index].tokens.keys) for index in family])
    width = layout.bounds[-1]
    by_index = dict(zip(family, layout.rows, strict=True))
    rows = tuple(by_index.get(index) or [-1] * width for index in range(len(voices)))
    spans = dict(zip(family, (layout.columns(*span) for span in table.reach), strict=True))
    return Collation(
        voices=voices,
        base=base,
        rows=rows,
        spans=tuple(spans.get(index, (0, 0)) for index in range(len(voices))),
        copies=copies,
        apart=frozenset(range(len(voices))) - frozenset(family),
        shared=tuple(share(min(base, index), max(base, index)) for index in range(len(voices))),
        family=tuple(family),
        table=table,
        layout=layout,
        interner=interner,
        language=language,
    )


def _voice(witness: Witness, tokens: Tokens, interner: Interner, language: str | None) -> Voice:
    utterance_of = array("I", [n for n, length in enumerate(tokens.lengths) for _ in range(length)])
    normal = normalize(tokens, language, tuple(loops(tokens.keys)))
    return Voice(witness, tokens, interner.intern(tokens.keys), utterance_of, normal)


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


def _family(voices: Sequence[Voice], copies: dict[int, int], share: Callable[[int, int], float]) -> list[int]:
    """Choose, of the sets of voices that belong together, the one with most weight."""
    families: list[list[int]] = []
    for index, voice in enumerate(voices):
        for family in families:
            leader = voices[family[0]]
            if (
                min(len(leader.interned), len(voice.interned)) < _TOO_SHORT
                or share(family[0], index) >= _BELONGS
            ):
                family.append(index)
                break
        else:
            families.append([index])
    return max(families, key=lambda family: sum(voices[i].weight for i in family if i not in copies))


def _share(one: Voice, other: Voice) -> float:
    """Share of the shorter stream's tokens that stand beside an equal one."""
    shared = sum(block.end - block.start for block in align(one.interned, other.interned) if block.equal)
    return shared / min(len(one.interned), len(other.interned))


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


def first_present(row: Sequence[int], start: int, end: int, step: int = 1) -> int | None:
    """Find the first token of a row in a range of columns, walking by `step`."""
    for index in range(start, end, step):
        if row[index] >= 0:
            return row[index]
    return None
