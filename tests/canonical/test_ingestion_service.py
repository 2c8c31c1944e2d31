"""The ingestion service: one job, one fan-out, one transaction."""

import asyncio
import compression.zstd
import hashlib
import threading
import uuid
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
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
from episodic.canonical.composer import Composer, IngestionRequest
from episodic.canonical.document import Resolution
from episodic.canonical.domain import IngestionJob, JobStatus
from episodic.canonical.errors import DoubtfulError, ResolutionError, SlugError, SourceError, StorageError
from episodic.canonical.extent import Extent
from episodic.canonical.ingestion_service import (
    FINGERPRINT,
    NORMALIZE,
    FanOut,
    IngestionOutcome,
    IngestionService,
)
from episodic.canonical.normalizers.languages import detect_language
from episodic.canonical.ports import Edition, Resolve, Store, Write
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import Content, NormalizedSource, RawSource, SourceType, Utterance
from episodic.canonical.storage.unit_of_work import SqlUnitOfWork
from episodic.canonical.tei.writer import write
from episodic.canonical.weighting import weigh


def source(name: str, text: str = "hello there") -> RawSource:
    async def load() -> bytes:
        return text.encode()

    return RawSource(uri=name, load=load)


@dataclass
class ScriptedNormalizer:
    """Every source is one utterance, its own text; what a test does meanwhile is in `script`."""

    script: Callable[[RawSource], Awaitable[None]] | None = None
    ended: list[str] = field(default_factory=list[str])

    async def normalize(self, raw: RawSource) -> NormalizedSource:
        try:
            content = await raw.load()
            if self.script:
                await self.script(raw)
            return NormalizedSource(
                uri=raw.uri,
                source_type=SourceType.TRANSCRIPT,
                content=Content(
                    hashlib.sha256(content).hexdigest(), len(content), compression.zstd.compress(content)
                ),
                format="script",
                utterances=(Utterance(content.decode(), "line 1"),),
            )
        finally:
            self.ended.append(raw.uri)


def service(
    store: Store,
    normalizer: ScriptedNormalizer,
    resolve: Resolve = resolve,
    write: Write = write,
    admit: Callable[[Extent], None] = lambda _: None,
    **limits: float,
) -> IngestionService:
    fan_out = FanOut(
        concurrency=int(limits.get("concurrency", 8)), source_timeout=limits.get("source_timeout", 60.0)
    )
    composer = Composer(
        normalizer=normalizer,
        weigh=weigh,
        detect_language=detect_language,
        resolve=resolve,
        write=write,
        normalize_each=fan_out.normalize_each,
        admit=admit,
    )
    return IngestionService(store=store, compose=composer.compose, fan_out=fan_out)


def request(*sources: RawSource, on_source_error: str = "fail") -> IngestionRequest:
    return IngestionRequest(
        series="show",
        episode="one",
        sources=sources,
        on_source_error="skip" if on_source_error == "skip" else "fail",
    )


async def only_job(store: Store) -> IngestionJob:
    async with store.begin() as work:
        (job,) = await work.jobs.list()
        return job


def other_tasks() -> set[asyncio.Task[object]]:
    """Tasks that the ingestion made: the database's driver may still be at the end of its own."""
    return {task for task in asyncio.all_tasks() if parse_task_name(task.get_name())}


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


async def test_the_first_failure_propagates_with_a_note_and_siblings_have_ended(store: Store) -> None:
    entered = asyncio.Event()

    async def fail_b(raw: RawSource) -> None:
        if raw.uri == "b":
            await entered.wait()
            raise SourceError("b", "is no good")
        entered.set()
        await asyncio.Event().wait()

    normalizer = ScriptedNormalizer(fail_b)
    with pytest.raises(SourceError, match="b: is no good") as caught:
        await service(store, normalizer).ingest_multi_source(request(source("a"), source("b"), source("c")))
    assert caught.value.__notes__ == ["source 2 of 3: b"]
    assert sorted(normalizer.ended) == ["a", "b", "c"]
    assert not other_tasks()
    job = await only_job(store)
    assert (job.status, job.error, job.failed_source) == (JobStatus.FAILED, "b: is no good", "b")


async def test_of_several_failures_the_first_source_wins(store: Store) -> None:
    release = asyncio.Event()
    waiting = 0

    async def fail(raw: RawSource) -> None:
        nonlocal waiting
        waiting += 1
        if waiting == 3:
            release.set()
        await release.wait()
        raise SourceError(raw.uri, "is no good")

    with pytest.raises(SourceError, match=r"^a: is no good") as caught:
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(
            request(source("a"), source("b"), source("c"))
        )
    assert caught.value.__notes__ == ["source 1 of 3: a"]


async def test_an_error_keeps_its_own_cause_and_context(store: Store) -> None:
    async def fail(raw: RawSource) -> None:
        try:
            raise KeyError("inner")  # noqa: TRY301  # its context is what is tested
        except KeyError:
            raise SourceError(raw.uri, "is no good")  # noqa: B904  # likewise

    with pytest.raises(SourceError) as caught:
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(request(source("a")))
    assert isinstance(caught.value.__context__, KeyError)
    assert caught.value.__cause__ is None


