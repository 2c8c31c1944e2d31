"""Recording what is exported, so that an ingest knows it again: see `ingesting.on_record`."""

import hashlib
import os.path
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Final

from episodic.canonical.domain import Episode, Export, Revision
from episodic.canonical.errors import StorageError
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold
from episodic.cli.output import complain
from episodic.cli.store import with_store

_UNMARKED: Final = frozenset({".srt", ".txt"})
_KEPT: Final = 200  # lines of an export that are kept, as their digests
_LETTER: Final = pattern(r"[^\W\d_]")


def record(found: Episode, kept: Revision, written: Sequence[tuple[str, Path, bytes]]) -> None:
    """Record files by format, place and content; where that cannot be, they are there all the same."""
    exports = [_export(found, kept, *each) for each in written]

    async def add(work: UnitOfWork) -> None:
        known = {(e.sha256, e.episode_id, e.revision, e.file) for e in await work.exports.list(found.id)}
        for export in exports:
            if (export.sha256, export.episode_id, export.revision, export.file) not in known:
                await work.exports.add(export)
        await work.commit()

    try:
        with_store(add, read_only=False, about=found.name)
    except StorageError as error:
        complain(f"what was written is not recorded, and will not be known among sources: {error}")


def _export(found: Episode, kept: Revision, format: str, file: Path, content: bytes) -> Export:
    return Export(
        id=uuid.uuid7(),
        episode_id=found.id,
        revision=kept.number,
        format=format,
        file=os.path.abspath(file),  # noqa: PTH100  # resolve() would follow links
        sha256=hashlib.sha256(content).hexdigest(),
        made_at=datetime.now(UTC),
        lines=tuple(sorted(set(lines_of(content)))[:_KEPT]) if is_unmarked(file.name) else (),
    )


def lines_of(content: bytes) -> Iterator[int]:
    """Digest the lines that say something: numbers and times are alike in all captions."""
    for line in content.decode(errors="replace").splitlines():
        if _LETTER.search(line):
            digest = hashlib.blake2b(fold(line).encode(), digest_size=4).digest()
            yield int.from_bytes(digest)


def is_unmarked(place: str) -> bool:
    """Whether files of this name have no place for where they come from."""
    return PurePath(place).suffix.lower() in _UNMARKED
