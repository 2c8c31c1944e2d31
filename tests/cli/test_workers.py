"""Processes that compose: kept as long as they live, and told of here."""

# The process of the parser is one that no one sees from outside.
# pyright: reportPrivateUsage=false

import asyncio
import os
import signal
import threading
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome
from episodic.canonical import heartbeat
from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.composition.extent import Extent
from episodic.canonical.domain import Episode, Series
from episodic.canonical.errors import ResolutionLimitError, SourceError
from episodic.canonical.ingestion_service import IngestionService
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.ports import Edition, Store
from episodic.cli.composing import allowance
from episodic.cli.composing import processes as workers
from episodic.cli.composing.allowance import Leap
from episodic.cli.composing.composers import Composers, fan_out
from episodic.cli.composing.processes import ComposerProcessError, ComposerProcesses
from episodic.cli.ingesting.asked import Asked
from episodic.settings import Settings

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EDITION = Edition(
    series=Series(id=uuid.uuid7(), slug="s", title="S"),
    episode=Episode(id=uuid.uuid7(), series_slug="s", slug="e", created_at=NOW),
    number=1,
    created_at=NOW,
)


class Recorder(TaskObserver):
    def __init__(self) -> None:
        self.finished_as: list[tuple[str, str]] = []

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        self.finished_as.append((name.partition("[")[0], outcome))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def composers(recorder: Recorder) -> AsyncGenerator[ComposerProcesses]:
    async with ComposerProcesses(Settings(), 1, [recorder]) as composers:
        yield composers


async def compose(composers: ComposerProcesses | Composers, *places: Path) -> str:
    request = IngestionRequest(
        series="s",
        episode="e",
        sources=list(Asked(series="s").sources("e", [str(place) for place in places], Limits())),
    )
    return (await composers.compose(request, uuid.uuid7(), EDITION)).revision.tei.decode()


