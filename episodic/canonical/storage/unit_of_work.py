"""One transaction over SQLAlchemy."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Executable, Result, exc
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from episodic.canonical.errors import StorageError, TransientError
from episodic.canonical.storage.database import ABOUT, Database
from episodic.canonical.storage.repositories import (
    SqlContentRepository,
    SqlEditorialRepository,
    SqlEpisodeRepository,
    SqlExportRepository,
    SqlJobRepository,
    SqlRevisionRepository,
    SqlSeriesRepository,
)
from episodic.canonical.storage.submissions import SqlSubmissionRepository
from episodic.canonical.storage.turn import WritingTurn


class SqlUnitOfWork:
    """See `ports.UnitOfWork`.

    Parameters
    ----------
    database, engine
        Where the connection comes from; the engine is asked for when the unit begins.
    turn
        Entered before a connection is asked for; ``None``: the unit only reads.
    about
        What it writes about; see `ports.Store.begin`.
    """

    def __init__(
        self,
        database: Database,
        engine: Callable[[], Awaitable[AsyncEngine]],
        turn: WritingTurn | None,
        about: str | None = None,
    ) -> None:
        self._database = database
        self._engine = engine
        self._turn = turn
        self._about = about
        self._session: AsyncSession | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        engine = await self._engine()
        async with AsyncExitStack() as stack:
            if self._turn:
                await stack.enter_async_context(self._turn)
            try:
                connection = await stack.enter_async_context(engine.connect())
            except exc.TimeoutError:
                raise TransientError(
                    f"{self._database.name}: all connections of this process have been busy for more than "
                    f"{self._database.patience:g} s; try again later"
                ) from None
            options = self._database.read_only if self._turn is None else {ABOUT: self._about}
            await connection.execution_options(**options)
            await connection.begin()
            self._session = AsyncSession(connection, expire_on_commit=False, autoflush=False)
            stack.push_async_callback(self._session.close)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._session = None
        try:
            await self._stack.aclose()
        except Exception as failure:
            # What went wrong in the block is what the caller must hear of.
            if error is None:
                raise
            error.add_note(f"the transaction could not be rolled back in order: {failure}")

    async def commit(self) -> None:
        """Make the unit's changes last; it is over afterwards."""
        session, self._session = self._current, None
        await session.flush()
        await (await session.connection()).commit()

    @property
    def _current(self) -> AsyncSession:
        if self._session is None:
            raise StorageError("this unit of work is over; begin another one")
        return self._session

    @property
    def series(self) -> SqlSeriesRepository:
        """Series by slug."""
        return SqlSeriesRepository(self._current)

    @property
    def episodes(self) -> SqlEpisodeRepository:
        """Episodes by name."""
        return SqlEpisodeRepository(self._current)

    @property
    def revisions(self) -> SqlRevisionRepository:
        """Revisions of episodes."""
        return SqlRevisionRepository(self._current)

    @property
    def contents(self) -> SqlContentRepository:
        """Bytes of sources."""
        return SqlContentRepository(self._current)

    @property
    def edits(self) -> SqlEditorialRepository:
        """Editors' decisions."""
        return SqlEditorialRepository(self._current)

    @property
    def exports(self) -> SqlExportRepository:
        """Files that were made of revisions."""
        return SqlExportRepository(self._current)

    @property
    def jobs(self) -> SqlJobRepository:
        """Ingestion jobs."""
        return SqlJobRepository(self._current)

    @property
    def submissions(self) -> SqlSubmissionRepository:
        """What is to be ingested."""
        return SqlSubmissionRepository(self._current)

    async def execute(self, statement: Executable, **parameters: object) -> Result[Any]:
        """Run a statement of another owner of tables in this database, in this transaction."""
        return await self._current.execute(statement, parameters)
