"""How to ingest, as `ingest` is asked to."""

from dataclasses import dataclass
from pathlib import Path

from cyclopts import Parameter


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
