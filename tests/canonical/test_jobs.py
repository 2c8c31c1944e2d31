"""A job is alive, or ends, or is taken over: none runs for ever."""

import asyncio
import socket
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from episodic.canonical import heartbeat
from episodic.canonical.errors import StorageError
from episodic.canonical.jobs import IngestionJob, JobStatus
from episodic.canonical.ports import Store
from episodic.canonical.queue import Submission
from tests.canonical.ingesting import TALK, request, service, source
from tests.canonical.storage import examples


def killed(job: IngestionJob) -> IngestionJob:
    """The job as it would be, had its process been killed."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    known = heartbeat.identity(process.pid)
    process.communicate()
    return replace(
        job,
        pid=process.pid,
        process=known,
        host=socket.gethostname(),
        status=JobStatus.RUNNING,
        finished_at=None,
        revision_id=None,
    )


async def all_jobs(store: Store) -> list[IngestionJob]:
    async with store.begin(read_only=True) as work:
        return list(await work.jobs.list())


async def test_a_job_whose_process_is_gone_is_taken_over_by_the_next_run(store: Store) -> None:
    dead = killed(replace(examples.job(), started_at=datetime.now(UTC), heartbeat_at=datetime.now(UTC)))
    async with store.begin() as work:
        await work.jobs.add(dead)
        await work.commit()
    outcome = await service(store).ingest_multi_source(request(source("a.txt", TALK)))
    ended, taken = await all_jobs(store)
    assert ended == outcome.job
    assert ended.status is JobStatus.COMPLETED
    assert (taken.id, taken.status) == (dead.id, JobStatus.ABANDONED)
    assert taken.finished_at
    assert "its process is gone" in (taken.error or "")


def test_an_attempt_whose_worker_is_gone_is_not_the_users_to_repeat() -> None:
    now = datetime.now(UTC)
    jobs = [replace(examples.job(), submission_id=submission) for submission in (None, uuid.uuid7())]
    lost = [heartbeat.abandoned(job, now) for job in jobs]
    assert [job.error for job in lost] == [
        "its process is gone; ingest the same sources again",
        "its process is gone; a worker tries its submission again",
    ]


async def test_a_job_that_is_alive_is_left_alone(store: Store) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        started.set()
        await go_on.wait()

    slow = asyncio.create_task(service(store).ingest_multi_source(request(source("a.txt", TALK, wait))))
    await started.wait()
    await service(store).ingest_multi_source(request(source("b.txt", TALK), episode="other"))
    assert [job.status for job in await all_jobs(store)] == [JobStatus.COMPLETED, JobStatus.RUNNING]
    go_on.set()
    assert (await slow).job.status is JobStatus.COMPLETED


async def test_an_attempt_ends_the_one_before_at_the_same_submission_and_no_other(store: Store) -> None:
    ours, theirs = (
        Submission(
            id=uuid.uuid7(),
            series_slug="lantern-hour",
            episode_slug="first-light",
            sources=(),
            submitted_at=datetime.now(UTC),
        )
        for _ in range(2)
    )
    asked = request(source("a.txt", TALK))
    before, other = (replace(asked, submission_id=each.id).new_job(uuid.uuid7()) for each in (ours, theirs))
    async with store.begin() as work:
        for submission in (ours, theirs):
            await work.submissions.add(submission)
        for job in (before, other):
            await work.jobs.add(job)
        await work.commit()
    outcome = await service(store).ingest_multi_source(replace(asked, submission_id=ours.id, attempt=2))
    found = {job.id: job.status for job in await all_jobs(store)}
    assert found == {
        before.id: JobStatus.ABANDONED,
        other.id: JobStatus.RUNNING,
        outcome.job.id: JobStatus.COMPLETED,
    }


async def beats(store: Store, job: IngestionJob, count: int) -> None:
    """Wait until a job's heartbeat has changed so many times."""
    seen = {job.heartbeat_at}
    while len(seen) <= count:
        await asyncio.sleep(0.005)
        seen |= {job.heartbeat_at for job in await all_jobs(store)}


async def test_a_running_job_has_a_heartbeat_until_it_ends(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.01)

    async def wait() -> None:
        (job,) = await all_jobs(store)
        await asyncio.wait_for(beats(store, job, 3), 10)

    outcome = await service(store).ingest_multi_source(request(source("a.txt", TALK, wait)))
    assert asyncio.all_tasks() == {asyncio.current_task()}
    (job,) = await all_jobs(store)
    assert job == outcome.job


async def test_a_heartbeat_waits_before_each_beat(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "INTERVAL", 3600)
    outcome = await service(store).ingest_multi_source(request(source("a.txt", TALK)))
    running = replace(outcome.job, status=JobStatus.RUNNING)
    async with store.begin() as work:
        await work.jobs.update(running)
        await work.commit()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(heartbeat.beat(store, running), 0.5)
    assert await all_jobs(store) == [running]


async def test_a_heartbeat_that_fails_fails_nothing_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.01)
    failures = iter(range(2, -1, -1))
    failed_thrice = asyncio.Event()

    async def fail(*_: object) -> bool:
        if next(failures, 0) == 0:
            failed_thrice.set()
        raise StorageError("the database is busy")

    async def wait() -> None:
        await asyncio.wait_for(failed_thrice.wait(), 10)

    async with store.begin() as work:
        monkeypatch.setattr(type(work.jobs), "beat", fail)
    outcome = await service(store).ingest_multi_source(request(source("a.txt", TALK, wait)))
    assert outcome.job.status is JobStatus.COMPLETED


async def test_a_job_that_was_taken_for_abandoned_and_was_not_completes(store: Store) -> None:
    async def lose() -> None:
        async with store.begin() as work:
            (job,) = await work.jobs.running()
            await work.jobs.update(replace(job, status=JobStatus.ABANDONED))
            await work.commit()

    outcome = await service(store).ingest_multi_source(request(source("a.txt", TALK, lose)))
    assert await all_jobs(store) == [outcome.job]
    assert outcome.job.status is JobStatus.COMPLETED


async def test_a_job_that_was_taken_for_abandoned_and_beats_runs_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.01)

    async def lose() -> None:
        async with store.begin() as work:
            (job,) = await work.jobs.running()
            await work.jobs.update(replace(job, status=JobStatus.ABANDONED, finished_at=job.started_at))
            await work.commit()
        async with asyncio.timeout(10):
            statuses = {JobStatus.ABANDONED}
            while JobStatus.RUNNING not in statuses:
                await asyncio.sleep(0.005)
                statuses = {job.status for job in await all_jobs(store)}

    await service(store).ingest_multi_source(request(source("a.txt", TALK, lose)))


async def test_of_many_that_ask_for_the_same_at_once_one_makes_it_and_all_get_it(store: Store) -> None:
    outcomes = await asyncio.gather(
        *(service(store).ingest_multi_source(request(source("a.txt", TALK))) for _ in range(5))
    )
    assert [outcome.revision.number for outcome in outcomes] == [1] * 5
    assert sorted(outcome.created for outcome in outcomes) == [False] * 4 + [True]
    assert {job.status for job in await all_jobs(store)} == {JobStatus.COMPLETED}
