"""What every store does alike: series, episodes, revisions and contents."""

import asyncio
from dataclasses import replace

import pytest

from episodic.canonical.domain import DELETED
from episodic.canonical.errors import StaleRevisionError, StorageError
from episodic.canonical.ports import Store
from tests.canonical.storage import examples

# --- series and episodes ---------------------------------------------------------------------------


async def test_a_series_is_replaced_by_its_id(store: Store) -> None:
    show = examples.series()
    async with store.begin() as unit:
        await unit.series.put(show)
        await unit.series.put(replace(show, title="Another", publisher=None))
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.series.list() == [replace(show, title="Another", publisher=None)]


async def test_a_slug_names_one_series(store: Store) -> None:
    async with store.begin() as unit:
        await unit.series.put(examples.series())
        with pytest.raises(StorageError, match="refused what would break it"):
            await unit.series.put(examples.series())


async def test_series_are_listed_by_slug_in_the_order_of_code_points(store: Store) -> None:
    async with store.begin() as unit:
        for slug in ("b", "a-z", "a", "B", "ab"):
            await unit.series.put(examples.series(slug))
        assert [show.slug for show in await unit.series.list()] == ["B", "a", "a-z", "ab", "b"]


async def test_episodes_are_found_by_name_and_listed_by_series(store: Store) -> None:
    made = [examples.episode("b", "1"), examples.episode("a", "2"), examples.episode("a", "1")]
    async with store.begin() as unit:
        await unit.series.put(examples.series("a"))
        await unit.series.put(examples.series("b"))
        for each in made:
            await unit.episodes.add(each)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.episodes.get("a", "2") == made[1]
        assert await unit.episodes.get("a", "3") is None
        assert await unit.episodes.list() == [made[2], made[1], made[0]]
        assert await unit.episodes.list("b") == [made[0]]


async def test_an_episode_needs_its_series(store: Store) -> None:
    async with store.begin() as unit:
        with pytest.raises(StorageError, match="refused what would break it"):
            await unit.episodes.add(examples.episode())


async def test_a_name_names_one_episode(store: Store) -> None:
    async with store.begin() as unit:
        await unit.series.put(examples.series())
        await unit.episodes.add(examples.episode())
        with pytest.raises(StorageError, match="refused what would break it"):
            await unit.episodes.add(examples.episode())


async def test_an_episode_gets_another_name_that_is_free(store: Store) -> None:
    one, two = examples.episode(slug="one"), examples.episode(slug="two")
    async with store.begin() as unit:
        await unit.series.put(examples.series())
        for each in (one, two):
            await unit.episodes.add(each)
        await unit.episodes.put(replace(one, slug="uno"))
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.episodes.list() == [two, replace(one, slug="uno")]
        with pytest.raises(StorageError, match="refused what would break it"):
            await unit.episodes.put(replace(one, slug="two"))


async def test_episodes_follow_their_series_to_another_slug(store: Store) -> None:
    show, kept = examples.series(), examples.episode()
    async with store.begin() as unit:
        await unit.series.put(show)
        await unit.episodes.add(kept)
        await unit.commit()
    async with store.begin() as unit:
        await unit.series.put(replace(show, slug="lamp-hour"))
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.episodes.list() == [replace(kept, series_slug="lamp-hour")]


# --- revisions -------------------------------------------------------------------------------------


