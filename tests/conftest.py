"""Fixtures that several test modules share."""

import shutil
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from episodic.canonical.storage.store import SqlStore
    from tests.postgresql import Server

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
TEI_ALL = Path(__file__).parents[2] / "shared" / "tei" / "tei_all.rng"

# How long an example takes depends on what else the machine does, so it says nothing.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def lasting_parsers() -> Generator[None]:
    """Keep the parsers' processes from one test to the next: to start one takes longer than to read with it.

    Where limits are not the usual ones, processes are what is tested, and each reader has its own.
    """
    from episodic.canonical.limits import Limits
    from episodic.canonical.normalizers import normalizer
    from episodic.canonical.normalizers.isolation.pool import WorkerPool

    class Lasting(WorkerPool):
        def rest(self) -> None:
            pass

        def close(self) -> None:
            pass

    usual = Lasting(Limits())

    def pool(limits: Limits) -> WorkerPool:
        return usual if limits == Limits() else WorkerPool(limits)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(normalizer, "WorkerPool", pool)
        yield
    WorkerPool.close(usual)


@pytest.fixture
def corpus() -> Path:
    """The folder of real inputs beside the project."""
    if not CORPUS.is_dir():
        pytest.skip(f"no real inputs: {CORPUS} is missing")
    return CORPUS


@pytest.fixture
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SqlStore]:
    """A store, new and empty."""
    from episodic.canonical.storage.store import open_store

    async with open_store(tmp_path_factory.mktemp("store") / "episodes.sqlite3") as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Debian's Chromium; skips where it is not installed."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium; install it from Debian to see pages in a browser")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=flags, timeout=30_000)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def postgresql() -> Generator[Server]:
    """A PostgreSQL server for the whole run; skips where none is installed."""
    from tests.postgresql import running

    with running() as server:
        yield server
