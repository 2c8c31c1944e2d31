"""Entities to keep; every call makes another one."""

import hashlib
import uuid
from compression import zstd
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from episodic.canonical.document import Difference, Reading, Variation
from episodic.canonical.domain import (
    EditorialDecision,
    Episode,
    Revision,
    Series,
    SeriesPolicy,
    SourceDocument,
)
from episodic.canonical.jobs import IngestionJob, JobStatus, Step
from episodic.canonical.ports import Store
from episodic.canonical.resolved import Decision, Learned, Quotation
from episodic.canonical.sources import Content, Factor, SourceType

NOON = datetime(2026, 2, 26, 12, tzinfo=UTC)
HINTS = {"episode": "first-light"}


def series(slug: str = "lantern-hour") -> Series:
    policy = SeriesPolicy(half_life_days=14.0, reliabilities={SourceType.RSS: 0.75})
    return Series(
        id=uuid.uuid7(), slug=slug, title="Lantern Hour", publisher="Tallow", language="en", policy=policy
    )


def episode(series_slug: str = "lantern-hour", slug: str = "first-light") -> Episode:
    return Episode(id=uuid.uuid7(), series_slug=series_slug, slug=slug, created_at=NOON)


def content(raw: bytes = b"ADA: Good evening.\n") -> Content:
    return Content(hashlib.sha256(raw).hexdigest(), len(raw), zstd.compress(raw))


def job(number: int = 0, request: str = "request") -> IngestionJob:
    """Later numbers start later."""
    start = NOON + timedelta(minutes=number, microseconds=7)
    return IngestionJob(
        id=uuid.uuid7(),
        series_slug="lantern-hour",
        episode_slug="first-light",
        status=JobStatus.RUNNING,
        request=request,
        host="studio",
        pid=4_194_304,
        started_at=start,
        heartbeat_at=start,
    )


def revision(
    of: Episode, by: IngestionJob, number: int = 1, *, contents: tuple[Content, ...] = ()
) -> Revision:
    sources = tuple(
        SourceDocument(
            id=uuid.uuid7(),
            uri=f"notes/{n}.txt",
            source_type=SourceType.TRANSCRIPT,
            siglum=f"s{n}",
            sha256=kept.sha256,
            size=kept.size,
            format="text",
            language="en",
            dated=NOON - timedelta(days=n),
            weight=620,
            factors=(Factor("quality", 0.8, 0.5, "every line has a speaker"),),
            notes=("decoded as windows-1252",),
            hints=HINTS,
            terms=(f"lantern{n}", "reyes"),
        )
        for n, kept in enumerate(contents, 1)
    )
    lost = SourceDocument(
        id=uuid.uuid7(), uri="lost.vtt", source_type=None, error="no such file", hints=HINTS
    )
    lemma, other = Reading("maybe", ("s1",), 620), Reading("may be", ("s2",), 480)
    decision = Decision(
        "transcript", "u3/w12", Variation(lemma, (other,), Difference.ORTHOGRAPHIC), "heavier", 3.34
    )
    return Revision(
        id=uuid.uuid7(),
        episode_id=of.id,
        job_id=by.id,
        number=number,
        fingerprint=f"fingerprint {number}",
        created_at=NOON + timedelta(hours=number),
        title="First Light",
        tei=f'<TEI xmlns="http://www.tei-c.org/ns/1.0" n="{number}">Ünïcode</TEI>'.encode(),
        sources=(*sources, lost),
        decisions=(decision,),
        learned=Learned(said=("cobol", "lovelace"), decided=("cobol",)),
    )


def editorial_decision(of: Episode, number: int = 1) -> EditorialDecision:
    """What an editor decided, with all that it can have."""
    return EditorialDecision(
        id=uuid.uuid7(),
        episode_id=of.id,
        kind="transcript",
        address=f"0:00:0{number}/12345678",
        text="may be",
        by="Ada",
        note="as she says it",
        made_at=NOON + timedelta(hours=number),
        revision=1,
        readings=(Reading("maybe", ("s1",), 620), Reading("may be", ("s2",), 480)),
        quotations=(Quotation("ab" * 32, ("\x02", "it"), ("may", "be"), ("so", "\x03")),),
    )


async def episode_in(store: Store) -> tuple[Episode, IngestionJob]:
    """An episode without revisions, and a job that may make one."""
    kept, by = episode(), job()
    async with store.begin() as unit:
        await unit.series.put(series())
        await unit.episodes.add(kept)
        await unit.jobs.add(by)
        await unit.commit()
    return kept, by


async def append(store: Store, made: Revision, *contents: Content) -> None:
    async with store.begin() as unit:
        for each in contents:
            await unit.contents.put(each)
        await unit.revisions.append(made)
        await unit.commit()


def finished(started: IngestionJob, made: Revision) -> IngestionJob:
    return replace(
        started,
        status=JobStatus.COMPLETED,
        finished_at=NOON + timedelta(hours=2),
        revision_id=made.id,
        steps=(Step("normalize", "notes/1.txt", NOON, 0.25, failed=True), Step("resolve", None, NOON, 1.5)),
    )
