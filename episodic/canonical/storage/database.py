"""A database by its URL: its name for people, its engines, and its errors in words."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import ExitStack, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event, exc, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from episodic.canonical.errors import EpisodicError, StorageError, TransientError
from episodic.canonical.exhaustion import largest_file, shortage
from episodic.canonical.storage.threaded import TURN, ThreadedConnection
from episodic.canonical.storage.turn import PATIENCE
from episodic.canonical.text.patterns import pattern

# Execution option of a connection that only reads.
_READ_ONLY: Final = "episodic_read_only"

# Execution option of a connection that writes: what it writes about; see `ports.Store.begin`.
ABOUT: Final = "episodic_about"

# And how many seconds it waits for others, instead of the database's.
WAITS: Final = "episodic_waits"

# Of a connection: which file it has open.
_FILE: Final = "episodic_file"

# Of the file that those who use a SQLite database at the same time share, at least.
_SHARED_BYTES: Final = 2**15

_CONNECTIONS: Final = 5  # of one store: a writer, and readers beside it

_BACKENDS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}

# What SQLite's and PostgreSQL's codes mean to a user; `{name}` is the database, `{patience}` seconds.
_BUSY: Final = (
    "{name} is busy: another process has been writing for more than {patience:g} s; try again later"
)
_FULL: Final = "{name}: no space left on its disk; nothing of this was kept; make room and try again"
_CLOSED: Final = "{name} closed the connection; nothing of this was kept; try again"
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_NOTADB: "{name} is not an SQLite database; name another file",
    sqlite3.SQLITE_CORRUPT: "{name} is damaged ({error}); restore it from a backup",
    sqlite3.SQLITE_READONLY: (
        "{name} cannot be written to, or was opened for reading only; may this user write it and its folder?"
    ),
    sqlite3.SQLITE_CANTOPEN: "{name} cannot be opened; may this user read and write it and its folder?",
    sqlite3.SQLITE_CONSTRAINT: "{name} refused what would break it: {error}",
}
_POSTGRESQL: Final = {
    "55P03": _BUSY,
    "53100": _FULL,
    "53300": "{name} has no connection left; try again later",
    "25006": "{name} cannot be written to, or was opened for reading only",
    "23": "{name} refused what would break it: {error}",
    "25P03": _CLOSED,
    "57P": _CLOSED,
}

# What may succeed when it is tried again: a database that is busy, full, or starts anew. PostgreSQL's by the
# class of their code: connection, rollback, resources, intervention, and the time that others or we took.
_SQLITE_TRANSIENT: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}
_POSTGRESQL_TRANSIENT: Final = ("08", "40", "53", "57", "55P03", "25P03")

# How writers of PostgreSQL wait for each other: one that writes about everything waits for all others, and
# they for it; two that write about one thing wait for each other. The number is arbitrary, but the same in
# every Episodic.
_EVERYTHING: Final = 0x45504953
_LIMITS: Final = text(
    "SELECT set_config('lock_timeout', :lock, true),"
    " set_config('idle_in_transaction_session_timeout', :idle, true)"
)
_WHOLE_TURN: Final = text(f"SELECT pg_advisory_xact_lock({_EVERYTHING})")
_TURN: Final = text(
    f"SELECT pg_advisory_xact_lock_shared({_EVERYTHING}),"
    f" pg_advisory_xact_lock(hashtextextended(:about, {_EVERYTHING}))"
)


class Database:
    """A database that Episodic can be kept in.

    Parameters
    ----------
    url
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/NAME``, with or without the driver; or
        the path of a SQLite file.
    patience
        Seconds to wait for other writers.

    Raises
    ------
    StorageError
        When the URL is none of these; the message does not repeat it, since it may have a password.
    """

    def __init__(self, url: str | Path, patience: float = PATIENCE) -> None:
        self.patience = patience
        try:
            parsed = make_url(url) if isinstance(url, str) else URL.create("sqlite", database=str(url))
            backend = parsed.get_backend_name()
        except exc.ArgumentError, ValueError:
            # Without its cause, which quotes parts of the URL.
            raise StorageError(_UNREADABLE) from None
        driver = _BACKENDS.get("postgresql" if backend == "postgres" else backend)
        if driver is None or parsed.drivername not in {backend, driver}:
            raise StorageError(f"no database of the kind '{parsed.drivername}'; {_WANTED}")
        self._url = parsed.set(drivername=driver)
        self.file: Path | None = None
        if driver == _BACKENDS["sqlite"]:
            if parsed.host or parsed.database in {None, "", ":memory:"}:
                raise StorageError(f"SQLite needs a file; {_WANTED}")
            self.file = _path(str(parsed.database))
            if self.file.exists() and not (self.file.is_file() or self.file.is_dir()):
                # SQLite waits for ever for the other end of a pipe.
                raise StorageError(f"{self.file} is a pipe or a device, and no file; name another one")
            self._url = URL.create(driver, database=str(self.file))
        else:
            if not _is_clear(str(url), parsed):
                raise StorageError(_UNREADABLE)
            _check_driver()
            from episodic.canonical.storage.silence import options

            self._url = self._url.update_query_dict(options(patience) | dict(self._url.query))

    @property
    def name(self) -> str:
        """The database for messages: its file, or its URL without user and password."""
        if self.file:
            return str(self.file)
        port = f":{self._url.port}" if self._url.port else ""
        return f"postgresql://{self._url.host or ''}{port}/{self._url.database or ''}"

    @property
    def conninfo(self) -> str:
        """PostgreSQL's own form of the URL, password and all, for another user of its driver."""
        return self._url.set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def read_only(self) -> dict[str, Any]:
        """Execution options of a connection that reads one state and waits for nobody."""
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        return {_READ_ONLY: True} | ({} if self.file else snapshot)

    @property
    def is_read_only(self) -> bool:
        """Whether it is in a file that is there and cannot be written, by this user or by anybody."""
        file = self.file
        return (
            file is not None and file.exists() and not all(os.access(p, os.W_OK) for p in (file, file.parent))
        )

    def sqlite(self) -> sqlite3.Connection:
        """Open a SQLite file; transactions begin where they are told to, not where the driver guesses."""
        assert self.file is not None
        place = str(self.file)
        if self.is_read_only:
            log = self.file.with_name(f"{self.file.name}-wal")
            # Without them, it would make the files beside it that it reads with; with a log, they are there.
            alone = not log.exists() or not log.stat().st_size
            place = f"{self.file.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
        return sqlite3.connect(
            place,
            timeout=self.patience,
            isolation_level=None,
            check_same_thread=False,  # who drops it may run elsewhere than who used it
            uri=self.is_read_only,  # https://sqlite.org/uri.html
        )

    def pool(self) -> Engine:
        """Make an engine with a bounded pool for units of work, to be called as in `coroutines`.

        The caller disposes of it, in the same way.
        """
        opened = self._threaded
        if self.file is None:
            from episodic.canonical.storage.silence import Server

            opened = Server(self.patience).connect
        engine = create_engine(
            self._url if self.file else self._url.set(drivername="postgresql+psycopg_async"),
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=self.patience,
            pool_pre_ping=self.file is None,  # a server may close a connection while nobody uses it
            hide_parameters=True,
            connect_args={"async_creator_fn": opened},
        )
        self._listen(engine, foreign_keys=True)
        return engine

    def connections(self) -> Engine:
        """Make an engine for work on the database as a whole: its schema, its integrity, its backup.

        Foreign keys are not enforced on its SQLite connections, as rebuilding a table needs it.
        """
        opened = {"creator": self.sqlite} if self.file else {}
        url = self._url.set(drivername="sqlite") if self.file else self._url
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True, **opened)
        if self.file is None:
            from episodic.canonical.storage.silence import connect

            event.listen(engine, "do_connect", partial(connect, self.patience))
        self._listen(engine, foreign_keys=False)
        return engine

    def refuse_lost(self, connection: Connection) -> None:
        """Raise `StorageError` where the file has gone: what is written into it goes with its last user."""
        if self.file and connection.info[_FILE] != _identity(self.file):
            raise StorageError(
                f"{self.name} was removed or replaced while it was in use; nothing is kept since; start again"
            )

    def explain(self, error: BaseException) -> StorageError:
        """Say in one line what an error of the driver means."""
        template, transient = "{name}: {error}", False
        if isinstance(error, sqlite3.Error):
            # The low byte is the primary code; the rest refines it.
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            template, transient = _SQLITE.get(code, template), code in _SQLITE_TRANSIENT
            if code == sqlite3.SQLITE_CANTOPEN and (short := _no_file_left()):
                return StorageError(f"{self.name} cannot be opened; {short}")
            if code == sqlite3.SQLITE_IOERR and (limit := largest_file()):
                return StorageError(f"{self.name} cannot be written to; {limit}")
            if code == sqlite3.SQLITE_IOERR and self.file and _is_full(self.file):
                template = _FULL  # it could not make what it shares with others (-shm), and does not say why
        elif state := getattr(error, "sqlstate", None):
            template = next((t for code, t in _POSTGRESQL.items() if state.startswith(code)), template)
            transient = state.startswith(_POSTGRESQL_TRANSIENT)
        else:  # there was no server to give a code
            transient = type(error).__name__ == "OperationalError"
        first_line = next(iter(str(error).splitlines()), type(error).__name__)
        for secret in _secrets(self._url):
            first_line = first_line.replace(secret, "***")
        kind = TransientError if transient else StorageError
        return kind(template.format(name=self.name, patience=self.patience, error=first_line))

    def _threaded(self, *_: object, **__: object) -> ThreadedConnection:
        """Make a connection; what SQLAlchemy reads of the URL for it, is known."""
        return ThreadedConnection(self.sqlite)

    def _listen(self, engine: Engine, *, foreign_keys: bool) -> None:
        event.listen(engine, "handle_error", self._translate)
        if self.file is None:
            event.listen(engine, "begin", partial(_begin_postgresql, patience=self.patience))
            return
        event.listen(engine, "begin", partial(_begin_sqlite, patience=self.patience))
        event.listen(engine, "invalidate", _roll_back)
        if foreign_keys:
            event.listen(engine, "connect", partial(_prepare_sqlite, file=self.file))

    def _translate(self, context: ExceptionContext) -> BaseException | None:
        if context.is_pre_ping:
            return None  # the pool itself sees to a connection that was lost while it lay idle
        error = context.original_exception
        if isinstance(error, EpisodicError):
            return error
        return self.explain(error) if context.sqlalchemy_exception else None


