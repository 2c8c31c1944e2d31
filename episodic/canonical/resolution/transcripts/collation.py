"""Collation of transcripts: which belong together, which is the base, what stands beside what."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby, repeat
from typing import Final

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.people import Mention
from episodic.canonical.resolution.transcripts import columns
from episodic.canonical.resolution.transcripts.alignment import Interner, anchored_similarity, similarity
from episodic.canonical.resolution.transcripts.displaced import Displaced, displaced
from episodic.canonical.resolution.transcripts.kinship import Kinship
from episodic.canonical.resolution.transcripts.layout import Layout, lay_out
from episodic.canonical.resolution.transcripts.normal import Normal, joined, normalize
from episodic.canonical.resolution.transcripts.table import Table, columns_of, extended, tabulate
from episodic.canonical.resolution.transcripts.weaving import Thread, alone, threads
from episodic.canonical.sources import Utterance
from episodic.canonical.text.labels import is_label
from episodic.canonical.text.loops import loops
from episodic.canonical.text.tokens import Tokens, printable, tokenize

# Of the heaviest's words, what one needs to give the bounds of utterances in its place.
_WHOLE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Voice:
    """A transcript with its token stream: a witness, or several that make one transcript together.

    Parameters
    ----------
    witness
        The heaviest, where there are several.
    thread
        The utterances, and of which witness each is.
    interned
        The keys of its tokens, as numbers.
    utterance_of
        For each token, the number of its utterance, from 0.
    muted
        Its tokens that only repeat those before them.
    """

    witness: Witness
    thread: Thread
    tokens: Tokens
    interned: array[int]
    utterance_of: array[int]
    muted: Sequence[int]

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
        """The utterances, on the clock of the thread."""
        return self.thread.utterances


@dataclass(frozen=True, slots=True)
class Collation:
    """Transcripts in columns.

    Parameters
    ----------
    voices
        A voice for each witness, by siglum, that is by falling weight; after them one for each thread of
        several witnesses.
    witnesses
        How many witnesses there are.
    base
        Index of the voice that gives the bounds of utterances.
    rows
        For each voice, its token in each column, or -1.
    columns
        For each voice, the column of each of its tokens that stand in one.
    spans
        For each voice, the ranges of columns in which it is heard: the first, and the one after the last. In
        a thread each witness is heard in its turns.
    copies
        For each witness that is a copy of a heavier one in other packaging, the index of that one.
    apart
        Witnesses that do not belong to the same conversation; they have no tokens in the columns.
    likeness
        For each witness that is apart, the share of its phrases that the base has.
    family
        The voices that stand in the table, in its order.
    threads
        For each witness, the voice that speaks for it in the table.
    displaced
        What a voice has in another place than the others, or twice; in columns of the table.
    normals
        What each of the family says, in normal form.
    table, layout
        The columns of words, and those of tokens made from them.
    interner
        By which keys and words were numbered.
    language
        As a BCP 47 tag.
    """

    voices: tuple[Voice, ...]
    witnesses: int
    base: int
    rows: tuple[array[int], ...]
    columns: tuple[array[int], ...]
    spans: tuple[tuple[tuple[int, int], ...], ...]
    copies: dict[int, int]
    apart: frozenset[int]
    likeness: dict[int, float]
    family: tuple[int, ...]
    threads: tuple[int, ...]
    displaced: tuple[Displaced, ...]
    normals: Sequence[Normal]
    table: Table
    layout: Layout
    interner: Interner
    language: str | None = None

    @property
    def tracks(self) -> frozenset[Mention]:
        """Whom witnesses name by their files alone."""
        called = (each.thread.called for each in self.voices[self.witnesses :])
        return frozenset((self.voices[index].siglum, name) for own in called for index, name in own.items())

    def hears(self, voice: int, start: int, end: int) -> bool:
        """Whether a voice is heard in all of a range of columns."""
        spans = self.spans[voice]
        at = bisect_right(spans, (start, len(self.rows[self.base]) + 1)) - 1
        return at >= 0 and spans[at][0] <= start and end <= spans[at][1]

    def original(self, voice: int) -> int:
        """Give the voice in the table that one copies; itself, when it copies none."""
        first = self.voices[voice].thread.members[0]
        return self.threads[self.copies[first]] if first in self.copies else voice

    def siglum(self, voice: int, utterance: int) -> str:
        """Give the siglum of the witness that an utterance of a voice is of."""
        return self.voices[self.voices[voice].thread.owner[utterance]].siglum

    def mention(self, voice: int, utterance: int) -> Mention | None:
        """Give whom an utterance of a voice names as its speaker."""
        speaker = self.voices[voice].utterances[utterance].speaker
        return (self.siglum(voice, utterance), printable(speaker)) if speaker else None

    def tokens_in(self, voice: int, start: int, end: int) -> range:
        """Give the tokens of a voice in a range of columns; they follow one another."""
        row = self.rows[voice]
        if start < end and row[start] >= 0 <= row[end - 1]:
            return range(row[start], row[end - 1] + 1)
        places = [place for place in row[start:end] if place >= 0]
        return range(places[0], places[-1] + 1) if places else range(0)

    def written(self, voice: int) -> list[str]:
        """Give what a voice writes in each column; empty where it has nothing."""
        return list(map([*self.voices[voice].tokens.forms, ""].__getitem__, self.rows[voice]))

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
    spoken = [w for w in witnesses if any(printable(u.text) for u in w.weighted.source.utterances)]
    if not spoken:
        return None
    own = [_voice(spoken, alone(index, each), interner) for index, each in enumerate(spoken)]
    kinship = Kinship([voice.interned for voice in own])
    made = threads(spoken, kinship)
    families = kinship.families([thread.members for thread in made])
    members = families[0]
    if len(families) > 1:
        members = max(families, key=lambda family: _weight(own, family, policy.same_text_share))
    several = [t for t in made if len(t.members) > 1 and t.members[0] in members]
    voices = (*own, *(_voice(spoken, thread, interner) for thread in several))
    threads_of = list(range(len(own)))
    for number, thread in enumerate(several, len(own)):
        for member in thread.members:
            threads_of[member] = number
    family = list(dict.fromkeys(threads_of[index] for index in members))
    copies = _copies(voices, family, policy.same_text_share)
    base = _base(voices, family)
    normals = [_normal(voices[index], interner, language) for index in family]
    streams = [normal.words for normal in normals]
    voters = [index not in copies for index in family]
    table, away = _tabulated(streams, voters, [voices[index].weight for index in family])
    layout = lay_out(table.rows, normals, [len(voices[index].tokens.keys) for index in family])
    apart = sorted(set(range(len(own))).difference(members))
    rows, spans = _placed(voices, family, table, layout)
    return Collation(
        voices=voices,
        witnesses=len(own),
        base=base,
        rows=rows,
        columns=tuple(map(columns_of, rows)),
        spans=spans,
        copies={
            index: voices[copies[threads_of[index]]].thread.members[0]
            for index in range(len(own))
            if threads_of[index] in copies
        },
        apart=frozenset(apart),
        likeness={index: kinship.likeness(min(voices[base].thread.members), index) for index in apart},
        family=tuple(family),
        threads=tuple(threads_of),
        displaced=away,
        normals=normals,
        table=table,
        layout=layout,
        interner=interner,
        language=language,
    )


def _tabulated(
    streams: Sequence[array[int]], voters: Sequence[bool], weights: Sequence[int]
) -> tuple[Table, tuple[Displaced, ...]]:
    """Lay the words of a family into columns; what some of them have elsewhere is silence here."""
    table = tabulate(columns.columns(streams), streams)
    away = displaced(table, voters, weights)
    for each in away:
        for voice in each.silent:
            table = extended(table, voice, each.start, each.end)
    return table, away


def _voice(spoken: Sequence[Witness], thread: Thread, interner: Interner) -> Voice:
    tokens = tokenize(u.text for u in thread.utterances)
    numbered = map(repeat, range(len(tokens.lengths)), tokens.lengths, strict=True)
    utterance_of = array("I")
    utterance_of.fromlist(list(chain.from_iterable(numbered)))  # takes half the time of an iterator
    witness = spoken[min(thread.members)]
    return Voice(witness, thread, tokens, interner.intern(tokens.keys), utterance_of, _muted(thread, tokens))


def _muted(thread: Thread, tokens: Tokens) -> list[int]:
    """Find the tokens that only repeat those of the same witness before them."""
    if len(thread.members) == 1:
        return [at for again in loops(tokens.keys) for at in again]
    owners = thread.owners(tokens.lengths)
    found: list[int] = []
    for member in thread.members:
        own = [token for token, owner in enumerate(owners) if owner == member]
        found += [own[at] for again in loops([tokens.keys[token] for token in own]) for at in again]
    return sorted(found)


def _normal(voice: Voice, interner: Interner, language: str | None) -> Normal:
    """Bring a voice into normal form; what two witnesses say in turn makes no number together."""
    tokens, interned, muted = voice.tokens, voice.interned, voice.muted
    if len(voice.thread.members) == 1:
        return normalize(tokens, interned, interner, language, muted)
    owners = voice.thread.owners(tokens.lengths)
    turns: list[Normal] = []
    lengths: list[int] = []
    first = 0
    for _, group in groupby(owners):
        length = sum(1 for _ in group)
        end = first + length
        silent = muted[bisect_left(muted, first) : bisect_left(muted, end)]
        turn = Tokens(tokens.forms[first:end], tokens.keys[first:end], (length,))
        turns.append(normalize(turn, interned[first:end], interner, language, [at - first for at in silent]))
        lengths.append(length)
        first = end
    return joined(turns, lengths)


def _weight(voices: Sequence[Voice], family: Sequence[int], share: float) -> int:
    """Add up the weights of the witnesses of a family that copy no other."""
    copies = _copies(voices, family, share)
    return sum(voices[index].weight for index in family if index not in copies)


def _copies(voices: Sequence[Voice], family: Sequence[int], share: float) -> dict[int, int]:
    """Find for each copy the heaviest voice that it copies."""
    copies: dict[int, int] = {}
    for at, index in enumerate(family):
        for earlier in family[:at]:
            if earlier not in copies and (
                similarity(voices[earlier].interned, voices[index].interned, at_least=share) >= share
            ):
                copies[index] = earlier
                break
    return copies


def _base(voices: Sequence[Voice], family: Sequence[int]) -> int:
    """Take the one that tells turns best; then the heaviest, the one most like the others, the first."""
    size = len(voices[max(family, key=lambda index: voices[index].weight)].tokens.forms)
    whole = [index for index in family if _WHOLE * size <= len(voices[index].tokens.forms)]
    turns = {index: _turns(voices[index]) for index in whole}
    whole = [index for index in whole if turns[index] == max(turns.values())]
    heaviest = max(voices[index].weight for index in whole)
    candidates = [index for index in whole if voices[index].weight == heaviest]
    if len(candidates) == 1:
        return candidates[0]

    def agreement(index: int) -> float:
        own = voices[index].interned
        return sum(anchored_similarity(own, voices[other].interned) for other in family if other != index)

    return max(candidates, key=agreement)


def _turns(voice: Voice) -> int:
    """Say how well a voice tells turns: 2 by names that change, 1 by labels, 0 by marks or not at all."""
    by_file = voice.thread.called.values()
    names: dict[str, int] = {}
    for utterance, length in zip(voice.utterances, voice.tokens.lengths, strict=True):
        if utterance.speaker:
            names[utterance.speaker] = names.get(utterance.speaker, 0) + length
    for rank, found in ((2, [n for n in names if not is_label(n) and n not in by_file]), (1, list(names))):
        if len(found) > 1 and 2 * sum(names[name] for name in found) >= len(voice.tokens.forms):
            return rank
    return 0


def _placed(
    voices: Sequence[Voice], family: Sequence[int], table: Table, layout: Layout
) -> tuple[tuple[array[int], ...], tuple[tuple[tuple[int, int], ...], ...]]:
    """Give each voice its tokens by column, and the columns in which it is heard."""
    rows = dict(zip(family, layout.rows, strict=True))
    nothing = array("i", [-1]) * layout.bounds[-1]
    spans = {index: (layout.columns(*span),) for index, span in zip(family, table.reach, strict=True)}
    for index in family:
        thread = voices[index].thread
        if len(thread.members) > 1:
            (first, end), row = spans[index][0], rows[index]
            owners = thread.owners(voices[index].tokens.lengths)
            said = dict.fromkeys(thread.members, 0)
            own = {member: array("i", nothing) for member in thread.members}
            heard: dict[int, list[tuple[int, int]]] = {member: [] for member in thread.members}
            since, last = first, owners[0]
            for column, token in enumerate(row):
                if token < 0:
                    continue
                owner = owners[token]
                own[owner][column] = said[owner]
                said[owner] += 1
                if owner != last:
                    heard[last].append((since, column))
                    since, last = column, owner
            heard[last].append((since, end))
            rows |= own
            spans |= {member: tuple(ranges) for member, ranges in heard.items()}
    return (
        tuple(rows.get(index, nothing) for index in range(len(voices))),
        tuple(spans.get(index, ()) for index in range(len(voices))),
    )
