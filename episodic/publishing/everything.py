"""Everything that is known of an episode, for other programs; ``docs/episode.schema.json`` is made of it.

``python -m episodic.publishing.everything`` prints that schema.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from episodic.canonical.document import Reading
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.resolved import Learned
from episodic.canonical.sources import ClaimField
from episodic.canonical.tei.reader import TeiDocument, WitnessRecord
from episodic.publishing.provenance import Provenance
from episodic.publishing.word_times import TimedWord, timed_words

_ELSEWHERE = frozenset({ClaimField.TITLE, ClaimField.PERSON, ClaimField.CHAPTER, ClaimField.MEDIA})


@dataclass(frozen=True, slots=True)
class Field:
    """What the episode says of itself in a field: ``season``, ``published``, ``keyword``."""

    field: ClaimField
    value: str
    qualifier: str | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that a source names."""

    url: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Participant:
    """Who takes part; `names` are what the witnesses call them, by siglum."""

    name: str
    roles: tuple[str, ...]
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Where a chapter begins, in seconds."""

    start: float
    title: str


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance, with its words where they have times; seconds."""

    text: str
    speaker: str | None
    start: float | None
    end: float | None
    where: str | None
    turn: bool
    words: tuple[TimedWord, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """A passage of prose: ``head``, ``p`` or ``item``."""

    element: str
    text: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A conflict and how it was decided; `by` is the editor who did it, where it was not the vote."""

    kind: str
    address: str
    reason: str
    start: float | None
    by: str | None
    accepted: Reading
    others: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """An episode in one revision.

    Parameters
    ----------
    generator
        First, so that an ingest knows what Episodic wrote.
    episode
        ``series/episode``.
    """

    generator: str
    episode: str
    title: str
    revision: int
    created_at: datetime
    language: str | None
    fields: tuple[Field, ...]
    recordings: tuple[Recording, ...]
    people: tuple[Participant, ...]
    chapters: tuple[Chapter, ...]
    witnesses: tuple[WitnessRecord, ...]
    utterances: tuple[Said, ...]
    prose: tuple[Prose, ...]
    decisions: tuple[Decided, ...]
    learned: Learned


def everything(
    episode: Episode, revision: Revision, document: TeiDocument, witness: str | None
) -> Everything:
    """Gather everything.

    Parameters
    ----------
    witness
        Siglum of a source whose text is wanted instead of the accepted one.
    """
    canonical = document.canonical
    media = canonical.about(ClaimField.MEDIA)
    statements = [(s.field, s.variation.lemma.text, s.qualifier) for s in canonical.statements]
    return Everything(
        generator=Provenance(episode.name, revision.number, revision.title).mark,
        episode=episode.name,
        title=revision.title,
        revision=revision.number,
        created_at=revision.created_at,
        language=canonical.language,
        fields=tuple(Field(*each) for each in statements if each[0] not in _ELSEWHERE),
        recordings=tuple(Recording(s.variation.lemma.text, s.qualifier) for s in media),
        people=tuple(Participant(each.name, each.roles, each.names) for each in canonical.people),
        chapters=tuple(Chapter(start, title) for start, title in canonical.chapters),
        witnesses=document.witnesses,
        utterances=tuple(_said(document, witness)),
        prose=tuple(Prose(element, text) for element, text in document.prose(witness)),
        decisions=tuple(_decided(revision)),
        learned=revision.learned,
    )


def _said(document: TeiDocument, witness: str | None) -> Iterator[Said]:
    for each in document.utterances(witness):
        words = tuple(timed_words(each))
        yield Said(each.text, each.speaker, each.start, each.end, each.where, each.turn, words)


def _decided(revision: Revision) -> Iterator[Decided]:
    # Decisions about witnesses have their names, and in revisions of former versions their paths.
    public = {source.uri: source.name for source in revision.sources}
    for each in revision.decisions:
        said = each.variation
        by = said.verdict.by if said.verdict else None
        lemma, *others = (
            replace(reading, text=public.get(reading.text, reading.text)) for reading in said.readings
        )
        yield Decided(each.kind, each.address, each.reason, each.start, by, lemma, tuple(others))


def schema() -> bytes:
    """Describe the JSON of `Everything` as JSON Schema (https://json-schema.org, 2020-12)."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An episode, as Episodic gives it with --format json",
        **msgspec.json.schema(Everything),
    }
    return msgspec.json.format(msgspec.json.encode(described, order="deterministic"), indent=2) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(schema())
