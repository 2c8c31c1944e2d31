"""What every store does alike: jobs, and editors' decisions."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from episodic.canonical import heartbeat
from episodic.canonical.errors import NotFoundError, StorageError
from episodic.canonical.jobs import JobStatus
from episodic.canonical.ports import Store
from episodic.canonical.resolved import Replay
from tests.canonical.storage import examples


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
