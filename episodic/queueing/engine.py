"""The queue on PostgreSQL: submissions of ours, of which the next ones are jobs of Procrastinate.

1. A submission is kept in our table, and handed over to the engine in the same transaction.
2. The engine has at most `MOST_HANDED_OVER` of them, and of one episode one: what it would have to pass over
   in search of the next makes every search slow. The rest waits in our table. The end of a submission hands
   over the next one of its episode, in its transaction; workers hand over the rest now and then.
3. The engine's job has the episode's name as its lock, and nothing but the submission's id as its argument.
   It is deleted when it ends, however it does: the history is ours.
4. Workers beat by the engine. Who was not heard of for the lease has lost its jobs: any other worker hands
   them over again, and counts the kill.

All of this is SQL in units of work of ours; only what a worker does goes through the engine's code.
"""

import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from episodic.canonical.errors import QueueError
from episodic.canonical.heartbeat import abandoned
from episodic.canonical.jobs import JobStatus
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.queue import QueueState, Submission, SubmissionStatus
from episodic.canonical.sources import Content
from episodic.canonical.storage.queue_schema import SCHEMA
from episodic.canonical.storage.store import SqlStore
from episodic.canonical.storage.unit_of_work import SqlUnitOfWork
from episodic.queueing.attempts import killed
from episodic.queueing.changes import cancelled, keep, renewed, state

MOST_HANDED_OVER: Final = 50_000
QUEUE: Final = "episodic"
TASK: Final = "episodic.ingest"

# The engine's functions name its tables without their schema.
_FIND_ENGINE: Final = text(
    f"SELECT set_config('search_path', current_setting('search_path') || ', {SCHEMA}', true),"
    f" to_regclass('{SCHEMA}.procrastinate_jobs') IS NOT NULL AS found"
)
_ROOM: Final = text(
    "SELECT :most - count(*)"
    " FROM (SELECT FROM procrastinate_jobs WHERE status = 'todo' LIMIT :most) AS queued"
)
# The next of each episode of which the engine has none.
_TAKE: Final = text(
    """
    UPDATE submissions SET status = 'queued' WHERE status = 'waiting' AND id IN (
      SELECT id FROM submissions AS next
      WHERE status = 'waiting' AND (CAST(:some AS uuid[]) IS NULL OR id = ANY(CAST(:some AS uuid[])))
        AND NOT EXISTS (SELECT FROM queue_pauses)
        AND NOT EXISTS (
          SELECT FROM submissions AS other
          WHERE (other.series_slug, other.episode_slug) = (next.series_slug, next.episode_slug)
            AND (other.status = 'queued'
              OR (other.status = 'waiting' AND (other.priority, other.id) < (next.priority, next.id))))
      ORDER BY priority, id LIMIT :room FOR UPDATE SKIP LOCKED)
    RETURNING id
    """
)
_DEFER: Final = text(
    f"""
    SELECT procrastinate_defer_jobs_v1(array_agg(
      ROW('{QUEUE}', '{TASK}', -priority, series_slug || '/' || episode_slug, NULL,
          jsonb_build_object('submission', id), NULL)::procrastinate_job_to_defer_v1 ORDER BY priority, id))
    FROM submissions WHERE id = ANY(CAST(:taken AS uuid[]))
    """  # noqa: S608  # our own names
)
_NEXT_OF_EPISODE: Final = text(
    "SELECT id FROM submissions"
    " WHERE status = 'waiting' AND series_slug = :series AND episode_slug = :episode"
    " ORDER BY priority, id LIMIT 1"
)
_JOB: Final = text(
    "SELECT id FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND lock = :episode"
    " AND args->>'submission' = :submission"
)
_CANCEL: Final = text("SELECT procrastinate_cancel_job_v1(:job, true, true)")
_TAKE_BACK: Final = text(
    """
    WITH back AS (DELETE FROM procrastinate_jobs WHERE status = 'todo' RETURNING args->>'submission' AS id)
    UPDATE submissions SET status = 'waiting'
    WHERE status = 'queued' AND id IN (SELECT CAST(id AS uuid) FROM back)
    """
)
_RUNNING: Final = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")
_WORKERS: Final = text("SELECT last_heartbeat FROM procrastinate_workers ORDER BY id")
# As with jobs: a clock that was set back must not let a worker live for ever that beat tomorrow.
_UNHEARD: Final = "abs(extract(epoch FROM clock_timestamp() - last_heartbeat)) > :lease"
_LOST: Final = f"""
    SELECT job.id, CAST(job.args->>'submission' AS uuid) AS submission
    FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND (worker.id IS NULL OR {_UNHEARD})
    """  # noqa: S608  # our own words
_STALLED: Final = text(_LOST)
_STILL_STALLED: Final = text(f"{_LOST} AND job.id = :job FOR UPDATE OF job SKIP LOCKED")
_RETRY: Final = text("SELECT procrastinate_retry_job_v2(:job, now(), NULL, NULL, NULL)")
_DELETE: Final = text("DELETE FROM procrastinate_jobs WHERE id = :job")
_PRUNE: Final = text(f"DELETE FROM procrastinate_workers WHERE {_UNHEARD}")  # noqa: S608  # our own words


