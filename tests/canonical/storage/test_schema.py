"""Migrations and models say the same, and every migration runs both ways with data in the tables."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from episodic.canonical.errors import StorageError
from episodic.canonical.resolved import Learned
from episodic.canonical.storage import queue_schema, schema
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.store import open_store
from episodic.canonical.storage.tables import METADATA
from tests.canonical.storage import examples
from tests.postgresql import Server

type Rows = Mapping[str, Sequence[str]]


def revisions() -> list[str]:
    """All migrations, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, url: str) -> str:
    """A database of each kind without tables."""
    if url.startswith("postgresql"):
        server: Server = request.getfixturevalue("postgresql")
        return server.empty_database()
    sqlite3.connect(url.removeprefix("sqlite:///")).execute("VACUUM").connection.close()
    return url


def rows(database: Database) -> Rows:
    """Everything in the tables, as the driver gives it."""
    engine = database.connections()
    with engine.connect() as connection:
        found = {
            name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}"))))
            for name in METADATA.tables
        }
    engine.dispose()
    return found


async def fill(url: str) -> None:
    """Fill a database with what its oldest schema can hold too."""
    async with open_store(url) as store:
        kept, by = await examples.episode_in(store)
        made = examples.revision(kept, by, contents=(examples.content(),))
        sources = tuple(replace(each, terms=()) for each in made.sources)
        made = replace(made, sources=sources, learned=Learned())
        await examples.append(store, made, examples.content())
        async with store.begin() as unit:
            await unit.jobs.update(replace(examples.finished(by, made), steps=()))
            await unit.commit()


def test_the_head_that_the_program_knows_is_the_newest_migration() -> None:
    assert revisions()[-1] == schema.HEAD
    assert sorted(revisions()) == revisions()


def test_a_new_file_has_the_tables_of_the_models(sqlite_url: str) -> None:
    database = Database(sqlite_url, patience=5)
    schema.create_file(database)
    assert schema.differences(database) == []


def test_migrations_make_the_tables_of_the_models(empty_url: str) -> None:
    database = Database(empty_url, patience=5)
    assert schema.differences(database) != []
    assert schema.upgrade(database) == (None, schema.HEAD)
    assert schema.differences(database) == []


@pytest.mark.parametrize("older", revisions()[:-1])
async def test_a_migration_runs_down_and_up_with_data(url: str, older: str) -> None:
    await fill(url)
    database = Database(url, patience=5)
    before = rows(database)
    assert schema.downgrade(database, older) == (schema.HEAD, older)
    assert schema.differences(database) != []
    assert schema.upgrade(database) == (older, schema.HEAD)
    assert rows(database) == before
    assert schema.differences(database) == []


async def test_all_migrations_run_down_to_nothing_with_data(url: str) -> None:
    await fill(url)
    database = Database(url, patience=5)
    assert schema.downgrade(database, "base") == (schema.HEAD, None)
    engine = database.connections()
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
    schema.upgrade(database)
    await fill(url)


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(url)
    database = Database(url, patience=5)
    before = rows(database)

    def fail(_: object) -> None:
        raise KeyError("after its statements")

    monkeypatch.setattr(schema, "_check_references", fail)
    with pytest.raises(KeyError):
        schema.downgrade(database, "base")
    monkeypatch.undo()
    assert rows(database) == before
    assert schema.differences(database) == []


async def test_an_empty_database_is_refused_with_the_command_that_fills_it(empty_url: str) -> None:
    with pytest.raises(StorageError, match=r"is empty.*run 'episodic db upgrade'"):
        async with open_store(empty_url):
            pass
    schema.upgrade(Database(empty_url, patience=5))
    await fill(empty_url)


@pytest.mark.parametrize(
    ("version", "says"), [("0001", "run 'episodic db upgrade'"), ("9999", "install a newer Episodic")]
)
async def test_another_schema_is_refused_with_what_to_do(url: str, version: str, says: str) -> None:
    await fill(url)
    database = Database(url, patience=5)
    engine = database.connections()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    engine.dispose()
    with pytest.raises(StorageError, match=f"{version}.*{says}"):
        async with open_store(url):
            pass


async def test_a_newer_schema_is_not_downgraded_or_upgraded(url: str) -> None:
    await fill(url)
    database = Database(url, patience=5)
    engine = database.connections()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StorageError, match="install a newer Episodic"):
        schema.upgrade(database)


async def test_an_older_database_is_upgraded_where_it_is(url: str) -> None:
    await fill(url)
    database = Database(url, patience=5)
    schema.downgrade(database, "0001")
    with pytest.raises(StorageError, match=r"has schema 0001.*run 'episodic db upgrade'"):
        async with open_store(url):
            pass
    schema.upgrade(database)
    async with open_store(url) as store, store.begin(read_only=True) as unit:
        assert len(await unit.episodes.list()) == 1


def test_the_queues_tables_are_made_once_and_what_made_them_is_recorded(postgresql: Server) -> None:
    database = Database(postgresql.empty_database(), patience=5)
    schema.upgrade(database)
    engine = database.connections()
    with engine.begin() as connection:
        ran = connection.scalars(text("SELECT name FROM episodic_queue.migrations")).all()
        assert "00.00.00_01_initial.sql" in ran
        assert queue_schema.upgrade(connection) == []
        # As after a newer engine was installed: only what did not run runs.
        last = max(ran)
        connection.execute(text("DELETE FROM episodic_queue.migrations WHERE name = :last"), {"last": last})
        assert queue_schema.upgrade(connection) == [last]
    engine.dispose()
