"""What a database itself finds broken: damaged pages, references to nothing, values that mean nothing."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, Select, exists, select, type_coerce
from sqlalchemy.types import NULLTYPE, TypeDecorator

from episodic.canonical.errors import StorageError
from episodic.canonical.storage.column_types import fits, understood
from episodic.canonical.storage.tables import METADATA

# Of one kind; whoever has more wants a backup and no list.
_MOST: Final = 20


def broken(connection: Connection) -> list[str]:
    """Describe what is broken; empty: nothing is."""
    return [*_damaged_pages(connection), *_lost_references(connection), *_odd_values(connection)]


def _damaged_pages(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST})").scalars()
        yield from (f"file: {line}" for line in found if line != "ok")


def _lost_references(connection: Connection) -> Iterator[str]:
    """Find them ourselves: SQLite does not enforce them for every program that writes into the file."""
    for table in METADATA.tables.values():
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            for value in connection.scalars(_lost(key)):
                yield f"{table.name}: {key.parent.name} {value} is not in {key.column.table.name}"


def _lost(key: ForeignKey) -> Select[None]:
    there = key.column.table.alias()
    found = exists().where(there.c[key.column.name] == key.parent)
    return (
        select(type_coerce(key.parent, NULLTYPE))
        .where(key.parent.is_not(None), ~found)
        .distinct()
        .limit(_MOST)
    )


def _odd_values(connection: Connection) -> Iterator[str]:
    """Find values that are none of their column's; documents and contents are checked where they are read."""
    for table in METADATA.tables.values():
        (key,) = table.primary_key
        small = [column for column in table.c if not _is_large(column)]
        query = select(type_coerce(key, NULLTYPE), *(type_coerce(column, NULLTYPE) for column in small))
        for row in connection.execute(query.execution_options(yield_per=1000)):
            for column, value in zip(small, row[1:], strict=True):
                if not _is_understood(connection, column, value):
                    yield f"{table.name} {row[0]}: its {column.name} cannot be {value!r}"


def _is_large(column: Column[object]) -> bool:
    kind = column.type
    return isinstance(kind.impl if isinstance(kind, TypeDecorator) else kind, LargeBinary)


def _is_understood(connection: Connection, column: Column[object], value: object) -> bool:
    if value is None:
        return True
    convert = column.type.dialect_impl(connection.dialect).result_processor(connection.dialect, None)
    try:
        with understood(column.table.name):
            return fits(column.type, convert(value) if convert else value)
    except StorageError:
        return False
