"""Scale: what many writers, a queue and its workers cost on PostgreSQL."""

import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import replace
from itertools import batched
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import text

from episodic.canonical.contents import pack
from episodic.canonical.queue import SubmissionStatus, SubmittedSource
from episodic.canonical.storage.store import open_store
from episodic.queueing.attempts import Attempts
from episodic.queueing.engine import EngineQueue, hand_over_next
from episodic.queueing.worker import Worker
from tests.benchmarks.report import Section
from tests.benchmarks.storage import revision_of_size
from tests.canonical.ingesting import TALK, request, service, source
from tests.canonical.storage import examples
from tests.conftest import CORPUS
from tests.postgresql import Server, running
from tests.queueing.working import submission

WRITERS = (1, 2, 4, 8)
SECONDS = 3.0


def sections() -> list[Section]:
    with running(options=()) as server:  # with fsync, as in life
        return [writers(server), workers(server), engine(server), fetching(server), recovering(server)]


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


# --- workers ---------------------------------------------------------------------------------------

EPISODES = 60
HOUR = ("395-readme-tools.vtt", "395-readme-tools.txt", "395-readme-tools.youtube.vtt")


def workers(server: Server) -> Section:
    rates = {count: _drained(server.database(), count) for count in (1, 2)}
    return Section(
        "Composer processes of a worker",
        f"{EPISODES} episodes of an hour with three transcripts (Talk Python 395), "
        "submitted before, by `episodic worker --until-empty` with one and with two processes that compose, "
        "from its start to its end. The server has the same cores.",
        ("--workers", "episodes/s", "ratio"),
        [[str(count), f"{rate:.1f}", f"{rate / rates[1]:.2f}"] for count, rate in rates.items()],
    )


def _drained(url: str, count: int) -> float:
    asyncio.run(_submit_hours(url, EPISODES))
    command = [sys.executable, "-m", "episodic", "worker", "--workers", str(count), "--until-empty"]
    began = time.perf_counter()
    subprocess.run(
        command, env={**os.environ, "EPISODIC_DATABASE_URL": url}, check=True, stderr=subprocess.DEVNULL
    )
    return EPISODES / (time.perf_counter() - began)


async def _submit_hours(url: str, episodes: int) -> None:
    contents = {name: pack((CORPUS / "talk-python" / name).read_bytes()) for name in HOUR}
    async with open_store(url) as store:
        for number in range(episodes):
            one, _ = submission(slug=f"e{number}")
            sources = tuple(
                SubmittedSource(uri=name, sha256=content.sha256, hints={"episode": f"e{number}"})
                for name, content in contents.items()
            )
            await EngineQueue(store).submit([replace(one, sources=sources)], list(contents.values()))


async def _submit(url: str, episodes: int) -> None:
    async with open_store(url) as store:
        for some in batched(range(episodes), 50, strict=False):
            made = [submission(f"light {number}", slug=f"e{number}") for number in some]
            await EngineQueue(store).submit([each for each, _ in made], [content for _, content in made])


# --- the engine's cost -----------------------------------------------------------------------------


def engine(server: Server) -> Section:
    with asyncio.Runner() as runner:
        idle = runner.run(_cost(server.database(), ingests=False))
        whole = runner.run(_cost(server.database(), ingests=True))
    return Section(
        "The engine's cost a job",
        "Milliseconds of the worker's own processor time for an episode of two utterances: what fetching, "
        "locking, beating and ending a job takes where the attempt does nothing, and with the ingest; and "
        "what an episode adds to the database and to its write-ahead log. Longer episodes have a smaller "
        "share.",
        ("", "ms of CPU", "share", "kB of database", "kB of WAL"),
        [
            ["a job that does nothing", f"{idle[0]:.1f}", f"{idle[0] / whole[0]:.2f}", *_kilobytes(idle)],
            ["a job that ingests", f"{whole[0]:.1f}", "1.00", *_kilobytes(whole)],
        ],
    )


def _kilobytes(cost: tuple[float, float, float]) -> list[str]:
    return [f"{each / 1000:,.1f}" for each in cost[1:]]


_BYTES: Final = text(
    "SELECT CAST(pg_database_size(current_database()) AS float) AS size,"
    " CAST(pg_current_wal_lsn() - CAST('0/0' AS pg_lsn) AS float) AS wal"
)


async def _cost(url: str, *, ingests: bool) -> tuple[float, float, float]:
    jobs = 200
    async with open_store(url) as store:
        real = service(store)
        attempts = Attempts(store=store, service=real, after=hand_over_next)
        if not ingests:
            attempts = _NoAttempts(store=store, service=real)
        await real.ingest_multi_source(request(source("talk.txt", TALK)))  # load what it needs
        async with store.begin(read_only=True) as work:
            before = (await work.execute(_BYTES)).one()
        await _submit(url, jobs)
        worker = Worker(
            queue=EngineQueue(store), attempts=attempts, workers=1, lease=60, drain=60, until_empty=True
        )
        began = time.process_time()
        await worker.run()
        taken = time.process_time() - began
        async with store.begin(read_only=True) as work:
            after = (await work.execute(_BYTES)).one()
    return (
        1000 * taken / jobs,
        (after.size - before.size) / jobs,
        (after.wal - before.wal) / jobs,
    )


