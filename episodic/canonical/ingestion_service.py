"""The ingestion of one episode: open a job, normalize, weigh, resolve, write, commit."""

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Final, Never

from episodic.asyncio_tasks import TaskMetadata, create_task, task_name
from episodic.canonical.composition.composer import Compose, Composition, IngestionRequest
from episodic.canonical.composition.doubts import refuse_doubtful
from episodic.canonical.composition.repeats import find_repeats
from episodic.canonical.contents import kept_sources
from episodic.canonical.domain import Episode, Revision, Series
from episodic.canonical.errors import SourceError, StaleRevisionError, TransientError
from episodic.canonical.exhaustion import said_in_words
from episodic.canonical.gathering import cancel, ended, gather
from episodic.canonical.heartbeat import abandoned, beat, is_gone
from episodic.canonical.jobs import IngestionJob, JobStatus
from episodic.canonical.ports import Edition, Store
from episodic.canonical.sources import RawSource

log = logging.getLogger(__name__)

INGEST: Final = "canonical.ingestion.ingest"  # for callers that make a task of an ingestion
FINGERPRINT: Final = "canonical.ingestion.fingerprint"
COMPOSE: Final = "canonical.ingestion.compose"  # for callers that compose in another process
NORMALIZE: Final = "canonical.ingestion.normalize"
HEARTBEAT: Final = "canonical.ingestion.heartbeat"
CLOSE: Final = "canonical.ingestion.close"

# Seconds to wait for others where a job was cancelled, or failed after a whole wait; for all, twice that.
_LAST_WAIT: Final = 1.0


