"""The ingestion service: one job, one fan-out, one transaction."""

import asyncio
import compression.zstd
import threading
import uuid
import weakref
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, override

import pytest

from episodic.asyncio_tasks import (
    TASK_METADATA_KWARG,
    TaskMetadata,
    TaskObserver,
    current_task_metadata,
    install_task_factory,
    parse_task_name,
)
from episodic.canonical.composition.extent import Extent
from episodic.canonical.errors import DoubtfulError, ResolutionError, SourceError, TransientError
from episodic.canonical.ingestion_service import (
    FINGERPRINT,
    NORMALIZE,
    FanOut,
    IngestionOutcome,
)
from episodic.canonical.jobs import JobStatus
from episodic.canonical.ports import Edition, Store
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import NormalizedSource, RawSource, SourceType
from episodic.canonical.tei.writer import write
from tests.canonical.scripted import ScriptedNormalizer, only_job, request, service, source


async def test_a_finished_job_has_its_revision_sources_and_contents(store: Store) -> None:
    outcome = await service(store, ScriptedNormalizer()).ingest_multi_source(request(source("a")))
    assert outcome.created
    assert outcome.revision.number == 1
    async with store.begin() as work:
        episode = await work.episodes.get("show", "one")
        assert episode == outcome.episode
        assert await work.revisions.newest(outcome.episode.id) == outcome.revision
        content = await work.contents.get(outcome.revision.sources[0].sha256 or "")
    assert content is not None
    assert compression.zstd.decompress(content.compressed) == b"hello there"
    job = await only_job(store)
    assert (job.status, job.revision_id) == (JobStatus.COMPLETED, outcome.revision.id)
    assert (job.submission_id, job.attempt) == (None, 1)


async def test_the_job_is_recorded_as_running_before_any_source_is_read(store: Store) -> None:
    seen: list[JobStatus] = []

    async def look(_: RawSource) -> None:
        seen.append((await only_job(store)).status)

    await service(store, ScriptedNormalizer(look)).ingest_multi_source(request(source("a")))
    assert seen == [JobStatus.RUNNING]


async def test_the_same_sources_again_make_nothing_new(store: Store) -> None:
    ingestion = service(store, ScriptedNormalizer())
    first = await ingestion.ingest_multi_source(request(source("a"), source("b", "hello you there")))
    again = await ingestion.ingest_multi_source(request(source("b", "hello you there"), source("a")))
    assert not again.created
    assert again.revision == first.revision


async def test_unchanged_sources_are_not_even_parsed(store: Store) -> None:
    normalizer = ScriptedNormalizer()
    await service(store, normalizer).ingest_multi_source(request(source("a")))
    normalizer.ended.clear()
    again = await service(store, normalizer).ingest_multi_source(request(source("a")))
    assert (again.created, again.job.status, normalizer.ended) == (False, JobStatus.COMPLETED, [])


async def test_changed_sources_make_the_next_revision(store: Store) -> None:
    ingestion = service(store, ScriptedNormalizer())
    await ingestion.ingest_multi_source(request(source("a")))
    changed = await ingestion.ingest_multi_source(request(source("a", "hello here")))
    assert (changed.created, changed.revision.number) == (True, 2)


async def test_sources_that_come_back_make_the_next_revision(store: Store) -> None:
    ingestion = service(store, ScriptedNormalizer())
    first = await ingestion.ingest_multi_source(request(source("a")))
    await ingestion.ingest_multi_source(request(source("a", "hello here")))
    back = await ingestion.ingest_multi_source(request(source("a")))
    assert (back.created, back.revision.number) == (True, 3)
    assert back.revision.fingerprint == first.revision.fingerprint
    async with store.begin(read_only=True) as work:
        assert await work.revisions.newest(back.episode.id) == back.revision


async def test_adding_keeps_all_sources_but_those_whose_name_is_given_again(store: Store) -> None:
    ingestion = service(store, ScriptedNormalizer())
    titled = replace(request(source("old/a"), source("old/b", "hello you")), title="Hello")
    await ingestion.ingest_multi_source(titled)
    added = await ingestion.adding(request(source("new/b"), source("new/c")))
    assert [raw.uri for raw in added.sources] == ["old/a", "new/b", "new/c"]
    assert await added.sources[0].load() == b"hello there"
    assert added.title == "Hello"
    assert (await ingestion.adding(replace(added, title="Other"))).title == "Other"


