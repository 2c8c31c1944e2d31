"""Capacity: how many episodes a second one worker and one server move, where composing only takes time."""

import asyncio
import random
import subprocess
import sys
import time
import uuid
from dataclasses import replace
from itertools import batched

from episodic.canonical.composer import Composition, IngestionRequest
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

CONTENTS = 20
# Seconds that composing takes in the simulation: a log-normal around a third of a second.
MEDIAN, SPREAD = 0.35, 0.5
# Parents, and episodes under way in each.
FLEETS = ((1, 4), (1, 16), (2, 16), (4, 16))
SECONDS = 8.0


def sections() -> list[Section]:
    with running(options=()) as server:
        rates = {fleet: _rate(server, *fleet) for fleet in FLEETS}
    mean = MEDIAN * 2.718281828 ** (SPREAD**2 / 2)
    return [
        Section(
            "A fleet that only waits",
            "Episodes a second through one PostgreSQL with fsync, where composing is replaced by a delay "
            f"(log-normal, median {MEDIAN} s, spread {SPREAD}) and the document is one of {CONTENTS} that "
            "were composed before; all else is real: fetching, reading contents, jobs, revisions, ends. The "
            "model is slots divided by the mean delay; what is below it waits for processors or the log. "
            "Workers and server share the same cores.",
            ("workers", "slots each", "model, episodes/s", "measured, episodes/s", "share of the model"),
            [
                [
                    str(workers),
                    str(slots),
                    f"{workers * slots / mean:.0f}",
                    f"{rate:.1f}",
                    f"{rate / (workers * slots / mean):.2f}",
                ]
                for (workers, slots), rate in rates.items()
            ],
        )
    ]


def _rate(server: Server, workers: int, slots: int) -> float:
    url = server.database()
    count = int(workers * slots / MEDIAN * SECONDS * 1.5) + 100
    asyncio.run(_submit(url, count))
    command = [sys.executable, "-m", "tests.benchmarks.capacity", url, str(slots)]
    processes = [
        subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(workers)
    ]
    for process in processes:
        assert process.stdout
        process.stdout.readline()
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    time.sleep(SECONDS)
    ended = asyncio.run(_ended(url))
    for process in processes:
        process.kill()
        process.wait()
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.stdout.close()
    return ended / SECONDS


async def _ended(url: str) -> int:
    async with open_store(url) as store:
        return (await EngineQueue(store).look()).last_minute


async def _submit(url: str, count: int) -> None:
    async with open_store(url) as store:
        for some in batched(range(count), 100, strict=False):
            made = [submission(f"light {n % CONTENTS}", slug=f"e{n}", repeat=50) for n in some]
            await EngineQueue(store).submit([each for each, _ in made], [content for _, content in made])


async def _work(url: str, slots: int, seed: int) -> None:
    chance = random.Random(seed)
    async with open_store(url) as store:
        real = service(store)
        composed: list[Composition] = []
        for number in range(CONTENTS):
            made, content = submission(f"light {number}", repeat=50)
            raw = RawSource("talk.txt", KeptBytes(content))
            show, episode = examples.series(), examples.episode()
            edition = Edition(series=show, episode=episode, number=1, created_at=examples.NOON)
            asked = IngestionRequest(series=show.slug, episode=episode.slug, sources=[raw])
            composed.append(await real.compose(asked, made.id, edition))

        async def compose(_: IngestionRequest, __: uuid.UUID, ___: Edition) -> Composition:
            await asyncio.sleep(chance.lognormvariate(0, SPREAD) * MEDIAN)
            one = chance.choice(composed)
            return replace(one, sources=tuple(replace(each, id=uuid.uuid7()) for each in one.sources))

        waiting = IngestionService(store=store, compose=compose, fan_out=real.fan_out, beats=False)
        attempts = Attempts(store=store, service=waiting, after=hand_over_next)
        worker = Worker(queue=EngineQueue(store), attempts=attempts, workers=slots - 1, lease=60, drain=0)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await worker.run()


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
