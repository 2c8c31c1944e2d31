"""Files of SQLite databases: private, and there whole or not at all."""

import os
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def draft_of(file: Path) -> Generator[Path]:
    """Make a file under another name; at the end of the block it gets its own.

    Whoever looks for the file finds all of it or nothing, also when several processes make it at the same
    instant or one of them dies. It and the folders that are made for it belong to the user alone.

    Raises
    ------
    FileExistsError
        When the file is there, at the start or at the end: it is never replaced.
    OSError
        When it cannot be made.
    """
    if file.exists():
        raise FileExistsError(file)
    for folder in (f for f in reversed(file.parents) if not f.exists()):
        folder.mkdir(mode=0o700, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        _name(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _name(draft: Path, file: Path) -> None:
    try:
        file.hardlink_to(draft)  # unlike a renaming, this fails when the file is there
    except FileExistsError:
        raise
    except OSError:
        # Memory sticks (FAT, exFAT) and some network folders have no links: take the name, then rename.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        draft.replace(file)


def use_write_ahead_log(file: Path) -> None:
    """Let readers and a writer not wait for each other; the file remembers it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
