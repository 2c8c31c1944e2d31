"""A job whose process is gone is not taken for one that runs."""

import os
import socket
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from episodic.canonical import heartbeat
from episodic.canonical.jobs import IngestionJob, JobStatus
from tests.canonical.storage import examples

NOW = examples.NOON
OURS = heartbeat.identity(os.getpid())


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that was."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def job(process: str = "", *, host: str = "elsewhere", pid: int = 1, silent: float = 0) -> IngestionJob:
    beat = NOW - timedelta(seconds=silent)
    return replace(examples.job(), host=host, pid=pid, process=process, heartbeat_at=beat)


def here(pid: int, *, silent: float = 0) -> IngestionJob:
    """A job of a process of this machine, which may have ended since."""
    boot, namespace, _ = OURS.split()
    process = heartbeat.identity(pid) or f"{boot} {namespace} 4711"
    return job(process, host=socket.gethostname(), pid=pid, silent=silent)


def test_a_process_of_this_machine_that_lives_is_there_however_long_it_is_silent() -> None:
    assert not heartbeat.is_gone(here(os.getpid()), NOW)
    assert not heartbeat.is_gone(here(os.getpid(), silent=900), NOW)
    assert not heartbeat.is_gone(here(1), NOW)


def test_a_process_of_this_machine_that_has_ended_is_gone_at_once(dead: int) -> None:
    assert heartbeat.is_gone(here(dead), NOW)


def test_a_process_that_has_ended_and_is_not_buried_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        of_it = here(process.pid)
        assert not heartbeat.is_gone(of_it, NOW)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert heartbeat.is_gone(of_it, NOW)


def test_a_process_that_got_the_number_of_one_that_has_ended_does_not_speak_for_it() -> None:
    boot, namespace, _ = OURS.split()
    assert heartbeat.is_gone(replace(here(os.getpid()), process=f"{boot} {namespace} 4711"), NOW)


@pytest.mark.parametrize("other", [0, 1], ids=["boot", "namespace"])
def test_a_number_says_nothing_in_another_boot_or_namespace(dead: int, other: int) -> None:
    parts = OURS.split()
    parts[other] = "another"
    for pid in (dead, os.getpid()):
        of_it = job(" ".join(parts), host=socket.gethostname(), pid=pid)
        assert not heartbeat.is_gone(of_it, NOW)
        assert heartbeat.is_gone(replace(of_it, heartbeat_at=NOW - timedelta(seconds=61)), NOW)
        assert not heartbeat.is_here(of_it)


def test_a_process_is_told_by_its_start_for_as_long_as_it_lives() -> None:
    of_parent, _, _ = OURS.rpartition(" ")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as younger:
        of_child = heartbeat.identity(younger.pid)
    assert of_child.rpartition(" ")[0] == of_parent
    assert of_child != OURS
    grown = bytearray(2**26)  # whatever else of a process changes
    assert heartbeat.identity(os.getpid()) == OURS
    del grown


def test_a_process_of_another_user_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert not heartbeat.is_gone(here(os.getpid()), NOW)


def test_an_attempt_at_a_submission_is_the_business_of_the_queue() -> None:
    attempt = replace(job(silent=900), submission_id=uuid.uuid7())
    assert not heartbeat.is_gone(attempt, NOW)
    assert heartbeat.is_gone(attempt, NOW, attempts_beat=True)


def test_a_process_of_another_machine_is_judged_by_its_heartbeat(dead: int) -> None:
    assert not heartbeat.is_gone(job(pid=dead, silent=60), NOW)
    assert heartbeat.is_gone(job(silent=61), NOW)


def test_a_heartbeat_of_the_future_counts_no_longer_than_one_of_the_past() -> None:
    assert not heartbeat.is_gone(job(silent=-59), NOW)
    assert heartbeat.is_gone(job(silent=-61), NOW)


def test_where_the_kernel_does_not_tell_the_name_of_the_machine_and_the_number_do(
    dead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "_here", lambda: "")
    at_home = job(host=socket.gethostname(), pid=os.getpid())
    assert heartbeat.identity(os.getpid()) == ""
    assert not heartbeat.is_gone(at_home, NOW)
    assert heartbeat.is_gone(replace(at_home, pid=dead), NOW)
    assert not heartbeat.is_gone(replace(at_home, pid=dead, host="elsewhere"), NOW)


def test_a_job_that_has_ended_is_not_gone(dead: int) -> None:
    ended = replace(here(dead, silent=900), status=JobStatus.FAILED)
    assert not heartbeat.is_gone(ended, NOW)
    assert heartbeat.as_it_is(ended, NOW) == ended


def test_a_job_that_is_gone_is_seen_as_abandoned() -> None:
    seen = heartbeat.as_it_is(job(silent=61), NOW)
    assert (seen.status, seen.finished_at) == (JobStatus.ABANDONED, None)
    assert heartbeat.as_it_is(job(silent=1), NOW).status is JobStatus.RUNNING
