"""What both databases do beyond the contract: private, patient, and clear about what is wrong."""

import asyncio
import socket
import sys
import traceback
from collections.abc import Generator
from dataclasses import replace

import pytest
from sqlalchemy import text

from episodic.canonical.errors import StorageError, TransientError
from episodic.canonical.jobs import JobStatus
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.store import SqlStore, open_store
from tests.canonical.storage import examples
from tests.postgresql import Server


async def opened(url: str) -> None:
    async with open_store(url, patience=2):
        pass


async def test_text_that_no_database_can_hold_is_kept_as_far_as_it_can(sql_store: SqlStore) -> None:
    kept, by = await examples.episode_in(sql_store)
    made = examples.revision(kept, by)
    odd = replace(made.sources[0], uri="caf\udce9/\x00.vtt", notes=("\x00", "\udce9"))
    await examples.append(sql_store, replace(made, sources=(odd,)))
    async with sql_store.begin(read_only=True) as unit:
        newest = await unit.revisions.newest(kept.id)
    assert newest
    assert newest.sources[0].uri == "caf\ufffd/\ufffd.vtt"
    assert newest.sources[0].notes == odd.notes


async def test_a_time_without_a_zone_is_refused(sql_store: SqlStore) -> None:
    naive = replace(examples.job(), started_at=examples.NOON.replace(tzinfo=None))
    async with sql_store.begin() as unit:
        with pytest.raises(StorageError, match="2026-02-26T12:00:00 has no time zone"):
            await unit.jobs.add(naive)


@pytest.mark.parametrize(
    "hostile", ["'; DROP TABLE series; --", '"', "%s", ":slug", "\\", "a/../../b", "👩‍🚀"]
)
async def test_slugs_and_uris_are_data(sql_store: SqlStore, hostile: str) -> None:
    show, kept, by = examples.series(hostile), examples.episode(hostile, hostile), examples.job()
    made = examples.revision(kept, by)
    made = replace(made, sources=(replace(made.sources[0], uri=hostile),))
    async with sql_store.begin() as unit:
        await unit.series.put(show)
        await unit.episodes.add(kept)
        await unit.jobs.add(by)
        await unit.revisions.append(made)
        await unit.commit()
    async with sql_store.begin(read_only=True) as unit:
        assert await unit.series.get(hostile) == show
        assert await unit.episodes.get(hostile, hostile) == kept
        assert await unit.revisions.newest(kept.id) == made


async def test_a_document_that_was_damaged_is_an_error_when_it_is_read(sql_store: SqlStore) -> None:
    kept, by = await examples.episode_in(sql_store)
    await examples.append(sql_store, examples.revision(kept, by))
    engine = sql_store.database.connections()
    with engine.begin() as connection:
        frame = bytearray(connection.scalar(text("SELECT tei FROM revisions")) or b"")
        frame[len(frame) // 2] ^= 1
        connection.execute(text("UPDATE revisions SET tei = :tei"), {"tei": bytes(frame)})
    engine.dispose()
    async with sql_store.begin(read_only=True) as unit:
        with pytest.raises(StorageError, match="a stored document is damaged"):
            await unit.revisions.newest(kept.id)


@pytest.fixture
def full_disk(postgresql: Server, postgresql_url: str) -> Generator[str]:
    """A database that answers every new revision as a full disk does."""
    engine = Database(postgresql_url, patience=5).connections()
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE disk_full USING MESSAGE = 'could not extend file'; END $$"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER no_space BEFORE INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION no_space()"
            )
        )
    yield postgresql_url
    engine.dispose()


async def test_a_full_disk_of_postgresql_is_a_clear_error_and_keeps_nothing(full_disk: str) -> None:
    async with open_store(full_disk) as store:
        kept, by = await examples.episode_in(store)
        with pytest.raises(StorageError, match="no space left"):
            await examples.append(store, examples.revision(kept, by), examples.content())
        async with store.begin(read_only=True) as unit:
            assert await unit.contents.list() == []


async def test_a_writer_of_postgresql_that_waits_too_long_gets_a_clear_error(postgresql_url: str) -> None:
    quick = open_store(postgresql_url, patience=0.2)
    async with open_store(postgresql_url) as other, quick as store, other.begin():
        with pytest.raises(StorageError, match=r"busy: another process .* 0\.2 s; try again"):
            await examples.episode_in(store)
        async with store.begin(read_only=True) as unit:
            assert await unit.series.list() == []


async def test_a_writer_of_postgresql_that_hangs_loses_its_turn(postgresql_url: str) -> None:
    async with open_store(postgresql_url, patience=0.2) as hanging, open_store(postgresql_url) as store:
        async with hanging.begin() as unit:
            await unit.series.put(examples.series("never"))
            await examples.episode_in(store)  # waits for the turn of the one that hangs
            with pytest.raises(StorageError, match="closed the connection; nothing of this was kept"):
                await unit.commit()
        async with store.begin(read_only=True) as unit:
            assert [show.slug for show in await unit.series.list()] == ["lantern-hour"]


async def test_writers_of_postgresql_about_different_episodes_do_not_wait(postgresql_url: str) -> None:
    """Each waits for the other to have begun, in one process and in two."""
    async with open_store(postgresql_url) as store, open_store(postgresql_url) as other:
        async with (
            asyncio.timeout(20),
            store.begin(about="a/1") as one,
            store.begin(about="a/2") as two,
            other.begin(about="a/3") as three,
        ):
            for number, unit in enumerate((one, two, three)):
                await unit.series.put(examples.series(f"s{number}"))
                await unit.commit()
        async with store.begin(read_only=True) as unit:
            assert len(await unit.series.list()) == 3


