"""`episodic ingest --each-subfolder`: hundreds of episodes, composed by all cores, written by one process."""

import asyncio
import itertools
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import msgspec

from episodic.asyncio_tasks import TaskObserver
from episodic.canonical.composer import IngestionRequest
from episodic.canonical.errors import EpisodicError
from episodic.canonical.ingestion_service import INGEST, IngestionOutcome, IngestionService
from episodic.cli.app import explained
from episodic.cli.composing import fan_out
from episodic.cli.exits import DONE, DONE_WITH_SKIPPED, FAILED, INTERRUPTED, UsageError
from episodic.cli.ingestion import ingestion_task, mention_new_series
from episodic.cli.outcome import as_json, mention_forgotten, warn
from episodic.cli.output import complain, plural, print_table, say
from episodic.cli.recorded import Recorded
from episodic.cli.running import Interrupted, observing, run
from episodic.cli.sources import episode_folders, raw_sources
from episodic.cli.workers import WorkerComposers
from episodic.observability.progress import Progress
from episodic.observability.terminal import shown_json
from episodic.settings import Settings

# Episodes under way beyond those being composed: on their way into the database.
_BESIDE: Final = 2
# Episodes that are looked up together.
_LOOKED_UP: Final = 50

type Ending = Literal["new", "unchanged", "skipped some", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """An episode that is over, in few words: hundreds are kept for the table."""

    name: str
    how: Ending
    revision: str = ""
    conflicts: str = ""
    seconds: float
    skipped: str = ""


def ingest_each(
    places: Sequence[str],
    series: str,
    *,
    shared: Sequence[str],
    options: Settings,
    workers: int | None,
    keep_going: bool,
    strict: bool,
    replace_sources: bool,
    quiet: bool,
    timeline: Path | None,
    json: bool,
) -> int:
    """Ingest each folder in the given folders as an episode; returns the exit code.

    Parameters
    ----------
    shared
        ``TYPE=PATH`` of sources that all of them have.
    """
    if not places:
        raise UsageError("--each-subfolder needs a folder of folders")
    if workers is not None and workers < 1:
        raise UsageError(f"--workers is {workers}; it must be 1 or more")
    folders = episode_folders(places)
    count = min(workers or os.process_cpu_count() or 1, len(folders))
    ended: list[_Ended] = []
    began = time.monotonic()

    def report(one: _Ended, says: Mapping[str, object]) -> None:
        ended.append(one)
        if json:
            print(shown_json(msgspec.json.encode(says).decode()), flush=True)
        if one.how == "failed":
            complain(f"{one.name}: {says['error']}")

    interrupted = False
    # What reads the lines from a pipe may print on the terminal, and would be drawn over.
    bar = not (json and Path("/dev/stdout").is_fifo())
    progress = Progress(INGEST, len(folders), "episodes", bar=bar)
    with observing(None if quiet else progress, timeline) as observers:
        asked: list[Callable[[], None]] = []
        batch = _Batch(
            series=series,
            options=options,
            workers=count,
            shared=shared,
            keep_going=keep_going,
            strict=strict,
            replace_sources=replace_sources,
            observers=observers,
            report=report,
            expect_fewer=progress.expect_fewer,
            asked=asked,
        )
        try:
            run(batch.ingest(folders), slow_source=options.slow_source, observers=observers, asked=asked)
        except Interrupted:
            interrupted = True
        except ExceptionGroup as group:
            # What ends a batch is the output or the database, and the first of its tasks to meet it says so.
            raise group.exceptions[0] from None
    if not json:
        _print_table(ended, time.monotonic() - began, options)
    if interrupted:
        left = len(folders) - sum(one.how != "cancelled" for one in ended)
        complain(
            f"interrupted with {left} of {plural(len(folders), 'episode')} left; "
            "the same command goes on with them"
        )
        return INTERRUPTED
    hows = {one.how for one in ended}
    return FAILED if "failed" in hows else DONE_WITH_SKIPPED if "skipped some" in hows else DONE


@dataclass(frozen=True, slots=True)
class _Asked:
    """An episode that is to be ingested, its place among all, and its job."""

    index: int
    job_id: uuid.UUID
    request: IngestionRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    series: str
    options: Settings
    workers: int
    shared: Sequence[str]
    keep_going: bool
    strict: bool
    replace_sources: bool
    observers: Sequence[TaskObserver]
    report: Callable[[_Ended, Mapping[str, object]], None]
    expect_fewer: Callable[[], None]
    asked: list[Callable[[], None]]

    async def ingest(self, folders: Mapping[str, Path]) -> None:
        """Ingest the episodes in order, a bounded number of them at a time."""
        from episodic.canonical.storage.store import open_store

        async with (
            open_store(self.options.store_url) as store,
            WorkerComposers(self.options, self.workers, self.observers) as composers,
        ):
            await mention_new_series(store, self.series)
            self.asked.append(composers.ask)
            service = IngestionService(store=store, compose=composers.compose, fan_out=fan_out(self.options))
            recorded = await Recorded.read(store)
            changed: asyncio.Queue[_Asked] = asyncio.Queue(self.workers)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look_up_all(service, recorded, folders, changed))
                for _ in range(self.workers + _BESIDE):
                    group.create_task(self._ingest_changed(service, changed))

    async def _look_up_all(
        self,
        service: IngestionService,
        recorded: Recorded,
        folders: Mapping[str, Path],
        changed: asyncio.Queue[_Asked],
    ) -> None:
        """Report what is unchanged, and put the rest into the queue, which bounds how far ahead this is."""
        for some in itertools.batched(enumerate(folders.items()), _LOOKED_UP, strict=False):
            await self._look_up(service, recorded, some, changed)
        changed.shutdown()

    async def _look_up(
        self,
        service: IngestionService,
        recorded: Recorded,
        folders: Sequence[tuple[int, tuple[str, Path]]],
        changed: asyncio.Queue[_Asked],
    ) -> None:
        asked: dict[uuid.UUID, _Asked] = {}
        for index, (slug, folder) in folders:
            job_id, began = uuid.uuid7(), time.monotonic()
            try:
                request = self._request(slug, folder)
                request = replace(request, sources=await recorded.without(request.sources))
                asked[job_id] = _Asked(index, job_id, request)
            except EpisodicError as error:
                self._report_failed(slug, job_id, began, error)
                self.expect_fewer()
        began = time.monotonic()
        try:
            unchanged = await service.find_unchanged({id: each.request for id, each in asked.items()})
        except asyncio.CancelledError:
            for job_id in asked:  # it may have come after the commit
                if stored := await service.outcome(job_id):
                    self._report(stored, began)
            raise
        for outcome in unchanged.values():
            self.expect_fewer()
            self._report(outcome, began)
        for job_id, each in asked.items():
            if job_id not in unchanged:
                await changed.put(each)

    async def _ingest_changed(self, service: IngestionService, changed: asyncio.Queue[_Asked]) -> None:
        while True:
            try:
                asked = await changed.get()
            except asyncio.QueueShutDown:
                return
            job_id, request, began = asked.job_id, asked.request, time.monotonic()
            try:
                made = service.make_revision(request, job_id)
                outcome = await ingestion_task(made, request, job_id, asked.index)
            except EpisodicError as error:
                self._report_failed(request.episode, job_id, began, error)
            except asyncio.CancelledError as error:
                if stored := await service.outcome(job_id):
                    self._report(stored, began)
                else:
                    self._report_failed(request.episode, job_id, began, error)
                raise
            else:
                self._report(outcome, began)

    def _request(self, slug: str, folder: Path) -> IngestionRequest:
        return IngestionRequest(
            series=self.series,
            episode=slug,
            sources=list(raw_sources([str(folder)], self.shared, episode=slug, limits=self.options.limits)),
            on_source_error="skip" if self.keep_going else "fail",
            strict=self.strict,
        )

    def _report(self, outcome: IngestionOutcome, began: float) -> None:
        warn(outcome, outcome.episode.name)
        if not self.replace_sources:
            mention_forgotten(outcome)
        self.report(_ended(outcome, time.monotonic() - began), as_json(outcome, self.options))

    def _report_failed(self, slug: str, job_id: uuid.UUID, began: float, error: BaseException) -> None:
        how: Ending = "failed" if isinstance(error, EpisodicError) else "cancelled"
        why = explained(error) if isinstance(error, EpisodicError) else "interrupted"
        one = _Ended(name=f"{self.series}/{slug}", how=how, seconds=time.monotonic() - began)
        self.report(one, {"episode": one.name, "job": job_id, "status": how, "error": why})


def _ended(outcome: IngestionOutcome, seconds: float) -> _Ended:
    how: Ending = "skipped some" if outcome.skipped else "new" if outcome.created else "unchanged"
    return _Ended(
        name=outcome.episode.name,
        how=how,
        revision=str(outcome.revision.number),
        conflicts=str(len(outcome.revision.decisions)),
        seconds=seconds,
        skipped=", ".join(error.uri for error in outcome.skipped),
    )


def _print_table(ended: Sequence[_Ended], seconds: float, options: Settings) -> None:
    print_table(
        ("episode", "outcome", "revision", "conflicts", "seconds", "skipped"),
        [
            (one.name, one.how, one.revision, one.conflicts, f"{one.seconds:.1f}", one.skipped)
            for one in sorted(ended, key=lambda one: (one.how in {"failed", "cancelled"}, one.name))
        ],
        right=("revision", "conflicts", "seconds"),
    )
    counts = Counter(one.how for one in ended)
    parts = ", ".join(f"{count:,} {how}" for how, count in counts.most_common())
    say()
    say(f"{plural(len(ended), 'episode')} in {seconds:.1f} s: {parts}")
    say(f"in {options.store_place}")
