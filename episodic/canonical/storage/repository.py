"""What all repositories do: entities into rows and out of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    RowMapping,
    Table,
    delete,
    insert,
    select,
    update,
)

from episodic.canonical.storage.column_types import damaged, fits, understood
from episodic.canonical.storage.coroutines import awaited

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert


def to_row(table: Table, entity: DataclassInstance, **beyond: object) -> dict[str, object]:
    """Make a row; `beyond` are columns that the entity lacks."""
    names = [column.name for column in table.c if column.name not in beyond]
    return {name: getattr(entity, name) for name in names} | beyond


def from_row[E: DataclassInstance](kind: type[E], table: Table, row: RowMapping, **beyond: object) -> E:
    """Make an entity; `beyond` are fields that no column has. Raises `StorageError`."""
    found = {field.name: row[field.name] for field in fields(kind) if field.name not in beyond}
    for name, value in found.items():
        if not fits(table.c[name].type, value):
            raise damaged(table.name, f"its {name} cannot be {value!r}")
    return kind(**found | beyond)


class Repository[E: DataclassInstance]:
    """What all repositories do with the connection of their unit of work, which gives it until it is over.

    `kind` are the entities, each a row of `table`.
    """

    kind: type[E]
    table: Table

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection

    async def _run(
        self, statement: Executable, rows: Mapping[str, object] | Sequence[Mapping[str, object]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        return await awaited(self._connection().execute, statement, rows)

    async def _rows(self, table: Table, query: Executable) -> Sequence[RowMapping]:
        """All columns of rows, as the fields of their entity have them; raises `StorageError`."""
        with understood(table.name):
            return (await self._run(query)).mappings().all()

    async def _value(self, query: Executable) -> Any:
        """The first column of the first row; ``None``: there is none."""
        return (await self._run(query)).scalar()

    async def _all(self, query: Executable) -> list[E]:
        rows = await self._rows(self.table, query)
        return [from_row(self.kind, self.table, row) for row in rows]

    async def _one(self, *where: ColumnElement[bool]) -> E | None:
        return next(iter(await self._all(select(self.table).where(*where))), None)

    async def add(self, entity: E, /) -> None:
        """Add a new one."""
        await self._run(insert(self.table), to_row(self.table, entity))

    async def put(self, entity: E, /) -> None:
        """Add, or replace the one with the same key."""
        if not await self._change(entity):
            await self.add(entity)

    async def _change(self, entity: E, *only: ColumnElement[bool]) -> bool:
        """Replace the one with the same key; `False`: there is none, or not `only` such."""
        (key,) = self.table.primary_key
        row = to_row(self.table, entity)
        changed = update(self.table).where(key == row[key.name], *only).returning(key)
        return (await self._run(changed, row)).first() is not None

    async def _remove(self, *where: ColumnElement[bool]) -> None:
        await self._run(delete(self.table).where(*where))

    async def _add_missing(self, *entities: E) -> None:
        """Add rows unless their keys are taken; waits for another unit that has just taken one."""
        if rows := [to_row(self.table, entity) for entity in entities]:
            await self._run(self._insert().on_conflict_do_nothing(), rows)

    def _insert(self) -> SqliteInsert | PostgresqlInsert:
        if self._is_file:
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert  # takes a while, and not everybody has it
        return insert(self.table)

    @property
    def _is_file(self) -> bool:
        return self._connection().dialect.name == "sqlite"
