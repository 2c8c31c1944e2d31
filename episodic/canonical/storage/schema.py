"""The schema of a database: which version it has, and how to bring it to this program's."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, create_mock_engine, inspect, text
from sqlalchemy.schema import ExecutableDDLElement

from episodic.canonical.errors import StorageError
from episodic.canonical.storage import queue_schema
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.sqlite_file import use_write_ahead_log
from episodic.canonical.storage.tables import METADATA
from episodic.whole_file import draft_of

if TYPE_CHECKING:
    from alembic.config import Config

# The newest migration's revision; migrations are numbered. Known here so that opening a store does not
# need Alembic.
HEAD: Final = "0010"
# As Alembic makes it.
_VERSIONS: Final = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


def refuse_other_than_head(connection: Connection, name: str) -> None:
    """Raise `StorageError` unless the database is at the schema that this program needs."""
    found = version(connection)
    if found == HEAD:
        return
    if found is None and _tables(connection):
        raise StorageError(f"{name} is not a database of Episodic; name another one")
    if found is None or found < HEAD:
        has = f"has schema {found}" if found else "is empty"
        raise StorageError(f"{name} {has}, but this Episodic needs {HEAD}: run 'episodic db upgrade'")
    raise StorageError(
        f"{name} has schema {found}, but this Episodic knows only up to {HEAD}: install a newer Episodic"
    )


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def version(connection: Connection) -> str | None:
    """Read the revision that a database is at; ``None``: it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def create_file(database: Database) -> None:
    """Make a new SQLite file at the head, unless it is there."""
    assert database.file is not None
    try:
        with draft_of(database.file) as draft:
            create(draft)
    except FileExistsError:  # perhaps another process was quicker
        if not database.is_read_only:
            with suppress(OSError, sqlite3.Error):  # what is wrong with it, whoever opens it says
                use_write_ahead_log(database.file)  # it may have been a backup
    except sqlite3.Error as error:
        raise database.explain(error) from error
    except OSError as error:
        raise StorageError(
            f"{database.name} cannot be made: {error.strerror}; name another file in EPISODIC_DATABASE_URL"
        ) from error


def create(file: Path) -> None:
    """Make the tables of the head in an empty SQLite file, a draft: the disk need not have them yet."""
    tables: list[str] = []

    def keep(statement: ExecutableDDLElement, *_: object, **__: object) -> None:
        tables.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("sqlite://", keep)  # it connects to nothing, nor asks what it is connected to
    METADATA.create_all(engine, checkfirst=False)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in ("PRAGMA synchronous = OFF", "BEGIN", *tables, _VERSIONS):
            connection.execute(statement)
        connection.execute("INSERT INTO alembic_version VALUES (?)", (HEAD,))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def upgrade(database: Database, revision: str = HEAD) -> tuple[str | None, str | None]:
    """Bring a database to a revision, by default the newest; return the one that it had and has."""
    from alembic import command

    if database.file and not database.file.exists() and revision == HEAD:
        create_file(database)
        return None, HEAD
    outcome = _migrate(database, lambda config: command.upgrade(config, revision))
    if database.file:
        use_write_ahead_log(database.file)
    return outcome


def current(database: Database) -> str | None:
    """Read the revision that a database is at; ``None``: it has none, or is not there."""
    if database.file and not database.file.exists():
        return None
    with reading(database) as connection:
        return version(connection)


def check(database: Database) -> None:
    """Raise `StorageError` unless the database is there and at the head."""
    refuse_missing(database)
    with reading(database) as connection:
        refuse_other_than_head(connection, database.name)


def refuse_missing(database: Database) -> None:
    """Raise `StorageError` when a database is to be in a file that is not there."""
    if database.file and not database.file.exists():
        raise StorageError(
            f"{database.name} is not there; the first 'episodic ingest' makes it, or 'episodic db upgrade'"
        )


def downgrade(database: Database, revision: str) -> tuple[str | None, str | None]:
    """Take a database back to an older revision; ``base``: to no tables at all."""
    from alembic import command

    return _migrate(database, lambda config: command.downgrade(config, revision))


def _migrate(database: Database, run: Callable[[Config], None]) -> tuple[str | None, str | None]:
    """Run migrations in one transaction that nobody else writes beside; all of them or none."""
    with database.connections().begin() as connection:
        before = version(connection)
        if (before or HEAD) > HEAD or (before is None and _tables(connection)):
            refuse_other_than_head(connection, database.name)  # a newer one, or another application's
        run(_config(connection))
        if connection.dialect.name == "postgresql" and version(connection) == HEAD:
            queue_schema.upgrade(connection)
        _check_references(connection)
        return before, version(connection)


def _check_references(connection: Connection) -> None:
    """Check what SQLite does not while tables are made anew."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken:
            raise StorageError(f"left as it was, since a migration would break a reference: {broken}")


def differences(database: Database) -> Sequence[str]:
    """Say in what way the tables differ from those that this program expects; empty: they do not."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with reading(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(each) for each in compare_metadata(context, METADATA)]


def reading(database: Database) -> Connection:
    """Open a connection of its own that only reads; leaving its block closes it."""
    return database.connections().connect().execution_options(**database.read_only)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
