"""The ingestion of one episode: open a job, normalize, weigh, resolve, commit."""

import asyncio
import hashlib
import logging
import os
import socket
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from episodic.asyncio_tasks import TaskMetadata, create_task, task_name
from episodic.canonical import fingerprint
from episodic.canonical.composer import Composition, IngestionRequest, composed
from episodic.canonical.domain import (
    EditorialDecision,
    Episode,
    IngestionJob,
    JobStatus,
    Revision,
    Series,
    check_slug,
)
from episodic.canonical.errors import SourceError, StaleRevisionError, StorageError
from episodic.canonical.heartbeat import INTERVAL, abandoned, identity, is_gone
from episodic.canonical.ports import DocumentWriter, Edition, Normalizer, Resolver, Store, Weighting
from episodic.canonical.sources import NormalizedSource, RawSource
from episodic.canonical.stopwatch import Stopwatch

log = logging.getLogger(__name__)

INGEST: Final = "canonical.ingestion.ingest"  # for callers that make a task of an ingestion
FINGERPRINT: Final = "canonical.ingestion.fingerprint"
COMPOSE: Final = "canonical.ingestion.compose"  # for callers that compose in another process
NORMALIZE: Final = "canonical.ingestion.normalize"
HEARTBEAT: Final = "canonical.ingestion.heartbeat"
CLOSE: Final = "canonical.ingestion.close"


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
class FanOut:
    """Does the same with every source, each in a task of its own.

    Parameters
    ----------
    concurrency
        Sources that are worked on at the same time.
    source_timeout
        Seconds that one source may take.
    """

    concurrency: int = 8
    source_timeout: float = 120.0

    async def each[T](
        self,
        sources: Sequence[RawSource],
        work: Callable[[RawSource], Awaitable[T]],
        operation: str,
        job_id: uuid.UUID,
    ) -> list[T]:
        """Await `work` for each source like `asyncio.gather`, except that no task outlives the call.

        Results come in source order. The first failure propagates (of several by then, that of the first
        source) with a note that names its source, once its siblings are cancelled and have ended.
        """
        gate = asyncio.Semaphore(self.concurrency)

        async def one(raw: RawSource) -> T:
            async with gate:
                return await self._in_time(raw, work(raw))

        tasks: list[asyncio.Task[T]] = []
        try:
            for index, raw in enumerate(sources):
                metadata: TaskMetadata = {
                    "operation_name": operation,
                    "correlation_id": str(job_id),
                    "priority_hint": index,
                }
                tasks.append(create_task(one(raw), name=task_name(metadata, raw.uri), metadata=metadata))
            return await asyncio.gather(*tasks)
        except Exception as error:  # noqa: BLE001  # raised below, outside the handler: its context stays its own
            failure = _first_failure(tasks, sources) or error
        finally:
            try:
                await _cancel(tasks)
            finally:
                del tasks  # a traceback that refers to this frame would keep every task alive
        try:
            raise failure
        finally:
            del failure

    async def _in_time[T](self, raw: RawSource, work: Awaitable[T]) -> T:
        limit = asyncio.timeout(self.source_timeout)
        try:
            async with limit:
                return await work
        except TimeoutError as error:
            if not limit.expired():
                raise  # the source's own
            reason = (
                f"not read within {self.source_timeout:g} s; raise EPISODIC_SOURCE_TIMEOUT or leave it out"
            )
            raise SourceError(raw.uri, reason) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Makes a document out of sources: normalize, weigh, resolve, write."""

    normalizer: Normalizer
    weigh: Weighting
    resolve: Resolver
    write: DocumentWriter
    fan_out: FanOut = FanOut()

    async def compose(self, request: IngestionRequest, job_id: uuid.UUID, edition: Edition) -> Composition:
        """Compose an edition; raises `SourceError`, `ResolutionError` or `DocumentError`."""
        watch = Stopwatch()

        async def normalize(raw: RawSource) -> NormalizedSource | SourceError:
            try:
                with watch.step("normalize", raw.uri):
                    return await self.normalizer.normalize(raw)
            except SourceError as error:
                if request.on_source_error == "skip":
                    log.info("skipped: %s", error)
                    return error
                raise

        results = await self.fan_out.each(request.sources, normalize, NORMALIZE, job_id)
        skipped = [result for result in results if isinstance(result, SourceError)]
        used = [
            (raw, result)
            for raw, result in zip(request.sources, results, strict=True)
            if not isinstance(result, SourceError)
        ]
        if skipped and not used:
            raise skipped[0]
        policy = edition.series.policy
        with watch.step("weigh"):
            weighted = self.weigh([source for _, source in used], policy)
        # Threads, so that the loop goes on ticking: both are pure computation.
        with watch.step("resolve"):
            resolution = await asyncio.to_thread(self.resolve, weighted, policy, edition.decisions)
        with watch.step("write"):
            tei = await asyncio.to_thread(self.write, resolution, edition)
        return replace(composed(edition, used, skipped, resolution, tei), steps=watch.steps)


type Compose = Callable[[IngestionRequest, uuid.UUID, Edition], Awaitable[Composition]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionService:
    """Turns the sources of an episode into its next revision.

    Parameters
    ----------
    compose
        `Composer.compose`, here or in another process.
    fan_out
        How sources are read that may be unchanged.
    """

    store: Store
    compose: Compose
    fan_out: FanOut = FanOut()

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
        (known,) = await self.find_unchanged([request])
        return known or await self.make_revision(request, job_id)

    async def find_unchanged(self, requests: Sequence[IngestionRequest]) -> list[IngestionOutcome | None]:
        """Find the revisions that these very bytes made before, without parsing any of them.

        Two units read and one writes the jobs that found something: hundreds of episodes that are ingested
        again cost no more. ``None`` stands where there is something to do.
        """
        jobs = [new_job(request, uuid.uuid7()) for request in requests]
        there: list[tuple[Series, Episode] | None] = []
        edits: list[Sequence[EditorialDecision]] = []
        async with self.store.begin(read_only=True) as work:
            known = {slug: await work.series.get(slug) for slug in {job.series_slug for job in jobs}}
            for job in jobs:
                series = known[job.series_slug]
                episode = await work.episodes.get(job.series_slug, job.episode_slug) if series else None
                there.append((series, episode) if series and episode else None)
                edits.append(await work.edits.of(episode.id) if episode else ())
        digests = [
            await self._digest(request, job, place[0], decisions) if place else None
            for request, job, place, decisions in zip(requests, jobs, there, edits, strict=True)
        ]
        found: list[IngestionOutcome | None] = []
        async with self.store.begin(read_only=True) as work:
            for job, place, digest in zip(jobs, there, digests, strict=True):
                if place is None or digest is None:
                    found.append(None)
                    continue
                revision = await work.revisions.newest(place[1].id)
                same = revision and revision.fingerprint == digest
                found.append(_unchanged(job, *place, revision) if revision and same else None)
        if any(found):
            async with self.store.begin() as work:
                for outcome in found:
                    if outcome:
                        await work.jobs.add(outcome.job)
                await work.commit()
        return found

    async def _digest(
        self,
        request: IngestionRequest,
        job: IngestionJob,
        series: Series,
        decisions: Sequence[EditorialDecision],
    ) -> str | None:
        async def digest(raw: RawSource) -> str:
            return hashlib.sha256(await raw.load()).hexdigest()

        try:
            hashes = await self.fan_out.each(request.sources, digest, FINGERPRINT, job.id)
        except SourceError:
            return None  # when it is normalized, it is said what is wrong with it
        pairs = zip(request.sources, hashes, strict=True)
        return fingerprint.of_document(series, request.title, pairs, decisions)

    async def make_revision(
        self, request: IngestionRequest, job_id: uuid.UUID | None = None
    ) -> IngestionOutcome:
        """Do as `ingest_multi_source` does, for a request that `find_unchanged` did not find."""
        job = new_job(request, job_id or uuid.uuid7())
        try:
            await self._open(job)
            log.info("ingesting %s/%s, sources: %d", request.series, request.episode, len(request.sources))
            heartbeat = _task(self._beat(job), HEARTBEAT, job)
            try:
                return await self._compose_and_commit(request, job)
            finally:
                await _cancel([heartbeat])
        except BaseException as error:
            closing = _task(self._close(job, error), CLOSE, job)
            await _ended([closing])
            raise

    async def outcome(self, job_id: uuid.UUID) -> IngestionOutcome | None:
        """Find what a job has made that was cancelled on the way back from its commit; ``None``: nothing."""
        async with self.store.begin(read_only=True) as work:
            job = await work.jobs.get(job_id)
            series = await work.series.get(job.series_slug) if job else None
            episode = await work.episodes.get(job.series_slug, job.episode_slug) if job else None
            revision = await work.revisions.newest(episode.id) if episode else None
        if not (job and series and episode and revision and job.revision_id == revision.id):
            return None
        unused = revision.sources if job.status is JobStatus.SKIPPED_SOME else ()
        skipped = [SourceError(s.uri, s.error.removeprefix(f"{s.uri}: ")) for s in unused if s.error]
        created = revision.job_id == job.id
        return IngestionOutcome(job, series, episode, revision, created, tuple(skipped))

    async def _compose_and_commit(self, request: IngestionRequest, job: IngestionJob) -> IngestionOutcome:
        while True:
            edition = await self._next_edition(request)
            composition = await self.compose(request, job.id, edition)
            try:
                return await self._commit(job, edition, composition)
            except StaleRevisionError:
                continue  # another process was first, and what it wrote may be what we want

    async def _open(self, job: IngestionJob) -> None:
        async with self.store.begin() as work:
            now = await work.jobs.now()
            for other in await work.jobs.running():
                if is_gone(other, now):
                    await work.jobs.update(abandoned(other, now))
            await work.jobs.add(replace(job, heartbeat_at=now))
            await work.commit()

    async def _beat(self, job: IngestionJob) -> None:
        """Say again and again that the job is alive."""
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                async with self.store.begin() as work:
                    await work.jobs.beat(job.id, await work.jobs.now())
                    await work.commit()
            except StorageError as error:
                log.warning("no heartbeat: %s", error)  # the next one may get through

    async def _next_edition(self, request: IngestionRequest) -> Edition:
        now = datetime.now(UTC)
        async with self.store.begin(read_only=True) as work:
            series = await work.series.get(request.series)
            episode = await work.episodes.get(request.series, request.episode)
            history = await work.revisions.history(episode.id) if episode else ()
            decisions = await work.edits.of(episode.id) if episode else ()
        return Edition(
            series=series or Series(id=uuid.uuid7(), slug=request.series, title=request.series),
            episode=episode
            or Episode(id=uuid.uuid7(), series_slug=request.series, slug=request.episode, created_at=now),
            number=len(history) + 1,
            created_at=now,
            title=request.title,
            decisions=tuple(decisions),
            history=tuple(history),
        )

    async def _commit(
        self, job: IngestionJob, edition: Edition, composition: Composition
    ) -> IngestionOutcome:
        """Write everything in one transaction; `StaleRevisionError` when another process wrote first."""
        status = JobStatus.SKIPPED_SOME if composition.skipped else JobStatus.COMPLETED
        async with self.store.begin() as work:
            series = await work.series.get(edition.series.slug)
            if series is None:
                series = edition.series
                await work.series.put(series)
            episode = await work.episodes.get(series.slug, edition.episode.slug)
            if episode is None:
                episode = edition.episode
                await work.episodes.add(episode)
            revision = await work.revisions.newest(episode.id)
            created = revision is None or revision.fingerprint != composition.fingerprint
            if revision is None or created:
                if episode.id != edition.episode.id:
                    raise StaleRevisionError(episode.name, 0, 1)
                revision = composition.revision(job, edition)
                for content in composition.contents:
                    await work.contents.put(content)
                await work.revisions.append(revision)
                for decision in composition.edits:
                    await work.edits.put(decision)
            ended = replace(
                job,
                status=status,
                finished_at=datetime.now(UTC),
                revision_id=revision.id,
                steps=composition.steps,
            )
            await work.jobs.update(ended)
            await work.commit()
        log.info("%s %s, revision %d", "wrote" if created else "found", episode.name, revision.number)
        return IngestionOutcome(ended, series, episode, revision, created, composition.skipped)

    async def _close(self, job: IngestionJob, error: BaseException) -> None:
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
                recorded = await work.jobs.get(job.id)
                # It may have come before the job was recorded, or on the way back from its commit.
                if recorded and recorded.status in {JobStatus.RUNNING, JobStatus.ABANDONED}:
                    await work.jobs.update(ended)
                    await work.commit()
        except Exception as unrecorded:  # noqa: BLE001  # whatever it is, the first error says more
            error.add_note(f"the job could not be recorded as {ended.status}: {unrecorded}")


def new_job(request: IngestionRequest, job_id: uuid.UUID) -> IngestionJob:
    """Make the job of a request, as it starts here and now; raises `SlugError`."""
    check_slug("series", request.series)
    check_slug("episode", request.episode)
    now = datetime.now(UTC)
    return IngestionJob(
        id=job_id,
        series_slug=request.series,
        episode_slug=request.episode,
        status=JobStatus.RUNNING,
        request=fingerprint.of_request(request.series, request.episode, request.title, request.sources),
        host=socket.gethostname(),
        pid=os.getpid(),
        process=identity(os.getpid()),
        started_at=now,
        heartbeat_at=now,
    )


def _unchanged(job: IngestionJob, series: Series, episode: Episode, revision: Revision) -> IngestionOutcome:
    ended = replace(job, status=JobStatus.COMPLETED, finished_at=datetime.now(UTC), revision_id=revision.id)
    return IngestionOutcome(ended, series, episode, revision, created=False)


def _task(work: Coroutine[Any, Any, None], operation: str, job: IngestionJob) -> asyncio.Task[None]:
    metadata: TaskMetadata = {"operation_name": operation, "correlation_id": str(job.id)}
    return create_task(work, name=task_name(metadata), metadata=metadata)


def _first_failure(tasks: Sequence[asyncio.Task[Any]], sources: Sequence[RawSource]) -> BaseException | None:
    """The failure of the first source that has failed by now, with a note that names the source."""
    for number, (task, raw) in enumerate(zip(tasks, sources, strict=False), 1):
        if task.done() and not task.cancelled() and (failure := task.exception()) is not None:
            failure.add_note(f"source {number} of {len(sources)}: {raw.uri}")
            return failure
    return None


async def _cancel(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel what still runs and wait for its end."""
    for task in tasks:
        task.cancel()
    await _ended(tasks)


async def _ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Wait for the end of all, also through cancellations of this task, which take effect after it."""
    cancelled: asyncio.CancelledError | None = None
    while any(not task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
