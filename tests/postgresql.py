"""A PostgreSQL server of the tests' own: made, started on a free loopback port, stopped and removed."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from episodic.canonical.storage import schema
from episodic.canonical.storage.database import Database


class Server:
    """A running server; databases cost some hundredths of a second each."""

    def __init__(self, port: int, password: str, folder: Path) -> None:
        self.password = password
        self.folder = folder
        self.port = port
        self._numbers = count(1)
        self._migrated: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._command: Sequence[str | Path] = ()
        self._user: str | None = None

    def start(self, command: Sequence[str | Path] = (), user: str | None = None) -> bool:
        """Start it, or start it again; return whether it answers."""
        self._command = command or self._command
        self._user = user or self._user
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, user=self._user, cwd=self.folder
            )
        return _answers(self, self._process)

    def stop(self) -> None:
        """Stop it at once: an orderly end writes all of it to the disk, and a crash loses nothing either."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=30)

    @property
    def pid(self) -> int:
        """The process whose children all others are."""
        assert self._process
        return self._process.pid

    def url(self, name: str, password: str | None = None) -> str:
        return f"postgresql://episodic:{password or self.password}@127.0.0.1:{self.port}/{name}"

    def empty_database(self, template: str = "template0") -> str:
        """Make a database; its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(
            # Copying files is the faster way here, as nothing is synchronized to disk.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self.url(name)

    def database(self) -> str:
        """Make a database at the head; its URL."""
        if self._migrated is None:
            url = self.empty_database()
            schema.upgrade(Database(url, patience=10))
            self._migrated = url.rpartition("/")[2]
        return self.empty_database(self._migrated)

    def execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def programs() -> Path:
    """Where initdb and postgres are; skips the test when they are nowhere."""
    found = shutil.which("initdb")
    # Debian keeps them off the PATH, a folder per version.
    candidates = [Path(found).resolve().parent] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    pytest.skip("no PostgreSQL server: install Debian's postgresql, or put initdb and postgres on the PATH")


@contextmanager
def running(options: Sequence[str] = ("fsync=off",)) -> Generator[Server]:
    """Run a server; `options` are settings of postgresql.conf."""
    found = programs()
    # PostgreSQL refuses to run as root; its packages come with a user.
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="episodic-postgresql-"))
    password = secrets.token_urlsafe(12)
    try:
        (folder / "password").write_text(password)
        if user:
            shutil.chown(folder, user)
            shutil.chown(folder / "password", user)
        data = folder / "data"
        how = ["--username=episodic", "--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
        subprocess.run(
            [found / "initdb", "--pgdata", data, *how, "--encoding=UTF8", "--locale=C", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
            cwd=folder,
        )
        for _ in range(3):  # somebody may take the port between our asking for one and using it
            server = Server(_free_port(), password, folder)
            command = [found / "postgres", "-D", data, "-p", str(server.port), "-k", ""]
            for option in ("listen_addresses=127.0.0.1", *options):
                command += ["-c", option]
            try:
                if server.start(command, user):
                    yield server
                    return
            finally:
                server.stop()
        raise RuntimeError((folder / "log").read_text())
    finally:
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(server: Server, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(server.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return True
    return False