async def test_adding_to_nothing_changes_nothing(store: Store) -> None:
    asked = request(source("a"))
    added = await service(store, ScriptedNormalizer()).adding(asked)
    assert replace(added, sources=asked.sources) == asked
    assert [*added.sources] == [*asked.sources]


async def test_normalization_tasks_carry_operation_job_and_index(store: Store) -> None:
    seen: dict[str, TaskMetadata | None] = {}
    names: dict[str, str] = {}

    async def look(raw: RawSource) -> None:
        seen[raw.uri] = current_task_metadata()
        task = asyncio.current_task()
        assert task is not None
        names[raw.uri] = task.get_name()

    outcome = await service(store, ScriptedNormalizer(look)).ingest_multi_source(
        request(source("a.vtt"), source("b.srt", "hello you"))
    )
    job = str(outcome.job.id)
    assert seen == {
        "a.vtt": {"operation_name": NORMALIZE, "correlation_id": job, "priority_hint": 0},
        "b.srt": {"operation_name": NORMALIZE, "correlation_id": job, "priority_hint": 1},
    }
    for uri, name in names.items():
        parsed = parse_task_name(name)
        assert parsed is not None
        assert (parsed.operation_name, parsed.label, parsed.correlation_id) == (NORMALIZE, uri, job)


async def test_a_task_factory_of_the_application_receives_the_metadata(store: Store) -> None:
    received: list[object] = []

    def factory(
        loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any
    ) -> asyncio.Task[Any]:
        received.append(kwargs.pop(TASK_METADATA_KWARG, None))
        return asyncio.Task(coro, loop=loop, **kwargs)

    asyncio.get_running_loop().set_task_factory(factory)
    outcome = await service(store, ScriptedNormalizer()).ingest_multi_source(request(source("a")))
    assert {
        "operation_name": NORMALIZE,
        "correlation_id": str(outcome.job.id),
        "priority_hint": 0,
    } in received


async def test_the_outcome_is_the_same_with_our_factory_and_without(store: Store) -> None:
    plain = await service(store, ScriptedNormalizer()).ingest_multi_source(
        request(source("a"), source("b", "hi"))
    )
    with install_task_factory(asyncio.get_running_loop()):
        again = replace(request(source("a"), source("b", "hi")), episode="two")
        instrumented = await service(store, ScriptedNormalizer()).ingest_multi_source(again)
    assert instrumented.revision.fingerprint == plain.revision.fingerprint
    assert instrumented.revision.decisions == plain.revision.decisions


async def test_sources_are_normalized_at_most_so_many_at_a_time(store: Store) -> None:
    running = highest = 0

    async def count(_: RawSource) -> None:
        nonlocal running, highest
        running += 1
        highest = max(highest, running)
        await asyncio.sleep(0)
        running -= 1

    sources = [source(str(number)) for number in range(20)]
    await service(store, ScriptedNormalizer(count), concurrency=3).ingest_multi_source(request(*sources))
    assert highest == 3


async def test_a_job_that_nobody_knows_or_that_failed_has_no_outcome(store: Store) -> None:
    async def fail(_: RawSource) -> None:
        raise SourceError("a", "is no good")

    able, failing = service(store, ScriptedNormalizer()), service(store, ScriptedNormalizer(fail))
    await able.ingest_multi_source(request(source("a")))  # what the episode has is of another job
    failed = uuid.uuid7()
    with pytest.raises(SourceError):
        await failing.ingest_multi_source(request(source("a", "hello here")), failed)
    assert await able.outcome(failed) is None
    assert await able.outcome(uuid.uuid7()) is None


async def test_what_a_job_has_made_that_could_not_be_closed_is_not_known(store: Store) -> None:
    async with store.begin() as work:  # its commit may be under way
        await work.jobs.add(request(source("a")).new_job(running := uuid.uuid7()))
        await work.commit()
    with pytest.raises(TransientError, match=r"whether job .* is not known, and 'episodic jobs' will say"):
        await service(store, ScriptedNormalizer()).outcome(running)


