"""What both queues do alike."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from episodic.canonical.contents import pack
from episodic.canonical.domain import JobStatus
from episodic.canonical.errors import NotFoundError, QueueError, StorageError, TransientError, WorkerError
from episodic.canonical.queue import SubmissionStatus
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
        (WorkerError("it died"), 2, SubmissionStatus.COMPLETED, None),
        (WorkerError("it died"), 9, SubmissionStatus.FAILED, "killed its worker 3 times; it died"),
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
