"""Runs that make or find revisions, and what each came to."""

import enum
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime


class JobStatus(enum.StrEnum):
    """Where an ingestion job is."""

    RUNNING = "running"
    COMPLETED = "completed"
    EDITED = "edited"  # no source was ingested: an editor's decision made a revision
    FORGOTTEN = "forgotten"  # a source was taken out; its request is the SHA-256 of the source's bytes
    SKIPPED_SOME = "skipped-some"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"  # its process is gone


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a run did.

    Parameters
    ----------
    name
        ``"normalize"``, ``"weigh"``, ``"resolve"`` or ``"write"``.
    about
        URI of the source that it was done with; ``None``: with all of them.
    seconds
        How long it took.
    failed
        Whether it ended in an error; the run may have gone on without that source.
    """

    name: str
    about: str | None
    started_at: datetime
    seconds: float
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionJob:
    """One run that makes a revision of an episode.

    Parameters
    ----------
    submission_id
        The submission that it is an attempt at; ``None``: it was asked for directly.
    attempt
        Which of the attempts it is, from 1.
    request
        Digest of what was asked for, known before any source is read; a repeat has the same.
    host, pid
        Where it runs.
    process
        What tells its process from others that have or had its number; see `heartbeat.identity`.
    heartbeat_at
        When it last said that it is alive.
    failed_source
        URI of the source that made it fail.
    revision_id
        What it made or found.
    steps
        What composing took, in the order in which the steps began; empty when it did not come to its end.
    """

    id: uuid.UUID
    series_slug: str
    episode_slug: str
    status: JobStatus
    request: str
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    finished_at: datetime | None = None
    error: str | None = None
    failed_source: str | None = None
    revision_id: uuid.UUID | None = None
    steps: tuple[Step, ...] = ()
    process: str = ""
    submission_id: uuid.UUID | None = None
    attempt: int = 1

    @property
    def episode_name(self) -> str:
        """``series/episode``, as users write it."""
        return f"{self.series_slug}/{self.episode_slug}"

    @property
    def correlation_id(self) -> uuid.UUID:
        """What everything that it does is known by: its submission, else itself."""
        return self.submission_id or self.id

    def ended(self, status: JobStatus, revision_id: uuid.UUID, steps: tuple[Step, ...] = ()) -> IngestionJob:
        """Give it as it is now that it has made or found a revision; a clock may have been set back."""
        at = max(datetime.now(UTC), self.started_at)
        return replace(self, status=status, finished_at=at, revision_id=revision_id, steps=steps)
