"""The repositories over SQLAlchemy; `unit_of_work` gives them their connection."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import batched, groupby
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, Text, and_, cast, delete, exists, func, insert, select, update

from episodic.canonical.contents import unpack
from episodic.canonical.domain import (
    DELETED,
    EarlierRevision,
    EditorialDecision,
    Episode,
    Export,
    Revision,
    Series,
    SourceDocument,
)
from episodic.canonical.errors import NotFoundError, StaleRevisionError
from episodic.canonical.heartbeat import beating
from episodic.canonical.jobs import IngestionJob, JobStatus
from episodic.canonical.queue import Submission, SubmissionStatus
from episodic.canonical.sources import Content
from episodic.canonical.storage.column_types import understood
from episodic.canonical.storage.repository import Repository, from_row, to_row
from episodic.canonical.storage.tables import (
    CONTENTS,
    EDITORIAL_DECISIONS,
    EPISODES,
    EXPORTS,
    JOBS,
    PAUSES,
    REVISIONS,
    SERIES,
    SOURCES,
    SUBMISSIONS,
)

_AT_ONCE: Final = 500  # rows that are written without letting the event loop run


class SqlSeriesRepository(Repository[Series]):
    """See `ports.SeriesRepository`."""

    kind = Series
    table = SERIES

    async def get(self, slug: str) -> Series | None:
        return await self._one(SERIES.c.slug == slug)

    async def ensure(self, series: Series) -> Series:
        found = await self.get(series.slug)
        if found is None:  # and another unit may find at once that there is none
            await self._add_missing(series)
            found = await self.get(series.slug)
            assert found is not None
        return found

    async def list(self) -> Sequence[Series]:
        return sorted(await self._all(select(SERIES)), key=lambda series: series.slug)


class SqlEpisodeRepository(Repository[Episode]):
    """See `ports.EpisodeRepository`."""

    kind = Episode
    table = EPISODES

    async def get(self, series_slug: str, slug: str) -> Episode | None:
        return await self._one(EPISODES.c.series_slug == series_slug, EPISODES.c.slug == slug)

    async def remove(self, episode_id: uuid.UUID) -> None:
        revisions = SqlRevisionRepository(self._connection)
        for earlier in await revisions.history(episode_id):
            await revisions.remove(episode_id, earlier.number)
        for table in (EDITORIAL_DECISIONS, EXPORTS):
            await self._run(delete(table).where(table.c.episode_id == episode_id))
        await self._remove(EPISODES.c.id == episode_id)

    async def list(self, series_slug: str | None = None) -> Sequence[Episode]:
        query = select(EPISODES)
        if series_slug is not None:
            query = query.where(EPISODES.c.series_slug == series_slug)
        # Sorted here: databases disagree about the order of text.
        return sorted(await self._all(query), key=lambda each: (each.series_slug, each.slug))


class SqlRevisionRepository(Repository[Revision]):
    """See `ports.RevisionRepository`."""

    kind = Revision
    table = REVISIONS

    async def newest(self, episode_id: uuid.UUID) -> Revision | None:
        newest = select(func.max(REVISIONS.c.number)).where(REVISIONS.c.episode_id == episode_id)
        return await self._find(
            REVISIONS.c.episode_id == episode_id, REVISIONS.c.number == newest.scalar_subquery()
        )

    async def newest_number(self, episode_id: uuid.UUID) -> int:
        query = select(func.max(REVISIONS.c.number)).where(REVISIONS.c.episode_id == episode_id)
        return await self._value(query) or 0

    async def history(self, episode_id: uuid.UUID) -> Sequence[EarlierRevision]:
        used = and_(SOURCES.c.revision_id == REVISIONS.c.id, SOURCES.c.siglum.is_not(None))
        query = (
            select(REVISIONS.c.number, REVISIONS.c.created_at, SOURCES.c.uri, SOURCES.c.sha256)
            .join(SOURCES, used, isouter=True)
            .where(REVISIONS.c.episode_id == episode_id)
            .order_by(REVISIONS.c.number, SOURCES.c.position)
        )
        rows = groupby(await self._run(query), key=lambda row: (row[0], row[1]))
        return [
            EarlierRevision(
                number=number,
                created_at=created_at,
                sources=tuple((uri, sha256) for _, _, uri, sha256 in group if sha256),
            )
            for (number, created_at), group in rows
        ]

    async def get(self, episode_id: uuid.UUID, number: int) -> Revision | None:
        return await self._find(REVISIONS.c.episode_id == episode_id, REVISIONS.c.number == number)

    async def terms(self, series_slug: str) -> Mapping[str, frozenset[str]]:
        other = REVISIONS.alias()
        newest = select(func.max(other.c.number)).where(other.c.episode_id == EPISODES.c.id)
        # As text, to be read below: of hundreds of episodes, each by its type takes long.
        terms = cast(SOURCES.c.terms, Text)
        query = (
            select(EPISODES.c.slug, terms)
            .join(REVISIONS, REVISIONS.c.episode_id == EPISODES.c.id)
            .join(SOURCES, SOURCES.c.revision_id == REVISIONS.c.id)
            .where(
                EPISODES.c.series_slug == series_slug,
                ~EPISODES.c.slug.contains(DELETED),
                REVISIONS.c.number == newest.scalar_subquery(),
                terms != "[]",
            )
        )
        found: dict[str, set[str]] = {}
        with understood(SOURCES.name):
            for slug, own in await self._run(query):
                found.setdefault(slug, set()).update(msgspec.json.decode(own, type=list[str]))
        return {slug: frozenset(own) for slug, own in found.items()}

    async def append(self, revision: Revision) -> None:
        newest = await self.newest_number(revision.episode_id)
        if revision.number != newest + 1:
            own = select(EPISODES.c.series_slug, EPISODES.c.slug).where(EPISODES.c.id == revision.episode_id)
            name = (await self._run(own)).first() or [str(revision.episode_id)]
            raise StaleRevisionError("/".join(name), revision.number - 1, newest)
        await self.add(revision)
        await self._add_sources(revision)

    async def put(self, revision: Revision) -> None:
        await self._run(delete(SOURCES).where(SOURCES.c.revision_id == revision.id))
        await super().put(revision)
        await self._add_sources(revision)

    async def _add_sources(self, revision: Revision) -> None:
        rows = [
            to_row(SOURCES, source, revision_id=revision.id, position=position)
            for position, source in enumerate(revision.sources)
        ]
        if rows:
            await self._run(insert(SOURCES), rows)

    async def remove(self, episode_id: uuid.UUID, number: int) -> None:
        own = select(REVISIONS.c.id).where(REVISIONS.c.episode_id == episode_id, REVISIONS.c.number == number)
        revision_id = await self._value(own)
        if revision_id is None:
            return
        # Jobs and revisions point at each other.
        of_it = JOBS.c.revision_id == revision_id
        jobs = (await self._run(select(JOBS.c.id).where(of_it))).scalars().all()
        await self._run(update(JOBS).where(of_it).values(revision_id=None))
        await self._run(delete(SOURCES).where(SOURCES.c.revision_id == revision_id))
        await self._remove(REVISIONS.c.id == revision_id)
        await self._run(delete(JOBS).where(JOBS.c.id.in_(jobs)))

    async def _find(self, *where: ColumnElement[bool]) -> Revision | None:
        for row in await self._rows(REVISIONS, select(REVISIONS).where(*where)):
            of_it = select(SOURCES).where(SOURCES.c.revision_id == row["id"]).order_by(SOURCES.c.position)
            found = await self._rows(SOURCES, of_it)
            sources = tuple(from_row(SourceDocument, SOURCES, each) for each in found)
            return from_row(Revision, REVISIONS, row, sources=sources)
        return None


class SqlContentRepository(Repository[Content]):
    """See `ports.ContentRepository`."""

    kind = Content
    table = CONTENTS

    async def put(self, *contents: Content) -> None:
        # In one order, so that two units which keep the same contents cannot wait for each other.
        ordered = sorted(contents, key=lambda content: content.sha256)
        if self._is_file:
            await self._add_missing(*ordered)
            return
        for content in ordered:  # it need not be sent where it is
            if not await self._value(select(exists().where(CONTENTS.c.sha256 == content.sha256))):
                await self._add_missing(content)

    async def get(self, sha256: str) -> Content | None:
        if content := await self._one(CONTENTS.c.sha256 == sha256):
            unpack(content)  # raises where it is damaged
        return content

    async def remove(self, sha256: str) -> None:
        await self._remove(CONTENTS.c.sha256 == sha256)

    async def uses(self) -> Sequence[tuple[str, uuid.UUID, int]]:
        query = (
            select(SOURCES.c.sha256, REVISIONS.c.episode_id, REVISIONS.c.number)
            .join(REVISIONS, SOURCES.c.revision_id == REVISIONS.c.id)
            .where(SOURCES.c.sha256.is_not(None))
            .distinct()
        )
        return [(sha256, episode, number) for sha256, episode, number in await self._run(query)]

    async def list(self) -> Sequence[str]:
        return sorted((await self._run(select(CONTENTS.c.sha256))).scalars())


class SqlEditorialRepository(Repository[EditorialDecision]):
    """See `ports.EditorialRepository`."""

    kind = EditorialDecision
    table = EDITORIAL_DECISIONS

    async def of(self, episode_id: uuid.UUID) -> Sequence[EditorialDecision]:
        own = select(EDITORIAL_DECISIONS).where(EDITORIAL_DECISIONS.c.episode_id == episode_id)
        return await self._all(own.order_by(EDITORIAL_DECISIONS.c.made_at, EDITORIAL_DECISIONS.c.id))

    async def standing(self, series_slug: str, kind: str) -> Sequence[EditorialDecision]:
        query = (
            select(EDITORIAL_DECISIONS)
            .join(EPISODES, EPISODES.c.id == EDITORIAL_DECISIONS.c.episode_id)
            .where(EPISODES.c.series_slug == series_slug)
            .where(EDITORIAL_DECISIONS.c.kind == kind, EDITORIAL_DECISIONS.c.withdrawn_at.is_(None))
        )
        return await self._all(query.order_by(EDITORIAL_DECISIONS.c.made_at, EDITORIAL_DECISIONS.c.id))

    async def put(self, *decisions: EditorialDecision) -> None:
        # In few statements, which take more to make than one row as elsewhere does.
        if not decisions:
            return
        adding = self._insert()
        row = {name: own for name, own in adding.excluded.items() if not self.table.c[name].primary_key}
        putting = adding.on_conflict_do_update(index_elements=[*self.table.primary_key], set_=row)
        for some in batched(decisions, _AT_ONCE, strict=False):
            await self._run(putting, [to_row(self.table, decision) for decision in some])

    async def remove(self, decision_id: uuid.UUID) -> None:
        await self._remove(EDITORIAL_DECISIONS.c.id == decision_id)


class SqlExportRepository(Repository[Export]):
    """See `ports.ExportRepository`."""

    kind = Export
    table = EXPORTS

    async def list(self, episode_id: uuid.UUID | None = None) -> Sequence[Export]:
        query = select(EXPORTS).order_by(EXPORTS.c.made_at, EXPORTS.c.id)
        if episode_id is not None:
            query = query.where(EXPORTS.c.episode_id == episode_id)
        return await self._all(query)


class SqlJobRepository(Repository[IngestionJob]):
    """See `ports.JobRepository`."""

    kind = IngestionJob
    table = JOBS

    @property
    def attempts_beat(self) -> bool:
        return self._connection().dialect.name == "sqlite"

    async def update(self, job: IngestionJob) -> None:
        if not await self._change(job):
            raise NotFoundError("job", str(job.id))

    async def abandon(self, job: IngestionJob) -> None:
        await self._change(job, JOBS.c.status == JobStatus.RUNNING)

    async def get(self, job_id: uuid.UUID) -> IngestionJob | None:
        return await self._one(JOBS.c.id == job_id)

    async def list(self, limit: int | None = 50) -> Sequence[IngestionJob]:
        return await self._all(select(JOBS).order_by(JOBS.c.started_at.desc(), JOBS.c.id.desc()).limit(limit))

    async def of(self, submission_id: uuid.UUID) -> Sequence[IngestionJob]:
        own = select(JOBS).where(JOBS.c.submission_id == submission_id)
        return await self._all(own.order_by(JOBS.c.attempt, JOBS.c.id))

    async def running(self, *, beside: str = "") -> Sequence[IngestionJob]:
        others = [JOBS.c.process != beside] if beside else []
        return await self._of_status(JobStatus.RUNNING, *others)

    async def forgotten(self) -> Sequence[IngestionJob]:
        return await self._of_status(JobStatus.FORGOTTEN)

    async def _of_status(self, status: JobStatus, *only: ColumnElement[bool]) -> Sequence[IngestionJob]:
        query = select(JOBS).where(JOBS.c.status == status, *only)
        return await self._all(query.order_by(JOBS.c.started_at, JOBS.c.id))

    async def beat(self, job_id: uuid.UUID, at: datetime) -> bool:
        job = await self.get(job_id)
        alive = job and beating(job, at)
        going = JOBS.c.status.in_((JobStatus.RUNNING, JobStatus.ABANDONED))  # it may end meanwhile
        return alive is not None and await self._change(alive, going)

    async def now(self) -> datetime:
        return datetime.now(UTC) if self._is_file else await self._value(select(func.clock_timestamp()))


class SqlSubmissionRepository(Repository[Submission]):
    """See `queue.SubmissionRepository`."""

    kind = Submission
    table = SUBMISSIONS

    async def change(self, submission: Submission, *, only: SubmissionStatus) -> bool:
        return await self._change(submission, SUBMISSIONS.c.status == only)

    async def get(self, submission_id: uuid.UUID) -> Submission | None:
        return await self._one(SUBMISSIONS.c.id == submission_id)

    async def list(
        self, *status: SubmissionStatus, limit: int | None = 50, newest: bool = False
    ) -> Sequence[Submission]:
        query = select(SUBMISSIONS).limit(limit)
        if status:
            query = query.where(SUBMISSIONS.c.status.in_(status))
        if newest:
            ended = func.coalesce(SUBMISSIONS.c.finished_at, SUBMISSIONS.c.submitted_at)
            query = query.order_by(ended.desc(), SUBMISSIONS.c.id.desc())
        else:
            query = query.order_by(SUBMISSIONS.c.priority, SUBMISSIONS.c.id)
        return await self._all(query)

    async def count(self) -> Mapping[SubmissionStatus, int]:
        query = select(SUBMISSIONS.c.status, func.count()).group_by(SUBMISSIONS.c.status)
        return {row[0]: row[1] for row in await self._run(query)}

    async def finished_since(self, at: datetime) -> int:
        query = select(func.count()).where(SUBMISSIONS.c.finished_at > at)
        return await self._value(query) or 0

    async def pause(self, since: datetime | None) -> None:
        await self._run(delete(PAUSES))
        if since is not None:
            await self._run(insert(PAUSES).values(id=1, since=since))

    async def paused_since(self) -> datetime | None:
        return await self._value(select(PAUSES.c.since))
