"""The SQLite file: made whole, private, and refused when it is another's or another version's."""

import asyncio
import errno
import os
import random
import shutil
import sqlite3
import stat
import time
import uuid
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Pool, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from episodic.canonical.errors import ExhaustedError, StorageError, TransientError
from episodic.canonical.storage import schema
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.store import SqlStore, open_store
from episodic.canonical.storage.threaded import ThreadedConnection
from episodic.whole_file import draft_of
from tests.canonical.ingesting import request, service
from tests.canonical.storage import examples


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "episodes.sqlite3"


async def opened(file: Path) -> None:
    async with open_store(f"sqlite:///{file}"):
        pass


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_new_file_and_its_folders_belong_to_the_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "episodic" / "episodes.sqlite3"
    async with open_store(f"sqlite:///{file}") as store:
        await examples.episode_in(store)
        beside = {path.name: mode(path) for path in file.parent.iterdir()}
    assert beside == {f"episodes.sqlite3{suffix}": 0o600 for suffix in ("", "-wal", "-shm")}
    assert mode(file.parent) == mode(file.parent.parent) == 0o700


async def test_closing_what_was_stopped_meanwhile_waits_for_nothing() -> None:
    connection = await ThreadedConnection(lambda: sqlite3.connect(":memory:", check_same_thread=False))
    closing = asyncio.create_task(connection.close())
    await asyncio.sleep(0)
    # As SQLAlchemy does where its closing is cancelled, which goes on all the same.
    connection.stop()  # pyright: ignore[reportUnknownMemberType]
    await asyncio.wait_for(closing, 10)


async def test_who_waits_for_a_thread_that_has_ended_without_an_answer_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as opened:
        connection = await ThreadedConnection(lambda: opened)
        monkeypatch.setattr(asyncio.get_running_loop(), "call_soon_threadsafe", no_memory)
        for ask in (connection.commit, connection.close):
            with pytest.raises(ExhaustedError, match=r"^out of memory: "):
                await asyncio.wait_for(ask(), 60)


async def test_who_has_the_turn_to_write_asks_no_thread_until_the_commit(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_store(f"sqlite:///{file}") as store:
        await examples.episode_in(store)
        asked = 0
        ask = ThreadedConnection._execute  # pyright: ignore[reportPrivateUsage]

        async def counted(self: ThreadedConnection, work: Callable[[], object]) -> object:
            nonlocal asked
            asked += 1
            return await ask(self, work)

        monkeypatch.setattr(ThreadedConnection, "_execute", counted)
        ticks, going = 0, True

        async def tick() -> None:
            nonlocal ticks
            while going:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        async with store.begin() as work:
            before = asked, ticks
            for number in range(20):
                await work.series.put(examples.series(slug=f"s{number}"))
            assert asked == before[0]
            assert ticks >= before[1] + 20
            await work.commit()
        assert asked == before[0] + 1
        going = False
        await ticking


async def test_who_is_cancelled_while_it_waits_for_its_turn_keeps_neither_it_nor_the_loop(file: Path) -> None:
    async def write(store: SqlStore) -> None:
        async with store.begin():
            pass

    async with open_store(f"sqlite:///{file}", patience=20) as store, asyncio.timeout(15):
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(write(store))
            await asyncio.sleep(0.1)
            waiting.cancel()
            await asyncio.sleep(0)
            other.execute("COMMIT")
            await asyncio.wait([waiting])
            assert waiting.cancelled()
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        await write(store)


async def test_without_a_log_a_large_write_waits_for_no_reader_before_the_commit(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As where the file's system has no shared memory: readers and writers share one file.
    monkeypatch.setattr(schema, "use_write_ahead_log", Path.exists)
    await opened(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    chance = random.Random(1)
    large = [examples.content(chance.randbytes(1_500_000)) for _ in range(4)]
    url = f"sqlite:///{file}"
    async with (
        open_store(url, patience=60) as store,
        store.begin(read_only=True) as reading,
        store.begin() as work,
    ):
        await reading.series.list()
        begun = time.monotonic()
        for content in large:
            await work.contents.put(content)
        assert time.monotonic() - begun < 60


async def test_a_new_file_is_at_the_head(file: Path) -> None:
    await opened(file)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(schema.HEAD,)]
    connection.close()


async def test_what_was_kept_is_there_when_the_file_is_opened_again(file: Path) -> None:
    async with open_store(f"sqlite:///{file}") as store:
        kept, _ = await examples.episode_in(store)
    async with open_store(f"sqlite+aiosqlite:///{file}") as store, store.begin(read_only=True) as unit:
        assert await unit.episodes.list() == [kept]


def test_of_many_that_make_the_file_at_once_all_find_one_whole_database(file: Path) -> None:
    database = Database(f"sqlite:///{file}", patience=5)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(schema.create_file, [database] * 8))
    assert [path.name for path in file.parent.iterdir()] == [file.name]


async def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(file: Path) -> None:
    file.write_text("To whom it may concern: this is a letter, and no database. " * 20)
    before = file.read_bytes()
    with pytest.raises(StorageError, match="not an SQLite database"):
        await opened(file)
    assert file.read_bytes() == before


async def test_a_folder_in_its_place_is_a_clear_error(file: Path) -> None:
    file.mkdir()
    with pytest.raises(StorageError, match="cannot be opened"):
        await opened(file)


def test_a_pipe_in_its_place_is_a_clear_error(file: Path) -> None:
    os.mkfifo(file)
    with pytest.raises(StorageError, match="is a pipe or a device, and no file; name another one"):
        Database(file)


async def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match=r"cannot be made: .*EPISODIC_DATABASE_URL"):
        await opened(tmp_path / "taken" / "episodes.sqlite3")