async def test_a_cancelled_ingest_leaves_no_task_and_no_episode(store: Store) -> None:
    entered = asyncio.Event()

    async def hang(_: RawSource) -> None:
        entered.set()
        await asyncio.Event().wait()

    normalizer = ScriptedNormalizer(hang)
    ingest = asyncio.ensure_future(
        service(store, normalizer).ingest_multi_source(request(source("a"), source("b")))
    )
    await entered.wait()
    ingest.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ingest
    assert sorted(normalizer.ended) == ["a", "b"]
    assert not other_tasks()
    job = await only_job(store)
    assert job.status is JobStatus.CANCELLED
    assert await service(store, normalizer).outcome(job.id) is None
    async with store.begin() as work:
        assert await work.episodes.list() == []


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


async def test_a_second_cancellation_waits_for_slow_sources_too(store: Store) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow_to_die(_: RawSource) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            await leave.wait()

    normalizer = ScriptedNormalizer(slow_to_die)
    ingest = asyncio.ensure_future(service(store, normalizer).ingest_multi_source(request(source("a"))))
    await entered.wait()
    for _ in range(2):
        ingest.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert not ingest.done()
    leave.set()
    with pytest.raises(asyncio.CancelledError):
        await ingest
    assert normalizer.ended == ["a"]


