"""The stores under test, each new and empty."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from episodic.canonical.ports import Store
from episodic.canonical.storage.memory import MemoryStore
from episodic.canonical.storage.store import open_store


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'episodes.sqlite3'}"


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest) -> AsyncGenerator[Store]:
    """Each kind of store in turn."""
    opened = MemoryStore() if request.param == "memory" else open_store(request.getfixturevalue("sqlite_url"))
    async with opened:
        yield opened
