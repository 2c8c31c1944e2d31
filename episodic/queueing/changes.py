"""What becomes of submissions in a unit of work, whoever ingests them."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from episodic.canonical.errors import NotFoundError, QueueError
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.queue import QueueState, Submission, SubmissionStatus
from episodic.canonical.sources import Content


async def keep(work: UnitOfWork, submissions: Sequence[Submission], contents: Sequence[Content]) -> None:
    """Keep submissions and the bytes of their sources."""
    await work.contents.put(*contents)
    for submission in submissions:
        await work.submissions.add(submission)


async def renewed(work: UnitOfWork, submission_id: uuid.UUID) -> Submission:
    """Let a submission that failed or was cancelled wait again, as if nothing had happened to it."""
    found = await _found(work, submission_id)
    if found.status not in {SubmissionStatus.FAILED, SubmissionStatus.CANCELLED}:
        raise QueueError(f"submission {submission_id} is {found.status}; only what failed is tried again")
    new = replace(found, status=SubmissionStatus.WAITING, kills=0, errors=0, finished_at=None, error=None)
    return await _changed(work, found, new)


async def cancelled(work: UnitOfWork, submission_id: uuid.UUID) -> Submission:
    """End a submission that is not over."""
    found = await _found(work, submission_id)
    if found.status.is_over:
        raise QueueError(f"submission {submission_id} is {found.status} already")
    ended = replace(found, status=SubmissionStatus.CANCELLED, finished_at=await work.jobs.now())
    return await _changed(work, found, ended)


async def _found(work: UnitOfWork, submission_id: uuid.UUID) -> Submission:
    if found := await work.submissions.get(submission_id):
        return found
    raise NotFoundError("submission", str(submission_id))


async def _changed(work: UnitOfWork, found: Submission, new: Submission) -> Submission:
    if not await work.submissions.change(new, only=found.status):
        raise QueueError(f"submission {new.id} has changed meanwhile; look at it again")
    return new


async def state(work: UnitOfWork, *, running: int, workers: Sequence[datetime]) -> QueueState:
    """Look at the submissions."""
    now = await work.jobs.now()
    unfinished = [status for status in SubmissionStatus if not status.is_over]
    # An id begins with the time at which it was made.
    first = [await work.submissions.list(status, limit=1) for status in unfinished]
    return QueueState(
        at=now,
        counts=await work.submissions.count(),
        running=running,
        oldest=min((each.submitted_at for found in first for each in found), default=None),
        last_minute=await work.submissions.finished_since(now - timedelta(minutes=1)),
        last_hour=await work.submissions.finished_since(now - timedelta(hours=1)),
        workers=tuple(workers),
        paused_since=await work.submissions.paused_since(),
        failed=tuple(await work.submissions.list(SubmissionStatus.FAILED, limit=10, newest=True)),
    )
