"""Whose turn it is to write, among the tasks of one store."""

import asyncio
from typing import Final
from weakref import WeakValueDictionary

from episodic.canonical.errors import TransientError

# Seconds that a unit of work waits for others: for its turn to write, and for a connection.
PATIENCE: Final = 30.0


class WritingTurn:
    """A queue of writers.

    SQLite waits for another writer by polling, so who is next is a matter of luck, and a unit that waits
    in PostgreSQL holds a connection. Tasks of one process queue here first, in order and at no cost.

    Parameters
    ----------
    patience
        Seconds after which a writer that waits gives up with `TransientError`.
    """

    def __init__(self, patience: float) -> None:
        self._lock = asyncio.Lock()
        self._patience = patience

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._lock.acquire()
        except TimeoutError:
            raise TransientError(
                f"another task of this process has been writing for more than {self._patience:g} s; "
                "try again later"
            ) from None

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


class WritingTurns:
    """The queues of one store: one for all writers, or, where the database lets them, one an `about`.

    Parameters
    ----------
    apart
        Whether units about different things may write at the same time.
    """

    def __init__(self, patience: float, *, apart: bool) -> None:
        self._patience = patience
        self._apart = apart
        self._turns: WeakValueDictionary[str | None, WritingTurn] = WeakValueDictionary()

    def of(self, about: str | None) -> WritingTurn:
        """Give the queue in which a unit of work about this stands."""
        about = about if self._apart else None
        turn = self._turns.get(about)
        if turn is None:
            self._turns[about] = turn = WritingTurn(self._patience)
        return turn