@dataclass(frozen=True, slots=True)
class IngestionOutcome:
    """What came out.

    Parameters
    ----------
    created
        Whether it is new; an existing revision may already have been the answer.
    missing
        Sources that the revision before had and this one lacks.
    """

    job: IngestionJob
    series: Series
    episode: Episode
    revision: Revision
    created: bool
    skipped: tuple[SourceError, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionService:
    """Turns the sources of an episode into its next revision.

    Parameters
    ----------
    compose
        `Composer.compose`, here or in another process.
    fan_out
        How sources are read that may be unchanged.
    beats
        Whether a running job says that it is alive; a queue's worker does so for all of its jobs.
    terms
        What a series' episodes had when a batch began, as `RevisionRepository.terms` gives it, so that they
        do not learn from each other as it happens; ``None``: each learns what is there when it begins.
    """

    store: Store
    compose: Compose
    fan_out: FanOut
    beats: bool = True
    terms: Mapping[str, frozenset[str]] | None = None

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
        DoubtfulError
            The request is strict, and something was left out, guessed, damaged or set apart.
        SlugError, ResolutionError, DocumentError, StorageError
            From the parts that say so.
        """
        job_id = job_id or uuid.uuid7()
        unchanged = await self.find_unchanged({job_id: request})
        return unchanged.get(job_id) or await self.make_revision(request, job_id)

    async def make_revision(self, request: IngestionRequest, job_id: uuid.UUID) -> IngestionOutcome:
        """Do as `ingest_multi_source` does, for a request that `find_unchanged` did not find."""
        job = request.new_job(job_id)
        try:
            edition = await self._open(job, request)
            log.info("ingesting %s, sources: %d", request.episode_name, len(request.sources))
            heartbeat = (
                [named_task(beat(self.store, job), HEARTBEAT, job.correlation_id)] if self.beats else []
            )
            try:
                return await self._compose_and_commit(request, job, edition)
            finally:
                await cancel(heartbeat)
        except BaseException as error:
            closing = named_task(self._close(job, error), CLOSE, job.correlation_id)
            await ended([closing])
            raise

    async def _open(self, job: IngestionJob, request: IngestionRequest) -> Edition:
        """Record that a job runs, and give what it is to make."""
        async with self.store.begin(about=str(job.id)) as work:
            now = await work.jobs.now()
            # A batch has several, of which its process need not ask whether it is gone.
            for other in await work.jobs.running(beside="" if job.submission_id else job.process):
                # Of two attempts at a submission, the older lost its worker, or will find what this makes.
                superseded = job.submission_id is not None and other.submission_id == job.submission_id
                if superseded or is_gone(other, now, attempts_beat=work.jobs.attempts_beat):
                    await work.jobs.abandon(abandoned(other, now))
            await work.jobs.add(replace(job, heartbeat_at=now))
            edition = await request.edition(work, self.terms)
            await work.commit()
        return edition

    async def _compose_and_commit(
        self, request: IngestionRequest, job: IngestionJob, edition: Edition
    ) -> IngestionOutcome:
        while True:
            with said_in_words():
                composition = await self.compose(request, job.correlation_id, edition)
            if request.strict:
                refuse_doubtful(composition.revision.sources)
            try:
                return await self._commit(job, edition, composition)
            except StaleRevisionError:  # another process was first, and what it wrote may be what we want
                async with self.store.begin(read_only=True) as work:
                    edition = await request.edition(work, self.terms)

    async def _commit(
        self, job: IngestionJob, edition: Edition, composition: Composition
    ) -> IngestionOutcome:
        """Write everything in one transaction; `StaleRevisionError` when another process wrote first."""
        status = JobStatus.SKIPPED_SOME if composition.skipped else JobStatus.COMPLETED
        async with self.store.begin(about=edition.episode.name) as work:
            series = await work.series.ensure(edition.series)
            episode = await work.episodes.get(series.slug, edition.episode.slug)
            if episode is None:
                episode, earlier = edition.episode, None
                await work.episodes.add(episode)
            else:
                earlier = await work.revisions.newest(episode.id)
            revision = replace(composition.revision, job_id=job.id)
            if earlier and earlier.fingerprint == revision.fingerprint:
                revision = earlier
            elif episode.id != edition.episode.id:
                raise StaleRevisionError(episode.name, 0, 1)
            else:
                await work.contents.put(*composition.contents)
                await work.revisions.append(revision)
                await work.edits.put(*composition.edits)
            ended = job.ended(status, revision.id, composition.steps)
            await work.jobs.update(ended)
            await work.commit()
        created = revision is not earlier
        log.info("%s %s, revision %d", "wrote" if created else "found", episode.name, revision.number)
        missing = _missing(earlier, revision)
        return IngestionOutcome(ended, series, episode, revision, created, composition.skipped, missing)

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
            patience = _LAST_WAIT if cancelled or isinstance(error, TransientError) else None
            unit = self.store.begin(about=str(job.id), patience=patience)
            async with asyncio.timeout(patience and 2 * patience), unit as work:
                recorded = await work.jobs.get(job.id)
                # It may have come before the job was recorded, or on the way back from its commit.
                if recorded and recorded.status in {JobStatus.RUNNING, JobStatus.ABANDONED}:
                    await work.jobs.update(ended)
                    await work.commit()
        except Exception as unrecorded:  # noqa: BLE001  # whatever it is, the first error says more
            reason = "" if str(unrecorded) in {str(error), ""} else f": {unrecorded}"
            error.add_note(f"the job could not be recorded as {ended.status}{reason}")

    async def find_unchanged(
        self, requests: Mapping[uuid.UUID, IngestionRequest]
    ) -> dict[uuid.UUID, IngestionOutcome]:
        """Find the revisions that these very bytes made before, without parsing any of them.

        Two units read and one writes the jobs that found something: hundreds of episodes that are ingested
        again cost no more.

        Parameters
        ----------
        requests
            By the id of the job that each is to have. Only those come back for which there is nothing to do.
        """
        jobs = {job_id: request.new_job(job_id) for job_id, request in requests.items()}

        async def hashes(job_id: uuid.UUID) -> list[str]:
            sources, correlation_id = requests[job_id].sources, jobs[job_id].correlation_id
            return await self.fan_out.each(FINGERPRINT, sources, _sha256, correlation_id)

        unchanged: dict[uuid.UUID, IngestionOutcome] = {}
        for job_id, repeat in (await find_repeats(self.store, requests, hashes)).items():
            job = jobs[job_id].ended(JobStatus.COMPLETED, repeat.revision.id)
            unchanged[job_id] = IngestionOutcome(
                job, repeat.series, repeat.episode, repeat.revision, created=False
            )
        if unchanged:
            # Each job is a row of its own, so that the turn of any of them will do.
            async with self.store.begin(about=str(next(iter(unchanged)))) as work:
                for outcome in unchanged.values():
                    await work.jobs.add(outcome.job)
                await work.commit()
        return unchanged

    async def outcome(self, job_id: uuid.UUID) -> IngestionOutcome | None:
        """Find what a cancelled job made; ``None``: nothing; `TransientError`: nobody can tell yet."""
        try:
            return await self._outcome(job_id)
        except TransientError as error:
            says = f"whether job {job_id} stored anything is not known, and 'episodic jobs' will say"
            raise TransientError(f"{says}: {error}") from None

    async def _outcome(self, job_id: uuid.UUID) -> IngestionOutcome | None:
        async with self.store.begin(read_only=True) as work:
            job = await work.jobs.get(job_id)
            if job and job.status is JobStatus.RUNNING:  # whoever writes its end waits for its commit
                raise TransientError("it could not be recorded as cancelled")
            if job is None or job.revision_id is None:
                return None
            series = await work.series.get(job.series_slug)
            episode = await work.episodes.get(job.series_slug, job.episode_slug)
            revision = await work.revisions.newest(episode.id) if episode else None
            # Others may have made more since.
            numbers = [each.number for each in await work.revisions.history(episode.id)] if episode else []
            while episode and revision and revision.id != job.revision_id:
                before = max((number for number in numbers if number < revision.number), default=0)
                revision = await work.revisions.get(episode.id, before)
        if not (series and episode and revision):
            return None
        unused = revision.sources if job.status is JobStatus.SKIPPED_SOME else ()
        skipped = [SourceError(s.uri, s.error.removeprefix(f"{s.uri}: ")) for s in unused if s.error]
        created = revision.job_id == job.id
        return IngestionOutcome(job, series, episode, revision, created, tuple(skipped))

    async def adding(self, request: IngestionRequest) -> IngestionRequest:
        """Add to a request the sources of the newest revision, but for those whose name it has as well.

        The title that was given for that revision stays, too, where the request gives none.
        """
        async with self.store.begin(read_only=True) as work:
            episode = await work.episodes.get(request.series, request.episode)
            newest = await work.revisions.newest(episode.id) if episode else None
            kept = await kept_sources(work.contents, newest) if newest else []
        given = {_name(raw.uri) for raw in request.sources}
        return replace(
            request,
            sources=[*(raw for raw in kept if _name(raw.uri) not in given), *request.sources],
            title=request.title or (newest and newest.given_title),
        )

    async def preview(self, request: IngestionRequest, job_id: uuid.UUID) -> IngestionOutcome:
        """Compose what a request would make, and store nothing, no job either."""
        job = request.new_job(job_id)
        async with self.store.begin(read_only=True) as work:
            edition = await request.edition(work, self.terms)
        with said_in_words():
            composition = await self.compose(request, job.id, edition)
        async with self.store.begin(read_only=True) as work:
            newest = await work.revisions.newest(edition.episode.id)
        revision = composition.revision
        if newest and newest.fingerprint == revision.fingerprint:
            revision = newest
        return IngestionOutcome(
            replace(job, steps=composition.steps),
            edition.series,
            edition.episode,
            revision,
            created=revision is not newest,
            skipped=composition.skipped,
            missing=_missing(newest, revision),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """Does the same with every source, each in a task of its own.

    Parameters
    ----------
    concurrency
        Sources that are worked on at the same time.
    source_timeout
        Seconds that one source may take, once its turn has come.
    """

    concurrency: int = 8
    source_timeout: float = 120.0

    async def normalize_each[T](
        self,
        sources: Sequence[RawSource],
        work: Callable[[RawSource], Awaitable[T]],
        correlation_id: uuid.UUID,
    ) -> list[T]:
        """Do what a `Composer` calls back for."""
        return await self.each(NORMALIZE, sources, work, correlation_id)

    async def each[T](
        self,
        operation: str,
        sources: Sequence[RawSource],
        work: Callable[[RawSource], Awaitable[T]],
        correlation_id: uuid.UUID,
    ) -> list[T]:
        """Await `work` for each source, as `gather` does; a failure is noted with its source."""
        gate = asyncio.Semaphore(self.concurrency)

        async def one(raw: RawSource) -> T:
            async with gate:
                return await self._in_time(raw, work(raw))

        def tasks() -> Iterator[asyncio.Task[T]]:
            for index, raw in enumerate(sources):
                yield named_task(one(raw), operation, correlation_id, raw.uri, index)

        return await gather(tasks(), lambda at: f"source {at + 1} of {len(sources)}: {sources[at].uri}")

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


async def _sha256(raw: RawSource) -> str:
    return hashlib.sha256(await raw.load()).hexdigest()


def _name(uri: str) -> str:
    """What a source is called, in whichever folder it is."""
    return PurePath(uri).name


def _missing(earlier: Revision | None, revision: Revision) -> tuple[str, ...]:
    """List the sources that are gone: neither their bytes nor their names are there any more."""
    if earlier is None:
        return ()
    hashes = {source.sha256 for source in revision.sources}
    names = {_name(source.uri) for source in revision.sources}
    gone = (s for s in earlier.sources if s.sha256 not in hashes and _name(s.uri) not in names)
    return tuple(sorted(source.uri for source in gone if source.siglum))


def named_task[T](
    work: Coroutine[object, Never, T],
    operation: str,
    correlation_id: uuid.UUID,
    label: str | None = None,
    priority: int | None = None,
) -> asyncio.Task[T]:
    """Make a task that logs, observers and `episodic tasks` know by what it does, for which run and what."""
    metadata: TaskMetadata = {"operation_name": operation, "correlation_id": str(correlation_id)}
    if priority is not None:
        metadata["priority_hint"] = priority
    return create_task(work, name=task_name(metadata, label), metadata=metadata)