async def test_a_worker_composes_one_episode_after_the_other(
    composers: ComposerProcesses, recorder: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.\nBen: Hello to you.")
    assert "Hello to you." in await compose(composers, tmp_path / "a.txt")
    first = composers.processes
    assert "Hello there." in await compose(composers, tmp_path / "a.txt")
    assert composers.processes == first
    both = ("canonical.ingestion.normalize", "returned"), ("canonical.ingestion.compose", "returned")
    assert recorder.finished_as == [*both, *both]


async def test_a_worker_gets_the_next_episode_while_the_loop_is_at_something_else(
    composers: ComposerProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []
    begin = workers._Composing._begin

    def note(worker: workers._Composing) -> workers._Process:
        begun.append(worker)
        return begin(worker)

    monkeypatch.setattr(workers._Composing, "_begin", note)
    (tmp_path / "a.txt").write_text("Ada: Hello there.")
    both = [asyncio.ensure_future(compose(composers, tmp_path / "a.txt")) for _ in range(2)]
    await asyncio.sleep(0)
    end = time.monotonic() + 60
    while len(begun) < 2 and time.monotonic() < end:
        time.sleep(0.01)  # noqa: ASYNC251 - the loop has no turn
    assert len(begun) == 2
    assert all("Hello there." in tei for tei in await asyncio.gather(*both))
    assert len(composers.processes) == 1


async def test_an_episode_that_waits_for_a_worker_is_cancelled_without_it(
    composers: ComposerProcesses, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.")
    first = asyncio.ensure_future(compose(composers, tmp_path / "a.txt"))
    second = asyncio.ensure_future(compose(composers, tmp_path / "a.txt"))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert "Hello there." in await first
    assert len(composers.processes) == 1


async def test_an_error_of_a_source_comes_back_as_it_was_and_costs_no_worker(
    composers: ComposerProcesses, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.")
    await compose(composers, tmp_path / "a.txt")
    first = composers.processes
    with pytest.raises(SourceError, match="there is no such file") as caught:
        await compose(composers, tmp_path / "gone.txt")
    assert caught.value.uri == str(tmp_path / "gone.txt")
    assert any("source 1 of 1" in note for note in caught.value.__notes__)
    assert composers.processes == first


async def test_cancelling_ends_the_process_and_the_next_episode_gets_a_new_one(
    composers: ComposerProcesses, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.\n" * 20_000)
    long = asyncio.ensure_future(compose(composers, tmp_path / "a.txt"))
    while not composers.processes:  # noqa: ASYNC110  # a thread starts it
        await asyncio.sleep(0.01)
    (busy,) = composers.processes
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    with pytest.raises(ProcessLookupError):
        os.kill(busy, 0)
    (tmp_path / "b.txt").write_text("Ada: Hello there.")
    assert "Hello there." in await compose(composers, tmp_path / "b.txt")
    assert composers.processes != [busy]


async def test_a_killed_worker_is_an_error_that_says_what_killed_it(
    composers: ComposerProcesses, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Ada: Hello there.")
    await compose(composers, tmp_path / "a.txt")
    (worker,) = composers.processes
    os.kill(worker, signal.SIGTERM)  # which is for their parent to heed
    assert "Hello there." in await compose(composers, tmp_path / "a.txt")
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(
        ComposerProcessError, match="killed by SIGKILL, as the system does when memory runs out"
    ):
        await compose(composers, tmp_path / "a.txt")
    assert "Hello there." in await compose(composers, tmp_path / "a.txt")


# --- what a large episode may take -------------------------------------------------------------------


def unrelated(folder: Path, *, words: int) -> Sequence[Path]:
    """Two transcripts that share no word."""
    for name in "ab":
        lines = (f"ADA: {' '.join(f'{name}{n + i}' for i in range(20))}\n" for n in range(0, words, 20))
        (folder / f"{name}.txt").write_text("".join(lines))
    return folder / "a.txt", folder / "b.txt"


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (Settings(resolve_seconds=0.001), "resolving took more than 0.001 seconds, the limit: "),
        (
            Settings(resolve_bytes=6_000_000),
            "resolving takes more than 6,000,000 bytes of memory, the limit: ",
        ),
    ],
    ids=["seconds", "bytes"],
)
async def test_an_episode_that_exceeds_a_limit_says_which_sources_how_many_words_and_which_setting(
    limit: Settings, says: str, tmp_path: Path
) -> None:
    sources = unrelated(tmp_path, words=16_000)
    async with ComposerProcesses(limit, 1) as composers:
        with pytest.raises(ResolutionLimitError) as exceeded:
            await compose(composers, *sources)
    assert str(exceeded.value).startswith(says)
    for source in sources:
        assert f"{source} (16,000 words)" in str(exceeded.value)
    name = next(name for name in ("seconds", "bytes") if name in says)
    assert f"raise EPISODIC_RESOLVE_{name.upper()}" in str(exceeded.value)


def test_where_an_episode_may_take_little_a_thread_still_starts_and_has_a_heap() -> None:
    kept: list[bytes] = []
    leap = Leap(Settings(resolve_bytes=1), lambda _: None)
    with leap:
        leap.admit(Extent(1, ()))
        before = allowance._memory("self").resident
        # What the next step may have to do; without a heap, each of these takes a page.
        thread = threading.Thread(target=lambda: kept.extend(bytes(600) for _ in range(4_000)))
        thread.start()
        thread.join()
        assert allowance._memory("self").resident - before < 4_000 * 2_000
        with pytest.raises(MemoryError):
            bytearray(2**30)


async def test_a_large_episode_is_composed_in_a_process_of_its_own_and_a_small_one_here(
    recorder: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "small.txt").write_text("Ada: Hello there.")
    (tmp_path / "large.txt").write_text("Ada: Hello there.\n" * 200)
    async with Composers(Settings(large_episode=1000), [recorder]) as composers:
        small = await compose(composers, tmp_path / "small.txt")
        assert recorder.finished_as == []  # of what runs here, the loop's own observers are told
        await compose(composers, tmp_path / "large.txt")
    assert ("canonical.ingestion.compose", "returned") in recorder.finished_as
    async with Composers(Settings(large_episode=1)) as composers:
        assert await compose(composers, tmp_path / "small.txt") == small


async def test_the_process_that_parses_what_was_expected_ends_while_that_is_resolved(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Notes\n\nA lighthouse.")
    async with Composers(Settings(parse_seconds=31)) as composers:  # with parsers of its own
        composers.expect(list(Asked(series="s").sources("e", [str(tmp_path / "notes.md")], Limits())))
        normalizer = composers._here.normalizer
        assert isinstance(normalizer, SourceNormalizer)
        first = await compose(composers, tmp_path / "notes.md")
        (parser,) = normalizer._workers._workers._all
        async with asyncio.timeout(20):
            while parser.alive:  # noqa: ASYNC110 - another process tells no event
                await asyncio.sleep(0.01)
        assert await compose(composers, tmp_path / "notes.md") == first  # by another one


async def test_many_small_sources_are_a_large_episode(recorder: Recorder, tmp_path: Path) -> None:
    for number in range(34):
        (tmp_path / f"{number}.txt").write_text("Ada: Hello there.")
    async with Composers(Settings(), [recorder]) as composers:
        await compose(composers, *list(tmp_path.iterdir())[:30])
        assert recorder.finished_as == []
        await compose(composers, *tmp_path.iterdir())
    assert ("canonical.ingestion.compose", "returned") in recorder.finished_as


async def test_what_turns_out_to_be_large_goes_into_a_process_of_its_own(
    recorder: Recorder, tmp_path: Path
) -> None:
    document = docx.Document()
    for _ in range(4_000):
        document.add_paragraph("Good evening from the lighthouse.")
    document.save(str(tmp_path / "packed.docx"))
    limit = 2 * (tmp_path / "packed.docx").stat().st_size
    assert limit < 4_000 * len("Good evening from the lighthouse.")
    async with Composers(Settings(large_episode=limit), [recorder]) as composers:
        await compose(composers, tmp_path / "packed.docx")
    assert ("canonical.ingestion.compose", "returned") in recorder.finished_as


async def test_the_heart_beats_while_a_large_episode_is_composed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.01)
    beats = 0
    many = asyncio.Event()

    async def count(work: object, job_id: uuid.UUID, at: datetime) -> bool:
        nonlocal beats
        beats += 1
        if beats == 20:
            many.set()
        return True

    async with store.begin() as work:
        monkeypatch.setattr(type(work.jobs), "beat", count)
    options = Settings(large_episode=1)
    sources = list(
        Asked(series="s").sources("e", [str(each) for each in unrelated(tmp_path, words=60_000)], Limits())
    )
    async with Composers(options) as composers:
        service = IngestionService(store=store, compose=composers.compose, fan_out=fan_out(options))
        ingestion = asyncio.create_task(
            service.ingest_multi_source(IngestionRequest(series="s", episode="e", sources=sources))
        )
        await asyncio.wait_for(many.wait(), 60)
        assert not ingestion.done()
        await ingestion
