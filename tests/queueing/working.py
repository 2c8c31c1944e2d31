"""Queues with a worker, for tests.

``python -m tests.queueing.working URL GATE LEASE`` is a worker that can be killed: it composes nothing before
the file GATE is there, so that a test knows what it is at.
"""

import asyncio
import signal
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from episodic import asyncio_tasks
from episodic.canonical.composition.composer import Composition, IngestionRequest
from episodic.canonical.contents import pack
from episodic.canonical.ingestion_service import IngestionService
from episodic.canonical.jobs import IngestionJob
from episodic.canonical.ports import Edition
from episodic.canonical.queue import Submission, SubmittedSource
from episodic.canonical.sources import Content
from episodic.canonical.storage.store import SqlStore, open_store
from episodic.cli.ingesting.queues import traced
from episodic.queueing.attempts import Attempts, nothing
from episodic.queueing.engine import EngineQueue, hand_over_next
from episodic.queueing.immediate import ImmediateQueue
from episodic.queueing.worker import Worker
from tests.canonical.ingesting import TALK, service

LEASE = 2.0


def submission(
    text: str = "dim",
    *,
    slug: str = "first-light",
    priority: int = 0,
    repeat: int = 1,
) -> tuple[Submission, Content]:
    """Make a submission of one source, which says the same so many times, and its content."""
    content = pack(TALK.format(text).encode() * repeat)
    made = Submission(
        id=uuid.uuid7(),
        series_slug="lantern-hour",
        episode_slug=slug,
        sources=(SubmittedSource(uri="talk.txt", sha256=content.sha256, hints={"episode": slug}),),
        submitted_at=datetime.now(UTC),
        priority=priority,
    )
    return made, content


@dataclass
class Rig:
    """A queue and who works for it; `before` is called before every composition."""

    store: SqlStore
    before: Callable[[], None] = lambda: None

    @cached_property
    def queue(self) -> EngineQueue | ImmediateQueue:
        if self.store.database.file is None:
            return EngineQueue(self.store)
        return ImmediateQueue(store=self.store, attempts=self.attempts())

    def service(self) -> IngestionService:
        real = service(self.store)

        async def compose(request: IngestionRequest, job_id: uuid.UUID, edition: Edition) -> Composition:
            self.before()
            return await real.compose(request, job_id, edition)

        return replace(real, compose=compose)

    def attempts(self) -> Attempts:
        after = hand_over_next if self.store.database.file is None else nothing
        return Attempts(
            store=self.store,
            service=self.service(),
            after=after,
            within=traced(),
            back_off=lambda _: 0.0,
        )

    async def work(self) -> None:
        """Work until nothing is left."""
        if isinstance(self.queue, ImmediateQueue):
            await self.queue.work()
        else:
            await self.worker(until_empty=True).run()

    def worker(self, *, until_empty: bool) -> Worker:
        assert isinstance(self.queue, EngineQueue)
        return Worker(
            queue=self.queue,
            attempts=self.attempts(),
            workers=1,
            lease=LEASE,
            drain=30,
            until_empty=until_empty,
        )

    async def submit(self, made: Submission, content: Content) -> Submission:
        await self.queue.submit([made], [content])
        return made

    async def found(self, made: Submission) -> Submission:
        async with self.store.begin(read_only=True) as work:
            found = await work.submissions.get(made.id)
        assert found
        return found

    async def jobs(self, made: Submission) -> list[IngestionJob]:
        async with self.store.begin(read_only=True) as work:
            return list(await work.jobs.of(made.id))

    async def revisions(self, slug: str = "first-light") -> list[bytes]:
        async with self.store.begin(read_only=True) as work:
            episode = await work.episodes.get("lantern-hour", slug)
            if episode is None:
                return []
            numbers = range(1, 1 + await work.revisions.newest_number(episode.id))
            found = [await work.revisions.get(episode.id, number) for number in numbers]
        return [revision.tei for revision in found if revision]


async def _main(url: str, gate: Path, lease: float) -> None:
    async with open_store(url) as store:
        real = service(store)

        async def compose(request: IngestionRequest, job_id: uuid.UUID, edition: Edition) -> Composition:
            print("composing", flush=True)
            while not gate.exists():  # noqa: ASYNC110  # another process makes it
                await asyncio.sleep(0.02)
            return await real.compose(request, job_id, edition)

        attempts = Attempts(
            store=store, service=replace(real, compose=compose, beats=False), after=hand_over_next
        )
        worker = Worker(queue=EngineQueue(store), attempts=attempts, workers=1, lease=lease, drain=60)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
        print("ready", flush=True)
        await worker.run()


if __name__ == "__main__":
    asyncio_tasks.run(_main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
