"""`episodic jobs`: what ran, what runs, what failed and why."""

import uuid
from collections.abc import Sequence

from episodic.canonical.heartbeat import as_it_is
from episodic.canonical.jobs import IngestionJob
from episodic.canonical.ports import UnitOfWork
from episodic.cli.options import Count, Json
from episodic.cli.output import day_and_time, print_json, print_table
from episodic.cli.store import with_store


def jobs(*, submission: uuid.UUID | None = None, limit: Count = 20, json: Json = False) -> None:
    """List ingestion jobs, the newest first.

    Parameters
    ----------
    submission
        Only the attempts at this submission, in their order.
    limit
        How many at the most.
    """

    async def query(work: UnitOfWork) -> Sequence[IngestionJob]:
        now = await work.jobs.now()
        listed = work.jobs.of(submission) if submission else work.jobs.list(limit)
        return [as_it_is(job, now, attempts_beat=work.jobs.attempts_beat) for job in await listed]

    found = with_store(query)
    if json:
        print_json(found)
        return
    attempts = any(job.submission_id for job in found)  # else the columns would say nothing
    print_table(
        (
            "started",
            "seconds",
            "status",
            "episode",
            *(("attempt", "submission") if attempts else ()),
            "job",
            "error",
        ),
        [
            (
                day_and_time(job.started_at),
                f"{(job.finished_at - job.started_at).total_seconds():.1f}" if job.finished_at else "",
                job.status,
                job.episode_name,
                *((str(job.attempt), str(job.submission_id or "")) if attempts else ()),
                str(job.id),
                job.error or "",
            )
            for job in found
        ],
        right=("seconds", "attempt"),
        none="no jobs",
    )
