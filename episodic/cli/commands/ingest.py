"""`episodic ingest`: sources in, canonical episodes out."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from episodic import settings
from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.errors import TransientError
from episodic.canonical.ingestion_service import (
    INGEST,
    NORMALIZE,
    IngestionOutcome,
    IngestionService,
    named_task,
)
from episodic.canonical.ports import Store
from episodic.cli.composing.composers import Composers, fan_out
from episodic.cli.exits import DONE, DONE_WITH_SKIPPED, INTERRUPTED
from episodic.cli.ingesting.asked import Asked
from episodic.cli.ingesting.manner import Manner
from episodic.cli.ingesting.on_record import OnRecord
from episodic.cli.ingesting.outcome import as_json, mention_missing, report, warn
from episodic.cli.output import complain, print_json
from episodic.cli.running import Interrupted, observing, run
from episodic.cli.targets import refuse_target
from episodic.observability.progress import Progress


def ingest(*sources: str, asked: Asked, manner: Manner = Manner()) -> int:  # noqa: B008  # which is immutable
    """Make canonical episodes out of their sources.

    Parameters
    ----------
    sources
        Files, or folders whose files are all taken. What each is, is found out. - is standard input.
    """
    options = settings.load()
    asked.check(sources, add=manner.add, dry_run=manner.dry_run)
    if manner.timeline is not None:
        typed = (each.partition("=")[2] for each in asked.source)
        refuse_target("--timeline", manner.timeline, [*sources, *asked.trust, *typed])
    if asked.episode is None:
        from episodic.cli.ingesting.batch import ingest_each

        return ingest_each(sources, asked, manner, options)
    outcome = _ingest_one(asked.request(asked.episode, sources, options.limits), options, manner)
    if outcome is None:
        return INTERRUPTED
    warn(outcome)
    if not manner.replace_sources:
        mention_missing(outcome)
    if manner.json:
        print_json(as_json(outcome, options) | ({"dry_run": True} if manner.dry_run else {}))
    else:
        report(outcome, options, dry_run=manner.dry_run)
    return DONE_WITH_SKIPPED if outcome.skipped else DONE


def _ingest_one(
    request: IngestionRequest, options: settings.Settings, manner: Manner
) -> IngestionOutcome | None:
    """Ingest on a loop of its own; ``None`` when it was interrupted, which is said."""
    job_id = uuid.uuid7()
    progress = None if manner.quiet else Progress(NORMALIZE, len(request.sources), "sources")
    try:
        with observing(progress, manner.timeline) as observers:
            composers = Composers(options, observers)
            composers.expect(request.sources)
            whole = _ingest(request, job_id, options, composers, manner)
            return run(whole, slow_source=options.slow_source, observers=observers, ask=composers.ask)
    except Interrupted:
        complain(f"interrupted; nothing of {request.episode_name} was stored by job {job_id}")
        return None


async def _ingest(
    request: IngestionRequest,
    job_id: uuid.UUID,
    options: settings.Settings,
    composers: Composers,
    manner: Manner,
) -> IngestionOutcome | None:
    outcome: IngestionOutcome | None = None
    try:
        async with _opened(options, dry_run=manner.dry_run) as store, composers:
            request = await (await OnRecord.read(store, request.series)).applied(request, options.limits)
            service = IngestionService(store=store, compose=composers.compose, fan_out=fan_out(options))
            if manner.add:
                request = await service.adding(request)
            work = service.preview if manner.dry_run else service.ingest_multi_source
            try:
                made = work(request, job_id)
                outcome = await named_task(made, INGEST, job_id, request.episode_name, 0)
            except asyncio.CancelledError:
                try:
                    outcome = await service.outcome(job_id)
                except TransientError as error:
                    complain(f"interrupted; {error}")
                    return None
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
