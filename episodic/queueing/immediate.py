"""The queue of a database that has none: what is submitted is ingested at once, in this process."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from episodic.canonical.heartbeat import abandoned, is_gone
from episodic.canonical.ingestion_service import IngestionOutcome
from episodic.canonical.jobs import IngestionJob
from episodic.canonical.ports import Store
from episodic.canonical.queue import QueueState, Submission, SubmissionStatus
from episodic.canonical.sources import Content
from episodic.queueing.attempts import AgainError, Attempts
from episodic.queueing.changes import cancelled, keep, renewed, state

_Q = SubmissionStatus.QUEUED


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmediateQueue:
    """See `queue.Queue`.

    What was submitted during a pause, or by a process that died over it, waits for `work`.

    Parameters
    ----------
    told
        What came of each submission that is ingested here; ``None``: it failed.
    """

    store: Store
    attempts: Attempts
    told: Callable[[Submission, IngestionOutcome | None], None] = lambda _, __: None

    async def submit(self, submissions: Sequence[Submission], contents: Sequence[Content]) -> None:
        """Keep submissions and, unless the queue is paused, ingest them."""
        async with self.store.begin() as work:
            paused = await work.submissions.paused_since() is not None
            status = SubmissionStatus.WAITING if paused else SubmissionStatus.QUEUED
            await keep(work, [replace(each, status=status) for each in submissions], contents)
            await work.commit()
        for each in () if paused else submissions:
            await self._attempt(each.id)

    async def work(self) -> None:
        """Ingest what is left, but for what another process is at."""
        while left := await self._left():
            for each in left:
                await self._attempt(each.id)

    async def retry(self, submission_id: uuid.UUID) -> None:
        """Ingest a submission anew."""
        async with self.store.begin() as work:
            await renewed(work, submission_id)
            paused = await work.submissions.paused_since() is not None
            await work.commit()
        if not paused:
            await self._take(submission_id)
            await self._attempt(submission_id)

    async def cancel(self, submission_id: uuid.UUID) -> None:
        """End a submission that waits."""
        async with self.store.begin() as work:
            await cancelled(work, submission_id)
            now = await work.jobs.now()
            for job in await work.jobs.of(submission_id):
                if is_gone(job, now, attempts_beat=True):
                    await work.jobs.abandon(abandoned(job, now))
            await work.commit()

    async def pause(self) -> None:
        """Keep what is submitted from now on."""
        async with self.store.begin() as work:
            await work.submissions.pause(await work.jobs.now())
            await work.commit()

    async def resume(self) -> None:
        """Go on, and with what was kept meanwhile."""
        async with self.store.begin() as work:
            await work.submissions.pause(None)
            await work.commit()
        await self.work()

    async def look(self) -> QueueState:
        """Look at what there is."""
        async with self.store.begin(read_only=True) as work:
            now = await work.jobs.now()
            running = [job for job in await work.jobs.running() if job.submission_id and _runs(job, now)]
            return await state(work, running=len(running), workers=())

    async def _left(self) -> list[Submission]:
        async with self.store.begin(read_only=True) as work:
            if await work.submissions.paused_since() is not None:
                return []
            now = await work.jobs.now()
            at = {job.submission_id for job in await work.jobs.running() if _runs(job, now)}
            waiting = await work.submissions.list(SubmissionStatus.WAITING, _Q, limit=None)
        left = [each for each in waiting if each.id not in at]
        for each in left:
            await self._take(each.id)
        return left

    async def _take(self, submission_id: uuid.UUID) -> None:
        async with self.store.begin() as work:
            if found := await work.submissions.get(submission_id):
                await work.submissions.change(replace(found, status=_Q), only=SubmissionStatus.WAITING)
                await work.commit()

    async def _attempt(self, submission_id: uuid.UUID) -> None:
        while True:
            try:
                outcome = await self.attempts.make(submission_id)
            except AgainError as again:
                await asyncio.sleep(again.seconds)
                continue
            async with self.store.begin(read_only=True) as work:
                ended = await work.submissions.get(submission_id)
            if ended:  # told with nothing open: whoever prints it may have to wait for its reader
                self.told(ended, outcome)
            return


def _runs(job: IngestionJob, now: datetime) -> bool:
    return not is_gone(job, now, attempts_beat=True)