_WANTED: Final = "it is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
_UNREADABLE: Final = (
    f"the database's URL cannot be read: {_WANTED}, "
    "where '@' in a user's name or a password is written as '%40', ':' as '%3A' and '/' as '%2F'"
)


def _no_file_left() -> str | None:
    """Say so when this process cannot open the files of a database: SQLite does not tell."""
    try:
        with ExitStack() as stack:
            for _ in ("database", "-wal", "-shm", "and one on the way"):
                stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return shortage(error)
    return None


def _is_full(file: Path) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(file.parent).free < _SHARED_BYTES
    return False


# A host's name, in letters of any script, or the inside of an IPv6 address's brackets.
_HOST: Final = pattern(r"[\w.-]+|[0-9A-Fa-f:.]+(%\w+)?")
_LAST_PORT: Final = 65535


def _is_clear(given: str, parsed: URL) -> bool:
    """Whether a URL's parts can be told apart: part of a password would pass for the host, and be shown."""
    named = not set("@/:") & set(parsed.database or "")
    return (
        named
        and given.count("@") <= 1
        and (parsed.host is None or _HOST.fullmatch(parsed.host) is not None)
        and (parsed.port or 0) <= _LAST_PORT
    )


def _secrets(url: URL) -> Generator[str]:
    """The passwords in a URL, as they are and as they are written."""
    values = [url.password, *(value for key, value in url.normalized_query.items() if "password" in key)]
    for value in values:
        for secret in (value,) if isinstance(value, str) else value or ():
            if secret:
                yield from {secret, quote(secret, safe=""), quote_plus(secret)}


