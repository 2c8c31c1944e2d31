"""A store in memory: for tests, for trying out, and for whoever keeps nothing."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from episodic.canonical.contents import intact
from episodic.canonical.domain import (
    EarlierRevision,
    EditorialDecision,
    Episode,
    Export,
    IngestionJob,
    JobStatus,
    Revision,
    Series,
    Submission,
    SubmissionStatus,
)
from episodic.canonical.errors import NotFoundError, StaleRevisionError, StorageError
from episodic.canonical.heartbeat import beating
from episodic.canonical.sources import Content
from episodic.canonical.storage.turn import PATIENCE, WritingTurn, WritingTurns


@dataclass(slots=True)
class _State:
    """All that is kept. Entities are frozen, so a copy of the mappings is a copy of everything."""

    series: dict[uuid.UUID, Series] = field(default_factory=dict[uuid.UUID, Series])
    episodes: dict[uuid.UUID, Episode] = field(default_factory=dict[uuid.UUID, Episode])
    revisions: dict[uuid.UUID, tuple[Revision, ...]] = field(
        default_factory=dict[uuid.UUID, tuple[Revision, ...]]
    )
    contents: dict[str, Content] = field(default_factory=dict[str, Content])
    jobs: dict[uuid.UUID, IngestionJob] = field(default_factory=dict[uuid.UUID, IngestionJob])
    edits: dict[uuid.UUID, EditorialDecision] = field(default_factory=dict[uuid.UUID, EditorialDecision])
    submissions: dict[uuid.UUID, Submission] = field(default_factory=dict[uuid.UUID, Submission])
    exports: tuple[Export, ...] = ()
    paused: datetime | None = None
    writable: bool = False

    def draft(self, *, writable: bool) -> _State:
        return _State(
            dict(self.series),
            dict(self.episodes),
            dict(self.revisions),
            dict(self.contents),
            dict(self.jobs),
            dict(self.edits),
            dict(self.submissions),
            self.exports,
            self.paused,
            writable,
        )

    def require_writable(self) -> None:
        """Refuse to write in a unit that only reads."""
        if not self.writable:
            raise StorageError("memory cannot be written to, or was opened for reading only")

    def require(self, condition: object, rule: str) -> None:
        """Refuse a write that a database's constraints would refuse."""
        self.require_writable()
        if not condition:
            raise StorageError(f"memory refused what would break it: {rule}")


class MemoryStore:
    """See `ports.Store`."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._state = _State()
        self._turns = WritingTurns(patience, apart=False)

    def begin(self, *, about: str | None = None, read_only: bool = False) -> MemoryUnitOfWork:
        """Make a unit of work."""
        return MemoryUnitOfWork(self, None if read_only else self._turns.of(about))

    def draft(self, *, writable: bool) -> _State:
        """Copy the state for a unit of work."""
        return self._state.draft(writable=writable)

    def replace(self, state: _State) -> None:
        """Put the state of a committed unit in the place of the present one."""
        self._state = state

    async def broken(self) -> Sequence[str]:
        """Find nothing: what is in memory cannot refer to what is not."""
        return []

    async def compact(self) -> None:
        """Do nothing: nothing refers to what was removed."""

    async def close(self) -> None:
        """Do nothing: memory needs no closing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


class MemoryUnitOfWork:
    """See `ports.UnitOfWork`: works on a copy, which a commit puts in the place of the original."""

    def __init__(self, store: MemoryStore, turn: WritingTurn | None) -> None:
        self._store = store
        self._turn = turn
        self._state: _State | None = None

    async def __aenter__(self) -> Self:
        if self._turn:
            await self._turn.__aenter__()
        self._state = self._store.draft(writable=self._turn is not None)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._state = None
        if self._turn:
            await self._turn.__aexit__()

    async def commit(self) -> None:
        """Make the unit's changes last; it is over afterwards."""
        state, self._state = self._current, None
        if state.writable:
            self._store.replace(state)

    @property
    def _current(self) -> _State:
        if self._state is None:
            raise StorageError("this unit of work is over; begin another one")
        return self._state

    @property
    def series(self) -> MemorySeriesRepository:
        """Series by slug."""
        return MemorySeriesRepository(self._current)

    @property
    def episodes(self) -> MemoryEpisodeRepository:
        """Episodes by name."""
        return MemoryEpisodeRepository(self._current)

    @property
    def revisions(self) -> MemoryRevisionRepository:
        """Revisions of episodes."""
        return MemoryRevisionRepository(self._current)

    @property
    def contents(self) -> MemoryContentRepository:
        """Bytes of sources."""
        return MemoryContentRepository(self._current)

    @property
    def edits(self) -> MemoryEditorialRepository:
        """Editors' decisions."""
        return MemoryEditorialRepository(self._current)

    @property
    def exports(self) -> MemoryExportRepository:
        """Files that were made of revisions."""
        return MemoryExportRepository(self._current)

    @property
    def jobs(self) -> MemoryJobRepository:
        """Ingestion jobs."""
        return MemoryJobRepository(self._current)

    @property
    def submissions(self) -> MemorySubmissionRepository:
        """What is to be ingested."""
        return MemorySubmissionRepository(self._current)


