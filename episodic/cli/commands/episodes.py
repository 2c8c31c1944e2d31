"""`episodic episodes`, `sources`: what is there, and what it came from."""

from collections.abc import Sequence
from pathlib import Path

from episodic.canonical.domain import DELETED, Episode, Revision, SourceDocument
from episodic.canonical.finding import find_revision, find_series
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.sources import decimal
from episodic.cli.options import EpisodeName, Json, OlderRevision
from episodic.cli.output import day_and_time, plural, print_json, print_table, say
from episodic.cli.store import with_store


def episodes(*, series: str | None = None, deleted: bool = False, json: Json = False) -> None:
    """List the episodes with their newest revisions.

    Parameters
    ----------
    series
        Only those of this series.
    deleted
        Those that are deleted, instead of the others.
    """

    async def query(work: UnitOfWork) -> list[tuple[Episode, Revision]]:
        if series:
            await find_series(work, series)
        found = [(e, await work.revisions.newest(e.id)) for e in await work.episodes.list(series)]
        return [(e, newest) for e, newest in found if newest and (DELETED in e.slug) == deleted]

    found = with_store(query)
    if json:
        print_json(
            [
                {"episode": e.name, "title": r.title, "revision": r.number, "created_at": r.created_at}
                for e, r in found
            ]
        )
    else:
        print_table(
            ("episode", "revision", "made", "title"),
            [(e.name, str(r.number), day_and_time(r.created_at), r.title) for e, r in found],
            right=("revision",),
            none="no deleted episodes" if deleted else "no episodes",
        )


def sources(
    episode: EpisodeName, /, *, revision: OlderRevision = None, json: Json = False, export: Path | None = None
) -> None:
    """Show the sources of an episode: their weights and what they were made from.

    Parameters
    ----------
    export
        A folder, made when missing, into which the sources are written, bit for bit as they were read.
    """
    if export is not None:
        _export(episode, revision, export, json=json)
        return
    _, kept = with_store(lambda work: find_revision(work, episode, revision))
    if json:
        print_json(kept.sources)
        return
    for source in kept.sources:
        if source.error:
            say(f"-   skipped: {source.error}")
            say()
            continue
        kind = f"{source.source_type}, {source.format}"
        say(f"{source.siglum}  {decimal(source.weight)}  {kind}  {source.uri}")
        for factor in source.factors:
            say(f"      {factor.value:.3f} x {factor.coefficient:.3f}  {factor.name}: {factor.reason}")
        for doubt in source.doubts:
            say(f"      doubt ({doubt.kind}): {doubt.text}")
        for note in source.notes:
            say(f"      {note}")
        say(f"      sha256 {source.sha256}")
        say()
    if kept.learned.said:
        say(f"names of other episodes: {kept.learned.summary}")


def _export(episode: str, revision: int | None, folder: Path, *, json: bool) -> None:
    from episodic.canonical.storage.export import export_sources

    async def query(work: UnitOfWork) -> tuple[Revision, Sequence[tuple[SourceDocument, Path]]]:
        _, kept = await find_revision(work, episode, revision)
        return kept, await export_sources(kept, work.contents.get, folder)

    kept, written = with_store(query)
    if json:
        print_json(
            [{"siglum": s.siglum, "uri": s.uri, "sha256": s.sha256, "file": str(file)} for s, file in written]
        )
        return
    for source, file in written:
        say(f"{source.siglum}  {file}")
    skipped = len(kept.sources) - len(written)
    left_out = f"; {skipped} skipped when it was ingested, and not kept" if skipped else ""
    say()
    say(f"{plural(len(written), 'source')} in {folder}{left_out}")
