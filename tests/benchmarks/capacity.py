"""Capacity: how many episodes a second one server and a fleet move, where composing only takes time.

1. `CONTENTS` episodes of different lengths are composed once, and how long that took is noted. From then on
   composing one of them is waiting for as long, and what it gives is what it gave.
2. `SUBMISSIONS` of these contents, each to an episode of its own, are handed in at once. All fleets below
   work at what is left, so that each meets a queue of that depth.
3. A fleet is some worker processes, each with so many slots. All else in them is real: fetching, reading
   contents, jobs, revisions, ends, heartbeats, sweeps.
4. Between workers and server, where asked, stands a proxy that delivers each byte so many milliseconds later,
   in both directions.
5. What workers, server and log spend on an episode says which of them is full first, and at what rate.
"""

import asyncio
import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import batched
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import make_url

from episodic.canonical.composition.composer import Composition, IngestionRequest
from episodic.canonical.contents import KeptBytes
from episodic.canonical.ingestion_service import IngestionService
from episodic.canonical.ports import Edition
from episodic.canonical.sources import RawSource
from episodic.canonical.storage.store import open_store
from episodic.queueing.attempts import Attempts
from episodic.queueing.engine import EngineQueue, hand_over_next
from episodic.queueing.worker import Worker
from tests.benchmarks.report import Section
from tests.canonical.ingesting import service
from tests.canonical.storage import examples
from tests.postgresql import Server, running
from tests.queueing.working import submission

CONTENTS: Final = 200
SUBMISSIONS: Final = 100_000
SECONDS: Final = 15.0
# Repetitions of two utterances: from a jingle to three hours.
SHORTEST, LONGEST = 4, 3_000


@dataclass(frozen=True)
class Fleet:
    """Workers, episodes under way in each, and milliseconds that a byte takes to the server or back."""

    workers: int
    slots: int
    latency: float = 0


FLEETS: Final = (Fleet(1, 4), Fleet(1, 16), Fleet(2, 16), Fleet(4, 16), Fleet(2, 16, 1), Fleet(2, 16, 10))


@dataclass(frozen=True)
class Composed:
    """A content, what composing it gave, and the seconds that it took."""

    repeat: int
    composition: Composition
    seconds: float


@dataclass(frozen=True)
class Measured:
    """What a fleet did while it was watched: times in seconds, sizes in bytes."""

    seconds: float
    episodes: int
    workers: float
    server: float
    log: float
    flushes: float
    transactions: float


def sections() -> list[Section]:
    with running(options=()) as server, tempfile.TemporaryDirectory() as folder:  # with fsync, as in life
        composed = asyncio.run(_compose_once(server.database()))
        kept = Path(folder) / "composed"
        kept.write_bytes(pickle.dumps(composed))
        url = server.database()
        began = time.perf_counter()
        asyncio.run(_submit(url, composed))
        submitting = (time.perf_counter() - began) / SUBMISSIONS
        measured = {fleet: _watch(server, url, kept, fleet) for fleet in FLEETS}
    mean = sum(each.seconds for each in composed) / len(composed)
    return [_fleets(measured, mean), _limits(measured, mean, submitting)]


def _fleets(measured: dict[Fleet, Measured], mean: float) -> Section:
    rows: list[list[str]] = []
    for fleet, each in measured.items():
        model = fleet.workers * fleet.slots / mean
        rate = each.episodes / each.seconds
        rows.append(
            [
                str(fleet.workers),
                str(fleet.slots),
                f"{fleet.latency:g}",
                f"{model:.0f}",
                f"{rate:.1f}",
                f"{rate / model:.2f}",
                f"{(each.workers + each.server) / each.seconds:.1f} of {os.cpu_count()}",
            ]
        )
    return Section(
        "A fleet that only waits",
        f"Episodes a second from a queue of {SUBMISSIONS:,} submissions over {CONTENTS} contents, through "
        f"one PostgreSQL with fsync. Composing is replaced by waiting for as long as composing the same "
        f"content took before ({mean:.2f} s in the mean); all else is real. The model is slots divided by "
        "that mean; what is below it waits for processors, the log or the network. Workers and server share "
        "the same cores. Latency is that of a proxy between them, one way. Each fleet was watched for "
        f"{SECONDS:.0f} s.",
        (
            "workers",
            "slots each",
            "latency, ms",
            "model, episodes/s",
            "measured, episodes/s",
            "share of the model",
            "cores in use",
        ),
        rows,
    )


def _limits(measured: dict[Fleet, Measured], mean: float, submitting: float) -> Section:
    each = max(measured.values(), key=lambda found: found.episodes / found.seconds)
    spent = {
        "composing, on a core of the fleet": mean,
        "the rest of a worker, on a core of its machine": each.workers / each.episodes,
        "the server, on a core of its own": each.server / each.episodes,
        "submitting, by one submitter": submitting,
    }
    rows = [[name, f"{1000 * took:.1f} ms", f"{1 / took:,.1f}"] for name, took in spent.items()]
    rows.append(["the log, bytes", f"{each.log / each.episodes / 1000:,.0f} kB", "depends on the disk"])
    rows.append(["the log, flushes", f"{each.flushes / each.episodes:.1f}", "depends on the disk"])
    rows.append(["transactions", f"{each.transactions / each.episodes:.0f}", "their part is in the server's"])
    return Section(
        "What an episode costs whom",
        "Of the fleet above that moved most: what is spent on an episode, and how many episodes a second one "
        "core, or one submitter, can do of it. 100,000 episodes a day are 1.2 a second.",
        ("", "an episode", "episodes/s"),
        rows,
    )


