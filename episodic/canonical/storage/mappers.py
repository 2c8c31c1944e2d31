"""Between entities and rows: a column has the name of the field that it keeps."""

from dataclasses import Field, fields
from typing import ClassVar, Protocol

from episodic.canonical.domain import Revision, SourceDocument
from episodic.canonical.storage import columns
from episodic.canonical.storage.models import Model, RevisionModel, SourceModel


class Entity(Protocol):
    """A dataclass of `domain`."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]


def to_row[M: Model](kind: type[M], entity: Entity, **beyond: object) -> M:
    """Make a row; `beyond` are columns that the entity lacks, or has in another shape."""
    return kind(**values(entity) | beyond)


def from_row[E: Entity](kind: type[E], row: Model, **beyond: object) -> E:
    """Make an entity; `beyond` are fields that the row has in another shape. Raises `StorageError`."""
    found = {f.name: getattr(row, f.name) for f in fields(kind) if f.name not in beyond}
    for name, value in found.items():
        if not columns.fits(row.__table__.c[name].type, value):
            raise columns.damaged(row.__tablename__, f"its {name} cannot be {value!r}")
    return kind(**found | beyond)


def values(entity: Entity) -> dict[str, object]:
    """Fields of an entity by name, as they are."""
    return {f.name: getattr(entity, f.name) for f in fields(entity)}


def revision_to_row(revision: Revision) -> RevisionModel:
    """Make the rows of a revision and of its sources, in their order."""
    sources = [to_row(SourceModel, s, position=n) for n, s in enumerate(revision.sources)]
    return to_row(RevisionModel, revision, sources=sources)


def revision_from_row(row: RevisionModel) -> Revision:
    """Make a revision with its sources."""
    return from_row(Revision, row, sources=tuple(from_row(SourceDocument, s) for s in row.sources))
