"""The schema of a database: which version it has, and how to bring it to this program's."""

import os
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, Connection, create_engine, inspect, text

from episodic.canonical.errors import StorageError
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.models import Model

if TYPE_CHECKING:
    from alembic.config import Config

# The newest migration's revision; migrations are numbered. Known here so that opening a store does not
# need Alembic.
HEAD: Final = "0001"


def refuse_other_than_head(connection: Connection, name: str) -> None:
    """Raise `StorageError` unless the database is at the schema that this program needs."""
    found = version(connection)
    if found == HEAD:
        return
    if found is None and set(inspect(connection).get_table_names()) - {"alembic_version"}:
        raise StorageError(f"{name} is no database of Episodic; name another one")
    if found is None or found < HEAD:
        has = f"has schema {found}" if found else "is empty"
        raise StorageError(f"{name} {has}, but this Episodic needs {HEAD}: run 'episodic db upgrade'")
    raise StorageError(
        f"{name} has schema {found}, but this Episodic knows only up to {HEAD}: install a newer Episodic"
    )


def version(connection: Connection) -> str | None:
    """Read the revision that a database is at; ``None``: it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def create_file(database: Database) -> None:
    """Make a new SQLite file at the head, unless it is there.

    It is made under another name and linked into place: whoever opens it finds all of it or nothing, also
    when several processes make it at the same instant or one of them dies.
    """
    file = database.file
    assert file is not None
    try:
        if file.exists():
            return
        for folder in (f for f in reversed(file.parents) if not f.exists()):
            folder.mkdir(mode=0o700, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
        os.close(handle)
        draft = Path(name)
        try:
            _create(draft)
            file.hardlink_to(draft)
        finally:
            draft.unlink()
    except FileExistsError:
        return  # another process was quicker
    except OSError as error:
        raise StorageError(
            f"{database.name} cannot be made: {error.strerror}; name another file in EPISODIC_DATABASE_URL"
        ) from error


def _create(draft: Path) -> None:
    engine = create_engine(URL.create("sqlite", database=str(draft)))
    try:
        with engine.begin() as connection:
            Model.metadata.create_all(connection)
            connection.execute(
                text(
                    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
                    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
                )
            )
            connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        with engine.connect() as connection:
            # Kept in the file: readers and a writer do not wait for each other.
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    finally:
        engine.dispose()


def upgrade(database: Database, revision: str = HEAD) -> tuple[str | None, str | None]:
    """Bring a database to a revision, by default the newest; return the one that it had and has."""
    from alembic import command

    if database.file and not database.file.exists() and revision == HEAD:
        create_file(database)
        return None, HEAD
    return _migrate(database, lambda config: command.upgrade(config, revision))


def downgrade(database: Database, revision: str) -> tuple[str | None, str | None]:
    """Take a database back to an older revision; ``base``: to no tables at all."""
    from alembic import command

    return _migrate(database, lambda config: command.downgrade(config, revision))


def _migrate(database: Database, run: Callable[[Config], None]) -> tuple[str | None, str | None]:
    """Run migrations in one transaction that nobody else writes beside; all of them or none."""
    with _connected(database) as connection:
        before = version(connection)
        if before is not None and before > HEAD:
            refuse_other_than_head(connection, database.name)
        run(_config(connection))
        if database.file and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise StorageError(f"{database.name} was left as it is: a migration would break {broken[0]}")
        return before, version(connection)


def differences(database: Database) -> Sequence[str]:
    """Say in what way the tables differ from those that this program expects; empty: they do not."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with _connected(database) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(each) for each in compare_metadata(context, Model.metadata)]


@contextmanager
def _connected(database: Database) -> Generator[Connection]:
    engine = database.connections()
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
