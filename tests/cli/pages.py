"""Pages of revisions made by hand, the way that the service makes them."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from episodic.canonical.document import CanonicalDocument
from episodic.canonical.domain import Revision, SeriesPolicy, SourceDocument
from episodic.canonical.jobs import IngestionJob, JobStatus, Step
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import Factor, SourceType, WeightedSource
from episodic.canonical.tei import reader
from episodic.canonical.tei.writer import write
from episodic.cli.page import Audio, Download, page
from tests.canonical.making import MADE, edition

EPISODE = edition().episode
JOB = IngestionJob(
    id=uuid.UUID(int=5),
    series_slug="lantern-hour",
    episode_slug="first-light",
    status=JobStatus.COMPLETED,
    request="",
    host="here",
    pid=1,
    started_at=datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC),
    heartbeat_at=datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC),
    finished_at=datetime(2026, 3, 1, 12, 0, 1, 500_000, tzinfo=UTC),
    steps=(
        Step("normalize", "show.vtt", datetime(2026, 3, 1, 12, 0, 0, 30_000, tzinfo=UTC), 0.25),
        Step("normalize", "gone.txt", datetime(2026, 3, 1, 12, 0, 0, 31_000, tzinfo=UTC), 0.01, failed=True),
        Step("resolve", None, datetime(2026, 3, 1, 12, 0, 0, 300_000, tzinfo=UTC), 1.15),
    ),
)


def revision_of(
    *sources: WeightedSource, title: str | None = None, reason: str | None = None, skipped: str | None = None
) -> Revision:
    """Resolve sources and make a revision of them; `reason` replaces those of its decisions."""
    resolution = resolve(sources, SeriesPolicy())
    documents = [
        SourceDocument(
            id=uuid.UUID(int=10 + number),
            uri=witness.weighted.source.uri,
            source_type=witness.weighted.source.source_type,
            siglum=witness.siglum,
            sha256=witness.weighted.source.content.sha256,
            size=witness.weighted.source.content.size,
            format=witness.weighted.source.format,
            language=witness.weighted.source.language,
            weight=witness.weighted.weight,
            factors=(Factor("reliability", 0.5, 0.2, reason or "for a test"),),
            notes=witness.weighted.source.signals.notes,
        )
        for number, witness in enumerate(resolution.witnesses)
    ]
    if skipped:
        documents.append(
            SourceDocument(id=uuid.UUID(int=9), uri=skipped, source_type=SourceType.BRIEF, error=skipped)
        )
    return Revision(
        id=uuid.UUID(int=3),
        episode_id=EPISODE.id,
        job_id=JOB.id,
        number=1,
        fingerprint="",
        created_at=MADE,
        title=resolution.title(title) or EPISODE.slug,
        tei=write(resolution, edition(title)),
        sources=tuple(documents),
        decisions=tuple(replace(d, reason=reason or d.reason) for d in resolution.decisions),
    )


def page_of(
    revision: Revision,
    *,
    document: CanonicalDocument | None = None,
    audio: Audio | None = None,
    downloads: Sequence[Download] = (),
    job: IngestionJob | None = None,
) -> bytes:
    document = document or reader.read(revision.tei).canonical
    return page(EPISODE, revision, document, audio=audio, job=job, downloads=downloads)