def _path(database: str) -> Path:
    """Take ``~`` for the user's home, also after the slash that absolute paths have in a URL."""
    try:
        return Path(database.removeprefix("/") if database.startswith("/~/") else database).expanduser()
    except RuntimeError as error:
        raise StorageError(
            f"{database}: nobody of that name has a home here; write the path whole"
        ) from error


def _check_driver() -> None:
    try:
        import_module("psycopg")
    except ImportError as error:
        raise StorageError(
            f"PostgreSQL cannot be reached without its driver ({error}); "
            "install Episodic with its extra 'postgresql'"
        ) from error


def _identity(file: Path) -> tuple[int, int] | None:
    """Tell a file from another that has its name; ``None``: there is none."""
    with suppress(OSError):
        found = file.stat()
        return found.st_dev, found.st_ino
    return None


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry, file: Path) -> None:
    entry.info[_FILE] = _identity(file)
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is removed is overwritten: a file keeps it else, until something else needs the room.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute("PRAGMA journal_mode")
    if cursor.fetchone() != ("wal",):
        # Where there is no log, pages go into the file, past its readers, who are waited for: at the commit.
        cursor.execute("PRAGMA cache_spill = OFF")
    cursor.close()


def _begin_sqlite(connection: Connection, patience: float) -> None:
    """Take the turn to write at once: two transactions that read first and write later block each other."""
    options = connection.get_execution_options()
    reads, waits = options.get(_READ_ONLY, False), options.get(WAITS)
    if connection.info.get(WAITS) != waits:
        milliseconds = round((patience if waits is None else waits) * 1000)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
        connection.info[WAITS] = waits
    if connection.info.get(_READ_ONLY, False) != reads:
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
        connection.info[_READ_ONLY] = reads
    connection.exec_driver_sql("BEGIN" if reads else TURN)


def _roll_back(connection: DBAPIConnection, _: ConnectionPoolEntry, __: BaseException | None) -> None:
    """End the transaction of a connection that is given up, as when its task is cancelled.

    Closing it is not enough: SQLite keeps a closed connection, with its turn to write, as long as somebody
    refers to an unfinished statement of it, and the traceback of the cancellation does.
    """
    # A second cancellation adds nothing to the first, and an error nothing to the closing that follows.
    with suppress(asyncio.CancelledError, exc.MissingGreenlet, sqlite3.Error):
        connection.rollback()


def _begin_postgresql(connection: Connection, patience: float) -> None:
    """Take the turn to write about something; one that hangs while it has it loses it."""
    options = connection.get_execution_options()
    if options.get(_READ_ONLY, False):
        return
    waits = options.get(WAITS)
    lock = patience if waits is None else waits
    connection.execute(_LIMITS, {"lock": f"{lock:g}s", "idle": f"{patience:g}s"})
    if (about := options.get(ABOUT)) is None:
        connection.execute(_WHOLE_TURN)
    else:
        connection.execute(_TURN, {"about": about})
