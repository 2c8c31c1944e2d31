"""What every store does alike."""

import asyncio
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from episodic.canonical import heartbeat
from episodic.canonical.document import Replay
from episodic.canonical.domain import DELETED, JobStatus, Series
from episodic.canonical.errors import NotFoundError, StaleRevisionError, StorageError
from episodic.canonical.ports import Store
from tests.canonical.storage import examples

# --- units of work ---------------------------------------------------------------------------------


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


# --- jobs ------------------------------------------------------------------------------------------


async def test_a_job_ends_with_its_result_in_one_unit(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    made = examples.revision(kept, by)
    async with store.begin() as unit:
        await unit.revisions.append(made)
        await unit.jobs.update(examples.finished(by, made))
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.jobs.get(by.id) == examples.finished(by, made)


async def test_a_job_that_is_not_there_cannot_be_updated(store: Store) -> None:
    async with store.begin() as unit:
        with pytest.raises(NotFoundError, match="no job"):
            await unit.jobs.update(examples.job())


async def test_jobs_are_listed_newest_first_up_to_a_limit(store: Store) -> None:
    jobs = [examples.job(number) for number in (2, 0, 1)]
    async with store.begin() as unit:
        for each in jobs:
            await unit.jobs.add(each)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.jobs.list() == [jobs[0], jobs[2], jobs[1]]
        assert await unit.jobs.list(limit=1) == [jobs[0]]


async def test_running_jobs_are_found_oldest_first(store: Store) -> None:
    late, early = examples.job(2), examples.job(1)
    ended = replace(examples.job(3), status=JobStatus.FAILED, finished_at=examples.NOON, error="no such file")
    async with store.begin() as unit:
        for each in (late, early, ended):
            await unit.jobs.add(each)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.jobs.running() == [early, late]


async def test_jobs_of_a_process_can_be_left_out_of_those_that_run(store: Store) -> None:
    own, other, unknown = (
        replace(examples.job(number), process=process)
        for number, process in enumerate(("boot 1 7", "boot 1 8", ""))
    )
    async with store.begin() as unit:
        for each in (own, other, unknown):
            await unit.jobs.add(each)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.jobs.running(beside="boot 1 7") == [other, unknown]
        assert await unit.jobs.running() == [own, other, unknown]


async def test_a_heartbeat_changes_nothing_else(store: Store) -> None:
    _, by = await examples.episode_in(store)
    later = by.heartbeat_at + timedelta(seconds=5)
    async with store.begin() as unit:
        assert await unit.jobs.beat(by.id, later)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.jobs.get(by.id) == replace(by, heartbeat_at=later)


async def test_a_job_that_was_taken_for_abandoned_and_beats_runs_again(store: Store) -> None:
    _, by = await examples.episode_in(store)
    async with store.begin() as unit:
        await unit.jobs.update(heartbeat.abandoned(by, by.heartbeat_at + timedelta(hours=1)))
        assert [job.status for job in await unit.jobs.list()] == [JobStatus.ABANDONED]
        later = by.heartbeat_at + timedelta(hours=2)
        assert await unit.jobs.beat(by.id, later)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.jobs.get(by.id) == replace(by, heartbeat_at=later)


async def test_the_clock_of_a_store_goes_on(store: Store) -> None:
    times: list[datetime] = []
    for _ in range(2):
        async with store.begin(read_only=True) as unit:
            times.append(await unit.jobs.now())
    first, second = times
    assert first.tzinfo is not None
    assert first < second < first + timedelta(minutes=5)


async def test_a_heartbeat_does_not_bring_an_ended_job_back(store: Store) -> None:
    _, by = await examples.episode_in(store)
    ended = replace(by, status=JobStatus.FAILED, finished_at=examples.NOON)
    async with store.begin() as unit:
        await unit.jobs.update(ended)
        assert not await unit.jobs.beat(by.id, by.heartbeat_at + timedelta(seconds=5))
        assert not await unit.jobs.beat(uuid.uuid7(), by.heartbeat_at)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.jobs.get(by.id) == ended


async def test_editors_decisions_come_back_as_they_were_in_the_order_in_which_they_were_made(
    store: Store,
) -> None:
    kept, _ = await examples.episode_in(store)
    second, first = examples.editorial_decision(kept, 2), examples.editorial_decision(kept, 1)
    async with store.begin() as unit:
        for each in (second, first):
            await unit.edits.put(each)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.edits.of(kept.id) == [first, second]
        assert await unit.edits.of(uuid.uuid7()) == []


async def test_of_many_decisions_that_are_put_at_once_those_that_were_there_are_replaced(
    store: Store,
) -> None:
    kept, _ = await examples.episode_in(store)
    many = [replace(examples.editorial_decision(kept), id=uuid.uuid7()) for _ in range(1200)]
    changed = [replace(each, text="otherwise") for each in many[::2]]
    async with store.begin() as unit:
        await unit.edits.put(*many[::2])
        await unit.edits.put(*many[1::2], *changed)
        await unit.edits.put()
        await unit.commit()
    async with store.begin() as unit:
        found = {each.id: each for each in await unit.edits.of(kept.id)}
    assert found == {each.id: each for each in (*many, *changed)}


async def test_standing_decisions_of_a_kind_are_found_in_all_episodes_of_a_series(store: Store) -> None:
    kept, _ = await examples.episode_in(store)
    second, first = examples.editorial_decision(kept, 2), examples.editorial_decision(kept, 1)
    prose = replace(examples.editorial_decision(kept, 3), kind="prose")
    gone = replace(
        examples.editorial_decision(kept, 4), withdrawn_at=examples.NOON + timedelta(days=9), withdrawn_by="B"
    )
    async with store.begin() as unit:
        for each in (second, first, prose, gone):
            await unit.edits.put(each)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.edits.standing(kept.series_slug, first.kind) == [first, second]
        assert await unit.edits.standing(kept.series_slug, "prose") == [prose]
        assert await unit.edits.standing("another", first.kind) == []


async def test_a_decision_is_replaced_by_the_one_with_its_id(store: Store) -> None:
    kept, _ = await examples.episode_in(store)
    made = examples.editorial_decision(kept)
    withdrawn = replace(made, withdrawn_at=examples.NOON + timedelta(days=1), withdrawn_by="Bab")
    async with store.begin() as unit:
        await unit.edits.put(made)
        await unit.edits.put(withdrawn)
        await unit.commit()
    async with store.begin() as unit:
        assert await unit.edits.of(kept.id) == [withdrawn]


async def test_a_decision_has_an_episode(store: Store) -> None:
    lost = examples.editorial_decision(examples.episode())
    async with store.begin() as unit:
        with pytest.raises(StorageError):
            await unit.edits.put(lost)


async def test_a_revision_knows_what_became_of_editors_decisions(store: Store) -> None:
    kept, by = await examples.episode_in(store)
    replays = (Replay(uuid.uuid7(), "0:00:01/12345678"), Replay(uuid.uuid7(), None, "no witness has it"))
    content = examples.content()
    made = replace(examples.revision(kept, by, contents=(content,)), given_title="Given", replays=replays)
    await examples.append(store, made, content)
    async with store.begin() as unit:
        assert await unit.revisions.newest(kept.id) == made
