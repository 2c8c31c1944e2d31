"""`episodic ingest`: sources in, canonical episodes out."""

import asyncio
import uuid
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from episodic import settings
from episodic.canonical.composer import IngestionRequest
from episodic.canonical.ingestion_service import NORMALIZE, IngestionOutcome, IngestionService
from episodic.cli.composers import Composers
from episodic.cli.composing import fan_out
from episodic.cli.exits import DONE, DONE_WITH_SKIPPED, INTERRUPTED, UsageError
from episodic.cli.ingestion import ingestion_task, mention_new_series
from episodic.cli.outcome import as_json, report, warn
from episodic.cli.output import complain, print_json
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
        Files, or folders whose files are all taken. What each is, is found out.
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
        TYPE=PATH: a source whose type is given: transcript, brief, rss, press_release, research_notes.
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
    if not all(sources) or not (sources or source):
        raise UsageError("name at least one source: a file or a folder")
    if timeline is not None:
        refuse_target("--timeline", timeline, [*sources, *(each.partition("=")[2] for each in source)])
    if each_subfolder:
        if episode is not None or title is not None or item is not None or source:
            raise UsageError(
                "--each-subfolder takes names from folders; leave out --episode, --title, --item, --source"
            )
        from episodic.cli.batch import ingest_each

        return ingest_each(
            sources,
            series,
            options=options,
            workers=workers,
            keep_going=keep_going,
            strict=strict,
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
            raw_sources(sources, source, episode=episode, title=title, item=item, limits=options.limits)
        ),
        on_source_error="skip" if keep_going else "fail",
        strict=strict,
    )
    return _ingest_one(request, options, quiet=quiet, timeline=timeline, json=json)


def _ingest_one(
    request: IngestionRequest, options: settings.Settings, *, quiet: bool, timeline: Path | None, json: bool
) -> int:
    job_id = uuid.uuid7()
    progress = None if quiet else Progress(NORMALIZE, len(request.sources), "sources")
    try:
        with observing(progress, timeline) as observers:
            composers = Composers(options, observers)
            composers.expect(request.sources)
            outcome = run(
                _ingest(request, job_id, options, composers),
                slow_source=options.slow_source,
                observers=observers,
                asked=[composers.ask],
            )
    except Interrupted:
        name = f"{request.series}/{request.episode}"
        complain(f"interrupted; nothing of {name} was stored by job {job_id}")
        return INTERRUPTED
    warn(outcome)
    if json:
        print_json(as_json(outcome, options))
    else:
        report(outcome, options)
    return DONE_WITH_SKIPPED if outcome.skipped else DONE


async def _ingest(
    request: IngestionRequest, job_id: uuid.UUID, options: settings.Settings, composers: Composers
) -> IngestionOutcome:
    from episodic.canonical.storage.store import open_store

    async with open_store(options.store_url) as store, composers:
        await mention_new_series(store, request.series)
        service = IngestionService(store=store, compose=composers.compose, fan_out=fan_out(options))
        try:
            return await ingestion_task(service.ingest_multi_source(request, job_id), request, job_id)
        except asyncio.CancelledError:
            if stored := await service.outcome(job_id):
                return stored  # it came too late
            raise