async def test_a_cancellation_that_comes_after_the_commit_does_not_undo_the_record(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = SqlUnitOfWork.commit

    async def commit_and_be_cancelled(work: SqlUnitOfWork) -> None:
        wrote_an_episode = bool(await work.episodes.list())
        await commit(work)
        if wrote_an_episode and (task := asyncio.current_task()) is not None:
            task.cancel()
            await asyncio.sleep(0)

    monkeypatch.setattr(SqlUnitOfWork, "commit", commit_and_be_cancelled)

    async def fail(raw: RawSource) -> None:
        if raw.uri == "b":
            raise SourceError("b", "is no good")

    ingestion = service(store, ScriptedNormalizer(fail))
    sources = request(source("a"), source("b"), on_source_error="skip")
    ingest = asyncio.ensure_future(ingestion.ingest_multi_source(sources))
    with pytest.raises(asyncio.CancelledError):
        await ingest
    job = await only_job(store)
    assert job.status is JobStatus.SKIPPED_SOME
    stored = await ingestion.outcome(job.id)
    assert stored is not None
    assert (stored.job, stored.revision.number, stored.created) == (job, 1, True)
    assert [str(error) for error in stored.skipped] == ["b: is no good"]


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


async def test_a_repeat_that_is_cancelled_after_its_commit_can_be_looked_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingestion = service(store, ScriptedNormalizer())
    first = await ingestion.ingest_multi_source(request(source("a")))
    commit = SqlUnitOfWork.commit

    async def commit_and_be_cancelled(work: SqlUnitOfWork) -> None:
        await commit(work)
        if (task := asyncio.current_task()) is not None:
            task.cancel()
            await asyncio.sleep(0)

    job_id = uuid.uuid7()
    with monkeypatch.context() as patched:
        patched.setattr(SqlUnitOfWork, "commit", commit_and_be_cancelled)
        repeat = asyncio.ensure_future(ingestion.ingest_multi_source(request(source("a")), job_id))
        with pytest.raises(asyncio.CancelledError):
            await repeat
    await ingestion.ingest_multi_source(request(source("a", "hello here")))  # others go on meanwhile
    stored = await ingestion.outcome(job_id)
    assert stored is not None
    assert (stored.job.id, stored.revision, stored.created) == (job_id, first.revision, False)


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


async def test_a_source_that_takes_too_long_is_named(store: Store) -> None:
    async def hang(_: RawSource) -> None:
        await asyncio.Event().wait()

    with pytest.raises(SourceError, match=r"a: not read within 0\.01 s"):
        await service(store, ScriptedNormalizer(hang), source_timeout=0.01).ingest_multi_source(
            request(source("a"))
        )


async def test_a_timeout_of_the_normalizer_itself_is_not_taken_for_ours(store: Store) -> None:
    async def fail(_: RawSource) -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(request(source("a")))


async def test_a_bad_source_can_be_skipped(store: Store) -> None:
    async def fail_b(raw: RawSource) -> None:
        if raw.uri == "b":
            raise SourceError("b", "is no good")

    outcome = await service(store, ScriptedNormalizer(fail_b)).ingest_multi_source(
        request(source("a"), source("b"), on_source_error="skip")
    )
    assert outcome.job.status is JobStatus.SKIPPED_SOME
    assert [(s.uri, s.siglum, s.error) for s in outcome.revision.sources] == [
        ("a", "s1", None),
        ("b", None, "b: is no good"),
    ]


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


async def test_only_errors_of_sources_can_be_skipped(store: Store) -> None:
    async def fail(_: RawSource) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(
            request(source("a"), on_source_error="skip")
        )


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


async def test_when_every_source_is_skipped_the_job_fails(store: Store) -> None:
    async def fail(raw: RawSource) -> None:
        raise SourceError(raw.uri, "is no good")

    with pytest.raises(SourceError):
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(
            request(source("a"), source("b"), on_source_error="skip")
        )
    assert (await only_job(store)).status is JobStatus.FAILED


async def test_no_sources_at_all_is_an_error(store: Store) -> None:
    with pytest.raises(ResolutionError):
        await service(store, ScriptedNormalizer()).ingest_multi_source(request())


async def test_a_slug_that_names_a_path_is_refused_before_anything_is_stored(store: Store) -> None:
    bad = IngestionRequest(series="../etc", episode="one", sources=[source("a")])
    with pytest.raises(SlugError, match="cannot name a series"):
        await service(store, ScriptedNormalizer()).ingest_multi_source(bad)
    async with store.begin() as work:
        assert await work.jobs.list() == []


async def test_a_database_that_goes_away_does_not_hide_the_error(store: Store) -> None:
    async def fail(_: RawSource) -> None:
        def gone(**_: object) -> None:
            raise StorageError("the database is gone")

        store.begin = gone  # pyright: ignore[reportAttributeAccessIssue]  # the database goes away here
        raise SourceError("a", "is no good")

    with pytest.raises(SourceError, match="a: is no good") as caught:
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(request(source("a")))
    assert any("the database is gone" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("cancellations", [1, 2, 3])
async def test_whenever_an_ingest_is_cancelled_its_job_does_not_stay_running(
    store: Store, cancellations: int
) -> None:
    async def wait(_: RawSource) -> None:
        await asyncio.sleep(0)

    for moment in range(40):
        asked = replace(request(source("a"), source("b")), episode=f"e{moment}")
        ingest = asyncio.ensure_future(service(store, ScriptedNormalizer(wait)).ingest_multi_source(asked))
        for _ in range(moment):
            await asyncio.sleep(0 if moment < 20 else 0.0005)  # the database has threads of its own
        for _ in range(cancellations):
            ingest.cancel()
            await asyncio.sleep(0)
        await asyncio.wait([ingest])
        async with store.begin() as work:
            assert all(job.status is not JobStatus.RUNNING for job in await work.jobs.list()), moment
        assert not other_tasks()


async def test_a_cancellation_while_siblings_end_is_not_lost_behind_the_failure(store: Store) -> None:
    ending, leave = asyncio.Event(), asyncio.Event()

    async def script(raw: RawSource) -> None:
        if raw.uri == "b":
            raise SourceError("b", "is no good")
        try:
            await asyncio.Event().wait()
        finally:
            ending.set()
            await leave.wait()

    ingest = asyncio.ensure_future(
        service(store, ScriptedNormalizer(script)).ingest_multi_source(request(source("a"), source("b")))
    )
    await ending.wait()
    ingest.cancel()
    await asyncio.sleep(0)
    leave.set()
    with pytest.raises(asyncio.CancelledError):
        await ingest


async def test_a_source_that_hangs_the_second_time_is_named_too(store: Store) -> None:
    await service(store, ScriptedNormalizer()).ingest_multi_source(request(source("a")))

    async def hang() -> bytes:
        await asyncio.Event().wait()
        return b""

    with pytest.raises(SourceError, match="not read within"):
        await service(store, ScriptedNormalizer(), source_timeout=0.01).ingest_multi_source(
            request(RawSource(uri="a", load=hang))
        )


async def test_an_unexpected_error_names_its_source_the_second_time_too(store: Store) -> None:
    await service(store, ScriptedNormalizer()).ingest_multi_source(request(source("a")))

    async def fail() -> bytes:
        raise OSError("unplugged")

    with pytest.raises(OSError, match="unplugged") as caught:
        await service(store, ScriptedNormalizer()).ingest_multi_source(request(RawSource(uri="a", load=fail)))
    assert caught.value.__notes__ == ["source 1 of 1: a"]


async def test_a_failed_ingest_leaves_no_series(store: Store) -> None:
    async def fail(raw: RawSource) -> None:
        raise SourceError(raw.uri, "is no good")

    with pytest.raises(SourceError):
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(request(source("a")))
    async with store.begin() as work:
        assert await work.series.list() == []


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


async def test_whatever_keeps_the_end_from_being_recorded_does_not_hide_the_error(store: Store) -> None:
    async def fail(_: RawSource) -> None:
        def gone() -> None:
            raise RuntimeError("a bug in the store")

        store.begin = gone  # pyright: ignore[reportAttributeAccessIssue]  # the store breaks here
        raise SourceError("a", "is no good")

    with pytest.raises(SourceError, match="a: is no good"):
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(request(source("a")))


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


@pytest.mark.parametrize("slugs", [{"series": "../s"}, {"episode": "../e"}])
async def test_a_request_with_a_bad_slug_gets_no_job(store: Store, slugs: dict[str, str]) -> None:
    with pytest.raises(SlugError):
        replace(request(source("a")), **slugs).new_job(uuid.uuid7())
