"""An attempt at a submission: what both queues do with it.

1. A submission that is over, or was taken back, is left alone: a worker that died between our commit and the
   engine's leaves a job behind for it.
2. Its sources are read from what is kept, and an ingestion like any other runs, as a job of its own.
3. What is wrong with the sources fails it at once. What is wrong with the database is tried again, at most
   `MOST_ERRORS` times, after a time that doubles. What kills the process that composes it, or its worker, is
   tried `MOST_KILLS` times.
"""

import logging
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.contents import KeptBytes
from episodic.canonical.errors import ComposerProcessError, EpisodicError, StorageError, TransientError
from episodic.canonical.ingestion_service import INGEST, IngestionOutcome, IngestionService, named_task
from episodic.canonical.ports import Store, UnitOfWork
from episodic.canonical.queue import Submission, SubmissionStatus
from episodic.canonical.sources import RawSource

log = logging.getLogger(__name__)

MOST_ERRORS: Final = 5
MOST_KILLS: Final = 3
_LONGEST_PAUSE: Final = 300.0


class AgainError(Exception):
    """The attempt came to nothing, and is to be made again.

    Parameters
    ----------
    seconds
        After which.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def doubling(errors: int) -> float:
    """Seconds to wait after so many errors."""
    return min(2.0**errors, _LONGEST_PAUSE)


async def nothing(_work: UnitOfWork, _ended: Submission) -> None:
    """Do nothing after a submission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Makes attempts at submissions.

    Parameters
    ----------
    after
        What is done in the transaction in which a submission ends.
    within
        Entered around an attempt: for what its tasks are to inherit.
    back_off
        Seconds to wait after so many errors of the database.
    """

    store: Store
    service: IngestionService
    after: Callable[[UnitOfWork, Submission], Awaitable[None]] = nothing
    within: Callable[[Submission], AbstractContextManager[object]] = nullcontext
    back_off: Callable[[int], float] = doubling

    async def make(self, submission_id: uuid.UUID) -> IngestionOutcome | None:
        """Attempt a submission to its end; ``None``: it failed, and says why, or nothing was to do.

        Raises
        ------
        AgainError
            When it is to be attempted again.
        """
        async with self.store.begin(read_only=True) as work:
            submission = await work.submissions.get(submission_id)
            number = 1 + len(await work.jobs.of(submission_id))
        if submission is None or submission.status is not SubmissionStatus.QUEUED:
            return None
        try:
            request = await self.request(submission, number)
            with self.within(submission):
                outcome = await _in_task(self.service, request, submission)
        except TransientError as error:
            raise await self._after_error(submission, error) from error
        except ComposerProcessError as error:
            async with self.store.begin(about=str(submission.id)) as work:
                over = await killed(work, submission, str(error))
                if over:
                    await self.after(work, submission)
                await work.commit()
            if over:
                return None
            raise AgainError(0) from error
        except EpisodicError as error:
            await self._end(submission, SubmissionStatus.FAILED, str(error))
            return None
        except Exception as error:
            log.exception("an error of Episodic's own, in submission %s", submission_id)
            await self._end(submission, SubmissionStatus.FAILED, f"{type(error).__name__}: {error}")
            return None
        await self._end(submission, SubmissionStatus.COMPLETED)
        return outcome

    async def request(self, submission: Submission, attempt: int) -> IngestionRequest:
        """Make the request of an attempt, with the bytes that are kept."""
        sources: list[RawSource] = []
        async with self.store.begin(read_only=True) as work:
            for source in submission.sources:
                content = await work.contents.get(source.sha256)
                if content is None:
                    raise StorageError(f"{source.uri}: its bytes are not kept any more; submit it again")
                sources.append(RawSource(source.uri, KeptBytes(content), source.source_type, source.hints))
        return IngestionRequest(
            series=submission.series_slug,
            episode=submission.episode_slug,
            sources=sources,
            title=submission.title,
            on_source_error="skip" if submission.skip_bad_sources else "fail",
            strict=submission.strict,
            submission_id=submission.id,
            attempt=attempt,
        )

    async def _after_error(self, submission: Submission, error: TransientError) -> AgainError:
        errors = submission.errors + 1
        if errors > MOST_ERRORS:
            await self._end(submission, SubmissionStatus.FAILED, f"tried {errors} times: {error}")
            return AgainError(0)  # whoever looks at it again sees that it is over
        log.warning("submission %s: %s; to be tried again", submission.id, error)
        async with self.store.begin(about=str(submission.id)) as work:
            await work.submissions.change(replace(submission, errors=errors), only=submission.status)
            await work.commit()
        return AgainError(self.back_off(errors))

    async def _end(self, submission: Submission, status: SubmissionStatus, error: str | None = None) -> None:
        async with self.store.begin(about=str(submission.id)) as work:
            now = await work.jobs.now()
            ended = replace(submission, status=status, error=error, finished_at=now)
            if await work.submissions.change(ended, only=SubmissionStatus.QUEUED):
                await self.after(work, ended)
                await work.commit()
        log.info("submission %s of %s %s", submission.id, submission.episode_name, status)


async def killed(work: UnitOfWork, submission: Submission, what: str) -> bool:
    """Count that a process died over a submission; return whether that was once too often, and ended it."""
    kills = submission.kills + 1
    changed = replace(submission, kills=kills)
    if over := kills >= MOST_KILLS:
        changed = replace(
            changed,
            status=SubmissionStatus.FAILED,
            finished_at=await work.jobs.now(),
            error=f"killed its worker {kills} times; {what}",
        )
    await work.submissions.change(changed, only=submission.status)
    return over


async def _in_task(
    service: IngestionService, request: IngestionRequest, submission: Submission
) -> IngestionOutcome:
    log.info(
        "attempt %d at submission %s of %s, traceparent %s",
        request.attempt,
        submission.id,
        submission.episode_name,
        submission.traceparent or "none",
    )
    made = service.ingest_multi_source(request, uuid.uuid7())
    return await named_task(made, INGEST, submission.id, submission.episode_name, submission.priority)
