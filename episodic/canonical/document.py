"""Value objects of the resolved document and its decisions, in the order in which they are put together.

`Resolution` holds them all; the sources that they are made from stand in `sources`. Times are seconds from
the start of the recording, weights are thousandths, and nothing here knows XML, a database or an event loop.
"""

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from episodic.canonical.sources import ClaimField, Doubt, PassageKind, SourceType, WeightedSource


@dataclass(frozen=True, slots=True)
class Witness:
    """A weighted source under the siglum (``"s1"``, the heaviest) by which the document names it.

    Parameters
    ----------
    notes
        What was found out about it beside the others.
    terms
        Names and terms that it has for other episodes of the series.
    """

    siglum: str
    weighted: WeightedSource
    notes: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and the witnesses that have it; the empty text is the reading of those that lack it.

    Parameters
    ----------
    weight
        What the reading got in the vote, in thousandths.
    cause
        Why the witnesses have it, where that is known: ``"lacuna"`` when they do not reach here.
    """

    text: str
    sigla: tuple[str, ...]
    weight: int
    cause: str | None = None


class Difference(enum.StrEnum):
    """How readings differ: in case, punctuation and spacing only, or in what they say."""

    ORTHOGRAPHIC = "orthographic"
    SUBSTANTIVE = "substantive"


class Authority(enum.StrEnum):
    """By what right a lemma stands that the vote did not make."""

    DECISION = "decision"  # an editor's choice among the witnesses' readings
    EMENDATION = "emendation"  # an editor's words, which no witness has
    REPLACEMENT = "replacement"  # the series' list of what engines get wrong


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who overruled the vote.

    Parameters
    ----------
    editor
        `Editor.key`.
    by
        The editor's name.
    note
        The editor's reason.
    """

    authority: Authority
    editor: str
    by: str
    note: str | None = None

    @property
    def reason(self) -> str:
        """What happened, in words for a person."""
        done = {
            Authority.DECISION: f"decided by {self.by}",
            Authority.EMENDATION: f"emended by {self.by}",
            Authority.REPLACEMENT: f"replaced by {self.by}",
        }[self.authority]
        return f"{done}: {self.note}" if self.note else done


@dataclass(frozen=True, slots=True)
class Variation:
    """A point where witnesses differ: the accepted reading and the others, by falling weight.

    `address` names it in the document; it depends on the readings and their surroundings, not on sigla.
    With a `verdict` the lemma was not voted; an emendation's has no witnesses.
    """

    lemma: Reading
    others: tuple[Reading, ...]
    difference: Difference = Difference.SUBSTANTIVE
    address: str | None = None
    verdict: Verdict | None = None


# Text in which every witness agrees, and variations where they do not, in reading order.
type Text = tuple[str | Variation, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who takes part.

    Parameters
    ----------
    key
        Unique in the document and a valid XML name.
    names
        Under which the person goes in each witness: pairs of siglum and name.
    verdict
        Who gave the name, where it was not the vote.
    """

    key: str
    name: str
    roles: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    verdict: Verdict | None = None


class CanonicalUtterance(NamedTuple):
    """An utterance of the canonical transcript, or a part of one.

    Parameters
    ----------
    text
        Agreed text and variations; the space between it and the next utterance is its last character.
    siglum
        The witness whose boundaries it has.
    speaker
        `Person.key`.
    start, end
        Seconds, on `CanonicalDocument.clock` in the canonical text, on the witness's own elsewhere.
    continues
        Whether it goes on with the last utterance of the same witness before it.
    turn
        Whether another speaker begins with it, of whom nobody knows the name.
    moments
        When words inside of it begin: after how many characters of its accepted text, and seconds. Between
        two, and to start and end, time follows letters.
    """

    text: Text
    siglum: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None
    continues: bool = False
    turn: bool = False
    moments: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class PassageReading:
    """What some witnesses have where a whole passage of a transcript differs; empty: they lack it."""

    utterances: tuple[CanonicalUtterance, ...]
    sigla: tuple[str, ...]
    weight: int
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class PassageVariation:
    """A variation that reaches over the bounds of utterances, and so holds utterances."""

    lemma: PassageReading
    others: tuple[PassageReading, ...]
    difference: Difference = Difference.SUBSTANTIVE
    address: str | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class CanonicalPassage:
    """A passage of prose in its place in one witness.

    Parameters
    ----------
    key
        Unique in the document and a valid XML name.
    text
        Empty where the passage stands elsewhere.
    sigla
        The witnesses that share it, this one first.
    stands_at
        Key of the passage of a heavier witness that has this one's text among its readings.
    """

    key: str
    kind: PassageKind
    text: Text
    sigla: tuple[str, ...]
    level: int = 0
    stands_at: str | None = None


@dataclass(frozen=True, slots=True)
class Division:
    """The prose of one witness, in its own order."""

    source_type: SourceType
    siglum: str
    passages: tuple[CanonicalPassage, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What the canonical document says in one field; fields outside `SINGLE_FIELDS` may have several."""

    field: ClaimField
    variation: Variation
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Editor:
    """Someone who decided something, now or before; `key` is unique in the document and a valid XML name."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class CanonicalDocument:
    """The canonical episode, before it is TEI.

    Parameters
    ----------
    base
        Siglum of the transcript that gives the canonical one its bounds and speakers.
    clock
        Siglum of the one on whose clock its times are; ``None``: it has none, or a former version wrote it.
    divisions
        One for each witness that has prose.
    """

    language: str | None
    base: str | None
    clock: str | None
    statements: tuple[Statement, ...]
    people: tuple[Person, ...]
    transcript: tuple[CanonicalUtterance | PassageVariation, ...]
    divisions: tuple[Division, ...]
    editors: tuple[Editor, ...] = ()


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
    """

    kind: str
    address: str
    variation: Variation
    reason: str
    start: float | None = None


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
        titles = [s.variation for s in self.document.statements if s.field is ClaimField.TITLE]
        decided = next((title for title in titles if title.verdict or not given), None)
        return decided.lemma.text if decided else given
