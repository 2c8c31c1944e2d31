"""What waits to be ingested: submissions, where they are kept, and the queue that hands them to workers."""

import enum
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from episodic.canonical.sources import Content, SourceType


class SubmissionStatus(enum.StrEnum):
    """Where a submission is."""

    WAITING = "waiting"  # kept, and not handed to the workers yet
    QUEUED = "queued"  # handed to the workers; one of them may be at it
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it by itself."""
        return self not in {SubmissionStatus.WAITING, SubmissionStatus.QUEUED}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedSource:
    """A source whose bytes are kept, and what was said of it; see `RawSource`."""

    uri: str
    sha256: str
    source_type: SourceType | None = None
    hints: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What somebody wants to be ingested, here or on another machine, now or later.

    Parameters
    ----------
    id
        The correlation id of every attempt at it; each is a job of its own.
    skip_bad_sources
        Whether a source that cannot be used is left out instead of failing it.
    strict
        Whether a doubt about what was read fails it.
    priority
        Smaller is sooner.
    traceparent
        The span in which it was submitted, as W3C Trace Context writes it.
    kills
        How many workers have died over it.
    errors
        How many times the database was in its way.
    error
        Why it failed.
    """

    id: uuid.UUID
    series_slug: str
    episode_slug: str
    sources: tuple[SubmittedSource, ...]
    submitted_at: datetime
    title: str | None = None
    skip_bad_sources: bool = False
    strict: bool = False
    priority: int = 0
    traceparent: str | None = None
    status: SubmissionStatus = SubmissionStatus.WAITING
    kills: int = 0
    errors: int = 0
    finished_at: datetime | None = None
    error: str | None = None

    @property
    def episode_name(self) -> str:
        """``series/episode``, as users write it."""
        return f"{self.series_slug}/{self.episode_slug}"


class SubmissionRepository(Protocol):
    """What somebody wants to be ingested; the queue decides when, and by whom."""

    async def add(self, submission: Submission, /) -> None:
        """Add a new one; its contents are there."""
        ...

    async def change(self, submission: Submission, *, only: SubmissionStatus) -> bool:
        """Replace the one with the same id; `False`: it was no longer `only`, and is left as it is."""
        ...

    async def get(self, submission_id: uuid.UUID) -> Submission | None:
        """Find one; ``None``: there is none of this id."""
        ...

    async def list(
        self, *status: SubmissionStatus, limit: int | None = 50, newest: bool = False
    ) -> Sequence[Submission]:
        """Those of a status, or all: by priority and age; or `newest` first, as they ended."""
        ...

    async def count(self) -> Mapping[SubmissionStatus, int]:
        """Count them by status."""
        ...

    async def finished_since(self, at: datetime) -> int:
        """Count those that ended after a time."""
        ...

    async def pause(self, since: datetime | None) -> None:
        """Keep that the queue is paused, or, with ``None``, that it goes on."""
        ...

    async def paused_since(self) -> datetime | None:
        """Say since when the queue is paused; ``None``: it goes on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """What a queue looks like at an instant.

    Parameters
    ----------
    counts
        Submissions by their status.
    running
        Attempts that are under way.
    oldest
        When the oldest submission was made that is not over; ``None``: all are.
    last_minute, last_hour
        Submissions that ended within them.
    workers
        When each worker was last heard of.
    failed
        The last ones, with why.
    """

    at: datetime
    counts: Mapping[SubmissionStatus, int]
    running: int
    oldest: datetime | None
    last_minute: int
    last_hour: int
    workers: tuple[datetime, ...]
    paused_since: datetime | None
    failed: tuple[Submission, ...]

    @property
    def unfinished(self) -> int:
        """How many submissions are not over."""
        return sum(number for status, number in self.counts.items() if not status.is_over)


class Queue(Protocol):
    """Says who ingests what is submitted, and when: at once in this process, or a worker on some machine."""

    async def submit(self, submissions: Sequence[Submission], contents: Sequence[Content]) -> None:
        """Keep submissions with the bytes of their sources and hand them over, all or none."""
        ...

    async def retry(self, submission_id: uuid.UUID) -> None:
        """Hand a submission over anew that failed or was cancelled; raises `QueueError`."""
        ...

    async def cancel(self, submission_id: uuid.UUID) -> None:
        """End a submission, also one that is under way; raises `QueueError` when it is over."""
        ...

    async def pause(self) -> None:
        """Let nobody begin another submission; those under way go on to their end."""
        ...

    async def resume(self) -> None:
        """Go on after a pause."""
        ...

    async def look(self) -> QueueState:
        """Say what it looks like now."""
        ...
