"""Value objects of the resolved document, in the order in which they are put together.

`CanonicalDocument` holds them all; the sources that they are made from stand in `sources`, and how each
conflict was decided in `resolved`. Times are seconds from the start of the recording, weights are
thousandths, and nothing here knows XML, a database or an event loop.
"""

import enum
from dataclasses import dataclass
from typing import NamedTuple

from episodic.canonical.sources import ClaimField, PassageKind, SourceType, WeightedSource


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
class Variation[R: Reading | PassageReading = Reading]:
    """A point where witnesses differ: the accepted reading and the others, by falling weight.

    `address` names it in the document; it depends on the readings and their surroundings, not on sigla.
    With a `verdict` the lemma was not voted; an emendation's has no witnesses.
    """

    lemma: R
    others: tuple[R, ...]
    difference: Difference = Difference.SUBSTANTIVE
    address: str | None = None
    verdict: Verdict | None = None

    @property
    def readings(self) -> tuple[R, ...]:
        """All of them, the lemma first."""
        return self.lemma, *self.others

    @property
    def rivals(self) -> tuple[R, ...]:
        """The others of witnesses that reach here, be it that they say nothing."""
        return tuple(other for other in self.others if other.cause is None)


# Text in which every witness agrees, and variations where they do not, in reading order.
type Text = tuple[str | Variation, ...]


def accepted(piece: str | Variation) -> str:
    """Give what stands in a piece of a text."""
    return piece if isinstance(piece, str) else piece.lemma.text


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
class PassageVariation(Variation[PassageReading]):
    """A variation that reaches over the bounds of utterances, and so holds utterances."""


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

    def about(self, field: ClaimField) -> list[Statement]:
        """List what it says in a field."""
        return [statement for statement in self.statements if statement.field is field]

    @property
    def names(self) -> dict[str, str]:
        """The names of people by their keys."""
        return {person.key: person.name for person in self.people}

    @property
    def chapters(self) -> list[tuple[float, str]]:
        """When each chapter begins, in seconds, and its title."""
        chapters = self.about(ClaimField.CHAPTER)
        return [(float(each.qualifier or 0), each.variation.lemma.text) for each in chapters]
