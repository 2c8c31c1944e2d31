"""Whatever fails, wherever it fails: the episode is as before or as after, and the error is the caller's."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

import pytest
from sqlalchemy import Pool, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from episodic.canonical.errors import EpisodicError
from episodic.canonical.jobs import JobStatus
from episodic.canonical.ports import Store, UnitOfWork
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.store import SqlStore, open_store
from tests.canonical.ingesting import TALK, request, service, source

type Fault = Callable[[], Awaitable[None]]


class BoomError(Exception):
    """What no part of the application expects."""


@dataclass
class Points:
    """Every call that a unit of work and its repositories get, before and after; one of them fails."""

    fault: Fault
    failing: int = 0
    passed: int = 0
    name: str = ""

    async def reach(self, name: str) -> None:
        self.passed += 1
        if self.passed == self.failing:
            self.name = name
            await self.fault()

    async def around[T](self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        await self.reach(f"before {name}")
        result = await call()
        await self.reach(f"after {name}")
        return result


@dataclass
class FaultyRepository:
    real: Any
    name: str
    points: Points

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        def call(*arguments: object, **named: object) -> Awaitable[Any]:
            real = getattr(self.real, method)
            return self.points.around(f"{self.name}.{method}", lambda: real(*arguments, **named))

        return call


@dataclass
class FaultyUnit:
    real: UnitOfWork
    points: Points

    async def __aenter__(self) -> UnitOfWork:
        await self.points.reach("before begin")
        await self.real.__aenter__()
        return cast("UnitOfWork", self)

    async def __aexit__(self, *error: object) -> None:
        await self.real.__aexit__(*cast("tuple[Any, Any, Any]", error))
        await self.points.reach("after end")

    async def commit(self) -> None:
        await self.points.around("commit", self.real.commit)

    def __getattr__(self, name: str) -> FaultyRepository:
        return FaultyRepository(getattr(self.real, name), name, self.points)


@dataclass
class FaultyStore:
    real: Store
    points: Points

    def begin(
        self, *, about: str | None = None, read_only: bool = False, patience: float | None = None
    ) -> FaultyUnit:
        real = self.real.begin(about=about, read_only=read_only, patience=patience)
        return FaultyUnit(real, self.points)


# --- stores and faults -----------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[SqlStore]:
    match request.param:
        case "sqlite":
            opened = open_store(tmp_path_factory.mktemp("faults") / "db", patience=5)
        case _:
            opened = open_store(request.getfixturevalue("postgresql").database(), patience=5)
    async with opened:
        yield opened


async def boom() -> None:
    raise BoomError


async def cancel() -> None:
    task = asyncio.current_task()
    assert task
    task.cancel()
    await asyncio.sleep(0)


@dataclass
class Line:
    """The connections of a store that are in use, to be cut."""

    used: list[DBAPIConnection] = field(default_factory=list[DBAPIConnection])

    async def cut(self, database: Database) -> None:
        if database.file is None:
            await asyncio.to_thread(_end_backends, database)
        else:
            for connection in self.used:
                driver = cast("Any", connection).driver_connection
                if driver._connection:
                    await driver._execute(driver._connection.close)


def _end_backends(database: Database) -> None:
    """Do what an administrator, a failover or a crash of the server does."""
    engine = database.connections()
    with engine.connect().execution_options(**database.read_only) as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


@pytest.fixture
def line() -> Generator[Line]:
    line = Line()

    def out(connection: DBAPIConnection, *_: object) -> None:
        line.used.append(connection)

    def back(connection: DBAPIConnection, *_: object) -> None:
        if connection in line.used:
            line.used.remove(connection)

    event.listen(Pool, "checkout", out)
    event.listen(Pool, "checkin", back)
    yield line
    event.remove(Pool, "checkout", out)
    event.remove(Pool, "checkin", back)


# --- the episode under test ------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """An episode: its revisions, what the newest says, of how many sources; and all contents there are."""

    revisions: int
    text: str
    sources: int
    contents: int


async def kept(store: Store, slug: str = "pilot") -> Kept:
    async with store.begin(read_only=True) as work:
        episode = await work.episodes.get("lantern-hour", slug)
        assert episode
        number = await work.revisions.newest_number(episode.id)
        revision = await work.revisions.get(episode.id, number)
        assert revision
        for each in revision.sources:
            assert each.sha256
            assert await work.contents.get(each.sha256)
        said = re.findall(rb"bright\w*", revision.tei)
        return Kept(
            number, said[0].decode() if said else "", len(revision.sources), len(await work.contents.list())
        )


async def ingest(store: Store, *texts: str) -> None:
    sources = [source(f"pilot-{n}.txt", each) for n, each in enumerate(texts)]
    await service(store).ingest_multi_source(request(*sources, episode="pilot"))


def after(before: Kept, word: str) -> Kept:
    return Kept(before.revisions + 1, word, 2, before.contents + 2)


async def recover(store: Store, before: Kept, word: str, at: object) -> tuple[Kept, bool]:
    """See that the episode is as before or as after, and that asking again completes it; was it changed?"""
    found = await kept(store)
    assert found in (before, after(before, word)), at
    await ingest(store, *changed(word))
    completed = await kept(store)
    assert completed == after(before, word), at
    return completed, found != before


def changed(word: str) -> tuple[str, str]:
    return TALK.format(word), TALK.format(f"{word}, they say")


async def fail_at_every_point(store: Store, fault: Fault, error: type[BaseException]) -> dict[str, bool]:
    """Fail at one point after the other; by point, whether the episode was changed all the same."""
    outcomes: dict[str, bool] = {}
    await ingest(store, TALK)
    state = await kept(store)
    for failing in count(1):
        word = f"bright{failing}"
        points = Points(fault, failing)
        try:
            await ingest(cast("Store", FaultyStore(store, points)), *changed(word))
        except error:
            pass
        except BaseException as other:
            other.add_note(f"at {points.name}")
            raise
        else:
            if not points.name:
                break  # there is no point left
            # A lost connection can be one that nobody needed any more.
            assert error is EpisodicError, f"no error from {points.name}"
        state, outcomes[f"{failing}: {points.name}"] = await recover(store, state, word, points.name)
    async with store.begin(read_only=True) as work:
        jobs = await work.jobs.list(limit=None)
        made = {
            revision.job_id
            for episode in await work.episodes.list()
            for number in range(1, await work.revisions.newest_number(episode.id) + 1)
            if (revision := await work.revisions.get(episode.id, number))
        }
    # Who made a revision completed; who says that it failed made none.
    assert all((job.status is JobStatus.COMPLETED) or job.id not in made for job in jobs)
    return outcomes


def by_kind(outcomes: dict[str, bool]) -> set[tuple[str, bool]]:
    return {(point.partition(": ")[2], changed) for point, changed in outcomes.items()}


def check_points(outcomes: dict[str, bool]) -> None:
    """Every call was a point, and at some of them the episode was changed already."""
    assert set(outcomes.values()) == {False, True}
    assert {
        "before begin", "before commit", "after commit", "after end", "before jobs.add",
        "before contents.put",
        "after revisions.append", "after jobs.update", "before episodes.get",
        "before revisions.newest",
    } <= {point.partition(": ")[2] for point in outcomes}  # fmt: skip


def check_order(outcomes: dict[str, bool]) -> None:
    """Before its last commit an ingest leaves nothing, after it everything."""
    changed = list(outcomes.values())
    assert changed == sorted(changed)


async def test_an_error_at_any_point_leaves_the_episode_as_before_or_as_after(store: Store) -> None:
    outcomes = await fail_at_every_point(store, boom, BoomError)
    check_points(outcomes)
    check_order(outcomes)


async def test_a_cancellation_at_any_point_leaves_the_episode_as_before_or_as_after(store: Store) -> None:
    outcomes = await fail_at_every_point(store, cancel, asyncio.CancelledError)
    check_points(outcomes)
    check_order(outcomes)


async def test_a_lost_connection_at_any_point_leaves_the_episode_as_before_or_as_after(
    store: SqlStore, line: Line
) -> None:
    async def cut() -> None:
        await line.cut(store.database)

    check_points(await fail_at_every_point(store, cut, EpisodicError))


async def test_a_cancellation_at_any_step_of_the_loop_leaves_the_episode_as_before_or_as_after(
    store: Store,
) -> None:
    """Also inside the driver: while it begins, reads, writes, commits or gives a connection back."""
    outcomes: set[bool] = set()
    await ingest(store, TALK)
    state = await kept(store)
    for steps in (*range(0, 120, 3), *range(120, 600, 12)):
        word = f"bright{steps}"
        task = asyncio.create_task(ingest(store, *changed(word)))
        for _ in range(steps):
            await asyncio.sleep(0.0005 if steps > 120 else 0)
            if task.done():
                break
        task.cancel()
        await asyncio.wait([task])
        state, was_changed = await recover(store, state, word, steps)
        outcomes.add(was_changed)
        if steps > 120 and task.done() and not task.cancelled():
            break
    assert outcomes == {False, True}
