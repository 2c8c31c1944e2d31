"""Connections to SQLite files, each in a thread of its own, which is asked once a statement.

`aiosqlite` asks it four times: for a cursor, to execute, for the rows, and to close the cursor. Of what a
small statement takes, nearly all is the way there and back.
"""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, override

import aiosqlite

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

        return await self._execute(do)  # pyright: ignore[reportUnknownMemberType] - untyped there


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
