"""A queue of each kind, with a worker."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from episodic.canonical.storage.store import open_store
from tests.postgresql import Server
from tests.queueing.working import Rig


@pytest.fixture
def engine_url(postgresql: Server) -> str:
    return postgresql.database()


@pytest.fixture(params=["immediate", "engine"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Rig]:
    """Each kind of queue in turn."""
    immediate = request.param == "immediate"
    url = f"sqlite:///{tmp_path / 'db'}" if immediate else request.getfixturevalue("engine_url")
    async with open_store(url) as store:
        yield Rig(store)


@pytest.fixture
async def engine(engine_url: str) -> AsyncGenerator[Rig]:
    """The engine's alone."""
    async with open_store(engine_url) as store:
        yield Rig(store)
