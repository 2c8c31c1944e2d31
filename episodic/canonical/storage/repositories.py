"""The repositories over SQLAlchemy; `unit_of_work` gives them their session."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

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
)
from episodic.canonical.errors import NotFoundError, StaleRevisionError
from episodic.canonical.heartbeat import beating
from episodic.canonical.sources import Content
from episodic.canonical.storage import mappers
from episodic.canonical.storage.columns import understood
from episodic.canonical.storage.models import (
    ContentModel,
    EditorialDecisionModel,
    EpisodeModel,
    ExportModel,
    JobModel,
    Model,
    RevisionModel,
    SeriesModel,
    SourceModel,
)


class Repository:
    """What all repositories do with their session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def _add(self, row: Model) -> None:
        self._session.add(row)
        await self._session.flush()

    async def _put(self, row: Model) -> None:
        with understood(type(row).__tablename__):
            await self._session.merge(row)  # it reads the row that is there
        await self._session.flush()

    async def _add_missing(self, kind: type[Model], entity: mappers.Entity) -> None:
        """Add a row unless its key is taken; waits for another unit that has just taken it."""
        if await self._is_file():
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert  # takes a while, and not everybody has it
        await self._session.execute(insert(kind).values(mappers.values(entity)).on_conflict_do_nothing())

    async def _is_file(self) -> bool:
        return (await self._session.connection()).dialect.name == "sqlite"

    async def _all[M: Model](self, query: Select[M]) -> Sequence[M]:
        kind: type[M] = query.column_descriptions[0]["entity"]
        with understood(kind.__tablename__):
            return (await self._session.scalars(query)).all()

    async def _one[M: Model](self, query: Select[M]) -> M | None:
        return next(iter(await self._all(query)), None)


class SqlSeriesRepository(Repository):
    """See `ports.SeriesRepository`."""

    async def get(self, slug: str) -> Series | None:
        """Find by slug."""
        row = await self._one(select(SeriesModel).where(SeriesModel.slug == slug))
        return row and mappers.from_row(Series, row)

    async def put(self, series: Series) -> None:
        """Add, or replace the one with the same id."""
        await self._put(mappers.to_row(SeriesModel, series))

    async def ensure(self, series: Series) -> Series:
        """Add a series unless there is one of its slug; two units may find at once that there is none."""
        found = await self.get(series.slug)
        if found is None:
            await self._add_missing(SeriesModel, series)
            found = await self.get(series.slug)
            assert found is not None
        return found

    async def list(self) -> Sequence[Series]:
        """All, by slug."""
        rows = await self._all(select(SeriesModel))
        return sorted((mappers.from_row(Series, row) for row in rows), key=lambda series: series.slug)


class SqlEpisodeRepository(Repository):
    """See `ports.EpisodeRepository`."""

    async def get(self, series_slug: str, slug: str) -> Episode | None:
        """Find by name."""
        row = await self._one(
            select(EpisodeModel).where(EpisodeModel.series_slug == series_slug, EpisodeModel.slug == slug)
        )
        return row and mappers.from_row(Episode, row)

    async def add(self, episode: Episode) -> None:
        """Add a new one; its series must be there."""
        await self._add(mappers.to_row(EpisodeModel, episode))

    async def put(self, episode: Episode) -> None:
        """Replace the one with the same id."""
        await self._put(mappers.to_row(EpisodeModel, episode))

    async def remove(self, episode_id: uuid.UUID) -> None:
        """Remove one with all that it has."""
        revisions = SqlRevisionRepository(self._session)
        numbers = select(RevisionModel.number).where(RevisionModel.episode_id == episode_id)
        for number in (await self._session.scalars(numbers)).all():
            await revisions.remove(episode_id, number)
        decisions = delete(EditorialDecisionModel).where(EditorialDecisionModel.episode_id == episode_id)
        await self._session.execute(decisions)
        await self._session.execute(delete(ExportModel).where(ExportModel.episode_id == episode_id))
        await self._session.execute(delete(EpisodeModel).where(EpisodeModel.id == episode_id))

    async def list(self, series_slug: str | None = None) -> Sequence[Episode]:
        """Those of one series, or all."""
        query = select(EpisodeModel)
        if series_slug is not None:
            query = query.where(EpisodeModel.series_slug == series_slug)
        rows = await self._all(query)
        # Sorted here: databases disagree about the order of text.
        return sorted(
            (mappers.from_row(Episode, row) for row in rows), key=lambda each: (each.series_slug, each.slug)
        )