async def test_the_job_has_the_id_that_its_caller_names_it_by(store: Store) -> None:
    job_id = uuid.uuid7()
    outcome = await service(store, ScriptedNormalizer()).ingest_multi_source(request(source("a")), job_id)
    assert outcome.job.id == job_id
    assert (await only_job(store)).id == job_id


async def test_the_job_has_that_id_also_when_nothing_is_new(store: Store) -> None:
    operations: dict[str, set[str | None]] = {}

    class Recorder(TaskObserver):
        @override
        def started(self, metadata: TaskMetadata, name: str, /) -> None:
            ids = operations.setdefault(metadata.get("operation_name", ""), set())
            ids.add(metadata.get("correlation_id"))

    ingestion = service(store, ScriptedNormalizer())
    await ingestion.ingest_multi_source(request(source("a")))
    job_id = uuid.uuid7()
    with install_task_factory(asyncio.get_running_loop(), Recorder()):
        again = await ingestion.ingest_multi_source(request(source("a")), job_id)
    assert (again.created, again.job.id) == (False, job_id)
    assert operations == {FINGERPRINT: {str(job_id)}}
    async with store.begin(read_only=True) as work:
        assert await work.jobs.get(job_id) == again.job


async def test_many_are_looked_up_at_once_and_only_repeats_come_back(store: Store) -> None:
    ingestion = service(store, ScriptedNormalizer())
    first = await ingestion.ingest_multi_source(request(source("a")))
    jobs = [uuid.uuid7() for _ in range(3)]
    asked = [request(source("a")), request(source("b")), replace(request(source("a")), episode="two")]
    unchanged = await ingestion.find_unchanged(dict(zip(jobs, asked, strict=True)))
    assert {id: outcome.revision for id, outcome in unchanged.items()} == {jobs[0]: first.revision}
    async with store.begin(read_only=True) as work:
        recorded = [job.id for job in await work.jobs.list()]
    assert sorted(recorded) == sorted([first.job.id, jobs[0]])


class Briefs(ScriptedNormalizer):
    """Takes every source for a brief, so that nothing was read as a transcript, which is doubtful."""

    @override
    async def normalize(self, raw: RawSource) -> NormalizedSource:
        return replace(await super().normalize(raw), source_type=SourceType.BRIEF)


async def test_a_strict_request_is_refused_where_there_is_a_doubt_and_only_then(store: Store) -> None:
    strict = replace(request(source("a")), strict=True)
    with pytest.raises(DoubtfulError, match="no source was read as a transcript"):
        await service(store, Briefs()).ingest_multi_source(strict)
    assert (await only_job(store)).status is JobStatus.FAILED
    assert (await service(store, Briefs()).ingest_multi_source(request(source("a")))).created
    sure = await service(store, ScriptedNormalizer()).ingest_multi_source(replace(strict, episode="two"))
    assert sure.created


async def test_a_request_that_is_no_repeat_keeps_no_other_from_being_one(store: Store) -> None:
    async def gone() -> bytes:
        raise SourceError("a", "is not there")

    ingestion = service(store, ScriptedNormalizer())
    made = {
        name: await ingestion.ingest_multi_source(replace(request(source("a")), episode=name))
        for name in ("one", "two", "three", "four")
    }
    asked = {
        "one": request(RawSource(uri="a", load=gone)),
        "two": request(source("a", "something else")),
        "three": request(source("a")),
        "four": replace(request(source("a")), strict=True),  # and there is no doubt
    }
    jobs = {uuid.uuid7(): replace(each, episode=name) for name, each in asked.items()}
    unchanged = await ingestion.find_unchanged(jobs)
    assert [each.revision for each in unchanged.values()] == [made["three"].revision, made["four"].revision]


