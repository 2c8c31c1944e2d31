"""`episodic ingest --each-subfolder`: hundreds of episodes, composed by all cores, written by one process."""

import asyncio
import itertools
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from episodic.asyncio_tasks import TaskObserver
from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.errors import EpisodicError, TransientError
from episodic.canonical.ingestion_service import INGEST, IngestionOutcome, IngestionService, named_task
from episodic.cli.composing.composers import fan_out
from episodic.cli.composing.processes import ComposerProcesses
from episodic.cli.exits import DONE, DONE_WITH_SKIPPED, FAILED, INTERRUPTED, UsageError
from episodic.cli.ingesting.asked import Asked
from episodic.cli.ingesting.manner import Manner
from episodic.cli.ingesting.on_record import OnRecord
from episodic.cli.ingesting.outcome import as_json, mention_missing, warn
from episodic.cli.output import complain, plural, print_json_line, print_table, say
from episodic.cli.running import Interrupted, observing, run
from episodic.cli.wording import explained
from episodic.observability.progress import Progress
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


def ingest_each(places: Sequence[str], asked: Asked, manner: Manner, options: Settings) -> int:
    """Ingest each folder in the given folders as an episode; returns the exit code."""
    if manner.workers is not None and manner.workers < 1:
        raise UsageError(f"--workers is {manner.workers}; it must be 1 or more")
    folders = asked.folders(places)
    began = time.monotonic()
    # What reads the lines from a pipe may print on the terminal, and would be drawn over.
    bar = not (manner.json and Path("/dev/stdout").is_fifo())
    progress = Progress(INGEST, len(folders), "episodes", bar=bar)
    told = _Told(manner, options)
    interrupted = False
    with observing(None if manner.quiet else progress, manner.timeline) as observers:
        batch = _Batch(
            asked=asked,
            options=options,
            workers=min(manner.workers or os.process_cpu_count() or 1, len(folders)),
            observers=observers,
            told=told,
            expect_fewer=progress.expect_fewer,
        )
        try:
            whole = batch.ingest(folders)
            run(whole, slow_source=options.slow_source, observers=observers, ask=batch.ask)
        except Interrupted:
            interrupted = True
        except ExceptionGroup as group:
            # What ends a batch is the output or the database, and the first of its tasks to meet it says so.
            raise group.exceptions[0] from None
    if not manner.json:
        _print_table(told.ended, time.monotonic() - began, options)
    if interrupted:
        left = len(folders) - sum(one.how != "cancelled" for one in told.ended)
        complain(
            f"interrupted with {left} of {plural(len(folders), 'episode')} left; "
            "the same command goes on with them"
        )
        return INTERRUPTED
    hows = {one.how for one in told.ended}
    return FAILED if "failed" in hows else DONE_WITH_SKIPPED if "skipped some" in hows else DONE


@dataclass
class _Told:
    """Says what becomes of each episode, and keeps it for the table."""

    manner: Manner
    options: Settings
    ended: list[_Ended] = field(default_factory=list[_Ended])

    def outcome(self, outcome: IngestionOutcome, began: float) -> None:
        """Say what an episode came to."""
        warn(outcome, outcome.episode.name)
        if not self.manner.replace_sources:
            mention_missing(outcome)
        one = _Ended(
            name=outcome.episode.name,
            how="skipped some" if outcome.skipped else "new" if outcome.created else "unchanged",
            revision=str(outcome.revision.number),
            conflicts=str(len(outcome.revision.decisions)),
            seconds=time.monotonic() - began,
            skipped=", ".join(error.uri for error in outcome.skipped),
        )
        self._say(one, as_json(outcome, self.options))

    def failure(self, name: str, job_id: uuid.UUID, began: float, error: BaseException) -> None:
        """Say why there is no outcome."""
        how: Ending = "failed" if isinstance(error, EpisodicError) else "cancelled"
        why = explained(error) if isinstance(error, EpisodicError) else "interrupted"
        one = _Ended(name=name, how=how, seconds=time.monotonic() - began)
        self._say(one, {"episode": name, "job": job_id, "status": how, "error": why})
        if how == "failed":
            complain(f"{name}: {why}")

    def _say(self, one: _Ended, says: Mapping[str, object]) -> None:
        self.ended.append(one)
        if self.manner.json:
            print_json_line(says)


