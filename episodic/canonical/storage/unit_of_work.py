"""One transaction over SQLAlchemy."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, CursorResult, Engine, Executable, exc

from episodic.canonical.errors import StorageError, TransientError
from episodic.canonical.storage.coroutines import awaited, to_the_end
from episodic.canonical.storage.database import ABOUT, WAITS, Database
from episodic.canonical.storage.repositories import (
    SqlContentRepository,
    SqlEditorialRepository,
    SqlEpisodeRepository,
    SqlExportRepository,
    SqlJobRepository,
    SqlRevisionRepository,
    SqlSeriesRepository,
    SqlSubmissionRepository,
)


class _Held:
    """The connection of a unit of work: its repositories hold this, and not the unit that holds them."""

    def __init__(self) -> None:
        self.given: Connection | None = None

    def connection(self) -> Connection:
        """Give the connection, until the unit is over."""
        if self.given is None:
            raise StorageError("this unit of work is over; begin another one")
        return self.given


class SqlUnitOfWork:
    """See `ports.UnitOfWork`.

    Parameters
    ----------
    database, engine
        Where the connection comes from; the engine is asked for when the unit begins.
    turn
        Entered before a connection is asked for; ``None``: the unit only reads.
    about, patience
        What it writes about, and how long it waits; see `ports.Store.begin`.
    """

    def __init__(
        self,
        database: Database,
        engine: Callable[[], Awaitable[Engine]],
        turn: AbstractAsyncContextManager[None] | None,
        about: str | None = None,
        patience: float | None = None,
    ) -> None:
        self._database = database
        self._engine = engine
        self._turn = turn
        self._writing = {ABOUT: about, WAITS: patience}
        self._held = _Held()
        self.connection = self._held.connection
        self._stack = AsyncExitStack()
        self.series = SqlSeriesRepository(self.connection)
        self.episodes = SqlEpisodeRepository(self.connection)
        self.revisions = SqlRevisionRepository(self.connection)
        self.contents = SqlContentRepository(self.connection)
        self.edits = SqlEditorialRepository(self.connection)
        self.exports = SqlExportRepository(self.connection)
        self.jobs = SqlJobRepository(self.connection)
        self.submissions = SqlSubmissionRepository(self.connection)

    async def __aenter__(self) -> Self:
        engine = await self._engine()
        async with AsyncExitStack() as stack:
            if self._turn:
                await stack.enter_async_context(self._turn)
            self._held.given = connection = await awaited(self._begin, engine)
            stack.push_async_callback(to_the_end, connection.close)
            self._stack = stack.pop_all()
        return self

    def _begin(self, engine: Engine) -> Connection:
        try:
            connection = engine.connect()
        except exc.TimeoutError:
            raise TransientError(
                f"{self._database.name}: all connections of this process have been busy for more than "
                f"{self._database.patience:g} s; try again later"
            ) from None
        try:
            options = self._database.read_only if self._turn is None else self._writing
            connection.execution_options(**options).begin()
        except BaseException:
            connection.close()
            raise
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._held.given = None
        try:
            await self._stack.aclose()
        except Exception as failure:
            # What went wrong in the block is what the caller must hear of.
            if error is None:
                raise
            error.add_note(f"the transaction could not be rolled back in order: {failure}")

    async def commit(self) -> None:
        """Make the unit's changes last; it is over afterwards."""
        connection, self._held.given = self.connection(), None
        self._database.refuse_lost(connection)
        await awaited(connection.commit)

    async def execute(self, statement: Executable, **parameters: object) -> CursorResult[Any]:
        """Run a statement of another owner of tables in this database, in this transaction."""
        return await awaited(self.connection().execute, statement, parameters)