async def test_what_is_to_be_resolved_is_admitted_before_anything_is_resolved(store: Store) -> None:
    told: list[Extent] = []

    def refuse(extent: Extent) -> None:
        told.append(extent)
        raise ResolutionError("is too much at once")

    def never(*_: object, **__: object) -> Resolution:
        raise AssertionError

    ingestion = service(store, ScriptedNormalizer(), resolve=never, admit=refuse)
    with pytest.raises(ResolutionError, match="too much at once"):
        await ingestion.ingest_multi_source(request(source("a"), source("b", "hello")))
    assert told == [Extent(len("hello there") + len("hello"), (("a", 2), ("b", 1)))]


async def test_a_job_keeps_what_each_step_took(store: Store) -> None:
    async def read(raw: RawSource) -> None:
        await asyncio.sleep(0.02)
        if raw.uri == "b":
            raise SourceError(raw.uri, "is broken")

    outcome = await service(store, ScriptedNormalizer(read)).ingest_multi_source(
        request(source("a"), source("b"), on_source_error="skip")
    )
    job = await only_job(store)
    assert job == outcome.job
    assert [(step.name, step.about, step.failed) for step in job.steps] == [
        ("normalize", "a", False),
        ("normalize", "b", True),
        ("weigh", None, False),
        ("resolve", None, False),
        ("write", None, False),
    ]
    assert all(step.seconds >= 0.02 for step in job.steps[:2])
    begun = [step.started_at for step in job.steps]
    assert begun == sorted(begun)
    assert job.finished_at is not None
    assert job.started_at <= begun[0] < job.finished_at


async def test_a_repeat_with_a_bad_source_is_read_again_and_says_what_is_bad(store: Store) -> None:
    async def load() -> bytes:
        raise SourceError("b", "is locked")

    async def ingest() -> IngestionOutcome:
        sources = request(source("a"), RawSource("b", load), on_source_error="skip")
        return await service(store, normalizer).ingest_multi_source(sources)

    normalizer = ScriptedNormalizer()
    first, again = await ingest(), await ingest()
    assert (first.created, again.created, normalizer.ended) == (True, False, ["a", "b", "a", "b"])
    assert [str(error) for error in again.skipped] == ["b: is locked"]
    assert again.job.status is JobStatus.SKIPPED_SOME
    good = await service(store, normalizer).ingest_multi_source(request(source("a")))
    assert good.revision == first.revision  # what was skipped made no difference to the document


async def test_what_computes_alone_leaves_the_loop_to_others(store: Store) -> None:
    threads: dict[str, threading.Thread] = {}

    def resolve_in(*given: Any, **named: Any) -> Resolution:
        threads["resolve"] = threading.current_thread()
        return resolve(*given, **named)

    def write_in(resolution: Resolution, edition: Edition) -> bytes:
        threads["write"] = threading.current_thread()
        return write(resolution, edition)

    ingestion = service(store, ScriptedNormalizer(), resolve_in, write_in)
    await ingestion.ingest_multi_source(request(source("a")))
    assert set(threads) == {"resolve", "write"}
    assert threading.current_thread() not in threads.values()


async def test_an_edition_knows_the_revisions_before_it(store: Store) -> None:
    editions: list[Edition] = []

    def write_and_remember(resolution: Resolution, edition: Edition) -> bytes:
        editions.append(edition)
        return write(resolution, edition)

    ingestion = service(store, ScriptedNormalizer(), write=write_and_remember)
    for text in ("hello there", "hello here", "hello everywhere"):
        await ingestion.ingest_multi_source(request(source("a", text)))
    assert [(e.number, [before.number for before in e.history]) for e in editions] == [
        (1, []),
        (2, [1]),
        (3, [1, 2]),
    ]


async def test_what_a_source_waits_for_its_turn_is_not_its_own_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    now, passed = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: now() + passed)

    async def take_long(_: RawSource) -> None:
        nonlocal passed
        passed += 40.0
        await asyncio.sleep(0.001)  # whose time is up is cancelled by then

    ingestion = service(store, ScriptedNormalizer(take_long), concurrency=1, source_timeout=60.0)
    outcome = await ingestion.ingest_multi_source(request(source("a"), source("b"), source("c")))
    assert len(outcome.revision.sources) == 3