@dataclass(frozen=True, slots=True)
class _Due:
    """An episode that is to be ingested, its place among all, and its job."""

    index: int
    job_id: uuid.UUID
    request: IngestionRequest


@dataclass(kw_only=True)
class _Batch:
    """Episodes on their way through the composers.

    Parameters
    ----------
    expect_fewer
        Told of each episode that needs no task.
    """

    asked: Asked
    options: Settings
    workers: int
    observers: Sequence[TaskObserver]
    told: _Told
    expect_fewer: Callable[[], None]
    composers: ComposerProcesses | None = None

    def ask(self) -> None:
        """Have the processes print what they are doing, once there are any."""
        if self.composers is not None:
            self.composers.ask()

    async def ingest(self, folders: Mapping[str, Path]) -> None:
        """Ingest the episodes in order, a bounded number of them at a time."""
        from episodic.canonical.storage.store import open_store

        async with (
            open_store(self.options.store_url) as store,
            ComposerProcesses(self.options, self.workers, self.observers) as composers,
        ):
            self.composers = composers
            async with store.begin(read_only=True) as work:
                terms = await work.revisions.terms(self.asked.series)
            service = IngestionService(
                store=store, compose=composers.compose, fan_out=fan_out(self.options), terms=terms
            )
            known = await OnRecord.read(store, self.asked.series)
            due: asyncio.Queue[_Due] = asyncio.Queue(self.workers)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._look_up_all(service, known, folders, due))
                for _ in range(self.workers + _BESIDE):
                    group.create_task(self._ingest_due(service, due))

    async def _look_up_all(
        self,
        service: IngestionService,
        known: OnRecord,
        folders: Mapping[str, Path],
        due: asyncio.Queue[_Due],
    ) -> None:
        """Report what is unchanged, and put the rest into the queue, which bounds how far ahead this is."""
        for some in itertools.batched(enumerate(folders.items()), _LOOKED_UP, strict=False):
            await self._look_up(service, known, some, due)
        due.shutdown()

    async def _look_up(  # a call of its own, which lets its sources go before the next ones are read
        self,
        service: IngestionService,
        known: OnRecord,
        folders: Sequence[tuple[int, tuple[str, Path]]],
        due: asyncio.Queue[_Due],
    ) -> None:
        jobs: dict[uuid.UUID, _Due] = {}
        for index, (slug, folder) in folders:
            job_id, began = uuid.uuid7(), time.monotonic()
            try:
                request = self.asked.request(slug, [str(folder)], self.options.limits)
                request = await known.applied(request, self.options.limits)
                jobs[job_id] = _Due(index, job_id, request)
            except EpisodicError as error:
                self.told.failure(self._name(slug), job_id, began, error)
                self.expect_fewer()
        began = time.monotonic()
        try:
            unchanged = await service.find_unchanged({id: each.request for id, each in jobs.items()})
        except asyncio.CancelledError:
            for job_id in jobs:  # it may have come after the commit
                await self._tell_if_stored(service, job_id, began)
            raise
        for outcome in unchanged.values():
            self.expect_fewer()
            self.told.outcome(outcome, began)
        for job_id, each in jobs.items():
            if job_id not in unchanged:
                await due.put(each)

    async def _ingest_due(self, service: IngestionService, due: asyncio.Queue[_Due]) -> None:
        while True:
            try:
                one = await due.get()
            except asyncio.QueueShutDown:
                return
            job_id, request, began = one.job_id, one.request, time.monotonic()
            try:
                made = service.make_revision(request, job_id)
                outcome = await named_task(made, INGEST, job_id, self._name(request.episode), one.index)
            except EpisodicError as error:
                self.told.failure(self._name(request.episode), job_id, began, error)
            except asyncio.CancelledError as error:
                if not await self._tell_if_stored(service, job_id, began):
                    self.told.failure(self._name(request.episode), job_id, began, error)
                raise
            else:
                self.told.outcome(outcome, began)

    async def _tell_if_stored(self, service: IngestionService, job_id: uuid.UUID, began: float) -> bool:
        """Tell what a job has made that was cancelled, if it has."""
        stored = None
        with suppress(TransientError):  # the same command goes on either way
            stored = await service.outcome(job_id)
        if stored:
            self.told.outcome(stored, began)
        return stored is not None

    def _name(self, slug: str) -> str:
        return f"{self.asked.series}/{slug}"


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
