"""What holds only where there are no workers."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from episodic.canonical.heartbeat import as_it_is
from episodic.canonical.jobs import JobStatus
from episodic.canonical.storage.store import SqlStore
from episodic.queueing.immediate import ImmediateQueue
from tests.queueing.working import Rig, submission


async def test_nothing_is_open_while_it_is_said_what_came_of_a_submission(store: SqlStore) -> None:
    held: list[int] = []

    def say(*_: object) -> None:
        """Waits in a pipe that nobody reads; the log is cut off only where nobody is at it."""
        assert store.database.file
        with closing(sqlite3.connect(store.database.file)) as connection:
            held.append(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

    queue = Rig(store).queue
    assert isinstance(queue, ImmediateQueue)
    made, content = submission()
    await replace(queue, told=say).submit([made], [content])
    assert held == [0]


async def test_an_attempt_that_a_restart_ended_is_not_said_to_run(store: SqlStore) -> None:
    rig = Rig(store)
    made = await rig.submit(*submission())
    async with store.begin() as work:
        now = await work.jobs.now()
        (job,) = await work.jobs.of(made.id)
        lost = replace(
            job,
            status=JobStatus.RUNNING,
            finished_at=None,
            process="another boot, another namespace 4711",
            heartbeat_at=now - timedelta(hours=1),
        )
        await work.jobs.update(lost)
        assert as_it_is(lost, now, attempts_beat=work.jobs.attempts_beat).status is JobStatus.ABANDONED
        await work.commit()
    await rig.submit(*submission(slug="another"))
    async with store.begin(read_only=True) as work:
        assert [job.status for job in await work.jobs.of(made.id)] == [JobStatus.ABANDONED]
