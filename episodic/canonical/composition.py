"""What is asked of an ingestion, and what is composed from it before anything is stored."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from episodic.canonical import fingerprint
from episodic.canonical.domain import IngestionJob, Revision, SourceDocument
from episodic.canonical.errors import SourceError
from episodic.canonical.ingestion import Content, Decision, NormalizedSource, RawSource, Resolution, Witness
from episodic.canonical.ports import Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionRequest:
    """What is to be ingested.

    Parameters
    ----------
    series, episode
        Slugs; together they are the episode's identity.
    title
        The episode's title, above what the sources claim.
    on_source_error
        ``"fail"``: a bad source fails the job; ``"skip"``: it is recorded and the rest goes on.
    """

    series: str
    episode: str
    sources: Sequence[RawSource]
    title: str | None = None
    on_source_error: Literal["fail", "skip"] = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """An episode that is composed and not yet stored; it pickles, so that another process can compose."""

    fingerprint: str
    title: str
    tei: bytes
    sources: tuple[SourceDocument, ...]
    contents: tuple[Content, ...]
    decisions: tuple[Decision, ...]
    skipped: tuple[SourceError, ...]

    def revision(self, job: IngestionJob, edition: Edition) -> Revision:
        """Make the revision that is stored."""
        return Revision(
            id=uuid.uuid7(),
            episode_id=edition.episode.id,
            job_id=job.id,
            number=edition.number,
            fingerprint=self.fingerprint,
            created_at=edition.created_at,
            title=self.title,
            tei=self.tei,
            sources=self.sources,
            decisions=self.decisions,
        )


def composed(
    edition: Edition,
    used: Sequence[tuple[RawSource, NormalizedSource]],
    skipped: Sequence[SourceError],
    resolution: Resolution,
    tei: bytes,
) -> Composition:
    """Put together what the stages of the pipeline made."""
    hashes = [(raw, source.content.sha256) for raw, source in used]
    return Composition(
        fingerprint=fingerprint.of_document(edition.series, edition.title, hashes),
        title=edition.title or resolution.title or edition.episode.slug,
        tei=tei,
        sources=(*map(_used, resolution.witnesses), *map(_unused, skipped)),
        contents=tuple(source.content for _, source in used),
        decisions=resolution.decisions,
        skipped=tuple(skipped),
    )


def _used(witness: Witness) -> SourceDocument:
    source = witness.weighted.source
    return SourceDocument(
        id=uuid.uuid7(),
        uri=source.uri,
        source_type=source.source_type,
        siglum=witness.siglum,
        sha256=source.content.sha256,
        size=source.content.size,
        format=source.format,
        language=source.language,
        dated=source.dated,
        weight=witness.weighted.weight,
        factors=witness.weighted.factors,
        notes=source.signals.notes,
    )


def _unused(error: SourceError) -> SourceDocument:
    return SourceDocument(id=uuid.uuid7(), uri=error.uri, source_type=None, error=str(error))
