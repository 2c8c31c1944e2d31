"""`episodic jobs`: what ran, what runs, what failed and why."""

from collections.abc import Sequence

from episodic.canonical.domain import IngestionJob
from episodic.canonical.heartbeat import as_it_is
from episodic.canonical.ports import UnitOfWork
from episodic.cli.output import day_and_time, print_json, print_table
from episodic.cli.reading import Count, with_store


def jobs(*, limit: Count = 20, json: bool = False) -> None:
    """List ingestion jobs, the newest first.

    Parameters
    ----------
    limit
        How many at the most.
    json
        Print one JSON document.
    """

    async def query(work: UnitOfWork) -> Sequence[IngestionJob]:
        now = await work.jobs.now()
        return [as_it_is(job, now) for job in await work.jobs.list(limit)]

    found = with_store(query)
    if json:
        print_json(found)
        return
    print_table(
        ("started", "seconds", "status", "episode", "job", "error"),
        [
            (
                day_and_time(job.started_at),
                f"{(job.finished_at - job.started_at).total_seconds():.1f}" if job.finished_at else "",
                job.status,
                f"{job.series_slug}/{job.episode_slug}",
                str(job.id),
                job.error or "",
            )
            for job in found
        ],
        right=("seconds",),
    )
