"""How files of SQLite databases keep what is on its way into them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

# SQLite's "Database File Format", 1.3: what a file begins with, and how it says, in bytes 18 and 19, that no
# log beside it is used.
_MAGIC: Final = b"SQLite format 3\0"
_NO_LOG: Final = b"\x01\x01"


def use_write_ahead_log(file: Path) -> None:
    """Let readers and a writer not wait for each other; the file remembers it."""
    with file.open("rb") as opened:
        head = opened.read(20)
    if head.startswith(_MAGIC) and head[18:] == _NO_LOG:
        _set_journal(file, "WAL")


def use_no_other_file(file: Path) -> None:
    """Have all of a database in its file, so that it can be copied, and read where nothing can be written."""
    _set_journal(file, "DELETE")


def _set_journal(file: Path, mode: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