# --- what the fleets work at -----------------------------------------------------------------------


async def _compose_once(url: str) -> list[Composed]:
    chance = random.Random(26)
    show, episode = examples.series(), examples.episode()
    edition = Edition(series=show, episode=episode, number=1, created_at=examples.NOON)
    made: list[Composed] = []
    async with open_store(url) as store:
        real = service(store)
        for number in range(CONTENTS):
            repeat = round(SHORTEST * (LONGEST / SHORTEST) ** chance.random())
            _, content = submission(f"light {number}", repeat=repeat)
            raw = RawSource("talk.txt", KeptBytes(content))
            asked = IngestionRequest(series=show.slug, episode=episode.slug, sources=[raw])
            began = time.perf_counter()
            composition = await real.compose(asked, uuid.uuid7(), edition)
            made.append(Composed(repeat, composition, time.perf_counter() - began))
    return made


async def _submit(url: str, composed: Sequence[Composed]) -> None:
    async with open_store(url) as store:
        contents = [submission(f"light {n}", repeat=each.repeat) for n, each in enumerate(composed)]
        for some in batched(range(SUBMISSIONS), 500, strict=False):
            made = [
                replace(contents[number % CONTENTS][0], id=uuid.uuid7(), episode_slug=f"e{number}")
                for number in some
            ]
            await EngineQueue(store).submit(made, [content for _, content in contents])


# --- a fleet at work -------------------------------------------------------------------------------


def _watch(server: Server, url: str, composed: Path, fleet: Fleet) -> Measured:
    with ExitStack() as stack:
        reached = stack.enter_context(_proxy(url, fleet.latency)) if fleet.latency else url
        workers = [
            stack.enter_context(_child("work", reached, str(composed), str(fleet.slots)))
            for _ in range(fleet.workers)
        ]
        for worker in workers:
            _say(worker, "go")
        time.sleep(2)  # until all slots are in use
        before, began = _counts(server, url), time.perf_counter()
        spent = sum(_processor_seconds(worker.pid) for worker in workers)
        time.sleep(SECONDS)
        after, seconds = _counts(server, url), time.perf_counter() - began
        spent = sum(_processor_seconds(worker.pid) for worker in workers) - spent
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait()
    ended, *rest = (now - then for then, now in zip(before, after, strict=True))
    server_spent, log, flushes, transactions = rest
    return Measured(seconds, round(ended), spent, server_spent, log, flushes, transactions)


def _processor_seconds(pid: int) -> float:
    """Processor time so far of a process and of all below it, those that have ended among them (Linux)."""
    try:
        _, _, after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return 0.0  # it has just ended, and its parent has its time
    ticks = sum(map(int, after_name.split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK") + sum(_processor_seconds(int(child)) for child in children)


def _counts(server: Server, url: str) -> tuple[float, float, float, float, float]:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM submissions WHERE status = 'completed'),"
            " CAST(pg_current_wal_lsn() - CAST('0/0' AS pg_lsn) AS float), wal_sync,"
            " (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) FROM pg_stat_wal"
        ).fetchone()
    assert row
    return row[0], _processor_seconds(server.pid), *row[1:]


@contextmanager
def _child(*arguments: str) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.capacity", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout
            process.stdout.readline()  # it has loaded what it needs
            yield process
        finally:
            process.kill()


def _say(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


async def _work(url: str, composed_path: str, slots: str) -> None:
    composed: list[Composed] = pickle.loads(Path(composed_path).read_bytes())
    by_hash = {each.composition.contents[0].sha256: each for each in composed}
    async with open_store(url) as store:
        real = service(store)

        async def compose(asked: IngestionRequest, _: uuid.UUID, edition: Edition) -> Composition:
            content = asked.sources[0].load
            assert isinstance(content, KeptBytes)
            one = by_hash[content.content.sha256]
            await asyncio.sleep(one.seconds)
            found = one.composition.revision
            made = replace(
                found,
                id=uuid.uuid7(),
                episode_id=edition.episode.id,
                number=edition.number,
                created_at=edition.created_at,
                sources=tuple(replace(each, id=uuid.uuid7()) for each in found.sources),
            )
            return replace(one.composition, revision=made)

        waiting = IngestionService(store=store, compose=compose, fan_out=real.fan_out, beats=False)
        attempts = Attempts(store=store, service=waiting, after=hand_over_next)
        # A worker has one episode more under way than it composes.
        worker = Worker(
            queue=EngineQueue(store), attempts=attempts, workers=int(slots) - 1, lease=60, drain=30
        )
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await worker.run()


# --- a slow network --------------------------------------------------------------------------------


@contextmanager
def _proxy(url: str, latency: float) -> Generator[str]:
    there = make_url(url)
    with _child("carry", str(there.port), str(latency / 1000)) as process:
        assert process.stdout
        here = there.set(port=int(process.stdout.readline()))
        yield here.render_as_string(hide_password=False)


async def _carry(port: str, latency: str) -> None:
    """Carry bytes to a port and back, each `latency` seconds later."""

    async def one_way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while some := await reader.read(1 << 16):
            loop.call_later(float(latency), writer.write, some)
        loop.call_later(float(latency), writer.close)

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", int(port))
        await asyncio.gather(one_way(reader, back), one_way(there, writer), return_exceptions=True)

    async with await asyncio.start_server(connect, "127.0.0.1", 0) as listening:
        print("ready", flush=True)
        print(listening.sockets[0].getsockname()[1], flush=True)
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run({"work": _work, "carry": _carry}[sys.argv[1]](*sys.argv[2:]))
