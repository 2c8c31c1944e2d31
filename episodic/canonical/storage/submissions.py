"""The repository of submissions over SQLAlchemy."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from episodic.canonical.domain import Submission, SubmissionStatus
from episodic.canonical.storage import mappers
from episodic.canonical.storage.models import PauseModel, SubmissionModel
from episodic.canonical.storage.repositories import Repository


class SqlSubmissionRepository(Repository):
    """See `ports.SubmissionRepository`."""

    async def add(self, submission: Submission) -> None:
        """Add a new one."""
        await self._add(mappers.to_row(SubmissionModel, submission))

    async def change(self, submission: Submission, *, only: SubmissionStatus) -> bool:
        """Replace one that is in a status."""
        changed = (
            update(SubmissionModel)
            .where(SubmissionModel.id == submission.id, SubmissionModel.status == only)
            .values(mappers.values(submission))
            .returning(SubmissionModel.id)
        )
        return await self._session.scalar(changed) is not None

    async def get(self, submission_id: uuid.UUID) -> Submission | None:
        """Find by id."""
        row = await self._one(select(SubmissionModel).where(SubmissionModel.id == submission_id))
        return row and mappers.from_row(Submission, row)

    async def list(
        self, *status: SubmissionStatus, limit: int | None = 50, newest: bool = False
    ) -> Sequence[Submission]:
        """Those of a status."""
        query = select(SubmissionModel).limit(limit)
        if status:
            query = query.where(SubmissionModel.status.in_(status))
        if newest:
            ended = func.coalesce(SubmissionModel.finished_at, SubmissionModel.submitted_at)
            query = query.order_by(ended.desc(), SubmissionModel.id.desc())
        else:
            query = query.order_by(SubmissionModel.priority, SubmissionModel.id)
        return [mappers.from_row(Submission, row) for row in await self._all(query)]

    async def count(self) -> Mapping[SubmissionStatus, int]:
        """Count them by status."""
        query = select(SubmissionModel.status, func.count()).group_by(SubmissionModel.status)
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def finished_since(self, at: datetime) -> int:
        """Count those that ended after a time."""
        query = select(func.count()).where(SubmissionModel.finished_at > at)
        return await self._session.scalar(query) or 0

    async def pause(self, since: datetime | None) -> None:
        """Pause the queue, or let it go on."""
        if since is None:
            await self._session.execute(delete(PauseModel))
        else:
            await self._put(PauseModel(id=1, since=since))

    async def paused_since(self) -> datetime | None:
        """Say whether the queue is paused."""
        return await self._session.scalar(select(PauseModel.since))
