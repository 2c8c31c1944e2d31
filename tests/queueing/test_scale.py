"""Workers that are killed at random, and a server that restarts, under many episodes: each is made once.

`make scale-test` runs the full number.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from episodic.canonical.errors import StorageError
from episodic.canonical.jobs import JobStatus
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.queue import QueueState, SubmissionStatus
from episodic.canonical.storage.store import open_store
from episodic.canonical.tei.checking import read_to_check
from episodic.canonical.verification import Verifier
from episodic.queueing.engine import EngineQueue
from tests.postgresql import Server, running
from tests.queueing.working import submission

FULL = os.environ.get("SCALE_TEST") == "full"
WORKERS, EPISODES, KILLS = (4, 1000, 40) if FULL else (2, 30, 4)
LEASE = "4"


@dataclass
class Fleet:
    """Workers, and a supervisor that starts one again when it ends."""

    url: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    codes: list[int] = field(default_factory=list[int])

    def start(self) -> None:
        self.workers.append(
            subprocess.Popen(
                [sys.executable, "-m", "episodic", "--log-level", "error", "worker", "--workers", "1"],
                env={**os.environ, "EPISODIC_DATABASE_URL": self.url, "EPISODIC_WORKER_LEASE": LEASE},
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # so that what it leaves behind can be found
            )
        )

    def tend(self) -> None:
        """Start those again that have ended."""
        for each in list(self.workers):
            if (code := each.poll()) is not None:
                self.codes.append(code)
                self.workers.remove(each)
                self.start()

    def orphans(self, sessions: Sequence[int]) -> list[int]:
        """Processes of sessions whose worker is gone."""
        listed = subprocess.run(["ps", "-eo", "pid=,sid=,stat="], capture_output=True, text=True, check=True)
        rows = [line.split() for line in listed.stdout.splitlines()]
        return [int(pid) for pid, sid, stat in rows if int(sid) in sessions and not stat.startswith("Z")]


async def submit(url: str, episodes: int) -> None:
    async with open_store(url) as store:
        for number in range(episodes):
            made, content = submission(f"light {number}", slug=f"e{number}")
            await EngineQueue(store).submit([made], [content])


async def look(url: str) -> QueueState | None:
    try:
        async with open_store(url) as store:
            return await EngineQueue(store).look()
    except StorageError:
        return None  # the server restarts


async def retry_failed(url: str) -> int:
    """Retry what chance has killed three times; anything else that failed is an error."""
    async with open_store(url) as store:
        async with store.begin(read_only=True) as work:
            failed = await work.submissions.list(SubmissionStatus.FAILED, limit=None)
        for each in failed:
            assert each.error
            assert each.error.startswith("killed its worker 3 times"), each.error
            await EngineQueue(store).retry(each.id)
    return len(failed)


async def outcome(url: str) -> dict[str, object]:
    async with open_store(url) as store:
        faults = [str(fault) async for fault in Verifier(store, SourceNormalizer(), read_to_check).faults()]
        async with store.begin(read_only=True) as work:
            episodes = await work.episodes.list()
            revisions = [await work.revisions.newest_number(episode.id) for episode in episodes]
            counts = await work.submissions.count()
            jobs = await work.jobs.list(limit=None)
    return {
        "faults": faults,
        "episodes": len(episodes),
        "revisions": sorted(set(revisions)),
        "submissions": {str(status): number for status, number in counts.items()},
        "jobs": {str(status): sum(job.status is status for job in jobs) for status in JobStatus},
    }


def run(server: Server, url: str) -> dict[str, object]:
    chance = random.Random(26)
    asyncio.run(submit(url, EPISODES))
    fleet = Fleet(url)
    for _ in range(WORKERS):
        fleet.start()
    sessions: list[int] = []
    kills = retried = 0
    restarted = False
    began = time.monotonic()
    try:
        while True:
            assert time.monotonic() - began < 60 + 5 * EPISODES, "the queue does not become empty"
            sessions += [each.pid for each in fleet.workers if each.pid not in sessions]
            fleet.tend()
            time.sleep(chance.uniform(0.2, 0.6))
            state = asyncio.run(look(url))
            if state is None:
                continue
            done = EPISODES - state.unfinished
            # Spread over the run, and whoever it hits.
            if kills < KILLS and state.running and done >= kills * EPISODES // (KILLS + 1):
                chance.choice(fleet.workers).send_signal(signal.SIGKILL)
                kills += 1
            if not restarted and done >= EPISODES // 2:
                server.stop()
                restarted = True
                assert server.start()
            if not state.unfinished:
                if not (again := asyncio.run(retry_failed(url))):
                    break
                retried += again
        seconds = time.monotonic() - began
    finally:
        codes = fleet.codes
        for each in fleet.workers:
            each.send_signal(signal.SIGTERM)
        ended = [each.wait(timeout=90) for each in fleet.workers]
    end = time.monotonic() + 30
    while (orphans := fleet.orphans(sessions)) and time.monotonic() < end:
        time.sleep(0.1)
    return {
        "workers": WORKERS,
        "kills": kills,
        "server restarted": restarted,
        "ended by the database": sum(code == 1 for code in codes),
        "retried by hand": retried,
        "drained": ended,
        "seconds": round(seconds, 1),
        "orphans": orphans,
        **asyncio.run(outcome(url)),
    }


def test_of_killed_workers_and_a_restarted_server_nothing_is_seen_in_what_was_made() -> None:
    with running() as server:
        found = run(server, server.database())
    print(json.dumps(found, indent=1))
    assert found["kills"] == KILLS
    assert found["server restarted"]
    assert found["drained"] == [0] * WORKERS
    assert found["orphans"] == []
    assert found["faults"] == []
    assert found["episodes"] == EPISODES
    assert found["revisions"] == [1]
    assert found["submissions"] == {"completed": EPISODES}
    jobs = found["jobs"]
    assert isinstance(jobs, dict)
    assert jobs["running"] == 0
