"""Storage: bytes on disk, commits against plain sqlite3, and reading from a large database."""

import asyncio
import hashlib
import random
import sqlite3
import statistics
import tempfile
import uuid
from collections.abc import Sequence
from compression import zstd
from dataclasses import replace
from pathlib import Path

import msgspec

from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.domain import Episode, Revision, Series
from episodic.canonical.jobs import IngestionJob, JobStatus
from episodic.canonical.normalizers.files import path_source
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.sources import Content, RawSource
from episodic.canonical.storage.column_types import compressed
from episodic.canonical.storage.store import open_store
from tests.benchmarks.report import Section, ratios, seconds
from tests.canonical.ingesting import service
from tests.canonical.storage import examples
from tests.conftest import CORPUS

SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "first-light"


def sections() -> list[Section]:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        return [
            size(runner, Path(folder)),
            commits(runner, Path(folder)),
            reading(runner, Path(folder)),
        ]


# --- size ------------------------------------------------------------------------------------------


def size(runner: asyncio.Runner, folder: Path) -> Section:
    episodes = {"docs/examples/first-light": sorted(SAMPLE.iterdir())}
    if CORPUS.is_dir():
        talk = CORPUS / "talk-python"
        episodes["Talk Python 395, one witness"] = [talk / "395-readme-tools.vtt"]
        episodes["Talk Python 395, three witnesses"] = sorted(talk.glob("395-*"))
    rows = [runner.run(_size(folder / f"size{n}", *each)) for n, each in enumerate(episodes.items())]
    return Section(
        "Bytes on disk",
        "One episode in a new SQLite file: sources, TEI document and decisions, less the empty file. "
        "The floor is the same sources, each compressed by itself with zstd at its default level.",
        ("episode", "sources, kB", "TEI, kB", "on disk, kB", "kB per MB of sources", "times the floor"),
        rows,
    )


async def _size(file: Path, name: str, paths: Sequence[Path]) -> list[str]:
    sources: list[RawSource] = [path_source(path, metadata={"episode": SAMPLE.name}) for path in paths]
    async with open_store(file):
        pass
    empty = file.stat().st_size
    async with open_store(file) as store:
        made = await service(store).ingest_multi_source(
            IngestionRequest(series="s", episode="e", sources=sources)
        )
    raw = [await source.load() for source in sources]
    total = sum(map(len, raw))
    floor = sum(len(zstd.compress(each)) for each in raw)
    used = file.stat().st_size - empty
    return [
        name,
        f"{total / 1000:,.0f}",
        f"{len(made.revision.tei) / 1000:,.0f}",
        f"{used / 1000:,.0f}",
        f"{used / total * 1000:,.0f}",
        f"{used / floor:.1f}",
    ]


# --- commits ---------------------------------------------------------------------------------------

COMMITS = 50


