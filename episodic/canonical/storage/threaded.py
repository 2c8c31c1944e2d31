"""Connections to SQLite files, each with a thread of its own for what may wait.

To begin, another writer's end is waited for; to commit, the disk. Between the two, whoever has the turn to
write waits for nobody, and of what a small statement takes, the way to a thread and back is nearly all: so it
is done where it is asked for, and the loop has its turn before each. Who only reads may wait at any statement
for a writer, where the file's system has no shared memory.

Where the thread is asked, it is asked once a statement. `aiosqlite` asks it four times: for a cursor, to
execute, for the rows, and to close the cursor.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, Final, override

import aiosqlite

# How a transaction takes its turn to write.
TURN: Final = "BEGIN IMMEDIATE"

type _Run = Callable[[sqlite3.Cursor, str, Any], object]


class ThreadedConnection(aiosqlite.Connection):
    """A connection; awaiting it opens it.

    Parameters
    ----------
    connect
        Opens the file; called in the thread.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connect, iter_chunk_size=64)
        self._thread.daemon = True  # nobody waits for a connection that was never closed
        self._writes = False  # in the transaction that there is, or was
        self._stopped: asyncio.Future[Any] | None = None
        self._asks = False  # something that the thread may still be at, though nobody waits for it any more

    @override
    def cursor(self) -> _Cursor:  # pyright: ignore[reportIncompatibleMethodOverride] - nothing to await
        """Make a cursor, of which the thread need not hear."""
        return _Cursor(self)

    async def done(self, run: _Run, sql: str, parameters: object) -> tuple[sqlite3.Cursor, list[sqlite3.Row]]:
        """Do a statement; give its cursor, closed, which says how many rows there were, and the rows."""

        def do() -> tuple[sqlite3.Cursor, list[sqlite3.Row]]:
            with closing(self._conn.cursor()) as cursor:
                run(cursor, sql, parameters)
                return cursor, cursor.fetchall() if cursor.description else []

        if self._conn.in_transaction and self._writes:
            await asyncio.sleep(0)
            return do()
        self._writes = sql == TURN
        return await self._execute(do)

    @override
    def stop(self) -> asyncio.Future[Any] | None:
        """End the thread, once: who asks again, as when closing is cancelled, would wait for ever."""
        if self._running:
            self._stopped = super().stop()  # pyright: ignore[reportUnknownMemberType]
        return self._stopped

    @override
    async def rollback(self) -> None:
        """Roll back; nearly always, when a connection is given back, there is nothing left to."""
        if self._asks or self._conn.in_transaction:
            await super().rollback()

    @override
    async def _execute[**P, R](self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Ask the thread; as long as it is at it, SQLite keeps whoever asks for the connection's state."""
        self._asks = True
        found: R = await super()._execute(fn, *args, **kwargs)  # pyright: ignore[reportUnknownMemberType]
        self._asks = False
        return found


class _Cursor(aiosqlite.Cursor):
    """A cursor that has all rows of its statement once that is executed; who has many asks elsewhere."""

    def __init__(self, connection: ThreadedConnection) -> None:
        self._connection = connection
        self._rows: list[sqlite3.Row] = []

    @override
    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> _Cursor:
        self._cursor, self._rows = await self._connection.done(sqlite3.Cursor.execute, sql, parameters or ())
        return self

    @override
    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> _Cursor:
        self._cursor, self._rows = await self._connection.done(sqlite3.Cursor.executemany, sql, parameters)
        return self

    @override
    async def fetchall(self) -> list[sqlite3.Row]:
        return self._rows

    @override
    async def close(self) -> None:
        """Nothing is left to close."""
