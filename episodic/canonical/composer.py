"""What is asked of an ingestion, and what is composed from it before anything is stored."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from episodic.canonical import fingerprint
from episodic.canonical.document import Anchors, Decision, Replay, Resolution, Witness
from episodic.canonical.domain import EditorialDecision, IngestionJob, Revision, SourceDocument, Step
from episodic.canonical.errors import SourceError
from episodic.canonical.ports import Edition
from episodic.canonical.sources import Content, NormalizedSource, RawSource


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
    replays: tuple[Replay, ...] = ()
    edits: tuple[EditorialDecision, ...] = ()  # those that have learned new places
    steps: tuple[Step, ...] = ()

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
            given_title=edition.title,
            replays=self.replays,
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
    given = {id(source): raw for raw, source in used}
    witnesses = (_used(witness, given[id(witness.weighted.source)]) for witness in resolution.witnesses)
    return Composition(
        fingerprint=fingerprint.of_document(edition.series, edition.title, hashes, edition.decisions),
        title=resolution.decided_title or edition.title or resolution.title or edition.episode.slug,
        tei=tei,
        sources=(*witnesses, *map(_unused, skipped)),
        contents=tuple(source.content for _, source in used),
        decisions=resolution.decisions,
        skipped=tuple(skipped),
        replays=resolution.replays,
        edits=tuple(_with_new_places(edition.decisions, resolution.anchors)),
    )


def _with_new_places(decisions: Sequence[EditorialDecision], anchors: Anchors) -> Iterator[EditorialDecision]:
    """Yield the decisions whose places some witness has that did not have them before."""
    for decision in decisions:
        known = {quotation.sha256 for quotation in decision.quotations}
        new = tuple(q for q in anchors.get(decision.id, ()) if q.sha256 not in known)
        if new:
            yield replace(decision, quotations=(*decision.quotations, *new))


def _used(witness: Witness, given: RawSource) -> SourceDocument:
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
        given_type=given.source_type,
        hints=given.metadata,
    )


def _unused(error: SourceError) -> SourceDocument:
    return SourceDocument(id=uuid.uuid7(), uri=error.uri, source_type=None, error=str(error))
