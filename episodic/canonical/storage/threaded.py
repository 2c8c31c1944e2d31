"""Connections to SQLite files, each with a thread of its own for what may wait.

To begin, another writer's end is waited for; to commit, the disk. Between the two, whoever has the turn to
write waits for nobody, and of what a small statement takes, the way to a thread and back is nearly all: so it
is done where it is asked for, and the loop has its turn before each. Who only reads may wait at any statement
for a writer, where the file's system has no shared memory.

Where the thread is asked, it is asked once a statement. `aiosqlite` asks it four times: for a cursor, to
execute, for the rows, and to close the cursor.

A thread that meets a `MemoryError`, and another as it is about to say so, ends without an answer: who waits
for one looks whether the thread is still there.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from threading import Thread
from typing import Any, Final, override

import aiosqlite

from episodic.canonical.errors import ExhaustedError
from episodic.canonical.exhaustion import exhausted

# How a transaction takes its turn to write.
TURN: Final = "BEGIN IMMEDIATE"

_LOOK_SECONDS: Final = 1.0

type _Run = Callable[[sqlite3.Cursor, str, Any], object]


def _work(work: Callable[[], object]) -> None:
    try:  # noqa: SIM105  # a call to suppress it takes memory as well
        work()
    except MemoryError:
        pass  # whoever waits for an answer finds out


class ThreadedConnection(aiosqlite.Connection):
    """A connection; awaiting it opens it.

    Parameters
    ----------
    connect
        Opens the file; called in the thread.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connect, iter_chunk_size=64)
        # Nobody waits for a connection that was never closed.
        self._thread = Thread(target=_work, args=(self._thread.run,), daemon=True)
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
            self._stopped = super().stop()  # pyright: ignore[reportUnknownMemberType]  # of no type
        return self._stopped

    @override
    async def rollback(self) -> None:
        """Roll back; nearly always, when a connection is given back, there is nothing left to."""
        if self._asks or self._conn.in_transaction:
            await super().rollback()

    @override
    async def close(self) -> None:
        """Close it and end the thread."""
        if self._connection is None:
            return
        try:
            await self._execute(self._connection.close)
        finally:
            self._connection = None
            if stopped := self.stop():
                await self._answered(stopped)

    @override
    async def _connect(self) -> ThreadedConnection:
        try:
            self._connection = await self._asked(self._connector)
        except BaseException:
            self.stop()
            raise
        return self

    @override
    async def _execute[**P, R](self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Ask the thread; as long as it is at it, SQLite keeps whoever asks for the connection's state."""
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")  # as SQLAlchemy knows it
        self._asks = True
        found = await self._asked(partial(fn, *args, **kwargs))
        self._asks = False
        return found

    async def _asked[R](self, do: Callable[[], R]) -> R:
        future = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, do))  # pyright: ignore[reportUnknownMemberType]  # of no type
        return await self._answered(future)

    async def _answered[R](self, future: asyncio.Future[R]) -> R:
        lives = True
        try:
            while not (await asyncio.wait([future], timeout=_LOOK_SECONDS))[0]:
                if not lives:
                    raise ExhaustedError(exhausted(MemoryError()))
                lives = self._thread.is_alive()  # an answer may still be on its way
            return future.result()
        finally:
            future.cancel()


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
