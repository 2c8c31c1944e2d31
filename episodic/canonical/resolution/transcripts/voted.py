"""The voted text: what the columns of a collation come to, its entries, and the address of each.

1. `vote` collates the transcripts and lets the witnesses vote, once; nothing in it depends on editors.
2. `Voted.entries` cuts the runs at the edits that are in force, and then where utterances begin. What
   is left between two cuts is an entry: words in one utterance, or a passage made of utterances.
3. Where the witnesses differ an entry has an address. It depends on the words alone, so that it is the same
   after each vote that comes to the same words.

An editor's decision goes this way: address, entry, columns, edit (`editors/places`); and the text is
written from the entries (`transcript`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, NamedTuple

from episodic.canonical.document import Authority, Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.editing.addresses import Names, clock, fingerprint
from episodic.canonical.resolution.transcripts.apparatus import Override, Run, compare
from episodic.canonical.resolution.transcripts.bounds import Bounds, Owner
from episodic.canonical.resolution.transcripts.clocks import Clocks
from episodic.canonical.resolution.transcripts.collation import Collation, collate
from episodic.canonical.resolution.transcripts.overruling import overrule
from episodic.canonical.resolution.transcripts.spelling import names_among
from episodic.canonical.sources import SourceType
from episodic.canonical.text.known import looked_up
from episodic.canonical.text.tokens import KEYS

# A variation over the bounds of utterances is one entry from this many words on; a shorter one is
# split at the bounds, where it reads better than as utterances of one or two words.
_PASSAGE: Final = 8
# Words of the lemma that an address knows on each side.
_CONTEXT: Final = 3


class Entry(NamedTuple):
    """Columns that become one piece of the transcript.

    Parameters
    ----------
    run
        Of which it is all or a part.
    start, end
        The first column, and the one after the last.
    owner
        The utterance that it belongs to; ``None``: it is a passage, made of utterances.
    said
        The key of what each group says; empty where all agree.
    time
        When it is said, in seconds; ``None``: not known, or all agree.
    address
        ``None`` where all agree.
    """

    run: Run
    start: int
    end: int
    owner: Owner | None
    said: tuple[str, ...] = ()
    time: float | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Voted:
    """What the vote made of a collation.

    Parameters
    ----------
    runs
        That cover all columns, in order.
    lemma
        The form that won in each column.
    keys
        What it says there.
    clocks
        When it is said.
    bounds
        Where utterances begin.
    agreement
        For each voice of the family, of the places in which witnesses split: how often the side that won was
        its own, and how many there were.
    learned
        Names of other episodes for which a place has another reading than it had without them, by key.
    said
        All names of other episodes that its transcripts have.
    """

    collation: Collation
    runs: tuple[Run, ...]
    lemma: tuple[str, ...]
    keys: tuple[str, ...]
    clocks: Clocks
    bounds: Bounds
    agreement: tuple[tuple[int, int], ...]
    learned: Mapping[str, str] = field(default_factory=dict[str, str])
    said: tuple[str, ...] = ()

    def entries(self, edits: Sequence[Override]) -> Iterator[Entry]:
        """Yield what the transcript is made of while edits are in force.

        Parameters
        ----------
        edits
            In the order of columns, none over another.
        """
        names = Names()
        for run in overrule(self.collation, self.runs, edits):
            if run.groups and self._is_passage(run):
                yield self._varied(run, run.start, run.end, None, names)
                continue
            for start, end, owner in self.bounds.pieces(run.start, run.end):
                if run.groups:
                    yield self._varied(run, start, end, owner, names)
                else:
                    yield Entry(run, start, end, owner)

    def cut(self, columns: Sequence[int]) -> Voted:
        """Begin parts of utterances at columns."""
        return replace(self, bounds=Bounds(self.collation, self.lemma, columns)) if columns else self

    def utterances(self) -> Iterator[tuple[int, int, Owner]]:
        """Yield the columns of the canonical text's utterances, and whose they are."""
        return self.bounds.pieces(0, len(self.lemma))

    def _is_passage(self, run: Run) -> bool:
        """Whether a variation is made of utterances, not of words in one."""
        if run.edit and run.edit.turns:
            return True
        if run.edit and (len(run.groups) == 1 or run.edit.verdict.authority is not Authority.DECISION):
            return False
        if run.end - run.start >= _PASSAGE and self.bounds.cross(run.start, run.end):
            return True
        if self.collation.tokens_in(self.collation.base, run.start, run.end):
            return False
        return any(
            self.clocks.has_whole_utterance(group.voices[0], run.start, run.end) for group in run.groups
        )

    def _varied(self, run: Run, start: int, end: int, owner: Owner | None, names: Names) -> Entry:
        """Make an entry where the witnesses differ, and number its address when there are several such."""
        said = tuple(self.collation.key_in(group.voices[0], start, end) for group in run.groups)
        time = self.clocks.at(start)
        content = (
            *self._context(range(start - 1, -1, -1)),
            "|",
            *sorted(set(said)),
            "|",
            *self._context(range(end, len(self.keys))),
        )
        address = names.unique(f"{clock(time)}/{fingerprint(content)}")
        return Entry(run, start, end, owner, said, time, address)

    def _context(self, columns: Iterable[int]) -> Iterator[str]:
        """Find the nearest words of the lemma."""
        return islice(filter(None, map(self.keys.__getitem__, columns)), _CONTEXT)


def vote(
    witnesses: Sequence[Witness],
    policy: SeriesPolicy,
    language: str | None = None,
    names: frozenset[str] = frozenset(),
    learned: frozenset[str] = frozenset(),
) -> Voted | None:
    """Collate the transcripts among witnesses, and choose the words of each column.

    Parameters
    ----------
    witnesses
        By falling weight; those that are no transcripts are passed over.
    language
        As a BCP 47 tag.
    names
        Keys of words that the episode's papers have.
    learned
        Names and terms of other episodes: keys, and those in capitals so.

    Returns
    -------
    ``None`` when no transcript has words.
    """
    transcripts = [w for w in witnesses if w.weighted.source.source_type is SourceType.TRANSCRIPT]
    collation = collate(transcripts, policy, language)
    if collation is None:
        return None
    said = {word: word for word in collation.interner.keys() & learned}
    capitals = ((term.lower(), term) for term in filter(str.isupper, learned))
    said.update((word, term) for word, term in capitals if word in collation.interner)
    names_here = names_among(said, [voice.tokens for voice in collation.voices[: collation.witnesses]])
    compared = compare(collation, names, frozenset(names_here))
    return Voted(
        collation,
        compared.runs,
        compared.lemma,
        looked_up(KEYS, compared.lemma),
        Clocks(collation, compared.lemma),
        Bounds(collation, compared.lemma),
        compared.choice.evidence.agreement,
        {word: said[word] for word in compared.choice.learned},
        tuple(sorted(said.values())),
    )
