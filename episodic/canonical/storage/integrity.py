"""What a database itself finds broken: references to nothing, damaged pages."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, ForeignKey, Select, exists, select

from episodic.canonical.storage.models import Model

# Of one kind; whoever has more wants a backup and no list.
_MOST: Final = 20


def broken(connection: Connection) -> list[str]:
    """Describe what is broken; empty: nothing is."""
    return [*_damaged_pages(connection), *_lost_references(connection)]


def _damaged_pages(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST})").scalars()
        yield from (f"file: {line}" for line in found if line != "ok")


def _lost_references(connection: Connection) -> Iterator[str]:
    """Find them ourselves: SQLite does not enforce them for every program that writes into the file."""
    for table in Model.metadata.tables.values():
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            for value in connection.scalars(_lost(key)):
                yield f"{table.name}: {key.parent.name} {value} is not in {key.column.table.name}"


def _lost(key: ForeignKey) -> Select[Any]:
    there = key.column.table.alias()
    found = exists().where(there.c[key.column.name] == key.parent)
    return select(key.parent).where(key.parent.is_not(None), ~found).distinct().limit(_MOST)
