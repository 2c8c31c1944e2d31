"""The stores under test, each new and empty."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from episodic.canonical.ports import Store
from episodic.canonical.storage.store import SqlStore, open_store
from tests.postgresql import Server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that is not there yet."""
    return f"sqlite:///{tmp_path / 'episodes.sqlite3'}"


@pytest.fixture
def postgresql_url(postgresql: Server) -> str:
    """A database at the head."""
    return postgresql.database()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def sql_store(url: str) -> AsyncGenerator[SqlStore]:
    """A store in each kind of database in turn."""
    async with open_store(url) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest) -> AsyncGenerator[Store]:
    """Each kind of store in turn."""
    async with open_store(request.getfixturevalue(f"{request.param}_url")) as opened:
        yield opened