class _Repository:
    def __init__(self, state: _State) -> None:
        self._state = state


class MemorySeriesRepository(_Repository):
    """See `ports.SeriesRepository`."""

    async def get(self, slug: str) -> Series | None:
        """Find by slug."""
        return next((s for s in self._state.series.values() if s.slug == slug), None)

    async def put(self, series: Series) -> None:
        """Add, or replace the one with the same id; its episodes follow its slug."""
        same = await self.get(series.slug)
        self._state.require(same is None or same.id == series.id, "a slug names one series")
        old = self._state.series.get(series.id)
        self._state.series[series.id] = series
        if old and old.slug != series.slug:
            for episode in self._state.episodes.values():
                if episode.series_slug == old.slug:
                    self._state.episodes[episode.id] = replace(episode, series_slug=series.slug)

    async def ensure(self, series: Series) -> Series:
        """Add a series unless there is one of its slug."""
        if found := await self.get(series.slug):
            return found
        await self.put(series)
        return series

    async def list(self) -> Sequence[Series]:
        """All, by slug."""
        return sorted(self._state.series.values(), key=lambda series: series.slug)


class MemoryEpisodeRepository(_Repository):
    """See `ports.EpisodeRepository`."""

    async def get(self, series_slug: str, slug: str) -> Episode | None:
        """Find by name."""
        every = self._state.episodes.values()
        return next((e for e in every if (e.series_slug, e.slug) == (series_slug, slug)), None)

    async def add(self, episode: Episode) -> None:
        """Add a new one; its series must be there."""
        series = {series.slug for series in self._state.series.values()}
        self._state.require(episode.series_slug in series, "an episode has a series")
        same = episode.id in self._state.episodes or await self.get(episode.series_slug, episode.slug)
        self._state.require(not same, "a name names one episode")
        self._state.episodes[episode.id] = episode

    async def put(self, episode: Episode) -> None:
        """Replace the one with the same id."""
        series = {series.slug for series in self._state.series.values()}
        self._state.require(episode.series_slug in series, "an episode has a series")
        other = await self.get(episode.series_slug, episode.slug)
        self._state.require(other is None or other.id == episode.id, "a name names one episode")
        self._state.episodes[episode.id] = episode

    async def remove(self, episode_id: uuid.UUID) -> None:
        """Remove one with all that it has."""
        state, revisions = self._state, MemoryRevisionRepository(self._state)
        state.require_writable()
        for revision in state.revisions.get(episode_id, ()):
            await revisions.remove(episode_id, revision.number)
        state.edits = {key: each for key, each in state.edits.items() if each.episode_id != episode_id}
        state.exports = tuple(each for each in state.exports if each.episode_id != episode_id)
        state.revisions.pop(episode_id, None)
        state.episodes.pop(episode_id, None)

    async def list(self, series_slug: str | None = None) -> Sequence[Episode]:
        """Those of one series, or all, by name."""
        every = self._state.episodes.values()
        return sorted(
            (each for each in every if series_slug in {None, each.series_slug}),
            key=lambda each: (each.series_slug, each.slug),
        )


