"""What every store does alike: units of work; `test_contract_episodes` and `test_contract_records` go on."""

import asyncio
import uuid
from dataclasses import replace

import pytest

from episodic.canonical.domain import Series
from episodic.canonical.errors import StorageError
from episodic.canonical.ports import Store
from tests.canonical.storage import examples


async def test_what_is_committed_is_there_afterwards(store: Store) -> None:
    show = examples.series()
    async with store.begin() as unit:
        await unit.series.put(show)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.series.get(show.slug) == show


async def test_what_is_not_committed_never_was(store: Store) -> None:
    async with store.begin() as unit:
        await unit.series.put(examples.series())
    async with store.begin() as unit:
        assert await unit.series.list() == []


async def test_an_error_in_the_block_undoes_it_and_reaches_the_caller(store: Store) -> None:
    async def fail() -> None:
        async with store.begin() as unit:
            await unit.series.put(examples.series())
            raise KeyError("original")

    with pytest.raises(KeyError, match="original"):
        await fail()
    async with store.begin() as unit:
        assert await unit.series.list() == []


async def test_a_unit_sees_its_own_changes_before_it_commits(store: Store) -> None:
    show = examples.series()
    async with store.begin() as unit:
        await unit.series.put(show)
        assert await unit.series.get(show.slug) == show


async def test_a_unit_is_over_once_committed(store: Store) -> None:
    async with store.begin() as unit:
        await unit.commit()
        with pytest.raises(StorageError, match="this unit of work is over"):
            await unit.series.list()


async def test_a_reader_sees_the_state_at_its_start_and_does_not_wait_for_a_writer(store: Store) -> None:
    show = examples.series()
    async with store.begin(read_only=True) as reader:
        assert await reader.series.list() == []
        async with store.begin() as writer:
            await writer.series.put(show)
            assert await reader.series.list() == []
            await writer.commit()
        assert await reader.series.list() == []
    async with store.begin(read_only=True) as reader:
        assert await reader.series.list() == [show]


@pytest.mark.parametrize("write", ["series", "content", "job", "beat"])
async def test_a_reading_unit_refuses_to_write(store: Store, write: str) -> None:
    _, by = await examples.episode_in(store)
    async with store.begin(read_only=True) as unit:
        attempts = {
            "series": lambda: unit.series.put(examples.series("another")),
            "content": lambda: unit.contents.put(examples.content()),
            "job": lambda: unit.jobs.add(examples.job()),
            "beat": lambda: unit.jobs.beat(by.id, examples.NOON),
        }
        with pytest.raises(StorageError, match="opened for reading only"):
            await attempts[write]()


async def test_after_a_reading_unit_the_next_one_writes(store: Store) -> None:
    for _ in range(8):  # whichever connection it gets
        async with store.begin(read_only=True) as unit:
            await unit.series.list()
        async with store.begin() as unit:
            await unit.series.put(examples.series(f"s-{uuid.uuid7()}"))
            await unit.commit()


@pytest.mark.parametrize("about", [None, "lantern-hour"])
async def test_writers_about_one_thing_take_turns(store: Store, about: str | None) -> None:
    async def count_up() -> None:
        async with store.begin(about=about) as unit:
            old = await unit.series.get("lantern-hour")
            assert old
            await unit.series.put(replace(old, title=str(int(old.title) + 1)))
            await unit.commit()

    async with store.begin() as unit:
        await unit.series.put(replace(examples.series(), title="0"))
        await unit.commit()
    await asyncio.gather(*(count_up() for _ in range(20)))
    async with store.begin() as unit:
        counted = await unit.series.get("lantern-hour")
    assert counted
    assert counted.title == "20"


async def test_who_writes_about_everything_waits_for_those_who_write_about_something(store: Store) -> None:
    seen: list[list[str]] = []

    async def look() -> None:
        async with store.begin() as unit:
            seen.append([show.slug for show in await unit.series.list()])

    async with store.begin(about="a") as unit:
        looking = asyncio.create_task(look())
        await asyncio.sleep(0.1)  # it would have had the time
        await unit.series.put(examples.series("a"))
        await unit.commit()
    await looking
    assert seen == [["a"]]


async def test_two_units_that_make_one_series_and_keep_one_content_make_them_once(store: Store) -> None:
    kept = [examples.content(b"one"), examples.content(b"two")]

    async def make(about: str) -> Series:
        async with store.begin(about=about) as unit:
            made = await unit.series.ensure(examples.series())
            for content in kept:
                await unit.contents.put(content)
            await asyncio.sleep(0.01)  # the others come in between
            await unit.commit()
            return made

    made = await asyncio.gather(*(make(f"lantern-hour/{number}") for number in range(4)))
    assert len({series.id for series in made}) == 1
    async with store.begin(read_only=True) as unit:
        assert [series.id for series in await unit.series.list()] == [made[0].id]
        assert set(await unit.contents.list()) == {content.sha256 for content in kept}
