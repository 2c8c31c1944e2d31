"""Whether the process of a running job is still there."""

import os
import socket
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from episodic.canonical.domain import IngestionJob, JobStatus

# Seconds from one heartbeat to the next.
INTERVAL: Final = 10.0

# A job of another machine, or one whose number another process may have by now, counts as gone when it has
# been silent for so long; a heartbeat that waits for its turn to write may be late by half of it.
LEASE: Final = timedelta(seconds=60)


def is_gone(job: IngestionJob, now: datetime) -> bool:
    """Tell whether a job says that it is running and nobody runs it."""
    if job.status is not JobStatus.RUNNING:
        return False
    # A clock that was set back must not let a job run for ever that says it was alive tomorrow.
    return abs(now - job.heartbeat_at) > LEASE or (
        job.host == socket.gethostname() and not _is_alive(job.pid)
    )


def as_it_is(job: IngestionJob, now: datetime) -> IngestionJob:
    """Give a job with the status that it has in truth: a running one that is gone is abandoned."""
    return replace(job, status=JobStatus.ABANDONED, error=_GONE) if is_gone(job, now) else job


def abandoned(job: IngestionJob, now: datetime) -> IngestionJob:
    """End a job that is gone."""
    return replace(as_it_is(job, now), finished_at=now)


_GONE: Final = "its process is gone; ingest the same sources again"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
