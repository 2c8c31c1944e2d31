"""A store on a database, given by its URL."""

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from episodic.canonical.storage.compaction import compact
from episodic.canonical.storage.coroutines import awaited, to_the_end
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.integrity import broken
from episodic.canonical.storage.schema import create_file, reading, refuse_missing, refuse_other_than_head
from episodic.canonical.storage.turn import PATIENCE, WritingTurns
from episodic.canonical.storage.unit_of_work import SqlUnitOfWork


def open_store(url: str | Path, *, make: bool = True, patience: float = PATIENCE) -> SqlStore:
    """Open the store in a database.

    ``sqlite:///FILE`` names a file; ``postgresql://USER:PASSWORD@HOST/NAME`` needs ``episodic db upgrade``
    once. The driver may be named (``sqlite+aiosqlite``, ``postgresql+psycopg``). The database is not touched
    before the store's block is entered or its first unit of work begins.

    Parameters
    ----------
    url
        SQLAlchemy's URL of the database, or the path of a SQLite file.
    make
        Whether a SQLite file, its folder and its tables are made when they are missing.
    patience
        Seconds to wait for other writers before a unit of work gives up.

    Raises
    ------
    StorageError
        When the URL is none, or later, when the database cannot be used. No message has its password.
    """
    return SqlStore(Database(url, patience), make=make)


class SqlStore:
    """See `ports.Store`; it belongs to the event loop that first uses it."""

    def __init__(self, database: Database, *, make: bool = True) -> None:
        self.database = database
        self._make = make
        self._engine: Engine | None = None
        self._turns = WritingTurns(database.patience, apart=database.file is None)
        self._opening = asyncio.Lock()

    def begin(
        self, *, about: str | None = None, read_only: bool = False, patience: float | None = None
    ) -> SqlUnitOfWork:
        """Make a unit of work."""
        turn = None if read_only else self._turns.of(about)
        return SqlUnitOfWork(self.database, self._opened, turn, about, patience)

    async def broken(self) -> Sequence[str]:
        """Say what the database itself finds broken."""
        await self._opened()
        return await asyncio.to_thread(self._broken)

    def _broken(self) -> Sequence[str]:
        with reading(self.database) as connection:  # in rows, one after the other, which may be many
            return broken(connection)

    async def compact(self) -> None:
        """Give the room of what was removed back, and overwrite it, also through cancellations."""
        await self._opened()
        await to_the_end(partial(compact, self.database), asyncio.to_thread)

    async def close(self) -> None:
        """Close all connections; a unit of work that begins later opens the store again."""
        engine, self._engine = self._engine, None
        if engine:
            await to_the_end(engine.dispose)

    async def __aenter__(self) -> Self:
        await self._opened()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _opened(self) -> Engine:
        """Return the engine of a database that is there and has the right schema."""
        async with self._opening:
            if self._engine is None:
                if self.database.file:
                    await asyncio.to_thread(create_file if self._make else refuse_missing, self.database)
                engine = self.database.pool()
                try:
                    await awaited(self._check, engine)
                except BaseException:
                    await to_the_end(engine.dispose)
                    raise
                self._engine = engine
            return self._engine

    def _check(self, engine: Engine) -> None:
        with engine.connect().execution_options(**self.database.read_only) as connection:
            refuse_other_than_head(connection, self.database.name)
