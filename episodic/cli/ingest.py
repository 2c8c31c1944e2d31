"""`episodic ingest`: sources in, canonical episodes out."""

import asyncio
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from episodic import settings
from episodic.canonical.composer import IngestionRequest
from episodic.canonical.ingestion_service import NORMALIZE, IngestionOutcome, IngestionService
from episodic.canonical.ports import Store
from episodic.cli.composers import Composers
from episodic.cli.composing import fan_out
from episodic.cli.exits import DONE, DONE_WITH_SKIPPED, INTERRUPTED, UsageError
from episodic.cli.ingestion import ingestion_task, mention_new_series
from episodic.cli.outcome import as_json, mention_forgotten, report, warn
from episodic.cli.output import complain, print_json
from episodic.cli.recorded import Recorded
from episodic.cli.running import Interrupted, observing, run
from episodic.cli.sources import raw_sources
from episodic.cli.targets import refuse_target
from episodic.observability.progress import Progress


def ingest(
    *sources: str,
    series: str,
    episode: str | None = None,
    each_subfolder: bool = False,
    title: str | None = None,
    item: str | None = None,
    source: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    trust: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    name: str | None = None,
    add: bool = False,
    replace_sources: bool = False,
    dry_run: bool = False,
    keep_going: bool = False,
    strict: bool = False,
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
    series
        The series' slug; a new series is made on the fly.
    episode
        The episode's slug.
    each_subfolder
        Instead of --episode: each folder in the given folders is an episode, its name the slug.
    title
        The episode's title, above what the sources say.
    item
        Which item of a feed it is, where slug and title do not tell: by GUID, number, date or title.
    source
        TYPE=PATH: a source whose type is given: transcript, brief, rss, press_release, research_notes. With
        --each-subfolder it is one of every episode, such as the feed of the season.
    name
        What the source from standard input is called: show.vtt.
    add
        Keep the sources of the newest revision; one with the name of a given one is replaced by it.
    replace_sources
        Say nothing of sources that the newest revision has and this one will lack: it is meant.
    dry_run
        Say what would come out, and store nothing.
    keep_going
        Skip sources that cannot be used instead of failing.
    strict
        Fail, and store nothing, where anything of a source was left out, guessed, damaged or set apart.
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
    if not all(sources) or not (sources or source or trust):
        raise UsageError("name at least one source: a file or a folder")
    if timeline is not None:
        refuse_target(
            "--timeline", timeline, [*sources, *trust, *(each.partition("=")[2] for each in source)]
        )
    if each_subfolder:
        given = (episode, title, item, name, trust or None, add or None, dry_run or None)
        if any(each is not None for each in given):
            raise UsageError(
                "--each-subfolder takes names from folders, and all of their files; leave out --episode, "
                "--title, --item, --trust, --name, --add, --dry-run"
            )
        from episodic.cli.batch import ingest_each

        return ingest_each(
            sources,
            series,
            shared=source,
            options=options,
            workers=workers,
            keep_going=keep_going,
            strict=strict,
            replace_sources=replace_sources,
            quiet=quiet,
            timeline=timeline,
            json=json,
        )
    if episode is None:
        raise UsageError("name the episode with --episode, or give a folder of folders with --each-subfolder")
    request = IngestionRequest(
        series=series,
        episode=episode,
        title=title,
        sources=list(
            raw_sources(
                sources,
                source,
                episode=episode,
                title=title,
                item=item,
                name=name,
                trusted=trust,
                limits=options.limits,
            )
        ),
        on_source_error="skip" if keep_going else "fail",
        strict=strict,
    )
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
                asked=[composers.ask],
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
    async with _store(options, dry_run=dry_run) as store, composers:
        await mention_new_series(store, request.series)
        recorded = await Recorded.read(store)
        request = replace(request, sources=await recorded.without(request.sources))
        service = IngestionService(store=store, compose=composers.compose, fan_out=fan_out(options))
        if add:
            request = await service.adding(request)
        if dry_run:
            return await ingestion_task(service.preview(request, job_id), request, job_id)
        try:
            return await ingestion_task(service.ingest_multi_source(request, job_id), request, job_id)
        except asyncio.CancelledError:
            if stored := await service.outcome(job_id):
                return stored  # it came too late
            raise


def _store(options: settings.Settings, *, dry_run: bool) -> Store:
    """The user's store; for a dry run, one in memory where there is no database yet."""
    from episodic.canonical.storage.database import Database
    from episodic.canonical.storage.store import open_store

    if dry_run and (file := Database(options.store_url).file) and not file.exists():
        from episodic.canonical.storage.memory import MemoryStore

        return MemoryStore()
    return open_store(options.store_url, make=not dry_run)
