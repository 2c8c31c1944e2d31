"""What the table in the design document promises of workers that die, sleep, stop and lose their database."""

# What waits for a database is no one else's to call.
# pyright: reportPrivateUsage=false

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import text

from episodic.canonical.errors import QueueError
from episodic.canonical.jobs import JobStatus
from episodic.canonical.queue import SubmissionStatus
from episodic.canonical.storage.store import open_store
from episodic.queueing.engine import EngineQueue, find_engine
from tests.postgresql import running
from tests.queueing.working import LEASE, Rig, submission

ROOT = Path(__file__).parents[2]


@dataclass
class Process:
    """A worker in a process of its own."""

    process: asyncio.subprocess.Process

    async def composing(self) -> None:
        """Wait until it composes an episode."""
        assert self.process.stdout
        async with asyncio.timeout(60):
            while (line := await self.process.stdout.readline()) != b"composing\n":
                assert line, "the worker ended"

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self) -> int:
        async with asyncio.timeout(60):
            return await self.process.wait()


@asynccontextmanager
async def worker(url: str, gate: Path, lease: float = LEASE) -> AsyncGenerator[Process]:
    """A worker that composes nothing before the gate is there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.queueing.working", url, str(gate), str(lease)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield Process(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110  # what is waited for is in another process
            await asyncio.sleep(0.05)


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    return tmp_path / "gate"


async def test_a_killed_workers_episode_is_ingested_by_another_after_the_lease(
    engine: Rig, engine_url: str, gate: Path
) -> None:
    made = await engine.submit(*submission())
    async with worker(engine_url, gate) as victim:
        await victim.composing()
        victim.send(signal.SIGKILL)
        await victim.ended()
        await engine.work()  # nobody tells it: it sweeps by itself
    found = await engine.found(made)
    assert (found.status, found.kills) == (SubmissionStatus.COMPLETED, 1)
    jobs = await engine.jobs(made)
    assert [(job.attempt, job.status) for job in jobs] == [
        (1, JobStatus.ABANDONED),
        (2, JobStatus.COMPLETED),
    ]
    assert len(await engine.revisions()) == 1
    assert len((await engine.queue.look()).workers) == 0


async def test_what_has_killed_three_workers_has_failed(engine: Rig, engine_url: str, gate: Path) -> None:
    made = await engine.submit(*submission())
    other = await engine.submit(*submission("bright"))
    assert isinstance(engine.queue, EngineQueue)
    for _ in range(3):
        async with worker(engine_url, gate) as victim:
            await victim.composing()
            victim.send(signal.SIGKILL)
            await victim.ended()

        async def swept() -> bool:
            assert isinstance(engine.queue, EngineQueue)
            return await engine.queue.sweep(0.2) > 0

        await until(swept)
    found = await engine.found(made)
    assert found.status is SubmissionStatus.FAILED
    assert found.error
    assert found.error.startswith("killed its worker 3 times; ")
    assert [job.status for job in await engine.jobs(made)] == [JobStatus.ABANDONED] * 3
    await engine.work()  # the next one of its episode has its turn
    assert (await engine.found(other)).status is SubmissionStatus.COMPLETED


async def lose_worker(engine: Rig) -> None:
    """Have the engine believe that a worker took what is queued and died."""
    async with engine.store.begin() as work:
        await find_engine(work)
        await work.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
        await work.commit()


@pytest.mark.parametrize("recorded", [False, True], ids=["before it is recorded", "after"])
async def test_killed_between_our_commit_and_the_engines_it_runs_again_and_finds_its_revision(
    engine: Rig, *, recorded: bool
) -> None:
    made = await engine.submit(*submission())
    attempts = engine.attempts()
    if recorded:
        await attempts.make(made.id)
    else:  # the revision is there, and nothing else
        request = await attempts.request(made, 1)
        await attempts.service.ingest_multi_source(request, uuid.uuid7())
    await lose_worker(engine)
    await engine.work()
    assert (await engine.found(made)).status is SubmissionStatus.COMPLETED
    assert len(await engine.revisions()) == 1
    assert [job.status for job in await engine.jobs(made)] == [JobStatus.COMPLETED] * (1 if recorded else 2)
    assert (await engine.queue.look()).unfinished == 0


async def test_a_worker_waits_for_a_database_that_is_gone_then_ends_with_an_error_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("episodic.queueing.worker._PATIENCE", 1.0)
    with running() as server:
        url = server.database()
        async with open_store(url) as store:
            engine = Rig(store)
            made = await engine.submit(*submission())
            worker = engine.worker(until_empty=False)
            working = asyncio.create_task(worker.run())

            async def ingested() -> bool:
                return (await engine.found(made)).status is SubmissionStatus.COMPLETED

            async def waited_for() -> bool:
                return "is gone, and waited for" in caplog.text

            await until(ingested)
            server.stop()
            await until(waited_for)
            server.start()
            made = await engine.submit(*submission("bright"))
            await until(ingested)
            worker.stop()
            await working
            server.stop()
            with pytest.raises(QueueError, match="is gone, and the worker ends; start it again: no answer"):
                await worker._return_of_the_database("no answer", 60)  # it was asked to stop
        engines = [record for record in caplog.records if record.name == "procrastinate.utils"]
        assert engines
        assert not any(record.exc_info or "\n" in record.getMessage() for record in engines)
        server.start()
        async with open_store(url) as store:
            assert len(await Rig(store).revisions()) == 2


async def test_a_paused_worker_that_comes_back_after_its_lease_finds_what_another_made(
    engine: Rig, engine_url: str, gate: Path
) -> None:
    made = await engine.submit(*submission())
    async with worker(engine_url, gate) as sleeper:
        await sleeper.composing()
        sleeper.send(signal.SIGSTOP)
        await engine.work()
        assert (await engine.found(made)).status is SubmissionStatus.COMPLETED
        gate.touch()
        sleeper.send(signal.SIGCONT)

        async def found_too() -> bool:
            return [job.status for job in await engine.jobs(made)] == [JobStatus.COMPLETED] * 2

        await until(found_too)
        later = await engine.submit(*submission("bright"))

        async def goes_on() -> bool:
            return (await engine.found(later)).status is SubmissionStatus.COMPLETED

        await until(goes_on)  # it was struck off, and has signed on anew
        sleeper.send(signal.SIGTERM)
        assert await sleeper.ended() == 0
    assert len(await engine.revisions()) == 2
    assert (await engine.found(made)).kills == 1


async def test_a_worker_that_is_asked_to_stop_ends_what_it_is_at_and_begins_nothing(
    engine: Rig, engine_url: str, gate: Path
) -> None:
    made = await engine.submit(*submission())
    later = await engine.submit(*submission("bright"))
    async with worker(engine_url, gate, lease=30) as asked:
        await asked.composing()
        asked.send(signal.SIGTERM)
        await asyncio.sleep(0.2)
        gate.touch()
        assert await asked.ended() == 0
    assert (await engine.found(made)).status is SubmissionStatus.COMPLETED
    assert (await engine.found(later)).status is SubmissionStatus.QUEUED
    assert (await engine.queue.look()).workers == ()


async def test_a_worker_that_is_asked_twice_gives_back_and_nothing_is_counted(
    engine: Rig, engine_url: str, gate: Path
) -> None:
    made = await engine.submit(*submission())
    async with worker(engine_url, gate, lease=30) as asked:
        await asked.composing()
        asked.send(signal.SIGTERM)
        await asyncio.sleep(0.2)
        asked.send(signal.SIGTERM)
        assert await asked.ended() == 0
    found = await engine.found(made)
    assert (found.status, found.kills, found.errors) == (SubmissionStatus.QUEUED, 0, 0)
    assert [job.status for job in await engine.jobs(made)] == [JobStatus.CANCELLED]
    await engine.work()
    assert (await engine.found(made)).status is SubmissionStatus.COMPLETED


async def test_what_is_under_way_can_be_cancelled(engine: Rig, engine_url: str, gate: Path) -> None:
    made = await engine.submit(*submission())
    async with worker(engine_url, gate, lease=30) as told:
        await told.composing()
        await engine.queue.cancel(made.id)

        async def ended() -> bool:
            return [job.status for job in await engine.jobs(made)] == [JobStatus.CANCELLED]

        await until(ended)
        gate.touch()
        told.send(signal.SIGTERM)
        assert await told.ended() == 0
    assert (await engine.found(made)).status is SubmissionStatus.CANCELLED
    assert await engine.revisions() == []
    assert (await engine.queue.look()).running == 0


async def queued(engine: Rig) -> int:
    async with engine.store.begin(read_only=True) as work:
        return (
            await work.execute(text("SELECT count(*) FROM episodic_queue.procrastinate_jobs"))
        ).scalar_one()


async def test_the_engine_is_fed_one_an_episode_and_a_bounded_number(engine: Rig) -> None:
    assert isinstance(engine.queue, EngineQueue)
    engine.queue = EngineQueue(engine.store, most=3)
    for number in range(4):
        await engine.submit(*submission(f"state {number}"))
    assert await queued(engine) == 1
    for number in range(4):
        await engine.submit(*submission(slug=f"e{number}"))
    assert await queued(engine) == 3
    counts = (await engine.queue.look()).counts
    assert counts == {SubmissionStatus.QUEUED: 3, SubmissionStatus.WAITING: 5}
    await engine.work()
    assert (await engine.queue.look()).counts == {SubmissionStatus.COMPLETED: 8}
    assert len(await engine.revisions()) == 4


async def test_what_a_pause_took_back_is_what_no_worker_was_at(
    engine: Rig, engine_url: str, gate: Path
) -> None:
    first = await engine.submit(*submission())
    async with worker(engine_url, gate, lease=30) as busy:
        await busy.composing()
        second = await engine.submit(*submission(slug="second"))
        third = await engine.submit(*submission(slug="third"))
        await busy.composing()  # it has room for one more than it composes
        await engine.queue.pause()
        gate.touch()
        busy.send(signal.SIGTERM)
        assert await busy.ended() == 0
    statuses = [(await engine.found(each)).status for each in (first, second, third)]
    assert statuses == [SubmissionStatus.COMPLETED, SubmissionStatus.COMPLETED, SubmissionStatus.WAITING]
    await engine.queue.resume()
    await engine.work()
    assert (await engine.found(third)).status is SubmissionStatus.COMPLETED


async def test_a_submission_of_which_the_bytes_are_gone_fails_with_what_to_do(engine: Rig) -> None:
    made, content = submission()
    made = replace(made, sources=(replace(made.sources[0], sha256="0" * 64),))
    await engine.submit(made, content)
    await engine.work()
    assert (await engine.found(made)).error == "talk.txt: its bytes are not kept any more; submit it again"
