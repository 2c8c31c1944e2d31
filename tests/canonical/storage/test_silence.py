"""A PostgreSQL server that stands still in the middle of its work, as where it waits for its disk."""

# What opens such a connection gives it to SQLAlchemy alone.
# pyright: reportPrivateUsage=false

import asyncio
import os
import signal
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from episodic.canonical.errors import TransientError
from episodic.canonical.storage import silence
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.store import SqlStore, open_store
from tests.postgresql import Server, running


@pytest.fixture(scope="module")
def server() -> Generator[Server]:
    """A server of its own, since others would stand still with it."""
    with running() as server:
        yield server


@contextmanager
def stopped(server: Server) -> Generator[None]:
    """Stop all of a server's processes for a while."""
    family = [*_children(server.pid), server.pid]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("ends", ["gives up", "is cancelled"])
async def test_a_server_that_stands_still_is_not_waited_for_for_ever(server: Server, ends: str) -> None:
    patience = 2 if ends == "gives up" else 60
    async with open_store(server.database(), patience=patience) as store, asyncio.timeout(60):
        async with store.begin(about="a/1") as one, store.begin(about="a/2") as other:
            with stopped(server):
                waits = asyncio.create_task(one.series.list())
                if ends == "gives up":
                    with pytest.raises(TransientError, match=r"/test_\d+: .*no answer for 4 s; is it up"):
                        await waits
                else:
                    await asyncio.sleep(0.5)
                    waits.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await waits
                # Who was silent once is not waited for as long again: nor by what is left to do at an end.
                with pytest.raises(TransientError, match="no answer for 1 s"):
                    await other.series.list()
                with pytest.raises(TransientError, match="no answer for 2 s"):
                    await anew(store)
        await anew(store)


async def anew(store: SqlStore) -> None:
    async with store.begin(read_only=True) as unit:
        assert await unit.series.list() == []


async def test_a_statement_that_takes_long_and_is_heard_of_is_fine(server: Server) -> None:
    rows = "SELECT repeat('x', 10000) FROM generate_series(1, 50) WHERE pg_sleep(0.2) IS NOT NULL"
    async with open_store(server.database(), patience=2) as store, store.begin(read_only=True) as unit:
        assert len((await unit.execute(text(rows))).all()) == 50


async def test_a_lost_connection_that_lay_idle_is_replaced(server: Server) -> None:
    """One that the server does not answer on is left, although it could answer on another."""
    async with open_store(server.database(), patience=2) as store, asyncio.timeout(60):
        await anew(store)
        lost = _backends(server, store)
        for pid in lost:
            os.kill(pid, signal.SIGSTOP)
        try:
            await anew(store)
        finally:
            for pid in lost:
                os.kill(pid, signal.SIGCONT)
        assert lost


@pytest.mark.parametrize("answers", [True, False])
def test_work_on_a_database_as_a_whole_may_be_silent_while_its_server_takes_others(
    server: Server, answers: bool
) -> None:
    def another() -> psycopg.Connection:
        if answers:
            raise psycopg.OperationalError("too many clients already")
        raise psycopg.errors.ConnectionTimeout

    database = Database(server.database())
    with database.connections().connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, silence._Asking)
        driver.patience, driver.another = 0.1, another
        with nullcontext() if answers else pytest.raises(TransientError, match="is it up, and"):
            assert connection.scalar(text("SELECT 7 FROM pg_sleep(0.5)")) == 7


def test_a_host_that_has_gone_is_noticed_by_the_kernel_unless_the_url_says_otherwise() -> None:
    said = Database("postgresql://me@host/db?keepalives_idle=7").conninfo
    assert "keepalives_idle=7" in said
    assert "tcp_user_timeout=30000" in said


def _backends(server: Server, store: SqlStore) -> list[int]:
    name = store.database.name.rpartition("/")[2]
    with psycopg.connect(server.url("postgres")) as connection:
        found = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [name]).fetchall()
    return [pid for (pid,) in found]
