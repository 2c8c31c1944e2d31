"""What a resolution comes to: witnesses, the document, how each conflict was decided, and by whom."""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from episodic.canonical.document import CanonicalDocument, Reading, Variation, Witness
from episodic.canonical.sources import ClaimField, Doubt


class Ground(enum.StrEnum):
    """What a decision rests on, where somebody asks for that and not for words."""

    TRUST = "trust"  # a source that is not put to the vote
    HAND = "hand"  # a person seems to have edited what was chosen
    COPY = "copy"  # the other is the same text as the lemma, and has no vote beside it


@dataclass(frozen=True, slots=True)
class Decision:
    """One conflict and how it was decided.

    Parameters
    ----------
    kind
        ``"claim"``, ``"transcript"``, ``"speaker"`` or ``"prose"``.
    address
        Names the point of conflict: a field, or a place in the text.
    variation
        What won and what lost.
    reason
        Why, in words for a person.
    start
        Seconds, where the place has a time.
    ground
        What it rests on beside votes.
    """

    kind: str
    address: str
    variation: Variation[Reading]  # written out for who reads it from JSON
    reason: str
    start: float | None = None
    ground: Ground | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """A place in the words of one witness, by which it is found again whatever else changes.

    Parameters
    ----------
    sha256
        Of the witness's bytes.
    before, words, after
        Keys of tokens: what the witness has there, and so much around it that it occurs only once;
        U+0002 stands before the first token and U+0003 after the last.
    """

    sha256: str
    before: tuple[str, ...]
    words: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of an editor's decision in a revision.

    Parameters
    ----------
    decision
        `EditorialDecision.id`.
    address
        Where it is in force now; ``None``: it is not.
    reason
        Why it is not in force.
    overtaken_by
        The later decision that took its place.
    """

    decision: uuid.UUID
    address: str | None
    reason: str | None = None
    overtaken_by: uuid.UUID | None = None

    @property
    def in_force(self) -> bool:
        """Whether the document has the editor's words."""
        return self.address is not None


@dataclass(frozen=True, slots=True)
class Learned:
    """Names and terms of other episodes of the series; sorted.

    Parameters
    ----------
    said
        Those that a transcript of this episode has.
    decided
        Those of them for which a place has another reading than it had without them.
    """

    said: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """How many there are, and what they did, in words for a person."""
        named = f": {', '.join(self.decided)}" if self.decided else ""
        return f"{len(self.said):,} said here, {len(self.decided):,} decided something{named}"


# Quotations by `EditorialDecision.id`.
type Anchors = Mapping[uuid.UUID, tuple[Quotation, ...]]


@dataclass(frozen=True, slots=True)
class Resolution:
    """The outcome: witnesses by falling weight, the document, and every decision behind it.

    Parameters
    ----------
    replays
        One for each of the editors' decisions that stand, in their order.
    anchors
        For those in force, their places in the words of the present witnesses.
    doubts
        By the sigla of transcripts: why they, or words of them, are set apart from the others, and what was
        guessed of how they belong together.
    learned
        What of other episodes was there, and what it did.
    """

    witnesses: tuple[Witness, ...]
    document: CanonicalDocument
    decisions: tuple[Decision, ...]
    replays: tuple[Replay, ...] = ()
    anchors: Anchors = field(default_factory=dict[uuid.UUID, tuple[Quotation, ...]])
    doubts: Mapping[str, tuple[Doubt, ...]] = field(default_factory=dict[str, tuple[Doubt, ...]])
    learned: Learned = field(default_factory=Learned)

    def title(self, given: str | None = None) -> str | None:
        """The episode's title: what an editor decided, or the one that is given, or what a source claims."""
        titles = [statement.variation for statement in self.document.about(ClaimField.TITLE)]
        decided = next((title for title in titles if title.verdict or not given), None)
        return decided.lemma.text if decided else given