async def test_the_database_of_another_application_is_refused(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(StorageError, match="not a database of Episodic"):
        await opened(file)


async def test_a_writer_that_waits_too_long_for_another_process_gets_a_clear_error(file: Path) -> None:
    await opened(file)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        async with open_store(f"sqlite:///{file}", patience=0.2) as store:
            with pytest.raises(StorageError, match=r"busy: another process .* 0\.2 s; try again"):
                await examples.episode_in(store)
            async with store.begin(read_only=True) as unit:
                assert await unit.series.list() == []
            other.execute("ROLLBACK")
            await examples.episode_in(store)
    finally:
        other.close()


async def test_a_job_whose_database_was_waited_for_is_not_waited_for_as_long_again(file: Path) -> None:
    await opened(file)
    async with open_store(f"sqlite:///{file}", patience=60) as store:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            closing_job = service(store)._close(  # pyright: ignore[reportPrivateUsage]
                request().new_job(uuid.uuid7()), error := TransientError("busy for a minute")
            )
            async with asyncio.timeout(30):
                await closing_job
            assert "could not be recorded as failed" in error.__notes__[0]
        async with store.begin() as work:
            waits = (await work.execute(text("PRAGMA busy_timeout"))).scalar()
        assert waits == 60_000


@pytest.mark.parametrize("replaced", [False, True])
async def test_what_is_written_into_a_file_that_is_gone_is_not_said_to_be_kept(
    file: Path, *, replaced: bool
) -> None:
    async with open_store(f"sqlite:///{file}") as store:
        await examples.episode_in(store)
        file.rename(file.with_name("elsewhere"))
        if replaced:
            file.touch()
        with pytest.raises(
            StorageError, match="was removed or replaced while it was in use; nothing is kept"
        ):
            await service(store).ingest_multi_source(request())
        with pytest.raises(
            StorageError, match="was removed or replaced while it was in use; nothing is kept"
        ):
            await service(store).ingest_multi_source(request())  # and its connections can still be used


async def test_a_writer_that_waits_too_long_for_another_task_gets_a_clear_error(file: Path) -> None:
    async with open_store(f"sqlite:///{file}", patience=0.2) as store, store.begin():
        with pytest.raises(StorageError, match="another task of this process"):
            await examples.episode_in(store)


async def test_a_reader_that_waits_too_long_for_a_connection_gets_a_clear_error(file: Path) -> None:
    async with open_store(f"sqlite:///{file}", patience=0.2) as store:
        units = [store.begin(read_only=True) for _ in range(6)]
        for unit in units[:-1]:
            await unit.__aenter__()
        with pytest.raises(StorageError, match="all connections of this process"):
            await units[-1].__aenter__()
        for unit in units[:-1]:
            await unit.__aexit__(None, None, None)


@pytest.fixture
def full_disk() -> Generator[None]:
    """SQLite's own limit answers as a full disk does."""

    def limit(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count = 60")
        cursor.close()

    event.listen(Pool, "connect", limit)
    yield
    event.remove(Pool, "connect", limit)


@pytest.mark.usefixtures("full_disk")
async def test_a_full_disk_is_a_clear_error_and_keeps_nothing(file: Path) -> None:
    async with open_store(f"sqlite:///{file}") as store:
        kept, by = await examples.episode_in(store)
        huge = replace(examples.revision(kept, by), tei=random.Random(1).randbytes(200_000))
        with pytest.raises(StorageError, match="no space left"):
            await examples.append(store, huge, examples.content())
        async with store.begin(read_only=True) as unit:
            assert await unit.revisions.newest_number(kept.id) == 0
            assert await unit.contents.list() == []


@pytest.mark.parametrize(("free", "says"), [(4096, "no space left"), (2**20, "disk I/O error")])
def test_a_disk_too_full_for_what_processes_share_is_named(
    free: int, says: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(file.parent)._replace(free=free)

    def disk_usage(_: Path) -> object:
        return usage

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert says in str(Database(f"sqlite:///{file}").explain(error))


async def test_a_disk_too_full_for_a_new_file_is_a_clear_error_and_leaves_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    def limited(file: Path, **options: Any) -> sqlite3.Connection:
        connection = connect(file, **options)
        connection.execute("PRAGMA max_page_count = 5")
        return connection

    monkeypatch.setattr(sqlite3, "connect", limited)
    with pytest.raises(StorageError, match=rf"{file}: no space left"):
        await opened(file)
    assert list(file.parent.iterdir()) == []


def no_links(*_: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def test_a_file_is_made_where_the_file_system_has_no_links(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "hardlink_to", no_links)
    with draft_of(file) as draft:
        draft.write_text("whole")
    assert {path.name: path.read_text() for path in file.parent.iterdir()} == {file.name: "whole"}
    assert mode(file) == 0o600


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_while_another_is_made_is_not_replaced(
    file: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", no_links)

    def make() -> None:
        with draft_of(file) as draft:
            draft.write_text("second")
            file.write_text("first")

    with pytest.raises(FileExistsError):
        make()
    assert {path.name: path.read_text() for path in file.parent.iterdir()} == {file.name: "first"}
