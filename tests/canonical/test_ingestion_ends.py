"""How an ingest ends that does not go well: a source fails or hangs, or somebody cancels it."""

import asyncio
import uuid
from dataclasses import replace

import pytest

from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.errors import ResolutionError, SlugError, SourceError, StorageError
from episodic.canonical.jobs import JobStatus
from episodic.canonical.ports import Store
from episodic.canonical.sources import RawSource
from episodic.canonical.storage.unit_of_work import SqlUnitOfWork
from tests.canonical.scripted import ScriptedNormalizer, only_job, other_tasks, request, service, source


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


async def test_only_errors_of_sources_can_be_skipped(store: Store) -> None:
    async def fail(_: RawSource) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(
            request(source("a"), on_source_error="skip")
        )


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


async def test_whatever_keeps_the_end_from_being_recorded_does_not_hide_the_error(store: Store) -> None:
    async def fail(_: RawSource) -> None:
        def gone() -> None:
            raise RuntimeError("a bug in the store")

        store.begin = gone  # pyright: ignore[reportAttributeAccessIssue]  # the store breaks here
        raise SourceError("a", "is no good")

    with pytest.raises(SourceError, match="a: is no good"):
        await service(store, ScriptedNormalizer(fail)).ingest_multi_source(request(source("a")))


@pytest.mark.parametrize("slugs", [{"series": "../s"}, {"episode": "../e"}])
async def test_a_request_with_a_bad_slug_gets_no_job(store: Store, slugs: dict[str, str]) -> None:
    with pytest.raises(SlugError):
        replace(request(source("a")), **slugs).new_job(uuid.uuid7())