class MemoryRevisionRepository(_Repository):
    """See `ports.RevisionRepository`."""

    async def newest(self, episode_id: uuid.UUID) -> Revision | None:
        """Find the one with the highest number."""
        return await self.get(episode_id, await self.newest_number(episode_id))

    async def newest_number(self, episode_id: uuid.UUID) -> int:
        """Give the highest number."""
        return max((revision.number for revision in self._of(episode_id)), default=0)

    async def history(self, episode_id: uuid.UUID) -> Sequence[EarlierRevision]:
        """All, by number, without what is large in them."""
        return [
            EarlierRevision(
                number=revision.number,
                created_at=revision.created_at,
                sources=tuple((s.uri, s.sha256) for s in revision.sources if s.siglum and s.sha256),
            )
            for revision in self._of(episode_id)
        ]

    async def get(self, episode_id: uuid.UUID, number: int) -> Revision | None:
        """Find by number."""
        return next((r for r in self._of(episode_id) if r.number == number), None)

    async def append(self, revision: Revision) -> None:
        """Add the next one; raises `StaleRevisionError`."""
        newest = await self.newest_number(revision.episode_id)
        if revision.number != newest + 1:
            episode = self._state.episodes.get(revision.episode_id)
            name = episode.name if episode else str(revision.episode_id)
            raise StaleRevisionError(name, revision.number - 1, newest)
        await self.put(revision)

    async def put(self, revision: Revision) -> None:
        """Add one, or replace the one with the same id."""
        state = self._state
        others = [each for each in self._of(revision.episode_id) if each.id != revision.id]
        state.require(revision.episode_id in state.episodes, "a revision has an episode")
        state.require(revision.number not in {each.number for each in others}, "a number is one revision's")
        state.require(revision.job_id in state.jobs, "a revision has a job")
        state.require(
            all(s.sha256 is None or s.sha256 in state.contents for s in revision.sources),
            "a source has its content",
        )
        state.revisions[revision.episode_id] = tuple(
            sorted([*others, revision], key=lambda each: each.number)
        )

    async def remove(self, episode_id: uuid.UUID, number: int) -> None:
        """Remove one with the jobs that made or found it."""
        state = self._state
        state.require_writable()
        if (gone := await self.get(episode_id, number)) is None:
            return
        state.revisions[episode_id] = tuple(each for each in self._of(episode_id) if each.id != gone.id)
        state.jobs = {key: job for key, job in state.jobs.items() if job.revision_id != gone.id}

    def _of(self, episode_id: uuid.UUID) -> tuple[Revision, ...]:
        return self._state.revisions.get(episode_id, ())


class MemoryContentRepository(_Repository):
    """See `ports.ContentRepository`."""

    async def put(self, content: Content) -> None:
        """Keep the bytes unless they are there."""
        self._state.require_writable()
        self._state.contents.setdefault(content.sha256, content)

    async def get(self, sha256: str) -> Content | None:
        """Find by hash; raises `StorageError` when the bytes no longer have it."""
        content = self._state.contents.get(sha256)
        return content and intact(content)

    async def remove(self, sha256: str) -> None:
        """Remove bytes that no revision uses."""
        used = sha256 in {use[0] for use in await self.uses()}
        self._state.require(not used, "a source has its content")
        self._state.contents.pop(sha256, None)

    async def uses(self) -> Sequence[tuple[str, uuid.UUID, int]]:
        """Say what is used where."""
        every = (revision for own in self._state.revisions.values() for revision in own)
        return [(s.sha256, r.episode_id, r.number) for r in every for s in r.sources if s.sha256]

    async def list(self) -> Sequence[str]:
        """All hashes, sorted."""
        return sorted(self._state.contents)


class MemoryEditorialRepository(_Repository):
    """See `ports.EditorialRepository`."""

    async def of(self, episode_id: uuid.UUID) -> Sequence[EditorialDecision]:
        """All of an episode, in the order in which they were made."""
        own = (each for each in self._state.edits.values() if each.episode_id == episode_id)
        return sorted(own, key=lambda each: (each.made_at, each.id))

    async def standing(self, series_slug: str, kind: str) -> Sequence[EditorialDecision]:
        """Those of a kind that stand in a series, in the order in which they were made."""
        own = {each.id for each in self._state.episodes.values() if each.series_slug == series_slug}
        found = (
            each
            for each in self._state.edits.values()
            if each.episode_id in own and each.kind == kind and each.stands
        )
        return sorted(found, key=lambda each: (each.made_at, each.id))

    async def put(self, decision: EditorialDecision) -> None:
        """Add, or replace the one with the same id."""
        self._state.require(decision.episode_id in self._state.episodes, "a decision has an episode")
        self._state.edits[decision.id] = decision

    async def remove(self, decision_id: uuid.UUID) -> None:
        """Remove one for good."""
        self._state.require_writable()
        self._state.edits.pop(decision_id, None)


class MemoryExportRepository(_Repository):
    """See `ports.ExportRepository`."""

    async def add(self, export: Export) -> None:
        """Add a new one."""
        self._state.require(export.episode_id in self._state.episodes, "an export has an episode")
        self._state.exports = (*self._state.exports, export)

    async def list(self, episode_id: uuid.UUID | None = None) -> Sequence[Export]:
        """Those of an episode, or all, in the order in which they were made."""
        own = (each for each in self._state.exports if episode_id in {None, each.episode_id})
        return sorted(own, key=lambda each: (each.made_at, each.id))


