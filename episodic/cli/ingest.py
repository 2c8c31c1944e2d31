"""`episodic ingest`: sources in, a canonical episode out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from episodic import asyncio_tasks, settings
from episodic.canonical.errors import SourceError
from episodic.canonical.ingestion import RawSource, SourceType
from episodic.canonical.ingestion_service import (
    Composer,
    IngestionOutcome,
    IngestionRequest,
    IngestionService,
)
from episodic.canonical.ports import Store
from episodic.cli import DONE, DONE_WITH_SKIPPED
from episodic.cli.output import plural, print_json, print_table, thousandths


def ingest(
    *sources: str,
    series: str,
    episode: str,
    title: str | None = None,
    source: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    keep_going: bool = False,
    json: bool = False,
) -> int:
    """Make one canonical episode out of its sources.

    Parameters
    ----------
    sources
        Files, or folders whose files are all taken. What each is, is found out.
    series
        The series' slug; a new series is made on the fly.
    episode
        The episode's slug.
    title
        The episode's title, above what the sources say.
    source
        TYPE=PATH: a source whose type is given: transcript, brief, rss, press_release, research_notes.
    keep_going
        Skip sources that cannot be used instead of failing.
    json
        Print one JSON document.
    """
    options = settings.load()
    request = IngestionRequest(
        series=series,
        episode=episode,
        title=title,
        sources=list(raw_sources(sources, source, episode=episode, title=title)),
        on_source_error="skip" if keep_going else "fail",
    )
    outcome = asyncio_tasks.run(_ingest(request, options))
    if json:
        print_json(_as_json(outcome, options))
    else:
        _report(outcome, options)
    return DONE_WITH_SKIPPED if outcome.skipped else DONE


async def _ingest(request: IngestionRequest, options: settings.Settings) -> IngestionOutcome:
    from episodic.canonical.storage.store import open_store

    async with open_store(options.store_url) as store:
        return await ingestion_service(store, options).ingest_multi_source(request)


def ingestion_service(store: Store, options: settings.Settings) -> IngestionService:
    """The service with the real parts behind its ports."""
    from episodic.canonical.normalizers.registry import SourceNormalizer
    from episodic.canonical.resolution import resolve
    from episodic.canonical.tei.writer import write
    from episodic.canonical.weighting import weigh

    composer = Composer(
        normalizer=SourceNormalizer(),
        weigh=weigh,
        resolve=resolve,
        write=write,
        concurrency=options.concurrency,
        source_timeout=options.source_timeout,
    )
    return IngestionService(store=store, compose=composer.compose)


def raw_sources(
    places: tuple[str, ...], typed: tuple[str, ...], *, episode: str, title: str | None
) -> Iterator[RawSource]:
    """Sources for files, for every file of folders, and for ``TYPE=PATH``, in that order."""
    from episodic.canonical.normalizers.files import path_source

    hints = {"episode": episode} | ({"title": title} if title else {})
    for place in places:
        for path in _files(place):
            yield path_source(path, metadata=hints)
    for text in typed:
        name, equals, place = text.partition("=")
        if not equals or name not in set(SourceType):
            raise SourceError(text, f"is not TYPE=PATH with a TYPE of {', '.join(SourceType)}")
        for path in _files(place):
            yield path_source(path, source_type=SourceType(name), metadata=hints)


def _files(place: str) -> list[str]:
    """The place itself, or the files of the folder that it is, by name; hidden ones are left out."""
    folder = Path(place)
    if not folder.is_dir():
        return [place]
    files = sorted(str(path) for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    if not files:
        raise SourceError(place, "no sources in this folder; name a folder with files in it, or files")
    return files


def _report(outcome: IngestionOutcome, options: settings.Settings) -> None:
    revision = outcome.revision
    state = "new" if outcome.created else "nothing new: these sources made it before"
    print(f"{outcome.episode.name}: {revision.title}")
    print(f"revision {revision.number} ({state}), {plural(len(revision.decisions), 'conflict')} decided\n")
    print_table(
        ("", "weight", "type", "format", "source"),
        [
            (
                source.siglum or "-",
                thousandths(source.weight) if source.siglum else "",
                source.source_type or "",
                source.format or "",
                source.uri if source.siglum else f"skipped: {source.error}",
            )
            for source in revision.sources
        ],
        right=("weight",),
    )
    print(f"\nin {options.store_place}")


def _as_json(outcome: IngestionOutcome, options: settings.Settings) -> dict[str, object]:
    revision = outcome.revision
    return {
        "episode": outcome.episode.name,
        "title": revision.title,
        "revision": revision.number,
        "created": outcome.created,
        "job": outcome.job.id,
        "status": outcome.job.status,
        "sources": revision.sources,
        "conflicts": len(revision.decisions),
        "database": options.store_place,
    }
