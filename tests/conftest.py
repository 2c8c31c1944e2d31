"""Fixtures that several test modules share."""

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.postgresql import Server

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
TEI_ALL = Path(__file__).parents[2] / "shared" / "tei" / "tei_all.rng"

# How long an example takes depends on what else the machine does, so it says nothing.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture
def corpus() -> Path:
    """The folder of real inputs beside the project."""
    if not CORPUS.is_dir():
        pytest.skip(f"no real inputs: {CORPUS} is missing")
    return CORPUS


@pytest.fixture(scope="session")
def postgresql() -> Generator[Server]:
    """A PostgreSQL server for the whole run; skips where none is installed."""
    from tests.postgresql import running

    with running() as server:
        yield server