@dataclass(frozen=True, slots=True)
class EngineQueue:
    """See `queue.Queue`."""

    store: SqlStore
    most: int = MOST_HANDED_OVER

    async def submit(self, submissions: Sequence[Submission], contents: Sequence[Content]) -> None:
        """Keep submissions and hand them over, in one transaction."""
        ids = [each.id for each in submissions]
        async with self._writing(str(ids[0])) as work:
            await keep(work, submissions, contents)
            await self._hand_over(work, ids)

    async def retry(self, submission_id: uuid.UUID) -> None:
        """Hand a submission over anew."""
        async with self._writing(str(submission_id)) as work:
            submission = await renewed(work, submission_id)
            await self._hand_over(work, [submission.id])

    async def cancel(self, submission_id: uuid.UUID) -> None:
        """End a submission; the worker that is at it is told."""
        async with self._writing(str(submission_id)) as work:
            ended = await cancelled(work, submission_id)
            wanted = {"episode": ended.episode_name, "submission": str(ended.id)}
            for job in (await work.execute(_JOB, **wanted)).scalars().all():
                await work.execute(_CANCEL, job=job)
            await hand_over_next(work, ended)

    async def pause(self) -> None:
        """Take back what no worker is at, and hand over nothing more."""
        async with self._writing("queue") as work:
            await work.submissions.pause(await work.jobs.now())
            await work.execute(_TAKE_BACK)

    async def resume(self) -> None:
        """Hand over again."""
        async with self._writing("queue") as work:
            await work.submissions.pause(None)
        await self.hand_over()

    async def look(self) -> QueueState:
        """Look at what there is."""
        async with self.store.begin(read_only=True) as work:
            await find_engine(work)
            running = (await work.execute(_RUNNING)).scalar_one()
            workers = (await work.execute(_WORKERS)).scalars().all()
            return await state(work, running=running, workers=workers)

    async def hand_over(self) -> None:
        """Hand over what waits, as far as there is room."""
        async with self._writing("queue") as work:
            await self._hand_over(work)

    async def sweep(self, lease: float) -> int:
        """Take from workers that were not heard of what they are at, and hand it over again; say how much."""
        swept = 0
        async with self.store.begin(read_only=True) as work:
            await find_engine(work)
            stalled = (await work.execute(_STALLED, lease=lease)).all()
        for row in stalled:
            swept += await self._take_from_its_worker(row.id, row.submission, lease)
        async with self._writing("queue") as work:
            await work.execute(_PRUNE, lease=lease)
        return swept

    async def _take_from_its_worker(self, job: int, submission_id: uuid.UUID, lease: float) -> bool:
        async with self._writing(str(submission_id)) as work:
            if (await work.execute(_STILL_STALLED, job=job, lease=lease)).first() is None:
                return False  # another worker swept it, or its own was heard of
            submission = await work.submissions.get(submission_id)
            over = submission is None or submission.status is not SubmissionStatus.QUEUED
            if submission and not over:
                now = await work.jobs.now()
                for attempt in await work.jobs.of(submission_id):
                    if attempt.status is JobStatus.RUNNING:
                        await work.jobs.abandon(abandoned(attempt, now))
                over = await killed(work, submission, "submit it in parts, or retry it on a larger machine")
                if over:
                    await hand_over_next(work, submission)
            await work.execute(_DELETE if over else _RETRY, job=job)
        return True

    @asynccontextmanager
    async def _writing(self, about: str) -> AsyncGenerator[SqlUnitOfWork]:
        """Begin a unit of work that knows the engine's tables; what the block does lasts."""
        async with self.store.begin(about=about) as work:
            await find_engine(work)
            yield work
            await work.commit()

    async def _hand_over(self, work: SqlUnitOfWork, some: Sequence[uuid.UUID] | None = None) -> None:
        room = (await work.execute(_ROOM, most=self.most)).scalar_one()
        await _take(work, room, some)


async def hand_over_next(work: UnitOfWork, ended: Submission) -> None:
    """Hand over the next submission of the episode of one that ends; what `Attempts.after` is here."""
    assert isinstance(work, SqlUnitOfWork)
    await find_engine(work)
    wanted = {"series": ended.series_slug, "episode": ended.episode_slug}
    found = (await work.execute(_NEXT_OF_EPISODE, **wanted)).scalars().all()
    if found:
        await _take(work, 1, found)


async def _take(work: SqlUnitOfWork, room: int, some: Sequence[uuid.UUID] | None) -> None:
    wanted = None if some is None else [str(each) for each in some]
    taken = (await work.execute(_TAKE, room=room, some=wanted)).scalars().all()
    if taken:
        await work.execute(_DEFER, taken=[str(each) for each in taken])


async def find_engine(work: SqlUnitOfWork) -> None:
    """Have the rest of a transaction know the engine's tables; raises `QueueError` when there are none."""
    if not (await work.execute(_FIND_ENGINE)).one().found:
        raise QueueError(
            "the database has no queue yet: install Episodic with its extra 'workers', then run "
            "'episodic db upgrade'"
        )
