"""A backup has everything of one instant, and comes back into any store."""

import asyncio
import os
import stat
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from episodic.canonical.errors import StorageError
from episodic.canonical.ports import Store
from episodic.canonical.storage import schema
from episodic.canonical.storage.backup import backup, restore
from episodic.canonical.storage.database import Database
from episodic.canonical.storage.store import SqlStore, open_store
from tests.canonical.storage import examples


@pytest.fixture
async def restored(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SqlStore]:
    """A store that a backup comes back into."""
    async with open_store(tmp_path_factory.mktemp("restored") / "episodes.sqlite3") as opened:
        yield opened


async def filled(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    for number in (1, 2):
        raw = examples.content(f"line {number}".encode())
        made = examples.revision(kept, by, number, contents=(raw,))
        await examples.append(store, made, raw)
        async with store.begin() as unit:
            await unit.jobs.update(examples.finished(by, made))
            await unit.commit()


async def everything(store: Store) -> object:
    async with store.begin(read_only=True) as unit:
        episodes = await unit.episodes.list()
        return (
            await unit.series.list(),
            episodes,
            [await unit.revisions.get(e.id, n) for e in episodes for n in (1, 2, 3)],
            [await unit.contents.get(sha256) for sha256 in await unit.contents.list()],
            await unit.jobs.list(limit=None),
            [await unit.edits.of(episode.id) for episode in episodes],
        )


async def test_a_backup_comes_back_into_a_new_store(restored: SqlStore, store: Store, tmp_path: Path) -> None:
    await filled(store)
    await backup(store, tmp_path / "backup")
    await restore(tmp_path / "backup", restored)
    assert await everything(restored) == await everything(store)


async def test_a_backup_of_sqlite_comes_back_into_every_kind_of_store(store: Store, tmp_path: Path) -> None:
    async with open_store(tmp_path / "old.sqlite3") as old:
        await filled(old)
        await backup(old, tmp_path / "backup")
        await restore(tmp_path / "backup", store)
        assert await everything(store) == await everything(old)


async def test_a_backup_is_a_database_like_any_other(store: Store, tmp_path: Path) -> None:
    await filled(store)
    await backup(store, tmp_path / "backup")
    async with open_store(f"sqlite:///{tmp_path / 'backup'}") as opened:
        assert await everything(opened) == await everything(store)
        async with opened.begin() as unit:
            await unit.jobs.add(examples.job(9))
            await unit.commit()


async def test_a_backup_belongs_to_the_user_alone(store: Store, tmp_path: Path) -> None:
    await backup(store, tmp_path / "new" / "backup")
    assert stat.S_IMODE((tmp_path / "new" / "backup").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["backup"]


async def test_no_file_is_overwritten_by_a_backup(store: Store, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("precious")
    with pytest.raises(StorageError, match="is there already"):
        await backup(store, tmp_path / "backup")
    assert (tmp_path / "backup").read_text() == "precious"


async def test_a_backup_that_fails_leaves_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        await backup(store, tmp_path / "taken" / "backup")
    assert sorted(path.name for path in tmp_path.glob("*backup*")) == []


async def test_a_backup_has_one_instant_while_writers_go_on(store: Store, tmp_path: Path) -> None:
    kept, by = await examples.episode_in(store)

    async def write() -> None:
        for number in range(1, 41):
            raw = examples.content(str(number).encode())
            await examples.append(store, examples.revision(kept, by, number, contents=(raw,)), raw)

    async def back_up() -> None:
        for number in range(3):
            await backup(store, tmp_path / f"backup{number}")

    await asyncio.gather(write(), back_up())
    for number in range(3):
        async with open_store(tmp_path / f"backup{number}") as opened, opened.begin(read_only=True) as unit:
            count = await unit.revisions.newest_number(kept.id)
            assert len(await unit.contents.list()) == count
            for each in range(1, count + 1):
                assert await unit.revisions.get(kept.id, each)


def lock(folder: Path, mode: int = 0o500) -> None:
    """Let nothing be written in a folder or its files, as on media that are read-only."""
    for file in folder.iterdir():
        file.chmod(mode & 0o444 if mode == 0o500 else 0o600)
    folder.chmod(mode)


@pytest.fixture
def read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A folder that is read-only once `lock` is called; the tests may run as root, whom no mode stops."""
    folder = tmp_path / "media"
    folder.mkdir()
    allowed = os.access

    def access(path: str | os.PathLike[str], mode: int, **more: bool) -> bool:
        locked = Path(path).is_relative_to(folder) and folder.stat().st_mode & 0o200 == 0
        return False if locked and mode & os.W_OK else allowed(path, mode, **more)

    monkeypatch.setattr(os, "access", access)
    yield folder
    lock(folder, 0o700)


async def test_a_backup_is_one_file_and_has_no_log_beside_it(
    restored: SqlStore, store: Store, tmp_path: Path
) -> None:
    await filled(store)
    await backup(store, tmp_path / "new" / "backup")
    assert (tmp_path / "new" / "backup").read_bytes()[18:20] == b"\x01\x01"
    await restore(tmp_path / "new" / "backup", restored)


async def test_a_backup_on_read_only_media_comes_back(
    restored: SqlStore, store: Store, read_only: Path
) -> None:
    await filled(store)
    await backup(store, read_only / "backup")
    lock(read_only)
    await restore(read_only / "backup", restored)
    assert await everything(restored) == await everything(store)
    assert [file.name for file in read_only.iterdir()] == ["backup"]


async def test_a_database_on_read_only_media_is_read_and_backed_up_and_not_written(
    restored: SqlStore, read_only: Path, tmp_path: Path
) -> None:
    file = read_only / "e # 1?.sqlite3"
    async with open_store(file) as store:
        await filled(store)
        before = await everything(store)
    assert file.read_bytes()[18:20] == b"\x02\x02"
    lock(read_only)
    database = Database(file)
    assert schema.current(database) == schema.HEAD
    schema.check(database)
    async with open_store(file) as store:
        assert await everything(store) == before
        await backup(store, tmp_path / "backup")
        with pytest.raises(StorageError, match="cannot be written to"):
            async with store.begin() as unit:
                await unit.jobs.add(examples.job(9))
    assert [each.name for each in read_only.iterdir()] == [file.name]
    await restore(tmp_path / "backup", restored)
    assert await everything(restored) == before


async def test_a_restored_database_that_was_a_backup_has_a_log_again(store: Store, tmp_path: Path) -> None:
    await backup(store, tmp_path / "backup")
    async with open_store(tmp_path / "backup"):
        assert (tmp_path / "backup").read_bytes()[18:20] == b"\x02\x02"


async def test_a_store_that_is_not_empty_is_not_restored_into(store: Store, tmp_path: Path) -> None:
    await filled(store)
    before = await everything(store)
    await backup(store, tmp_path / "backup")
    with pytest.raises(StorageError, match="not empty"):
        await restore(tmp_path / "backup", store)
    assert await everything(store) == before


async def test_an_older_backup_is_refused_with_the_command_that_upgrades_it(
    restored: SqlStore, tmp_path: Path
) -> None:
    async with open_store(tmp_path / "backup") as old:
        await filled(old)
    schema.downgrade(Database(tmp_path / "backup"), "0001")
    with pytest.raises(StorageError, match=f"sqlite:///{tmp_path / 'backup'} episodic db upgrade"):
        await restore(tmp_path / "backup", restored)


async def test_what_is_no_backup_is_a_clear_error(restored: SqlStore, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is not a file"):
        await restore(tmp_path / "missing", restored)
    (tmp_path / "letter").write_text("To whom it may concern. " * 50)
    with pytest.raises(StorageError, match="not an SQLite database"):
        await restore(tmp_path / "letter", restored)
