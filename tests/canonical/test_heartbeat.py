"""A job whose process is gone is not taken for one that runs."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from episodic.canonical import heartbeat
from episodic.canonical.domain import IngestionJob, JobStatus
from tests.canonical.storage import examples

NOW = examples.NOON


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that was."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def job(*, host: str = "elsewhere", pid: int = 1, silent: float = 0) -> IngestionJob:
    return replace(examples.job(), host=host, pid=pid, heartbeat_at=NOW - timedelta(seconds=silent))


def test_a_process_of_this_machine_that_lives_is_there() -> None:
    assert not heartbeat.is_gone(job(host=socket.gethostname(), pid=os.getpid()), NOW)
    assert not heartbeat.is_gone(job(host=socket.gethostname(), pid=1), NOW)


def test_a_process_of_this_machine_that_has_ended_is_gone_at_once(dead: int) -> None:
    assert heartbeat.is_gone(job(host=socket.gethostname(), pid=dead), NOW)


def test_a_process_of_another_machine_is_judged_by_its_heartbeat(dead: int) -> None:
    assert not heartbeat.is_gone(job(pid=dead, silent=59), NOW)
    assert heartbeat.is_gone(job(silent=61), NOW)


def test_a_heartbeat_of_the_future_counts_no_longer_than_one_of_the_past() -> None:
    assert not heartbeat.is_gone(job(silent=-59), NOW)
    assert heartbeat.is_gone(job(silent=-61), NOW)


def test_a_process_that_got_the_number_of_one_that_has_ended_does_not_speak_for_it() -> None:
    assert heartbeat.is_gone(job(host=socket.gethostname(), pid=os.getpid(), silent=61), NOW)


def test_a_job_that_has_ended_is_not_gone(dead: int) -> None:
    ended = replace(job(host=socket.gethostname(), pid=dead, silent=900), status=JobStatus.FAILED)
    assert not heartbeat.is_gone(ended, NOW)
    assert heartbeat.as_it_is(ended, NOW) == ended


def test_a_job_that_is_gone_is_seen_as_abandoned() -> None:
    seen = heartbeat.as_it_is(job(silent=61), NOW)
    assert (seen.status, seen.finished_at) == (JobStatus.ABANDONED, None)
    assert heartbeat.as_it_is(job(silent=1), NOW).status is JobStatus.RUNNING
