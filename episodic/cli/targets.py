"""What a command may write to: nothing that it is made of."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from episodic import settings
from episodic.canonical.domain import SourceDocument
from episodic.cli.exits import UsageError


def refuse_target(option: str, file: Path, sources: Sequence[str] = ()) -> None:
    """Raise `UsageError` where writing a file would destroy what it is made of, before anything is read.

    Parameters
    ----------
    option
        What named the file.
    sources
        Files that are read, or folders whose files are.
    """
    if file.is_dir():
        raise UsageError(f"{option} {file} is a folder; name a file in it")
    if any(_is_same(file, each) for each in _database_files()):
        raise UsageError(f"{option} {file} is the database; name another file")
    if not file.exists():
        return
    for place in map(Path, sources):
        if _is_same(file, place) or (place.is_dir() and file.resolve().is_relative_to(place.resolve())):
            raise UsageError(f"{option} {file} is one of the sources; name another file")


def refuse_source(option: str, file: Path, sources: Sequence[SourceDocument]) -> None:
    """Raise `UsageError` where a file has the bytes of a source: of where one was, only the name is kept."""
    if not file.is_file():
        return  # not there; or a pipe or a device, which would be read without end
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return  # nobody's source, as it cannot be read
    if any(each.sha256 == found for each in sources):
        raise UsageError(f"{option} {file} is one of the sources; name another file")


def _database_files() -> list[Path]:
    from episodic.canonical.storage.database import Database

    file = Database(settings.load().store_url).file
    return [file.with_name(f"{file.name}{end}") for end in ("", "-wal", "-shm", "-journal")] if file else []


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # not there, and yet it may be where the other is, or will be
        return one.resolve() == other.resolve()