class _NoAttempts(Attempts):
    """Ends a submission and does nothing else."""

    async def make(self, submission_id: uuid.UUID) -> None:
        async with self.store.begin(about=str(submission_id)) as work:
            if found := await work.submissions.get(submission_id):
                ended = replace(found, status=SubmissionStatus.COMPLETED)
                await work.submissions.change(ended, only=SubmissionStatus.QUEUED)
                await work.commit()


# --- fetching --------------------------------------------------------------------------------------

DEPTHS = (1_000, 50_000, 180_000)


def fetching(server: Server) -> Section:
    rows = [[f"{depth:,}", *_fetch_times(server, depth)] for depth in DEPTHS]
    return Section(
        "Fetching the next job",
        "Median milliseconds of the engine's fetch by the number of queued jobs, each with a lock of its "
        "own: with the index on unfinished locks that `episodic db upgrade` adds, and without; and where all "
        "wait behind one lock that is held, which never happens, for it hands over one an episode.",
        ("queued", "with the index, ms", "without, ms", "behind one lock, ms"),
        rows,
    )


def _fetch_times(server: Server, depth: int) -> list[str]:
    with psycopg.connect(server.database(), autocommit=True) as connection:
        connection.execute("SET search_path TO episodic_queue")
        connection.execute("ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER")
        fill = (
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock)"
            " SELECT 'episodic', 'episodic.ingest', 's/' || n FROM generate_series(1, %s) AS n"
        )
        connection.execute(fill, (depth,))
        connection.execute("ANALYZE procrastinate_jobs")
        times = [_fetch_time(connection)]
        connection.execute("DROP INDEX ix_lock_of_unfinished")
        times.append(_fetch_time(connection))
        if depth > DEPTHS[1]:
            return [*(f"{each:.2f}" for each in times), "not measured"]
        connection.execute("CREATE INDEX ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')")
        connection.execute("UPDATE procrastinate_jobs SET lock = 'busy'")
        first = "(SELECT min(id) FROM procrastinate_jobs)"
        connection.execute(f"UPDATE procrastinate_jobs SET status = 'doing' WHERE id = {first}")
        connection.execute("VACUUM ANALYZE procrastinate_jobs")
        times.append(_fetch_time(connection, rounds=3))
    return [f"{each:.2f}" for each in times]


def _fetch_time(connection: psycopg.Connection, rounds: int = 15) -> float:
    taken: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        with connection.transaction(force_rollback=True):
            connection.execute("SELECT * FROM procrastinate_fetch_job_v2(ARRAY['episodic'], NULL)")
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


# --- recovering ------------------------------------------------------------------------------------

LEASES = (2.0, 8.0)


def recovering(server: Server) -> Section:
    rows = [[f"{lease:g}", f"{_recovered(server.database(), lease):.2f}"] for lease in LEASES]
    return Section(
        "Recovering the job of a killed worker",
        "From SIGKILL to a worker that composes, while another worker waits for work, to the episode's "
        "revision by that other: as a multiple of the lease (`EPISODIC_WORKER_LEASE`), after which a worker "
        "that was not heard of is taken for dead. Somebody looks each quarter of a lease.",
        ("lease, s", "times the lease"),
        rows,
    )


def _recovered(url: str, lease: float) -> float:
    command = [sys.executable, "-m", "tests.queueing.working", url]
    with tempfile.TemporaryDirectory() as folder:
        closed, opened = Path(folder, "closed"), Path(folder, "open")
        opened.touch()
        doomed = subprocess.Popen([*command, str(closed), str(lease)], stdout=subprocess.PIPE)
        with doomed:
            assert doomed.stdout
            doomed.stdout.readline()
            asyncio.run(_submit(url, 1))
            doomed.stdout.readline()  # it composes
            with subprocess.Popen([*command, str(opened), str(lease)], stdout=subprocess.PIPE) as other:
                assert other.stdout
                other.stdout.readline()
                doomed.kill()
                began = time.perf_counter()
                asyncio.run(_wait_until_empty(url))
                taken = time.perf_counter() - began
                other.terminate()
    return taken / lease


async def _wait_until_empty(url: str) -> None:
    async with open_store(url) as store:
        while (await EngineQueue(store).look()).unfinished:  # noqa: ASYNC110  # other processes end it
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    print(asyncio.run(_write(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