class MemorySubmissionRepository(_Repository):
    """See `ports.SubmissionRepository`."""

    async def add(self, submission: Submission) -> None:
        """Add a new one."""
        self._state.require(submission.id not in self._state.submissions, "a submission has its own id")
        self._state.submissions[submission.id] = submission

    async def change(self, submission: Submission, *, only: SubmissionStatus) -> bool:
        """Replace one that is in a status."""
        self._state.require_writable()
        found = self._state.submissions.get(submission.id)
        if found is None or found.status is not only:
            return False
        self._state.submissions[submission.id] = submission
        return True

    async def get(self, submission_id: uuid.UUID) -> Submission | None:
        """Find by id."""
        return self._state.submissions.get(submission_id)

    async def list(
        self, *status: SubmissionStatus, limit: int | None = 50, newest: bool = False
    ) -> Sequence[Submission]:
        """Those of a status."""
        found = [s for s in self._state.submissions.values() if not status or s.status in status]
        if newest:
            found.sort(key=lambda each: (each.finished_at or each.submitted_at, each.id), reverse=True)
        else:
            found.sort(key=lambda each: (each.priority, each.id))
        return found[:limit]

    async def count(self) -> Mapping[SubmissionStatus, int]:
        """Count them by status."""
        return Counter(each.status for each in self._state.submissions.values())

    async def finished_since(self, at: datetime) -> int:
        """Count those that ended after a time."""
        every = self._state.submissions.values()
        return sum(each.finished_at is not None and each.finished_at > at for each in every)

    async def pause(self, since: datetime | None) -> None:
        """Pause the queue, or let it go on."""
        self._state.require_writable()
        self._state.paused = since

    async def paused_since(self) -> datetime | None:
        """Say whether the queue is paused."""
        return self._state.paused


class MemoryJobRepository(_Repository):
    """See `ports.JobRepository`."""

    async def add(self, job: IngestionJob) -> None:
        """Record a new one."""
        self._state.require(job.id not in self._state.jobs, "a job has its own id")
        known = job.submission_id is None or job.submission_id in self._state.submissions
        self._state.require(known, "an attempt has its submission")
        self._state.jobs[job.id] = job

    async def update(self, job: IngestionJob) -> None:
        """Replace the one with the same id; raises `NotFoundError`."""
        made = {r.id for revisions in self._state.revisions.values() for r in revisions}
        self._state.require(job.revision_id is None or job.revision_id in made, "a job's revision is there")
        if job.id not in self._state.jobs:
            raise NotFoundError("job", str(job.id))
        self._state.jobs[job.id] = job

    async def abandon(self, job: IngestionJob) -> None:
        """Replace a job whose process is gone, unless it has ended."""
        self._state.require_writable()
        if (found := self._state.jobs.get(job.id)) and found.status is JobStatus.RUNNING:
            self._state.jobs[job.id] = job

    async def get(self, job_id: uuid.UUID) -> IngestionJob | None:
        """Find by id."""
        return self._state.jobs.get(job_id)

    async def list(self, limit: int | None = 50) -> Sequence[IngestionJob]:
        """Newest first."""
        return sorted(self._state.jobs.values(), key=_started, reverse=True)[:limit]

    async def of(self, submission_id: uuid.UUID) -> Sequence[IngestionJob]:
        """Attempts at a submission, in their order."""
        own = (job for job in self._state.jobs.values() if job.submission_id == submission_id)
        return sorted(own, key=lambda job: (job.attempt, job.id))

    async def running(self, request: str | None = None) -> Sequence[IngestionJob]:
        """Those that have not ended, of one request or of all, oldest first."""
        every = self._state.jobs.values()
        running = (job for job in every if job.status is JobStatus.RUNNING and request in {None, job.request})
        return sorted(running, key=_started)

    async def beat(self, job_id: uuid.UUID, at: datetime) -> bool:
        """Say that a job is alive, also one that was taken for abandoned; `False`: it has ended."""
        self._state.require_writable()
        job = self._state.jobs.get(job_id)
        alive = job and beating(job, at)
        if alive is None:
            return False
        self._state.jobs[job_id] = alive
        return True

    async def now(self) -> datetime:
        """Read this process's clock."""
        return datetime.now(UTC)


def _started(job: IngestionJob) -> tuple[datetime, uuid.UUID]:
    return job.started_at, job.id