async def test_two_that_ingest_the_same_at_once_make_one_revision(store: Store) -> None:
    both = asyncio.Barrier(2)

    async def meet(_: RawSource) -> None:
        await both.wait()

    ingestion = service(store, ScriptedNormalizer(meet))
    one, other = await asyncio.gather(
        *(ingestion.ingest_multi_source(request(source("a"))) for _ in range(2))
    )
    assert sorted((one.created, other.created)) == [False, True]
    assert one.revision == other.revision


async def test_two_that_ingest_other_sources_at_once_make_two_revisions(store: Store) -> None:
    both = asyncio.Barrier(2)
    met: list[str] = []

    async def meet(raw: RawSource) -> None:
        if raw.uri not in met:  # the one that was overtaken composes again, alone
            met.append(raw.uri)
            await both.wait()

    ingestion = service(store, ScriptedNormalizer(meet))
    outcomes = await asyncio.gather(
        ingestion.ingest_multi_source(request(source("a"))),
        ingestion.ingest_multi_source(request(source("b", "hello here"))),
    )
    assert sorted(outcome.revision.number for outcome in outcomes) == [1, 2]
    async with store.begin() as work:
        assert len(await work.episodes.list()) == 1


async def test_of_2000_sources_no_more_are_in_flight_than_may_be_and_none_is_kept_raw() -> None:
    class Loaded:
        """The bytes of a source, whose end can be seen."""

    alive = weakref.WeakSet[Loaded]()
    most = 0

    async def read(raw: RawSource) -> str:
        nonlocal most
        loaded = Loaded()
        alive.add(loaded)
        most = max(most, len(alive))
        await asyncio.sleep(0)
        return raw.uri

    names = [str(number) for number in range(2000)]
    done = await FanOut(concurrency=8).normalize_each([source(name) for name in names], read, uuid.uuid7())
    assert (done, most, len(alive)) == (names, 8, 0)


async def test_a_preview_says_what_an_ingest_would_make_and_stores_nothing(store: Store) -> None:
    able = service(store, ScriptedNormalizer())
    kept = await able.ingest_multi_source(request(source("a"), source("b")))
    same, other = uuid.uuid7(), uuid.uuid7()
    repeated = await able.preview(request(source("a"), source("b")), same)
    changed = await able.preview(request(source("a", "good evening")), other)
    assert (repeated.created, repeated.revision, repeated.job.id) == (False, kept.revision, same)
    assert (changed.created, changed.revision.number, changed.missing) == (True, 2, ("b",))
    assert {step.name for step in changed.job.steps} >= {"normalize", "resolve", "write"}
    async with store.begin(read_only=True) as work:
        assert await work.revisions.newest(kept.episode.id) == kept.revision
        assert [job.id for job in await work.jobs.list()] == [kept.job.id]


async def test_the_preview_of_a_new_episode_makes_neither_series_nor_episode(store: Store) -> None:
    seen = await service(store, ScriptedNormalizer()).preview(request(source("a")), uuid.uuid7())
    assert (seen.created, seen.revision.number, seen.missing) == (True, 1, ())
    async with store.begin(read_only=True) as work:
        assert await work.series.list() == []
        assert await work.episodes.list() == []


async def test_who_only_looks_does_not_wait_for_one_who_writes(store: Store) -> None:
    able = service(store, ScriptedNormalizer())
    made = await able.ingest_multi_source(request(source("a")))
    more = request(source("b", "hello here"))
    async with store.begin(), asyncio.timeout(10):  # one who writes, and takes long
        assert await able.outcome(made.job.id) == made
        assert (await able.preview(more, uuid.uuid7())).created
        assert len((await able.adding(more)).sources) == 2
        assert await able.find_unchanged({uuid.uuid7(): more}) == {}


async def test_only_a_source_whose_name_and_bytes_are_gone_is_forgotten(store: Store) -> None:
    able = service(store, ScriptedNormalizer())
    await able.ingest_multi_source(request(source("a", "one"), source("b", "two"), source("c", "three")))
    made = await able.ingest_multi_source(request(source("a", "another"), source("moved", "two")))
    assert made.missing == ("c",)