async def test_a_revision_comes_back_as_it_was_with_sources_and_decisions(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    contents = (examples.content(b"one"), examples.content(b"two"))
    made = examples.revision(kept, by, contents=contents)
    await examples.append(store, made, *contents)
    async with store.begin(read_only=True) as unit:
        assert await unit.revisions.newest(kept.id) == made
        assert await unit.revisions.get(kept.id, 1) == made
        assert await unit.revisions.newest_number(kept.id) == 1


async def test_the_history_names_the_sources_that_each_revision_used(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    one, two = examples.content(b"one"), examples.content(b"two")
    made = [
        examples.revision(kept, by, 1, contents=(two, one)),
        examples.revision(kept, by, 2, contents=(two,)),
        examples.revision(kept, by, 3),
    ]
    for revision in made:
        await examples.append(store, revision, one, two)
    async with store.begin(read_only=True) as unit:
        history = await unit.revisions.history(kept.id)
    assert [(each.number, each.created_at) for each in history] == [(r.number, r.created_at) for r in made]
    assert [[sha256 for _, sha256 in each.sources] for each in history] == [
        [two.sha256, one.sha256],
        [two.sha256],
        [],
    ]


async def test_a_revision_is_replaced_by_the_one_with_its_id(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    one, two = examples.content(b"one"), examples.content(b"two")
    made = [examples.revision(kept, by, number, contents=(one, two)) for number in (1, 2)]
    for revision in made:
        await examples.append(store, revision, one, two)
    other = replace(examples.revision(kept, by, 1, contents=(two,)), id=made[0].id, title="Another")
    async with store.begin() as unit:
        await unit.revisions.put(other)
        await unit.commit()
    async with store.begin(read_only=True) as unit:
        assert [await unit.revisions.get(kept.id, number) for number in (1, 2)] == [other, made[1]]
        assert sorted(await unit.contents.uses()) == sorted(
            [(two.sha256, kept.id, 1), (one.sha256, kept.id, 2), (two.sha256, kept.id, 2)]
        )


async def test_what_is_removed_is_gone_with_what_belongs_to_it_alone(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    one = examples.content(b"one")
    made = [examples.revision(kept, by, 1, contents=(one,)), examples.revision(kept, by, 2)]
    for revision in made:
        await examples.append(store, revision, one)
    found = replace(examples.finished(examples.job(1), made[0]), request="the same again")
    decision = examples.editorial_decision(kept)
    async with store.begin() as unit:
        await unit.jobs.add(found)
        await unit.edits.put(decision)
        await unit.commit()
    async with store.begin() as unit:
        await unit.revisions.remove(kept.id, 1)
        await unit.contents.remove(one.sha256)
        await unit.commit()
    async with store.begin(read_only=True) as unit:
        assert [each.number for each in await unit.revisions.history(kept.id)] == [2]
        assert await unit.jobs.get(found.id) is None
        assert (await unit.contents.list(), await unit.contents.uses()) == ([], [])
        assert await unit.edits.of(kept.id) == [decision]
    async with store.begin() as unit:
        await unit.episodes.remove(kept.id)
        await unit.commit()
    async with store.begin(read_only=True) as unit:
        assert (await unit.episodes.list(), await unit.edits.of(kept.id)) == ([], [])
    await store.compact()


async def test_contents_that_are_used_cannot_be_removed(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    one = examples.content(b"one")
    await examples.append(store, examples.revision(kept, by, contents=(one,)), one)
    async with store.begin() as unit:
        with pytest.raises(StorageError, match="refused what would break it"):
            await unit.contents.remove(one.sha256)


async def test_what_is_not_there_is_none(store: Store) -> None:
    kept, _ = await examples.episode_in(store)
    async with store.begin(read_only=True) as unit:
        assert await unit.revisions.newest(kept.id) is None
        assert await unit.revisions.get(kept.id, 1) is None
        assert await unit.revisions.newest_number(kept.id) == 0
        assert await unit.revisions.history(kept.id) == []
        assert await unit.contents.get("0" * 64) is None
        assert await unit.jobs.get(kept.id) is None
        assert await unit.series.get("none") is None


async def test_terms_are_those_of_the_newest_revision_of_each_episode_that_is_there(store: Store) -> None:
    first, by = await examples.episode_in(store)
    one, two, three = map(examples.content, (b"one", b"two", b"three"))
    for number, contents in enumerate(((one, two, three), (one, two)), 1):
        await examples.append(store, examples.revision(first, by, number, contents=contents), *contents)
    others = {
        ("lantern-hour", "second"): {"second": {"lantern1", "reyes"}},
        ("lantern-hour", f"third{DELETED}1"): {},
        ("elsewhere", "first-light"): {},
    }
    expected = {"first-light": {"lantern1", "lantern2", "reyes"}}
    async with store.begin() as unit:
        await unit.series.put(examples.series("elsewhere"))
        for (series, slug), found in others.items():
            episode = examples.episode(series, slug)
            await unit.episodes.add(episode)
            await unit.revisions.append(examples.revision(episode, by, contents=(one,)))
            expected |= found
        await unit.commit()
    async with store.begin(read_only=True) as unit:
        assert await unit.revisions.terms("lantern-hour") == expected
        assert await unit.revisions.terms("nowhere") == {}


async def test_the_newest_revision_has_the_highest_number(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    made = [examples.revision(kept, by, number) for number in range(1, 12)]
    for each in made:
        await examples.append(store, each)
    async with store.begin(read_only=True) as unit:
        assert await unit.revisions.newest(kept.id) == made[-1]
        assert await unit.revisions.get(kept.id, 2) == made[1]


@pytest.mark.parametrize("number", [1, 3])
async def test_a_revision_against_another_than_the_newest_is_refused_with_both_numbers(
    store: Store, number: int
) -> None:
    kept, by = await examples.episode_in(store)
    await examples.append(store, examples.revision(kept, by, 1))
    with pytest.raises(StaleRevisionError) as refused:
        await examples.append(store, examples.revision(kept, by, number))
    assert (refused.value.episode, refused.value.expected, refused.value.newest) == (kept.name, number - 1, 1)


async def test_of_two_that_append_the_same_revision_at_once_one_succeeds(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    outcomes = await asyncio.gather(
        *(examples.append(store, examples.revision(kept, by)) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "StaleRevisionError"]


async def test_a_revision_needs_the_contents_of_its_sources(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    with pytest.raises(StorageError, match="refused what would break it"):
        await examples.append(store, examples.revision(kept, by, contents=(examples.content(),)))


async def test_a_revision_needs_its_job(store: Store) -> None:
    kept, _ = await examples.episode_in(store)
    with pytest.raises(StorageError, match="refused what would break it"):
        await examples.append(store, examples.revision(kept, examples.job()))


# --- contents --------------------------------------------------------------------------------------


async def test_contents_are_kept_once_per_hash(store: Store) -> None:
    kept = examples.content()
    async with store.begin() as unit:
        await unit.contents.put(kept)
        await unit.contents.put(kept)
        await unit.commit()
    async with store.begin() as unit:
        await unit.contents.put(kept)
        await unit.commit()
    async with store.begin(read_only=True) as unit:
        assert await unit.contents.get(kept.sha256) == kept
        assert await unit.contents.list() == [kept.sha256]


@pytest.mark.parametrize(
    "damage",
    [
        {"compressed": b"no frame"},
        {"compressed": examples.content(b"ADA: Good morning.\n").compressed},
        {"size": 3},
        {"size": 300},
        {"size": 2**63 - 1},
        {"compressed": examples.content().compressed[:-1]},
    ],
)
async def test_content_that_no_longer_has_its_hash_is_not_handed_out(
    store: Store, damage: dict[str, bytes | int]
) -> None:
    kept = replace(examples.content(), **damage)
    async with store.begin() as unit:
        await unit.contents.put(kept)
        await unit.commit()
    async with store.begin(read_only=True) as unit:
        with pytest.raises(StorageError, match=f"{kept.sha256} is damaged"):
            await unit.contents.get(kept.sha256)
