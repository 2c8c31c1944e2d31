"""Between entities and rows: a column has the name of the field that it keeps."""

from dataclasses import Field, fields
from typing import ClassVar, Protocol

from sqlalchemy import RowMapping, Table

from episodic.canonical.storage import columns


class Entity(Protocol):
    """A dataclass of `domain`."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]


def to_row(table: Table, entity: Entity, **beyond: object) -> dict[str, object]:
    """Make a row; `beyond` are columns that the entity lacks."""
    return {name: getattr(entity, name) for name in table.c.keys() if name not in beyond} | beyond  # noqa: SIM118


def from_row[E: Entity](kind: type[E], table: Table, row: RowMapping, **beyond: object) -> E:
    """Make an entity; `beyond` are fields that no column has. Raises `StorageError`."""
    found = {field.name: row[field.name] for field in fields(kind) if field.name not in beyond}
    for name, value in found.items():
        if not columns.fits(table.c[name].type, value):
            raise columns.damaged(table.name, f"its {name} cannot be {value!r}")
    return kind(**found | beyond)
