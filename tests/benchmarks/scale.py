"""Scale: what many writers and many queued episodes cost on PostgreSQL."""

import asyncio
import random
import subprocess
import sys
import time
import uuid
from dataclasses import replace

from episodic.canonical.storage.store import open_store
from tests.benchmarks.report import Section
from tests.benchmarks.storage import revision_of_size
from tests.canonical.storage import examples
from tests.postgresql import Server, running

WRITERS = (1, 2, 4, 8)
SECONDS = 3.0


def sections() -> list[Section]:
    with running(options=()) as server:  # with fsync, as in life
        return [writers(server)]


# --- writers ---------------------------------------------------------------------------------------


def writers(server: Server) -> Section:
    rates = {
        (count, turn): _rate(server, count, turn)
        for count in WRITERS
        for turn in ("everything", "an episode")
    }
    one = rates[1, "everything"]
    return Section(
        "Writers of different episodes",
        "Units of work a second on PostgreSQL, with fsync, by processes that each append revisions (a "
        "document of 60 kB, 40 decisions, three sources of 30 kB) to an episode of their own: with one turn "
        "for all writers, and with a turn an episode. The server has the same cores.",
        (
            "writers",
            "one turn, units/s",
            "a turn an episode, units/s",
            "ratio to one writer",
            "ratio of the turns",
        ),
        [
            [
                str(count),
                f"{rates[count, 'everything']:,.0f}",
                f"{rates[count, 'an episode']:,.0f}",
                f"{rates[count, 'an episode'] / one:.2f}",
                f"{rates[count, 'an episode'] / rates[count, 'everything']:.2f}",
            ]
            for count in WRITERS
        ],
    )


def _rate(server: Server, count: int, turn: str) -> float:
    url = server.database()
    command = [sys.executable, "-m", "tests.benchmarks.scale", url, turn]
    processes = [
        subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(count)
    ]
    for process in processes:  # they have loaded what they need
        assert process.stdout
        process.stdout.readline()
    began = time.perf_counter()
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    units = sum(int(process.communicate()[0]) for process in processes)
    return units / (time.perf_counter() - began)


async def _write(url: str, turn: str, seed: int) -> int:
    chance = random.Random(seed)
    show, kept, by = examples.series(f"s{seed}"), examples.episode(f"s{seed}"), examples.job()
    about = None if turn == "everything" else kept.name
    made = [revision_of_size(chance, kept, by, number + 1) for number in range(20)]
    async with open_store(url) as store:
        async with store.begin() as work:
            await work.series.put(show)
            await work.episodes.add(kept)
            await work.jobs.add(by)
            await work.commit()
        print("ready", flush=True)
        sys.stdin.readline()
        units, until = 0, time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            revision, contents = made[units % len(made)]
            async with store.begin(about=about) as work:
                for content in contents:
                    await work.contents.put(content)
                sources = tuple(replace(source, id=uuid.uuid7()) for source in revision.sources)
                await work.revisions.append(
                    replace(revision, id=uuid.uuid7(), number=units + 1, sources=sources)
                )
                await work.commit()
            units += 1
    return units


if __name__ == "__main__":
    print(asyncio.run(_write(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
