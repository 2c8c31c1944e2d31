"""Whose turn it is to write, among the tasks of one store."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

from episodic.canonical.errors import TransientError

# Seconds that a unit of work waits for others: for its turn to write, and for a connection.
PATIENCE: Final = 30.0


class WritingTurns:
    """Queues of writers: one for all, or, where the database lets them, one an `about`.

    SQLite waits for another writer by polling, so who is next is a matter of luck, and a unit that waits
    in PostgreSQL holds a connection. Tasks of one process queue here first, in order and at no cost.

    Parameters
    ----------
    patience
        Seconds after which a writer that waits gives up with `TransientError`.
    apart
        Whether units about different things may write at the same time.
    """

    def __init__(self, patience: float, *, apart: bool) -> None:
        self._patience = patience
        self._apart = apart
        self._locks: WeakValueDictionary[str | None, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, about: str | None) -> AsyncGenerator[None]:
        """Wait for the turn of a unit of work about this; the block has it."""
        lock = self._locks.setdefault(about if self._apart else None, asyncio.Lock())
        try:
            async with asyncio.timeout(self._patience):
                await lock.acquire()
        except TimeoutError:
            raise TransientError(
                f"another task of this process has been writing for more than {self._patience:g} s; "
                "try again later"
            ) from None
        try:
            yield
        finally:
            lock.release()
