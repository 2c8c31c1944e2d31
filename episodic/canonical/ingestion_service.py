"""The ingestion of one episode: open a job, normalize, weigh, resolve, commit."""

import asyncio
import hashlib
import logging
import os
import socket
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from episodic.asyncio_tasks import TaskMetadata, create_task, task_name
from episodic.canonical import fingerprint
from episodic.canonical.domain import (
    EditorialDecision,
    Episode,
    IngestionJob,
    JobStatus,
    Revision,
    Series,
    SourceDocument,
    check_slug,
)
from episodic.canonical.errors import EpisodicError, SourceError, StaleRevisionError, StorageError
from episodic.canonical.heartbeat import INTERVAL, abandoned, is_gone
from episodic.canonical.ingestion import (
    Anchors,
    Content,
    Decision,
    NormalizedSource,
    RawSource,
    Replay,
    Witness,
)
from episodic.canonical.ports import DocumentWriter, Edition, Normalizer, Resolver, Store, Weighting

log = logging.getLogger(__name__)

INGEST: Final = "canonical.ingestion.ingest"  # for callers that make a task of an ingestion
NORMALIZE: Final = "canonical.ingestion.normalize"
HEARTBEAT: Final = "canonical.ingestion.heartbeat"


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


@dataclass(frozen=True, slots=True)
class IngestionOutcome:
    """What came out; `created` is false when an existing revision already was the answer."""

    job: IngestionJob
    series: Series
    episode: Episode
    revision: Revision
    created: bool
    skipped: tuple[SourceError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Makes a document out of sources: normalize, weigh, resolve, write.

    Parameters
    ----------
    concurrency
        Sources that are loaded and normalized at the same time.
    source_timeout
        Seconds that one source may take.
    """

    normalizer: Normalizer
    weigh: Weighting
    resolve: Resolver
    write: DocumentWriter
    concurrency: int = 8
    source_timeout: float = 120.0

    async def compose(self, request: IngestionRequest, job_id: uuid.UUID, edition: Edition) -> Composition:
        """Compose an edition; raises `SourceError`, `ResolutionError` or `DocumentError`."""
        results = await self._normalize_all(request, job_id)
        skipped = tuple(result for result in results if isinstance(result, SourceError))
        used = [
            (raw, result)
            for raw, result in zip(request.sources, results, strict=True)
            if not isinstance(result, SourceError)
        ]
        if skipped and not used:
            raise skipped[0]
        policy = edition.series.policy
        weighted = self.weigh([source for _, source in used], policy)
        # Threads, so that the loop goes on ticking: both are pure computation.
        resolution = await asyncio.to_thread(self.resolve, weighted, policy, edition.decisions)
        tei = await asyncio.to_thread(self.write, resolution, edition)
        hashes = [(raw, source.content.sha256) for raw, source in used]
        given = {id(source): raw for raw, source in used}
        return Composition(
            fingerprint=fingerprint.of_document(policy, request.title, hashes, edition.decisions),
            title=resolution.decided_title or edition.title or resolution.title or edition.episode.slug,
            tei=tei,
            sources=(
                *(_used(witness, given[id(witness.weighted.source)]) for witness in resolution.witnesses),
                *map(_unused, skipped),
            ),
            contents=tuple(source.content for _, source in used),
            decisions=resolution.decisions,
            skipped=skipped,
            replays=resolution.replays,
            edits=tuple(_with_new_places(edition.decisions, resolution.anchors)),
        )

    async def _normalize_all(
        self, request: IngestionRequest, job_id: uuid.UUID
    ) -> list[NormalizedSource | SourceError]:
        """Normalize with `asyncio.gather` semantics, except that no task outlives the call.

        Results come in source order. The first failure propagates (of several by then, that of the first
        source) with a note that names its source, once its siblings are cancelled and have ended.
        """
        gate = asyncio.Semaphore(self.concurrency)

        async def normalize(raw: RawSource) -> NormalizedSource | SourceError:
            async with gate:
                try:
                    return await self._normalize_in_time(raw)
                except SourceError as error:
                    if request.on_source_error == "skip":
                        log.info("skipped: %s", error)
                        return error
                    raise

        tasks: list[asyncio.Task[NormalizedSource | SourceError]] = []
        try:
            for index, raw in enumerate(request.sources):
                metadata: TaskMetadata = {
                    "operation_name": NORMALIZE,
                    "correlation_id": str(job_id),
                    "priority_hint": index,
                }
                name = task_name(metadata, raw.uri)
                tasks.append(create_task(normalize(raw), name=name, metadata=metadata))
            return await asyncio.gather(*tasks)
        except Exception as error:  # noqa: BLE001  # raised below, outside the handler: its context stays its own
            failure = _first_failure(tasks, request.sources) or error
        finally:
            await _cancel_all(tasks)
            del tasks  # a traceback that refers to this frame would keep every task alive
        try:
            raise failure
        finally:
            del failure

    async def _normalize_in_time(self, raw: RawSource) -> NormalizedSource:
        limit = asyncio.timeout(self.source_timeout)
        try:
            async with limit:
                return await self.normalizer.normalize(raw)
        except TimeoutError as error:
            if not limit.expired():
                raise  # the normalizer's own
            reason = (
                f"not read within {self.source_timeout:g} s; raise EPISODIC_SOURCE_TIMEOUT or leave it out"
            )
            raise SourceError(raw.uri, reason) from error


type Compose = Callable[[IngestionRequest, uuid.UUID, Edition], Awaitable[Composition]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionService:
    """Turns the sources of an episode into its next revision.

    Parameters
    ----------
    compose
        `Composer.compose`, here or in another process.
    """

    store: Store
    compose: Compose

    async def ingest_multi_source(
        self, request: IngestionRequest, job_id: uuid.UUID | None = None
    ) -> IngestionOutcome:
        """Ingest all sources of one episode.

        Nothing of the episode is visible before all of it is. A job that fails or is cancelled is recorded
        as such, and its error propagates.

        Parameters
        ----------
        job_id
            The new job's, for a caller that names its own task by it; ``None``: one is made.

        Raises
        ------
        SourceError
            A source cannot be used and `on_source_error` is ``"fail"``, or none of them can.
        SlugError, ResolutionError, DocumentError, StorageError
            From the parts that say so.
        """
        series, job = await self._open_job(request, job_id or uuid.uuid7())
        log.info("ingesting %s/%s from %d sources", series.slug, request.episode, len(request.sources))
        heartbeat = self._start_heartbeat(job)
        try:
            while True:
                edition = await self._next_edition(request, series)
                if edition.number > 1 and (known := await self._unchanged(request, job, edition)):
                    return known
                composition = await self.compose(request, job.id, edition)
                try:
                    return await self._commit(job, edition, composition)
                except StaleRevisionError:
                    continue  # another process was first, and what it wrote may be what we want
        except BaseException as error:
            await self._close_failed(job, error)
            raise
        finally:
            await _cancel_all([heartbeat])

    async def _open_job(self, request: IngestionRequest, job_id: uuid.UUID) -> tuple[Series, IngestionJob]:
        check_slug("series", request.series)
        check_slug("episode", request.episode)
        now = datetime.now(UTC)
        job = IngestionJob(
            id=job_id,
            series_slug=request.series,
            episode_slug=request.episode,
            status=JobStatus.RUNNING,
            request=fingerprint.of_request(request.series, request.episode, request.title, request.sources),
            host=socket.gethostname(),
            pid=os.getpid(),
            started_at=now,
            heartbeat_at=now,
        )
        async with self.store.begin() as work:
            series = await work.series.get(request.series)
            if series is None:
                series = Series(id=uuid.uuid7(), slug=request.series, title=request.series)
                await work.series.put(series)
            for other in await work.jobs.running():
                if is_gone(other, now):
                    await work.jobs.update(abandoned(other, now))
            await work.jobs.add(job)
            await work.commit()
        return series, job

    def _start_heartbeat(self, job: IngestionJob) -> asyncio.Task[None]:
        metadata: TaskMetadata = {"operation_name": HEARTBEAT, "correlation_id": str(job.id)}
        return create_task(self._beat(job), name=task_name(metadata), metadata=metadata)

    async def _beat(self, job: IngestionJob) -> None:
        """Say again and again that the job is alive."""
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                async with self.store.begin() as work:
                    running = await work.jobs.beat(job.id, datetime.now(UTC))
                    await work.commit()
            except StorageError as error:
                log.warning("no heartbeat: %s", error)  # the next one may get through
            else:
                if not running:
                    log.warning("job %s was taken for abandoned; it goes on", job.id)
                    return

    async def _next_edition(self, request: IngestionRequest, series: Series) -> Edition:
        now = datetime.now(UTC)
        async with self.store.begin(read_only=True) as work:
            episode = await work.episodes.get(series.slug, request.episode)
            revisions = await work.revisions.count(episode.id) if episode else 0
            decisions = await work.edits.of(episode.id) if episode else ()
        if episode is None:
            episode = Episode(id=uuid.uuid7(), series_slug=series.slug, slug=request.episode, created_at=now)
        return Edition(
            series=series,
            episode=episode,
            number=revisions + 1,
            created_at=now,
            title=request.title,
            decisions=tuple(decisions),
        )

    async def _unchanged(
        self, request: IngestionRequest, job: IngestionJob, edition: Edition
    ) -> IngestionOutcome | None:
        """Find the revision that these very bytes made before, without parsing any of them."""
        try:
            hashes = [(raw, hashlib.sha256(await raw.load()).hexdigest()) for raw in request.sources]
        except SourceError:
            return None  # the fan-out says what is wrong with it
        digest = fingerprint.of_document(edition.series.policy, request.title, hashes, edition.decisions)
        async with self.store.begin() as work:
            revision = await work.revisions.with_fingerprint(edition.episode.id, digest)
            if revision is None:
                return None
            ended = replace(
                job, status=JobStatus.COMPLETED, finished_at=datetime.now(UTC), revision_id=revision.id
            )
            await work.jobs.update(ended)
            await work.commit()
        return IngestionOutcome(ended, edition.series, edition.episode, revision, created=False)

    async def _commit(
        self, job: IngestionJob, edition: Edition, composition: Composition
    ) -> IngestionOutcome:
        """Write everything in one transaction; `StaleRevisionError` when another process wrote first."""
        status = JobStatus.SKIPPED_SOME if composition.skipped else JobStatus.COMPLETED
        async with self.store.begin() as work:
            episode = await work.episodes.get(edition.series.slug, edition.episode.slug)
            if episode is None:
                episode = edition.episode
                await work.episodes.add(episode)
            revision = await work.revisions.with_fingerprint(episode.id, composition.fingerprint)
            created = revision is None
            if revision is None:
                if episode.id != edition.episode.id:
                    raise StaleRevisionError(episode.name, 0, 1)
                revision = new_revision(job, edition, composition)
                for content in composition.contents:
                    await work.contents.put(content)
                await work.revisions.append(revision)
                for decision in composition.edits:
                    await work.edits.put(decision)
            ended = replace(job, status=status, finished_at=datetime.now(UTC), revision_id=revision.id)
            await work.jobs.update(ended)
            await work.commit()
        log.info("%s %s, revision %d", "wrote" if created else "found", episode.name, revision.number)
        return IngestionOutcome(ended, edition.series, episode, revision, created, composition.skipped)

    async def _close_failed(self, job: IngestionJob, error: BaseException) -> None:
        """Record why the job ended; never hides `error`, not even behind a database that is gone."""
        cancelled = isinstance(error, asyncio.CancelledError)
        ended = replace(
            job,
            status=JobStatus.CANCELLED if cancelled else JobStatus.FAILED,
            finished_at=datetime.now(UTC),
            error="cancelled" if cancelled else str(error) or type(error).__name__,
            failed_source=error.uri if isinstance(error, SourceError) else None,
        )
        try:
            async with self.store.begin() as work:
                now = await work.jobs.get(job.id)
                # A cancellation that came in the middle of the commit may have come too late.
                if now is None or now.status is JobStatus.RUNNING:
                    await work.jobs.update(ended)
                    await work.commit()
        except EpisodicError as unrecorded:
            error.add_note(f"the job could not be recorded as {ended.status}: {unrecorded}")


def _first_failure(
    tasks: Sequence[asyncio.Task[NormalizedSource | SourceError]], sources: Sequence[RawSource]
) -> BaseException | None:
    """The failure of the first source that has failed by now, with a note that names the source."""
    for number, (task, raw) in enumerate(zip(tasks, sources, strict=False), 1):
        if task.done() and not task.cancelled() and (failure := task.exception()) is not None:
            failure.add_note(f"source {number} of {len(sources)}: {raw.uri}")
            return failure
    return None


async def _cancel_all(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel what still runs and wait for its end, also when this task is cancelled meanwhile."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    while any(not task.done() for task in running):
        try:
            await asyncio.wait(running)
        except asyncio.CancelledError:
            continue  # like TaskGroup: the caller is on its way out already, and no task may outlive it


def new_revision(job: IngestionJob, edition: Edition, composition: Composition) -> Revision:
    """Make the revision that a job has composed."""
    return Revision(
        id=uuid.uuid7(),
        episode_id=edition.episode.id,
        job_id=job.id,
        number=edition.number,
        fingerprint=composition.fingerprint,
        created_at=edition.created_at,
        title=composition.title,
        tei=composition.tei,
        sources=composition.sources,
        decisions=composition.decisions,
        given_title=edition.title,
        replays=composition.replays,
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
