"""Giving back the room of what was removed, so that its bytes are in no file of the database any more."""

import sqlite3
from contextlib import closing
from typing import Final

from episodic.canonical.errors import TransientError
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.tables import METADATA

_HELD: Final = (
    "{name}: somebody has been using it for more than {patience:g} s, so that what was removed, which no "
    "command finds any more, may still be in its files; end what uses it, and run 'episodic db prune' again"
)


def compact(database: Database) -> None:
    """Write the tables anew without what was removed.

    Raises
    ------
    TransientError
        When others use the database all the time; what was removed stays so.
    """
    if database.file:
        _compact_file(database)
    else:
        _compact_server(database)


def _compact_file(database: Database) -> None:
    try:
        with closing(database.sqlite()) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("VACUUM")
            # The log has pages as they were; it is cut off once nobody reads them.
            (held, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise database.explain(error) from error
    if held:
        raise TransientError(_HELD.format(name=database.name, patience=database.patience))


def _compact_server(database: Database) -> None:
    """Let PostgreSQL make new files; a plain vacuum only marks what may be written over."""
    import psycopg

    try:
        with psycopg.connect(database.conninfo, autocommit=True) as connection:
            connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{database.patience:g}s"])
            for table in METADATA.tables.values():
                connection.execute(f"VACUUM (FULL) {table.name}".encode())
    except psycopg.errors.LockNotAvailable as error:
        raise TransientError(_HELD.format(name=database.name, patience=database.patience)) from error
    except psycopg.Error as error:
        raise database.explain(error) from error
