"""Connections to PostgreSQL that do not wait for ever for a server that stands still.

1. Where its host has gone, TCP notices; `options` ask it to. Where its process is stopped, or waits for its
   disk, the kernel goes on answering for it: only how long nothing was heard tells.
2. That is not how long a statement takes: while something is sent or received, all is fine. One that nobody
   hears of for longer than others may keep it waiting is given up, and its connection with it.
3. Who was silent is not waited for as long again, until it is heard: what a failed or cancelled job does
   last ends soon.
4. A connection for work on a database as a whole (`connect`) has no such limit, since one statement may be
   silent for an hour: after a while of silence it is asked whether the server takes another connection.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, Final, override

from psycopg import AsyncConnection, Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.errors import CancellationTimeout, ConnectionTimeout, QueryCanceled
from psycopg.pq import TransactionStatus

# Seconds that a server has which was silent before, or is to end a statement that was cancelled.
_LAST_WORD: Final = 1.0

# Seconds between two looks.
_LOOK: Final = 0.1

# The least that libpq waits for a connection.
_LEAST: Final = 2


def options(patience: float) -> dict[str, str]:
    """What libpq is told unless the URL has it: how soon a host is given up, while it owes an answer or not.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
    """
    seconds = max(_LEAST, round(patience))
    return {
        "application_name": "episodic",
        "connect_timeout": str(seconds),
        "keepalives_idle": str(seconds),
        "keepalives_interval": "5",
        "tcp_user_timeout": str(seconds * 1000),
    }


class Server:
    """A server as those see it who share connections to it.

    Parameters
    ----------
    patience
        Seconds that a statement may have to wait for others.
    """

    def __init__(self, patience: float) -> None:
        self._patience = max(_LEAST, patience)
        self.is_silent = False

    async def connect(self, *args: Any, **kwargs: Any) -> AsyncConnection:
        """Open a connection, as psycopg does."""
        if self.is_silent:
            kwargs["connect_timeout"] = _LEAST
        try:
            with _in_words(kwargs["connect_timeout"]):
                connection = await _Connection.connect(*args, **kwargs)
        except BaseException:
            self.is_silent = True
            raise
        connection.server, self.is_silent = self, False
        return connection

    def limit(self, *, waits: bool) -> float:
        """Seconds of silence after which a statement is given up, by whether it may wait for others."""
        if self.is_silent:
            return _LAST_WORD
        return self._patience * 2 if waits else self._patience / 3


class _Connection(AsyncConnection):
    server: Server

    @override
    async def wait[T](  # pyright: ignore[reportIncompatibleMethodOverride]  # psycopg 3.2 has no timeout
        self, gen: PQGen[T], interval: float = _LOOK, **kwargs: float | None
    ) -> T:
        return await super().wait(self._heeded(gen), interval, **kwargs)

    @override
    async def cancel_safe(self, *, timeout: float = _LAST_WORD) -> None:
        with suppress(CancellationTimeout):  # psycopg would warn of it, though who waits says so
            await super().cancel_safe(timeout=min(timeout, _LAST_WORD))

    def _heeded[T](self, gen: PQGen[T]) -> PQGen[T]:
        is_ping = self.autocommit  # outside of transactions, the pool asks if it is there
        is_cancelled = False
        heard, limit = monotonic(), self.server.limit(waits=not is_ping)

        def look(ready: int | None) -> None:
            nonlocal heard, limit, is_cancelled
            if ready:
                heard = monotonic()
            elif ready is None:
                # psycopg asked the server to cancel it, and waits for that, from anew.
                heard, limit, is_cancelled = monotonic(), _LAST_WORD, True
            is_asked = self.pgconn.transaction_status == TransactionStatus.ACTIVE
            if is_asked and monotonic() - heard > limit:
                self.server.is_silent |= is_cancelled or not is_ping  # else, another connection tells
                self.pgconn.finish()
                if is_cancelled:
                    raise QueryCanceled  # as psycopg expects it: what goes on is the cancellation
                raise _silent(limit)

        return _watched(gen, look)


def connect(
    patience: float, _dialect: object, _entry: object, args: Sequence[str], named: Mapping[str, str]
) -> Connection:
    """Open a connection for work on a database as a whole; what SQLAlchemy calls at `do_connect`."""
    opened = partial(_Asking.connect, *args, **named)
    with _in_words(named["connect_timeout"]):
        connection = opened()
    connection.patience, connection.another = patience, opened
    return connection


class _Asking(Connection):
    patience: float
    another: Callable[[], Connection]

    @override
    def wait[T](  # pyright: ignore[reportIncompatibleMethodOverride]  # psycopg 3.2 has no timeout
        self, gen: PQGen[T], interval: float = _LOOK, **kwargs: float | None
    ) -> T:
        return super().wait(self._heeded(gen), interval, **kwargs)

    def _heeded[T](self, gen: PQGen[T]) -> PQGen[T]:
        heard = monotonic()

        def look(ready: int | None) -> None:
            nonlocal heard
            silent = monotonic() - heard
            if silent > self.patience and not ready:
                self._ask(silent)
            if ready or silent > self.patience:
                heard = monotonic()

        return _watched(gen, look)

    def _ask(self, silent: float) -> None:
        """Ask whether the server is there; it may refuse, where it has no connection left."""
        try:
            self.another().close()
        except ConnectionTimeout:
            self.pgconn.finish()
            raise _silent(silent) from None
        except OperationalError:
            pass


def _watched[T](gen: PQGen[T], look: Callable[[int | None], None]) -> PQGen[T]:
    """What psycopg waits for, with a look at what each wait came to; `None` where it was cancelled."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            look(ready)
            wanted = gen.send(ready or 0)
    except StopIteration as done:
        return done.value


@contextmanager
def _in_words(timeout: str | int) -> Generator[None]:
    """Say how long it was waited for a connection."""
    try:
        yield
    except ConnectionTimeout:
        raise _silent(float(timeout)) from None


def _silent(seconds: float) -> OperationalError:
    return OperationalError(f"no answer for {seconds:.0f} s; is it up, and is this the way to it?")