class SqlRevisionRepository(Repository):
    """See `ports.RevisionRepository`."""

    async def newest(self, episode_id: uuid.UUID) -> Revision | None:
        """Find the one with the highest number."""
        newest = select(func.max(RevisionModel.number)).where(RevisionModel.episode_id == episode_id)
        return await self._find(
            RevisionModel.episode_id == episode_id, RevisionModel.number == newest.scalar_subquery()
        )

    async def newest_number(self, episode_id: uuid.UUID) -> int:
        """Give the highest number."""
        query = select(func.max(RevisionModel.number)).where(RevisionModel.episode_id == episode_id)
        return await self._session.scalar(query) or 0

    async def history(self, episode_id: uuid.UUID) -> Sequence[EarlierRevision]:
        """All, by number, without what is large in them."""
        used = and_(SourceModel.revision_id == RevisionModel.id, SourceModel.siglum.is_not(None))
        query = (
            select(RevisionModel.number, RevisionModel.created_at, SourceModel.uri, SourceModel.sha256)
            .join(SourceModel, used, isouter=True)
            .where(RevisionModel.episode_id == episode_id)
            .order_by(RevisionModel.number, SourceModel.position)
        )
        rows = groupby(await self._session.execute(query), key=lambda row: (row[0], row[1]))
        return [
            EarlierRevision(
                number=number,
                created_at=created_at,
                sources=tuple((uri, sha256) for _, _, uri, sha256 in group if sha256),
            )
            for (number, created_at), group in rows
        ]

    async def get(self, episode_id: uuid.UUID, number: int) -> Revision | None:
        """Find by number."""
        return await self._find(RevisionModel.episode_id == episode_id, RevisionModel.number == number)

    async def append(self, revision: Revision) -> None:
        """Add the next one; raises `StaleRevisionError`."""
        newest = await self.newest_number(revision.episode_id)
        if revision.number != newest + 1:
            episode = await self._session.get(EpisodeModel, revision.episode_id)
            name = f"{episode.series_slug}/{episode.slug}" if episode else str(revision.episode_id)
            raise StaleRevisionError(name, revision.number - 1, newest)
        await self._add(mappers.revision_to_row(revision))

    async def put(self, revision: Revision) -> None:
        """Add one, or replace the one with the same id."""
        row = mappers.revision_to_row(revision)
        if not await self._session.scalar(select(exists().where(RevisionModel.id == revision.id))):
            await self._add(row)
            return
        await self._session.execute(delete(SourceModel).where(SourceModel.revision_id == revision.id))
        await self._session.merge(row)
        await self._session.flush()

    async def remove(self, episode_id: uuid.UUID, number: int) -> None:
        """Remove one with its sources and the jobs that made or found it."""
        own = select(RevisionModel.id).where(
            RevisionModel.episode_id == episode_id, RevisionModel.number == number
        )
        revision_id = await self._session.scalar(own)
        if revision_id is None:
            return
        # Jobs and revisions point at each other.
        of_it = JobModel.revision_id == revision_id
        jobs = (await self._session.scalars(select(JobModel.id).where(of_it))).all()
        await self._session.execute(update(JobModel).where(of_it).values(revision_id=None))
        await self._session.execute(delete(SourceModel).where(SourceModel.revision_id == revision_id))
        await self._session.execute(delete(RevisionModel).where(RevisionModel.id == revision_id))
        await self._session.execute(delete(JobModel).where(JobModel.id.in_(jobs)))

    async def _find(self, *conditions: ColumnElement[bool]) -> Revision | None:
        row = await self._one(select(RevisionModel).where(*conditions))
        return row and mappers.revision_from_row(row)


class SqlContentRepository(Repository):
    """See `ports.ContentRepository`."""

    async def put(self, content: Content) -> None:
        """Keep the bytes unless they are there."""
        there = select(exists().where(ContentModel.sha256 == content.sha256))
        # A file is in this process; elsewhere, the bytes need not be sent where they are.
        if await self._is_file() or not await self._session.scalar(there):
            await self._add_missing(ContentModel, content)

    async def get(self, sha256: str) -> Content | None:
        """Find by hash; raises `StorageError` when the bytes no longer have it."""
        row = await self._one(select(ContentModel).where(ContentModel.sha256 == sha256))
        return row and intact(mappers.from_row(Content, row))

    async def remove(self, sha256: str) -> None:
        """Remove bytes that no revision uses."""
        await self._session.execute(delete(ContentModel).where(ContentModel.sha256 == sha256))

    async def uses(self) -> Sequence[tuple[str, uuid.UUID, int]]:
        """Say what is used where."""
        query = (
            select(SourceModel.sha256, RevisionModel.episode_id, RevisionModel.number)
            .join(RevisionModel, SourceModel.revision_id == RevisionModel.id)
            .where(SourceModel.sha256.is_not(None))
            .distinct()
        )
        return [
            (sha256 or "", episode, number) for sha256, episode, number in await self._session.execute(query)
        ]

    async def list(self) -> Sequence[str]:
        """All hashes, sorted."""
        return sorted(await self._session.scalars(select(ContentModel.sha256)))


