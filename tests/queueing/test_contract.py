"""What both queues do alike."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text as sql

from episodic.canonical.contents import pack
from episodic.canonical.errors import (
    ComposerProcessError,
    NotFoundError,
    QueueError,
    StorageError,
    TransientError,
)
from episodic.canonical.jobs import JobStatus
from episodic.canonical.queue import Submission, SubmissionStatus
from episodic.queueing.changes import keep
from episodic.queueing.engine import EngineQueue, find_engine
from tests.queueing.working import Rig, submission


async def test_what_is_submitted_is_ingested_as_an_attempt_of_its_own(rig: Rig) -> None:
    made = await rig.submit(*submission())
    await rig.work()
    found = await rig.found(made)
    assert found.status is SubmissionStatus.COMPLETED
    assert found.finished_at
    [job] = await rig.jobs(made)
    assert (job.status, job.attempt, job.correlation_id) == (JobStatus.COMPLETED, 1, made.id)
    assert job.id != made.id
    assert len(await rig.revisions()) == 1


async def test_a_submission_needs_nothing_but_what_is_kept(rig: Rig) -> None:
    made, content = submission()
    await rig.queue.pause()
    await rig.queue.submit([made], [content])
    async with rig.store.begin(read_only=True) as work:
        assert await work.contents.list() == [content.sha256]
    await rig.queue.resume()
    await rig.work()
    assert (await rig.found(made)).status is SubmissionStatus.COMPLETED


async def begun(rig: Rig, beat: timedelta) -> Submission:
    """Submit what somebody elsewhere is at, who was heard of so long after now."""
    made, content = submission()
    if isinstance(rig.queue, EngineQueue):
        await rig.queue.submit([made], [content])
        async with rig.store.begin() as work:
            await find_engine(work)
            await work.execute(
                sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + :beat)"), beat=beat
            )
            await work.execute(
                sql(
                    "UPDATE procrastinate_jobs"
                    " SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers)"
                )
            )
            await work.commit()
        return made
    async with rig.store.begin() as work:
        await keep(work, [replace(made, status=SubmissionStatus.QUEUED)], [content])
        await work.commit()
    job = (await rig.attempts().request(made, 1)).new_job(uuid.uuid7())
    async with rig.store.begin() as work:
        now = await work.jobs.now()
        await work.jobs.add(replace(job, host="elsewhere", process="b n 1", heartbeat_at=now + beat))
        await work.commit()
    return made


@pytest.mark.parametrize("days", [-1, 1], ids=["yesterday", "tomorrow"])
async def test_what_somebody_was_at_who_beats_no_more_is_attempted_again(rig: Rig, days: int) -> None:
    made = await begun(rig, timedelta(days=days))
    async with asyncio.timeout(60):
        await rig.work()
    assert (await rig.found(made)).status is SubmissionStatus.COMPLETED
    state = await rig.queue.look()
    assert (state.running, state.workers) == (0, ())
    assert JobStatus.RUNNING not in {job.status for job in await rig.jobs(made)}


@pytest.mark.parametrize("seconds", [-1, 1])
async def test_what_somebody_elsewhere_is_at_is_left_to_them(rig: Rig, seconds: int) -> None:
    made = await begun(rig, timedelta(seconds=seconds))
    if isinstance(rig.queue, EngineQueue):
        assert await rig.queue.sweep(60) == 0
        assert len((await rig.queue.look()).workers) == 1
    else:
        await rig.work()
    assert (await rig.queue.look()).running == 1
    assert (await rig.found(made)).status is SubmissionStatus.QUEUED


async def test_of_several_submissions_all_are_kept_or_none(rig: Rig) -> None:
    made, content = submission()
    with pytest.raises(StorageError):
        await rig.queue.submit([made, replace(made, episode_slug="other")], [content])
    async with rig.store.begin(read_only=True) as work:
        assert await work.submissions.list() == []
        assert await work.contents.list() == []
    assert (await rig.queue.look()).unfinished == 0


async def test_a_bad_source_fails_it_at_once_and_is_never_tried_again(rig: Rig) -> None:
    made, _ = submission()
    empty = pack(b"")
    made = replace(made, sources=(replace(made.sources[0], sha256=empty.sha256),))
    await rig.submit(made, empty)
    await rig.work()
    found = await rig.found(made)
    assert found.status is SubmissionStatus.FAILED
    assert found.error
    assert "talk.txt" in found.error
    assert [job.status for job in await rig.jobs(made)] == [JobStatus.FAILED]
    state = await rig.queue.look()
    assert [each.id for each in state.failed] == [made.id]


async def test_what_failed_is_tried_again_when_asked_for(rig: Rig) -> None:
    def no_room() -> None:
        raise StorageError("no room")

    rig.before = no_room
    made = await rig.submit(*submission())
    await rig.work()
    assert (await rig.found(made)).error == "no room"
    rig.before = lambda: None
    await rig.queue.retry(made.id)
    await rig.work()
    found = await rig.found(made)
    assert (found.status, found.error) == (SubmissionStatus.COMPLETED, None)
    assert [job.attempt for job in await rig.jobs(made)] == [1, 2]
    with pytest.raises(QueueError, match="is completed; only what failed is tried again"):
        await rig.queue.retry(made.id)


async def test_what_waits_can_be_cancelled(rig: Rig) -> None:
    await rig.queue.pause()
    made = await rig.submit(*submission())
    await rig.queue.cancel(made.id)
    await rig.queue.resume()
    await rig.work()
    assert (await rig.found(made)).status is SubmissionStatus.CANCELLED
    assert await rig.revisions() == []
    with pytest.raises(QueueError, match="is cancelled already"):
        await rig.queue.cancel(made.id)
    with pytest.raises(NotFoundError, match="no submission"):
        await rig.queue.cancel(uuid.uuid7())


async def test_a_paused_queue_keeps_what_is_submitted_and_goes_on_when_resumed(rig: Rig) -> None:
    await rig.queue.pause()
    made = await rig.submit(*submission())
    await rig.work()
    assert await rig.revisions() == []
    state = await rig.queue.look()
    assert state.paused_since
    assert (state.unfinished, state.counts) == (1, {SubmissionStatus.WAITING: 1})
    assert state.oldest
    assert state.oldest <= datetime.now(UTC)
    await rig.queue.resume()
    await rig.work()
    assert (await rig.found(made)).status is SubmissionStatus.COMPLETED
    state = await rig.queue.look()
    assert (state.paused_since, state.oldest, state.last_minute, state.running) == (None, None, 1, 0)


async def test_submissions_of_one_episode_come_one_after_the_other(rig: Rig) -> None:
    texts = ["dim", "bright", "gone"]
    await rig.queue.pause()
    for text in texts:
        await rig.submit(*submission(text))
    await rig.queue.resume()
    await rig.work()
    revisions = await rig.revisions()
    assert [next(t for t in texts if t.encode() in tei.split(b"<body")[1]) for tei in revisions] == texts


async def test_of_one_episode_the_more_urgent_comes_first(rig: Rig) -> None:
    await rig.queue.pause()
    await rig.submit(*submission("dim", priority=5))
    await rig.submit(*submission("bright", priority=-5))
    await rig.queue.resume()
    await rig.work()
    first, second = await rig.revisions()
    assert b"bright" in first
    assert b"dim" in second


async def test_the_same_again_is_nothing_new(rig: Rig) -> None:
    await rig.submit(*submission())
    again = await rig.submit(*submission())
    await rig.work()
    assert (await rig.found(again)).status is SubmissionStatus.COMPLETED
    assert len(await rig.revisions()) == 1


@pytest.mark.parametrize(
    ("error", "times", "status", "says"),
    [
        (TransientError("busy"), 2, SubmissionStatus.COMPLETED, None),
        (TransientError("busy"), 9, SubmissionStatus.FAILED, "tried 6 times: busy"),
        (ComposerProcessError("it died"), 2, SubmissionStatus.COMPLETED, None),
        (ComposerProcessError("it died"), 9, SubmissionStatus.FAILED, "killed its worker 3 times; it died"),
        (KeyError("ours"), 9, SubmissionStatus.FAILED, "KeyError: 'ours'"),
    ],
)
async def test_what_is_not_the_sources_fault_is_tried_again_up_to_a_limit(
    rig: Rig, error: Exception, times: int, status: SubmissionStatus, says: str | None
) -> None:
    left = [error] * times

    def fail() -> None:
        if left:
            raise left.pop()

    rig.before = fail
    made = await rig.submit(*submission())
    await rig.work()
    found = await rig.found(made)
    assert (found.status, found.error) == (status, says)
    assert len(await rig.revisions()) == (status is SubmissionStatus.COMPLETED)
