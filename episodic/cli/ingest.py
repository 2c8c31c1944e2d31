"""`episodic ingest`: sources in, canonical episodes out."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from episodic import settings
from episodic.canonical.composer import IngestionRequest
from episodic.canonical.ingestion_service import (
    INGEST,
    NORMALIZE,
    IngestionOutcome,
    IngestionService,
    named_task,
)
from episodic.canonical.ports import Store
from episodic.cli.composers import Composers, fan_out
from episodic.cli.exits import DONE, DONE_WITH_SKIPPED, INTERRUPTED
from episodic.cli.ingestion import series_feed
from episodic.cli.outcome import as_json, mention_forgotten, report, warn
from episodic.cli.output import complain, print_json
from episodic.cli.recorded import Recorded
from episodic.cli.running import Interrupted, observing, run
from episodic.cli.sources import Asked, with_feed
from episodic.cli.targets import refuse_target
from episodic.observability.progress import Progress


def ingest(
    *sources: str,
    asked: Asked,
    add: bool = False,
    replace_sources: bool = False,
    dry_run: bool = False,
    workers: int | None = None,
    quiet: bool = False,
    timeline: Path | None = None,
    json: bool = False,
) -> int:
    """Make canonical episodes out of their sources.

    Parameters
    ----------
    sources
        Files, or folders whose files are all taken. What each is, is found out. - is standard input.
    add
        Keep the sources of the newest revision; one with the name of a given one is replaced by it.
    replace_sources
        Say nothing of sources that the newest revision has and this one will lack: it is meant.
    dry_run
        Say what would come out, and store nothing.
    workers
        With --each-subfolder: processes that compose episodes; as many as there are cores.
    quiet
        No progress.
    timeline
        A file for the run's timeline, to be opened in Perfetto (ui.perfetto.dev).
    json
        Print one JSON document; with --each-subfolder, one a line for each episode, as it ends.
    """
    options = settings.load()
    asked.check(sources, add=add, dry_run=dry_run)
    if timeline is not None:
        typed = (each.partition("=")[2] for each in asked.source)
        refuse_target("--timeline", timeline, [*sources, *asked.trust, *typed])
    if asked.episode is None:
        from episodic.cli.batch import ingest_each

        return ingest_each(
            sources,
            asked,
            options,
            workers=workers,
            replace_sources=replace_sources,
            quiet=quiet,
            timeline=timeline,
            json=json,
        )
    request = asked.request(asked.episode, sources, options.limits)
    outcome = _ingest_one(request, options, quiet=quiet, timeline=timeline, add=add, dry_run=dry_run)
    if outcome is None:
        return INTERRUPTED
    warn(outcome)
    if not replace_sources:
        mention_forgotten(outcome)
    if json:
        print_json(as_json(outcome, options) | ({"dry_run": True} if dry_run else {}))
    else:
        report(outcome, options, dry_run=dry_run)
    return DONE_WITH_SKIPPED if outcome.skipped else DONE


def _ingest_one(
    request: IngestionRequest,
    options: settings.Settings,
    *,
    quiet: bool,
    timeline: Path | None,
    add: bool,
    dry_run: bool,
) -> IngestionOutcome | None:
    """Ingest on a loop of its own; ``None`` when it was interrupted, which is said."""
    job_id = uuid.uuid7()
    progress = None if quiet else Progress(NORMALIZE, len(request.sources), "sources")
    try:
        with observing(progress, timeline) as observers:
            composers = Composers(options, observers)
            composers.expect(request.sources)
            return run(
                _ingest(request, job_id, options, composers, add=add, dry_run=dry_run),
                slow_source=options.slow_source,
                observers=observers,
                ask=composers.ask,
            )
    except Interrupted:
        name = f"{request.series}/{request.episode}"
        complain(f"interrupted; nothing of {name} was stored by job {job_id}")
        return None


async def _ingest(
    request: IngestionRequest,
    job_id: uuid.UUID,
    options: settings.Settings,
    composers: Composers,
    *,
    add: bool,
    dry_run: bool,
) -> IngestionOutcome:
    outcome: IngestionOutcome | None = None
    try:
        async with _opened(options, dry_run=dry_run) as store, composers:
            feed = await series_feed(store, request.series)
            request = with_feed(await (await Recorded.read(store)).without(request), feed, options.limits)
            service = IngestionService(store=store, compose=composers.compose, fan_out=fan_out(options))
            if add:
                request = await service.adding(request)
            work = service.preview if dry_run else service.ingest_multi_source
            name = f"{request.series}/{request.episode}"
            try:
                outcome = await named_task(work(request, job_id), INGEST, job_id, name, 0)
            except asyncio.CancelledError:
                outcome = await service.outcome(job_id)
                raise
    except asyncio.CancelledError:
        if outcome is None:
            raise  # otherwise it came too late
    return outcome


@asynccontextmanager
async def _opened(options: settings.Settings, *, dry_run: bool) -> AsyncGenerator[Store]:
    """Open the user's store; for a dry run, an empty one where there is no database yet."""
    from episodic.canonical.storage.database import Database
    from episodic.canonical.storage.store import open_store
    from episodic.cli.temporary import temporary_folder

    file = Database(options.store_url).file
    if dry_run and file and not file.exists():
        with temporary_folder() as folder:
            async with open_store(folder / "empty.sqlite3") as store:
                yield store
    else:
        async with open_store(options.store_url, make=not dry_run) as store:
            yield store
