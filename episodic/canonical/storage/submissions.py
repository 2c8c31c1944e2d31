"""The repository of submissions over SQLAlchemy."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from episodic.canonical.queue import Submission, SubmissionStatus
from episodic.canonical.storage.repositories import Repository
from episodic.canonical.storage.tables import PAUSES, SUBMISSIONS


class SqlSubmissionRepository(Repository[Submission]):
    """See `queue.SubmissionRepository`."""

    kind = Submission
    table = SUBMISSIONS

    async def add(self, submission: Submission) -> None:
        await self._add(submission)

    async def change(self, submission: Submission, *, only: SubmissionStatus) -> bool:
        return await self._change(submission, SUBMISSIONS.c.status == only)

    async def get(self, submission_id: uuid.UUID) -> Submission | None:
        return await self._one(SUBMISSIONS.c.id == submission_id)

    async def list(
        self, *status: SubmissionStatus, limit: int | None = 50, newest: bool = False
    ) -> Sequence[Submission]:
        query = select(SUBMISSIONS).limit(limit)
        if status:
            query = query.where(SUBMISSIONS.c.status.in_(status))
        if newest:
            ended = func.coalesce(SUBMISSIONS.c.finished_at, SUBMISSIONS.c.submitted_at)
            query = query.order_by(ended.desc(), SUBMISSIONS.c.id.desc())
        else:
            query = query.order_by(SUBMISSIONS.c.priority, SUBMISSIONS.c.id)
        return await self._all(query)

    async def count(self) -> Mapping[SubmissionStatus, int]:
        query = select(SUBMISSIONS.c.status, func.count()).group_by(SUBMISSIONS.c.status)
        return {row[0]: row[1] for row in await self._run(query)}

    async def finished_since(self, at: datetime) -> int:
        query = select(func.count()).where(SUBMISSIONS.c.finished_at > at)
        return await self._value(query) or 0

    async def pause(self, since: datetime | None) -> None:
        await self._run(delete(PAUSES))
        if since is not None:
            await self._run(insert(PAUSES).values(id=1, since=since))

    async def paused_since(self) -> datetime | None:
        return await self._value(select(PAUSES.c.since))