def commits(runner: asyncio.Runner, folder: Path) -> Section:
    store = open_store(folder / "commits")
    kept, by = runner.run(examples.episode_in(store))
    plain = sqlite3.connect(folder / "plain", isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")  # and synchronous = FULL, the default, as in ours
    plain.execute("CREATE TABLE kept (id BLOB PRIMARY KEY, bytes BLOB)")
    chance = random.Random(6)
    numbers = iter(range(1, 1_000_000))

    def append() -> None:
        for _ in range(COMMITS):
            runner.run(_append(store.begin(), revision_of_size(chance, kept, by, next(numbers))))

    def insert() -> None:
        for _ in range(COMMITS):
            revision, contents = revision_of_size(chance, kept, by, next(numbers))
            plain.execute("BEGIN IMMEDIATE")
            for content in contents:
                plain.execute("INSERT INTO kept VALUES (?, ?)", (content.sha256, content.compressed))
            document = compressed(revision.tei) + compressed(msgspec.json.encode(revision.decisions))
            plain.execute("INSERT INTO kept VALUES (?, ?)", (revision.id.bytes, document))
            plain.execute("COMMIT")

    times = seconds({"plain sqlite3": insert, "a unit of work": append}, rounds=7)
    runner.run(store.close())
    plain.close()
    relative = ratios(times, "plain sqlite3")
    return Section(
        "Commits",
        "One transaction with a new revision (a document of 60 kB, 40 decisions, three sources of 30 kB "
        "each) against plain `sqlite3` inserts of the same compressed bytes in the same number of "
        "transactions, in WAL mode with `synchronous = FULL`. Making and compressing the bytes is in both.",
        ("", "commits per second", "time, ratio"),
        [
            [name, f"{COMMITS / statistics.median(taken):,.0f}", f"{relative[name]:.2f}"]
            for name, taken in times.items()
        ],
    )


def _text(chance: random.Random, size: int) -> bytes:
    return " ".join(chance.choices(_WORDS, k=size // 7)).encode()


_WORDS = [f"{random.Random(n).getrandbits(30):x}"[:6] for n in range(3000)]


def revision_of_size(
    chance: random.Random, kept: Episode, by: IngestionJob, number: int
) -> tuple[Revision, list[Content]]:
    contents: list[Content] = []
    for _ in range(3):
        raw = _text(chance, 30_000)
        contents.append(Content(hashlib.sha256(raw).hexdigest(), len(raw), zstd.compress(raw)))
    made = examples.revision(kept, by, number, contents=tuple(contents))
    return replace(made, tei=_text(chance, 60_000), decisions=made.decisions * 40), contents


async def _append(unit: UnitOfWork, made: tuple[Revision, list[Content]]) -> None:
    revision, contents = made
    count = 0
    async with unit:
        for content in contents:
            await unit.contents.put(content)
        count = await unit.revisions.newest_number(revision.episode_id)
        await unit.revisions.append(replace(revision, number=count + 1))
        await unit.commit()


# --- reading ---------------------------------------------------------------------------------------


def reading(runner: asyncio.Runner, folder: Path) -> Section:
    sizes = (100, 10_000)
    stores = {count: open_store(folder / f"reading{count}") for count in sizes}
    for count, store in stores.items():
        runner.run(_fill(store.begin(), count))

    async def read(count: int) -> None:
        for number in range(10):
            async with stores[count].begin(read_only=True) as unit:
                episode = await unit.episodes.get("lantern-hour", f"e{number}")
                assert episode
                assert await unit.revisions.newest(episode.id)

    cases = {f"{count:,} revisions": lambda count=count: runner.run(read(count)) for count in sizes}
    times = seconds(cases, rounds=21)
    relative = ratios(times, "100 revisions")
    for store in stores.values():
        runner.run(store.close())
    return Section(
        "Reading one episode",
        "The newest revision of an episode, by its name, with its document, decisions and sources, from a "
        "database of few and of many revisions, ten to an episode.",
        ("database", "milliseconds", "ratio"),
        [
            [name, f"{statistics.median(taken) * 100:.2f}", f"{relative[name]:.2f}"]
            for name, taken in times.items()
        ],
    )


async def _fill(unit: UnitOfWork, count: int) -> None:
    chance = random.Random(7)
    show = Series(id=uuid.uuid7(), slug="lantern-hour", title="The Lantern Hour")
    by = replace(examples.job(), status=JobStatus.COMPLETED)
    raw = _text(chance, 30_000)
    content = Content(hashlib.sha256(raw).hexdigest(), len(raw), zstd.compress(raw))
    tei = _text(chance, 20_000)
    async with unit:
        await unit.series.put(show)
        await unit.jobs.add(by)
        await unit.contents.put(content)
        for number in range(count // 10):
            episode = examples.episode(slug=f"e{number}")
            await unit.episodes.add(episode)
            for each in range(1, 11):
                made = examples.revision(episode, by, each, contents=(content,) * 3)
                await unit.revisions.append(replace(made, tei=tei))
        await unit.commit()
