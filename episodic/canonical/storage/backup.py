"""Backups: one SQLite file with everything, whatever database it comes from."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from episodic.canonical.errors import StorageError
from episodic.canonical.ports import Store
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.schema import HEAD, create, current
from episodic.canonical.storage.sqlite_file import use_no_other_file
from episodic.canonical.storage.store import SqlStore, open_store
from episodic.whole_file import draft_of


async def backup(store: Store, file: Path) -> None:
    """Write everything that a store has at one instant into a new SQLite file.

    Ingests may go on meanwhile; the file has none of what they commit after its start. It appears under its
    name when it is complete, with mode 0600. It is a database like any other: `restore` reads it,
    and so does `store.open_store`.

    Raises
    ------
    StorageError
        When the file is there already or cannot be written, or something in the store is damaged.
    """
    try:
        with draft_of(file) as draft:
            if isinstance(store, SqlStore) and store.database.file:
                await asyncio.to_thread(_copy_pages, store.database, draft)
            else:
                await asyncio.to_thread(create, draft)
                async with open_store(draft) as target:
                    await copy(store, target)
            await asyncio.to_thread(use_no_other_file, draft)
    except FileExistsError:
        raise StorageError(f"{file} is there already; name another file") from None
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}; name another file") from error


async def restore(file: Path, store: Store) -> None:
    """Copy all of a backup into a store that is empty.

    Raises
    ------
    StorageError
        When there is no backup in the file, it is damaged, or the store is not empty.
    """
    if not await asyncio.to_thread(file.is_file):
        raise StorageError(f"{file} is not a file; name a backup")
    found = await asyncio.to_thread(current, Database(file))
    if found and found < HEAD:
        raise StorageError(
            f"{file} has schema {found}, but {HEAD} is needed: first upgrade the backup itself with "
            f"EPISODIC_DATABASE_URL=sqlite:///{file} episodic db upgrade"
        )
    async with open_store(file) as source:
        await copy(source, store)


async def copy(source: Store, target: Store) -> None:
    """Copy everything, in the state of one instant, into a store that is empty: all of it or nothing.

    Raises
    ------
    StorageError
        When the target is not empty, or something in the source is damaged.
    """
    async with source.begin(read_only=True) as old, target.begin() as new:
        if await new.series.list() or await new.jobs.list(limit=1):
            raise StorageError("the database is not empty; restore into a new one")
        for series in await old.series.list():
            await new.series.put(series)
        for sha256 in await old.contents.list():
            content = await old.contents.get(sha256)
            assert content is not None
            await new.contents.put(content)
        for submission in await old.submissions.list(limit=None):
            await new.submissions.add(submission)
        # Jobs and revisions point at each other: jobs come without their revisions first.
        jobs = await old.jobs.list(limit=None)
        for job in jobs:
            await new.jobs.add(replace(job, revision_id=None))
        for episode in await old.episodes.list():
            await new.episodes.add(episode)
            for earlier in await old.revisions.history(episode.id):
                revision = await old.revisions.get(episode.id, earlier.number)
                assert revision is not None
                await new.revisions.put(revision)
            await new.edits.put(*await old.edits.of(episode.id))
        for export in await old.exports.list():
            await new.exports.add(export)
        for job in jobs:
            if job.revision_id:
                await new.jobs.update(job)
        await new.commit()


def _copy_pages(database: Database, draft: Path) -> None:
    """Copy a SQLite file page by page in one reading transaction, which keeps no writer waiting."""
    assert database.file is not None
    try:
        with closing(database.sqlite()) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)
            if (found := target.execute("PRAGMA quick_check").fetchone()[0]) != "ok":
                raise StorageError(f"{database.name} is damaged ({found}); run 'episodic db verify'")
    except sqlite3.Error as error:
        # Reading needs no space: it is the backup's disk.
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            raise StorageError(
                f"no space left for the backup in {draft.parent}; name another file"
            ) from error
        raise database.explain(error) from error
