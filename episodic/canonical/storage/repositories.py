"""The repositories over SQLAlchemy; `unit_of_work` gives them their connection."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import batched, groupby
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    RowMapping,
    Table,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from episodic.canonical.contents import unpack
from episodic.canonical.domain import (
    DELETED,
    EarlierRevision,
    EditorialDecision,
    Episode,
    Export,
    IngestionJob,
    JobStatus,
    Revision,
    Series,
    SourceDocument,
)
from episodic.canonical.errors import NotFoundError, StaleRevisionError
from episodic.canonical.heartbeat import beating
from episodic.canonical.sources import Content
from episodic.canonical.storage import mappers
from episodic.canonical.storage.columns import understood
from episodic.canonical.storage.coroutines import awaited
from episodic.canonical.storage.tables import (
    CONTENTS,
    EDITORIAL_DECISIONS,
    EPISODES,
    EXPORTS,
    JOBS,
    REVISIONS,
    SERIES,
    SOURCES,
)

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

_AT_ONCE: Final = 500  # rows that are written without letting the event loop run


class Repository[E: mappers.Entity]:
    """What all repositories do with the connection of their unit of work, which gives it until it is over.

    `kind` are the entities, each a row of `table`.
    """

    kind: type[E]
    table: Table

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection

    async def _run(
        self,
        statement: Executable,
        rows: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None,
    ) -> CursorResult[*tuple[Any, ...]]:
        return await awaited(self._connection().execute, statement, rows)

    async def _rows(self, table: Table, query: Executable) -> Sequence[RowMapping]:
        """All columns of rows, as the fields of their entity have them; raises `StorageError`."""
        with understood(table.name):
            return (await self._run(query)).mappings().all()

    async def _value(self, query: Executable) -> Any:
        """The first column of the first row; ``None``: there is none."""
        return (await self._run(query)).scalar()

    async def _all(self, query: Executable) -> list[E]:
        rows = await self._rows(self.table, query)
        return [mappers.from_row(self.kind, self.table, row) for row in rows]

    async def _one(self, *where: ColumnElement[bool]) -> E | None:
        return next(iter(await self._all(select(self.table).where(*where))), None)

    async def _add(self, entity: E) -> None:
        await self._run(insert(self.table), mappers.to_row(self.table, entity))

    async def _put(self, entity: E) -> None:
        """Add, or replace the one with the same key."""
        if not await self._change(entity):
            await self._add(entity)

    async def _put_all(self, entities: Sequence[E]) -> None:
        """Put many in few statements, which take more to make than one row of `_put` does."""
        if not entities:
            return
        adding = self._insert()
        row = {name: own for name, own in adding.excluded.items() if not self.table.c[name].primary_key}
        putting = adding.on_conflict_do_update(index_elements=[*self.table.primary_key], set_=row)
        for some in batched(entities, _AT_ONCE, strict=False):
            await self._run(putting, [mappers.to_row(self.table, entity) for entity in some])

    async def _change(self, entity: E, *only: ColumnElement[bool]) -> bool:
        """Replace the one with the same key; `False`: there is none, or not `only` such."""
        (key,) = self.table.primary_key
        row = mappers.to_row(self.table, entity)
        changed = update(self.table).where(key == row[key.name], *only).returning(key)
        return (await self._run(changed, row)).first() is not None

    async def _remove(self, *where: ColumnElement[bool]) -> None:
        await self._run(delete(self.table).where(*where))

    async def _add_missing(self, *entities: E) -> None:
        """Add rows unless their keys are taken; waits for another unit that has just taken one."""
        if rows := [mappers.to_row(self.table, entity) for entity in entities]:
            await self._run(self._insert().on_conflict_do_nothing(), rows)

    def _insert(self) -> SqliteInsert | PostgresqlInsert:
        if self._is_file:
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert  # takes a while, and not everybody has it
        return insert(self.table)

    @property
    def _is_file(self) -> bool:
        return self._connection().dialect.name == "sqlite"


class SqlSeriesRepository(Repository[Series]):
    """See `ports.SeriesRepository`."""

    kind = Series
    table = SERIES

    async def get(self, slug: str) -> Series | None:
        return await self._one(SERIES.c.slug == slug)

    async def put(self, series: Series) -> None:
        await self._put(series)

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

    async def add(self, episode: Episode) -> None:
        await self._add(episode)

    async def put(self, episode: Episode) -> None:
        await self._put(episode)

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
        await self._add(revision)
        await self._add_sources(revision)

    async def put(self, revision: Revision) -> None:
        await self._run(delete(SOURCES).where(SOURCES.c.revision_id == revision.id))
        await self._put(revision)
        await self._add_sources(revision)

    async def _add_sources(self, revision: Revision) -> None:
        rows = [
            mappers.to_row(SOURCES, source, revision_id=revision.id, position=position)
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
            sources = tuple(mappers.from_row(SourceDocument, SOURCES, each) for each in found)
            return mappers.from_row(Revision, REVISIONS, row, sources=sources)
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
        await self._put_all(decisions)

    async def remove(self, decision_id: uuid.UUID) -> None:
        await self._remove(EDITORIAL_DECISIONS.c.id == decision_id)


class SqlExportRepository(Repository[Export]):
    """See `ports.ExportRepository`."""

    kind = Export
    table = EXPORTS

    async def add(self, export: Export) -> None:
        await self._add(export)

    async def list(self, episode_id: uuid.UUID | None = None) -> Sequence[Export]:
        query = select(EXPORTS).order_by(EXPORTS.c.made_at, EXPORTS.c.id)
        if episode_id is not None:
            query = query.where(EXPORTS.c.episode_id == episode_id)
        return await self._all(query)


class SqlJobRepository(Repository[IngestionJob]):
    """See `ports.JobRepository`."""

    kind = IngestionJob
    table = JOBS

    async def add(self, job: IngestionJob) -> None:
        await self._add(job)

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
