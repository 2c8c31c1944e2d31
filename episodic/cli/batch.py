"""`episodic ingest --each-subfolder`: hundreds of episodes, composed by all cores, written by one process."""

import asyncio
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import msgspec

from episodic.asyncio_tasks import TaskObserver
from episodic.canonical.errors import EpisodicError
from episodic.canonical.ingestion_service import INGEST, IngestionOutcome, IngestionRequest, IngestionService
from episodic.cli.app import explained
from episodic.cli.exits import DONE, DONE_WITH_SKIPPED, FAILED, INTERRUPTED, UsageError
from episodic.cli.ingest import as_json, ingestion_task
from episodic.cli.output import plural, print_table
from episodic.cli.running import Interrupted, run
from episodic.cli.sources import episode_folders, raw_sources
from episodic.cli.workers import WorkerComposers
from episodic.observability.progress import Progress
from episodic.settings import Settings

# Episodes under way beyond those being composed: read ahead, or on their way into the database.
_BESIDE: Final = 2

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
    options: Settings,
    workers: int | None,
    keep_going: bool,
    quiet: bool,
    json: bool,
) -> int:
    """Ingest each folder in the given folders as an episode; returns the exit code."""
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
            print(msgspec.json.encode(says).decode(), flush=True)
        if one.how == "failed":
            print(f"episodic: {one.name}: {says['error']}", file=sys.stderr, flush=True)

    interrupted = False
    with ExitStack() as stack:
        observers: list[TaskObserver] = []
        if not quiet:
            observers.append(stack.enter_context(Progress(INGEST, len(folders), "episodes")))
        batch = _Batch(series, options, count, keep_going, observers, report)
        try:
            run(batch.ingest(folders), observers=observers)
        except Interrupted:
            interrupted = True
    if not json:
        _print_table(ended, time.monotonic() - began, options)
    if interrupted:
        left = len(folders) - sum(one.how != "cancelled" for one in ended)
        print(
            f"episodic: interrupted with {left} of {plural(len(folders), 'episode')} left; "
            "the same command goes on with them",
            file=sys.stderr,
        )
        return INTERRUPTED
    hows = {one.how for one in ended}
    return FAILED if "failed" in hows else DONE_WITH_SKIPPED if "skipped some" in hows else DONE


@dataclass(frozen=True, slots=True)
class _Batch:
    series: str
    options: Settings
    workers: int
    keep_going: bool
    observers: Sequence[TaskObserver]
    report: Callable[[_Ended, Mapping[str, object]], None]

    async def ingest(self, folders: Sequence[Path]) -> None:
        """Ingest the episodes in order, a bounded number of them at a time."""
        from episodic.canonical.storage.store import open_store

        async with (
            open_store(self.options.store_url) as store,
            WorkerComposers(self.options, self.workers, self.observers) as composers,
        ):
            service = IngestionService(store=store, compose=composers.compose)
            waiting = iter(enumerate(folders))
            async with asyncio.TaskGroup() as lanes:
                for _ in range(self.workers + _BESIDE):
                    lanes.create_task(self._lane(service, waiting))

    async def _lane(self, service: IngestionService, waiting: Iterator[tuple[int, Path]]) -> None:
        for index, folder in waiting:
            job_id = uuid.uuid7()
            name = f"{self.series}/{folder.name}"
            began = time.monotonic()
            try:
                request = IngestionRequest(
                    series=self.series,
                    episode=folder.name,
                    sources=list(raw_sources([str(folder)], episode=folder.name)),
                    on_source_error="skip" if self.keep_going else "fail",
                )
                outcome = await ingestion_task(service, request, job_id, index)
            except (EpisodicError, asyncio.CancelledError) as error:
                cancelled = isinstance(error, asyncio.CancelledError)
                one = _Ended(
                    name=name,
                    how="cancelled" if cancelled else "failed",
                    seconds=time.monotonic() - began,
                )
                why = "cancelled" if cancelled else explained(error)
                self.report(one, {"episode": name, "job": job_id, "status": one.how, "error": why})
                if cancelled:
                    raise
            else:
                self.report(_ended(outcome, time.monotonic() - began), as_json(outcome, self.options))


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
    print(f"\n{plural(len(ended), 'episode')} in {seconds:.1f} s: {parts}\nin {options.store_place}")