async def test_a_heartbeat_does_not_bring_back_a_job_that_ends_meanwhile(postgresql_url: str) -> None:
    async with open_store(postgresql_url) as store:
        _, by = await examples.episode_in(store)
        async with store.begin(about="ending") as ending:
            await ending.jobs.update(replace(by, status=JobStatus.FAILED, error="no good"))

            async def beat() -> bool:
                async with store.begin(about=str(by.id)) as unit:
                    alive = await unit.jobs.beat(by.id, examples.NOON)
                    await unit.jobs.abandon(replace(by, status=JobStatus.ABANDONED))
                    await unit.commit()
                    return alive

            beating = asyncio.create_task(beat())
            await asyncio.sleep(0.2)  # it has read the job, and waits for its row
            await ending.commit()
        assert not await beating
        async with store.begin(read_only=True) as unit:
            found = await unit.jobs.get(by.id)
    assert found
    assert found.status is JobStatus.FAILED


# --- passwords -------------------------------------------------------------------------------------

PASSWORD = "hunter2%23x"


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("127.0.0.1:9/db", "postgresql://127.0.0.1:9/db"),
        ("no-such-host.invalid/db", "no-such-host.invalid"),
        ("127.0.0.1:9/db?nonsense=1", "nonsense"),
        ("127.0.0.1:9/db?sslmode=nonsense", "sslmode"),
    ],
)
async def test_no_error_of_a_database_that_cannot_be_reached_has_its_password(where: str, says: str) -> None:
    with pytest.raises(StorageError, match=says) as refused:
        await opened(f"postgresql://me:{PASSWORD}@{where}")
    shown = "".join(traceback.format_exception(refused.value))
    assert "hunter2" not in shown


async def test_a_refused_password_is_a_clear_error_without_it(postgresql: Server) -> None:
    with pytest.raises(StorageError, match="password authentication failed") as refused:
        await opened(postgresql.url("postgres", password=PASSWORD[:7]))
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "mysql://me:hunter2@host/db",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+pg8000://me:hunter2@host/db",
        "postgresql://me:hunter2@host:port/db",
        "postgresql://me:hunter2:5432/db",
        "postgresql://me:123456/db?hunter2",
        "postgresql://me:x@hun#ter2/db",
        "postgresql://me:x@hunter2 /db",
        "postgresql://me:x@host/hunter2:5432/db",
        "sqlite://me:x@hunter2/db",
    ],
)
def test_a_url_that_names_no_such_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StorageError, match="sqlite:///FILE") as refused:
        open_store(url)
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:p@hunter2@host/db",
        "postgresql://me:p@hunter2/x@host/db",
        "postgresql://me:p@hunter2?x@host/db",
        "postgresql://me:p@hunter2:5432@host/db",
        "postgresql://me:p%40hunter2@x@host/db",
        "postgresql://hunter2@me:p@host/db",
    ],
)
def test_a_url_of_which_a_part_of_the_password_could_pass_for_the_host_is_refused(url: str) -> None:
    with pytest.raises(StorageError, match="is written as '%40'") as refused:
        open_store(url)
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:p%40ss@host/db",
        "postgresql://me@[::1]:5432/db",
        "postgresql://me@[fe80::1%25eth0]/db",
        "postgresql://me@data-base_1.example.org/db",
        "postgresql://me@bücher.example/db",
        "postgresql:///db?host=/var/run/postgresql",
    ],
)
def test_what_hosts_have_is_taken(url: str) -> None:
    assert Database(url).name.endswith("/db")


async def test_a_password_among_a_urls_options_is_not_shown() -> None:
    options = f"user=me&password={PASSWORD}&sslpassword={PASSWORD}"
    with pytest.raises(StorageError, match="9/db") as refused:
        await opened(f"postgresql://127.0.0.1:9/db?{options}")
    assert "hunter2" not in "".join(traceback.format_exception(refused.value))


def test_an_error_that_quotes_a_password_shows_it_in_no_spelling() -> None:
    database = Database("postgresql://me:hunter%202@host/db?sslpassword=hunter3")
    shown = str(database.explain(Exception("hunter 2, hunter%202, hunter+2 and hunter3")))
    assert shown == "postgresql://host/db: ***, ***, *** and ***"


@pytest.mark.parametrize(
    "url", ["sqlite:///~/e.sqlite3", "sqlite:////~/e.sqlite3", "sqlite:////home/ada/e.sqlite3"]
)
def test_a_tilde_is_the_home_of_the_user(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert Database(url).name == "/home/ada/e.sqlite3"


def test_a_home_of_nobody_is_refused() -> None:
    with pytest.raises(StorageError, match="nobody of that name has a home here"):
        Database("sqlite:///~nobody-of-that-name/e.sqlite3")


def test_a_missing_driver_is_an_error_that_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StorageError, match="install Episodic with its extra 'postgresql'"):
        Database("postgresql://ada@localhost/episodic")


async def test_a_server_that_is_there_and_does_not_answer_may_do_so_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://ada:secret@127.0.0.1:{silent.getsockname()[1]}/episodes"
        with pytest.raises(TransientError, match=r"/episodes: no answer for 2 s; is it up"):
            await opened(url)
