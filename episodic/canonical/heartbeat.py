"""Whether the process of a running job is still there, and how it says so.

1. On the machine where a job runs, the kernel knows. A number of a process alone says nothing: after a
   restart, in a container, or once the process has ended, another may have it. So a job keeps the boot, the
   namespace and the start of its process beside its number. Where boot and namespace are this process's own,
   the number is believed if the start is the same.
2. Everywhere else, the lease decides: who was not heard of for so long is taken for gone. A job of a queue's
   worker does not beat by itself; the queue has a lease for the worker, and ends its jobs with it. Where a
   queue has no workers, as on SQLite, an attempt at a submission beats like any job.
3. Who was taken for gone and beats again runs again.
"""

import asyncio
import logging
import os
import socket
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from episodic.canonical.errors import StorageError
from episodic.canonical.jobs import IngestionJob, JobStatus
from episodic.canonical.ports import Store

log = logging.getLogger(__name__)

# Seconds from one heartbeat to the next.
INTERVAL: Final = 10.0

# A heartbeat that waits for its turn to write may be late by half of it.
LEASE: Final = timedelta(seconds=60)


def identity(pid: int) -> str:
    """Tell a process from all others of its number: ``BOOT NAMESPACE START``; empty: unknown."""
    here, start = _here(), _start(pid)
    return f"{here} {start}" if here and start else ""


async def beat(store: Store, job: IngestionJob) -> None:
    """Say again and again that a job is alive."""
    while True:
        await asyncio.sleep(INTERVAL)
        try:
            async with store.begin(about=str(job.id)) as work:
                await work.jobs.beat(job.id, await work.jobs.now())
                await work.commit()
        except StorageError as error:
            log.warning("no heartbeat: %s", error)  # the next one may get through


def is_gone(job: IngestionJob, now: datetime, *, attempts_beat: bool = False) -> bool:
    """Tell whether a job says that it is running and nobody runs it.

    Parameters
    ----------
    now
        By the clock by which it beats: the store's.
    attempts_beat
        See `ports.JobRepository`.
    """
    if job.status is not JobStatus.RUNNING:
        return False
    if is_here(job):
        if not _exists(job.pid):
            return True
        if job.process and (found := identity(job.pid)):
            return found != job.process
    if job.submission_id and not attempts_beat:
        return False
    # A clock that was set back must not let a job run for ever that says it was alive tomorrow.
    return abs(now - job.heartbeat_at) > LEASE


def is_here(job: IngestionJob) -> bool:
    """Tell whether the number of a job's process means a process that this one can see."""
    if here := _here():
        return job.process.startswith(f"{here} ")
    # Without namespaces, a name tells machines apart.
    return job.host == socket.gethostname() and not job.process


def as_it_is(job: IngestionJob, now: datetime, *, attempts_beat: bool = False) -> IngestionJob:
    """Give a job with the status that it has in truth: a running one that is gone is abandoned."""
    gone = is_gone(job, now, attempts_beat=attempts_beat)
    return replace(job, status=JobStatus.ABANDONED, error=_lost(job)) if gone else job


def abandoned(job: IngestionJob, now: datetime) -> IngestionJob:
    """End a job that is gone."""
    return replace(job, status=JobStatus.ABANDONED, error=_lost(job), finished_at=now)


def _lost(job: IngestionJob) -> str:
    again = "a worker tries its submission again" if job.submission_id else "ingest the same sources again"
    return f"its process is gone; {again}"


def beating(job: IngestionJob, at: datetime) -> IngestionJob | None:
    """Give a job as it is once it has beaten; ``None``: it has ended."""
    if job.status not in {JobStatus.RUNNING, JobStatus.ABANDONED}:
        return None
    return replace(job, status=JobStatus.RUNNING, heartbeat_at=at, finished_at=None, error=None)


@cache
def _here() -> str:
    """The boot of the machine and the namespace in which numbers of processes mean what they do here."""
    try:
        boot = uuid.UUID(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError, ValueError:
        return ""  # not Linux, or hidden


def _start(pid: int) -> str:
    """When a process started, in ticks since the boot; empty: unknown."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    # proc_pid_stat(5): the name, in parentheses, may have anything in it; after it comes field 3.
    state, *fields = stat.rpartition(b")")[2].split()
    return "over" if state in {b"Z", b"X"} else fields[18].decode("ascii")  # dead, and not buried yet


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
