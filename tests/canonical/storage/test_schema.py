"""Migrations and models say the same, and every migration runs both ways with data in the tables."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from episodic.canonical.errors import StorageError
from episodic.canonical.storage import schema
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.store import open_store
from tests.canonical.storage import examples

MIGRATIONS = Path(schema.__file__).parent / "migrations"


@pytest.fixture
def database(sqlite_url: str) -> Database:
    return Database(sqlite_url, patience=5)


def revisions() -> list[str]:
    """All migrations, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def test_the_head_that_the_program_knows_is_the_newest_migration() -> None:
    assert revisions()[-1] == schema.HEAD
    assert sorted(revisions()) == revisions()


def test_a_new_file_has_the_tables_of_the_models(database: Database) -> None:
    schema.create_file(database)
    assert schema.differences(database) == []


def test_migrations_make_the_tables_of_the_models(database: Database) -> None:
    schema.create_file(database)
    assert schema.downgrade(database, "base") == (schema.HEAD, None)
    assert schema.differences(database) != []
    assert schema.upgrade(database) == (None, schema.HEAD)
    assert schema.differences(database) == []


async def test_an_emptied_file_is_refused_with_the_command_that_fills_it(
    database: Database, sqlite_url: str
) -> None:
    schema.create_file(database)
    schema.downgrade(database, "base")
    with pytest.raises(StorageError, match="run 'episodic db upgrade'"):
        async with open_store(sqlite_url):
            pass
    schema.upgrade(database)
    async with open_store(sqlite_url) as store:
        await examples.episode_in(store)
