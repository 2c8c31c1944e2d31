"""Processes that compose: kept as long as they live, and told of here."""

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome
from episodic.canonical.composer import IngestionRequest
from episodic.canonical.domain import Episode, Series
from episodic.canonical.errors import SourceError
from episodic.canonical.ports import Edition
from episodic.cli.sources import raw_sources
from episodic.cli.workers import WorkerComposers, WorkerError
from episodic.settings import Settings

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Recorder(TaskObserver):
    def __init__(self) -> None:
        self.finished_as: list[tuple[str, str]] = []

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        self.finished_as.append((name.partition("[")[0], outcome))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def composers(recorder: Recorder) -> AsyncGenerator[WorkerComposers]:
    async with WorkerComposers(Settings(), 1, [recorder]) as composers:
        yield composers


async def compose(composers: WorkerComposers, *places: Path) -> str:
    request = IngestionRequest(
        series="s", episode="e", sources=list(raw_sources([str(place) for place in places], episode="e"))
    )
    edition = Edition(
        series=Series(id=uuid.uuid7(), slug="s", title="S"),
        episode=Episode(id=uuid.uuid7(), series_slug="s", slug="e", created_at=NOW),
        number=1,
        created_at=NOW,
    )
    return (await composers.compose(request, uuid.uuid7(), edition)).tei.decode()


async def test_a_worker_composes_one_episode_after_the_other(
    composers: WorkerComposers, recorder: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.\nBen: Hello to you.")
    assert "Hello to you." in await compose(composers, tmp_path / "a.txt")
    first = composers.processes
    assert "Hello there." in await compose(composers, tmp_path / "a.txt")
    assert composers.processes == first
    both = ("canonical.ingestion.normalize", "returned"), ("canonical.ingestion.compose", "returned")
    assert recorder.finished_as == [*both, *both]


async def test_an_error_of_a_source_comes_back_as_it_was_and_costs_no_worker(
    composers: WorkerComposers, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.")
    await compose(composers, tmp_path / "a.txt")
    first = composers.processes
    with pytest.raises(SourceError, match="there is no such file") as caught:
        await compose(composers, tmp_path / "gone.txt")
    assert caught.value.uri == str(tmp_path / "gone.txt")
    assert any("source 1 of 1" in note for note in caught.value.__notes__)
    assert composers.processes == first


async def test_cancelling_ends_the_process_and_the_next_episode_gets_a_new_one(
    composers: WorkerComposers, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.\n" * 20_000)
    long = asyncio.ensure_future(compose(composers, tmp_path / "a.txt"))
    while not composers.processes:  # noqa: ASYNC110  # a thread starts it
        await asyncio.sleep(0.01)
    (busy,) = composers.processes
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    with pytest.raises(ProcessLookupError):
        os.kill(busy, 0)
    (tmp_path / "b.txt").write_text("Ada: Hello there.")
    assert "Hello there." in await compose(composers, tmp_path / "b.txt")
    assert composers.processes != [busy]


async def test_a_killed_worker_is_an_error_that_says_what_killed_it(
    composers: WorkerComposers, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.")
    await compose(composers, tmp_path / "a.txt")
    (worker,) = composers.processes
    os.kill(worker, signal.SIGTERM)  # which is for their parent to heed
    assert "Hello there." in await compose(composers, tmp_path / "a.txt")
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(WorkerError, match="killed by SIGKILL, as the system does when memory runs out"):
        await compose(composers, tmp_path / "a.txt")
    assert "Hello there." in await compose(composers, tmp_path / "a.txt")
