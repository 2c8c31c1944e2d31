"""The databases that processes crash on, and how much: `make crash-test` runs the full number."""

import os
from pathlib import Path

import pytest

from tests.postgresql import Server


@pytest.fixture
def full() -> bool:
    return os.environ.get("CRASH_TEST") == "full"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'episodes.sqlite3'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.database()
