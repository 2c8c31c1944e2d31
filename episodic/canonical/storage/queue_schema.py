"""The tables of the queue's engine, Procrastinate, on PostgreSQL: in a schema of their own.

1. The first time, the engine's own schema is made, and all migrations that it stands for are recorded.
2. Later, those of the engine's migrations run that are not recorded, in their order.
3. An index is added to the engine's: who looks for the next job asks for each whether its lock is free.

Where the engine is not installed nothing is made; `episodic db upgrade` makes it once it is.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from episodic.canonical.text.patterns import pattern

SCHEMA: Final = "episodic_queue"

_NUMBERED: Final = pattern(r"\d\d\.\d\d\.\d\d_\d\d_.*\.sql")
_IS_THERE: Final = text("SELECT to_regclass(:table) IS NOT NULL")
_RAN: Final = text(f"SELECT name FROM {SCHEMA}.migrations")  # noqa: S608  # our own name
_RECORD: Final = text(f"INSERT INTO {SCHEMA}.migrations (name) VALUES (:name)")  # noqa: S608  # likewise


def is_there(connection: Connection) -> bool:
    """Whether the queue's tables are in the database."""
    return bool(connection.scalar(_IS_THERE, {"table": f"{SCHEMA}.procrastinate_jobs"}))


def upgrade(connection: Connection) -> Sequence[str]:
    """Bring the queue's tables to what the installed engine needs; return the migrations that ran."""
    folder = _folder()
    if folder is None:
        return ()
    known = sorted(each.name for each in (folder / "migrations").iterdir() if _NUMBERED.fullmatch(each.name))
    path = connection.scalar(text("SHOW search_path"))
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
    connection.execute(
        text(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
        )
    )
    if is_there(connection):
        ran = set(connection.scalars(_RAN))
        missing = [name for name in known if name not in ran]
        for name in missing:
            _run(connection, folder / "migrations" / name)
    else:
        missing = known
        _run(connection, folder / "schema.sql")
    for name in missing:
        connection.execute(_RECORD, {"name": name})
    connection.exec_driver_sql(
        "CREATE INDEX IF NOT EXISTS ix_lock_of_unfinished ON procrastinate_jobs (lock) "
        "WHERE status IN ('todo', 'doing')"
    )
    connection.exec_driver_sql(f"SET LOCAL search_path TO {path}")
    return missing


def _folder() -> Path | None:
    """Where the engine keeps its SQL; it is read, not imported."""
    spec = find_spec("procrastinate")
    return Path(spec.origin).parent / "sql" if spec and spec.origin else None


def _run(connection: Connection, file: Path) -> None:
    # The driver sends several statements at once only where it looks for no parameters in them.
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(file.read_text(encoding="utf-8"))
