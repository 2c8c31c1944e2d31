"""How to ingest, as `ingest` is asked to, and what its series says of that."""

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter

from episodic.canonical.ports import Store
from episodic.cli.app import suggestions
from episodic.cli.output import complain


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to ingest, and what to say of it; these are options of `ingest`.

    Parameters
    ----------
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

    add: bool = False
    replace_sources: bool = False
    dry_run: bool = False
    workers: int | None = None
    quiet: bool = False
    timeline: Path | None = None
    json: bool = False


async def series_feed(store: Store, slug: str) -> str | None:
    """Give the file of the feed that a series has for all of its episodes.

    A new series whose slug looks like a slip of the fingers is mentioned.
    """
    async with store.begin(read_only=True) as work:
        if series := await work.series.get(slug):
            return series.policy.feed
        known = [series.slug for series in await work.series.list()]
    if known and (close := suggestions(slug, known)):
        complain(f"series '{slug}' is new; did you mean {' or '.join(close)}?")
    return None