class SqlEditorialRepository(Repository):
    """See `ports.EditorialRepository`."""

    async def of(self, episode_id: uuid.UUID) -> Sequence[EditorialDecision]:
        """All of an episode, in the order in which they were made."""
        query = select(EditorialDecisionModel).where(EditorialDecisionModel.episode_id == episode_id)
        rows = await self._all(query.order_by(EditorialDecisionModel.made_at, EditorialDecisionModel.id))
        return [mappers.from_row(EditorialDecision, row) for row in rows]

    async def standing(self, series_slug: str, kind: str) -> Sequence[EditorialDecision]:
        """Those of a kind that stand in a series, in the order in which they were made."""
        query = (
            select(EditorialDecisionModel)
            .join(EpisodeModel, EpisodeModel.id == EditorialDecisionModel.episode_id)
            .where(EpisodeModel.series_slug == series_slug)
            .where(EditorialDecisionModel.kind == kind, EditorialDecisionModel.withdrawn_at.is_(None))
        )
        rows = await self._all(query.order_by(EditorialDecisionModel.made_at, EditorialDecisionModel.id))
        return [mappers.from_row(EditorialDecision, row) for row in rows]

    async def put(self, decision: EditorialDecision) -> None:
        """Add, or replace the one with the same id."""
        await self._put(mappers.to_row(EditorialDecisionModel, decision))

    async def remove(self, decision_id: uuid.UUID) -> None:
        """Remove one for good."""
        own = EditorialDecisionModel.id == decision_id
        await self._session.execute(delete(EditorialDecisionModel).where(own))


class SqlExportRepository(Repository):
    """See `ports.ExportRepository`."""

    async def add(self, export: Export) -> None:
        """Add a new one."""
        await self._add(mappers.to_row(ExportModel, export))

    async def list(self, episode_id: uuid.UUID | None = None) -> Sequence[Export]:
        """Those of an episode, or all, in the order in which they were made."""
        query = select(ExportModel).order_by(ExportModel.made_at, ExportModel.id)
        if episode_id is not None:
            query = query.where(ExportModel.episode_id == episode_id)
        rows = await self._all(query)
        return [mappers.from_row(Export, row) for row in rows]


class SqlJobRepository(Repository):
    """See `ports.JobRepository`."""

    async def add(self, job: IngestionJob) -> None:
        """Record a new one."""
        await self._add(mappers.to_row(JobModel, job))

    async def update(self, job: IngestionJob) -> None:
        """Replace the one with the same id; raises `NotFoundError`."""
        if not await self._change(job.id, mappers.values(job)):
            raise NotFoundError("job", str(job.id))

    async def abandon(self, job: IngestionJob) -> None:
        """Replace a job whose process is gone, unless it has ended."""
        await self._change(job.id, mappers.values(job), JobModel.status == JobStatus.RUNNING)

    async def get(self, job_id: uuid.UUID) -> IngestionJob | None:
        """Find by id."""
        row = await self._one(select(JobModel).where(JobModel.id == job_id))
        return row and mappers.from_row(IngestionJob, row)

    async def list(self, limit: int | None = 50) -> Sequence[IngestionJob]:
        """Newest first."""
        return await self._select(
            select(JobModel).order_by(JobModel.started_at.desc(), JobModel.id.desc()).limit(limit)
        )

    async def of(self, submission_id: uuid.UUID) -> Sequence[IngestionJob]:
        """Attempts at a submission, in their order."""
        own = select(JobModel).where(JobModel.submission_id == submission_id)
        return await self._select(own.order_by(JobModel.attempt, JobModel.id))

    async def running(self, request: str | None = None) -> Sequence[IngestionJob]:
        """Those that have not ended, of one request or of all, oldest first."""
        query = select(JobModel).where(JobModel.status == JobStatus.RUNNING)
        if request is not None:
            query = query.where(JobModel.request == request)
        return await self._select(query.order_by(JobModel.started_at, JobModel.id))

    async def beat(self, job_id: uuid.UUID, at: datetime) -> bool:
        """Say that a job is alive, also one that was taken for abandoned; `False`: it has ended."""
        job = await self.get(job_id)
        alive = job and beating(job, at)
        going = JobModel.status.in_((JobStatus.RUNNING, JobStatus.ABANDONED))  # it may end meanwhile
        return alive is not None and await self._change(job_id, mappers.values(alive), going)

    async def now(self) -> datetime:
        """Read the server's clock; a file is on the machine of those who use it."""
        if await self._is_file():
            return datetime.now(UTC)
        now: datetime | None = await self._session.scalar(select(func.clock_timestamp()))
        assert now is not None
        return now

    async def _select(self, query: Select[JobModel]) -> Sequence[IngestionJob]:
        return [mappers.from_row(IngestionJob, row) for row in await self._all(query)]

    async def _change(
        self, job_id: uuid.UUID, columns: dict[str, object], *only: ColumnElement[bool]
    ) -> bool:
        changed = update(JobModel).where(JobModel.id == job_id, *only).values(columns).returning(JobModel.id)
        return await self._session.scalar(changed) is not None
