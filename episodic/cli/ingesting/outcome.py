"""What an ingest came to: for people, and for machines."""

import shutil
import sys
import textwrap

from episodic.canonical.composition.doubts import doubtful
from episodic.canonical.domain import Revision
from episodic.canonical.hands import HAND
from episodic.canonical.ingestion_service import IngestionOutcome
from episodic.canonical.sources import decimal
from episodic.cli.output import complain, plural, print_table, say
from episodic.settings import Settings


def warn(outcome: IngestionOutcome, name: str = "") -> None:
    """Say on stderr what was left out, guessed, damaged or set apart, a line for each source after `name`."""
    for line in doubtful(outcome.revision.sources):
        complain(f"{name}: {line}" if name else line)


def state_of(outcome: IngestionOutcome) -> str:
    """Say whether there is a new revision."""
    return "new" if outcome.created else "nothing new: these sources made it before"


def report(outcome: IngestionOutcome, options: Settings, *, dry_run: bool = False) -> None:
    """Say what came out, for people."""
    revision = outcome.revision
    state = state_of(outcome)
    if dry_run:
        state = "not stored: a dry run" if outcome.created else "nothing new"
    say(f"{outcome.episode.name}: {revision.title}")
    say(f"revision {revision.number} ({state}), {_conflicts(revision)}")
    say()
    print_table(
        ("", "weight", "type", "format", "source"),
        [
            *(
                (s.siglum, decimal(s.weight), s.source_type or "", s.format or "", s.uri)
                for s in revision.sources
                if s.siglum
            ),
            # What was skipped now; the revision may be an older one, and have skipped other sources.
            *(("-", "", "", "", f"skipped: {error}") for error in outcome.skipped),
        ],
        right=("weight",),
    )
    for source in revision.sources:
        for note in source.notes:
            if note.startswith(HAND):
                say()
                for line in _wrapped(f"{source.siglum} {note}"):
                    say(line)
    _report_edits(revision)
    if revision.learned.decided:
        say()
        say(f"names of other episodes: {revision.learned.summary}")
    say()
    say("nothing was stored" if dry_run else f"in {options.store_place}")


def _wrapped(line: str) -> list[str]:
    """Break a line where a terminal is too narrow for it."""
    return textwrap.wrap(line, shutil.get_terminal_size().columns) if sys.stdout.isatty() else [line]


def _conflicts(revision: Revision) -> str:
    """Say how many conflicts there are, and how many of them an editor should look at."""
    from episodic.canonical.resolution.kinds import count_looks

    said = f"{plural(len(revision.decisions), 'conflict')} decided"
    looks = count_looks(revision.decisions, revision.language)
    return f"{said}: {looks:,} worth a look" if revision.decisions else said


def mention_missing(outcome: IngestionOutcome) -> None:
    """Say on stderr which sources the revision before had and this one lacks."""
    if outcome.missing:
        complain(
            f"revision {outcome.revision.number} of {outcome.episode.name} lacks "
            f"{plural(len(outcome.missing), 'source')} of the one before: {', '.join(outcome.missing)}; "
            "--add keeps what was there, --replace-sources says that it is meant"
        )


def _report_edits(revision: Revision) -> None:
    """Say what became of the editors' decisions."""
    if not revision.replays:
        return
    in_force = sum(replay.in_force for replay in revision.replays)
    waiting = [replay for replay in revision.replays if not replay.in_force]
    also = f", {len(waiting)} waiting; see: episodic decisions" if waiting else ""
    say()
    say(f"{plural(in_force, 'decision')} of editors in force{also}")
    for reason in dict.fromkeys(replay.reason for replay in waiting):
        say(f"  {sum(replay.reason == reason for replay in waiting)} because {reason}")


def as_json(outcome: IngestionOutcome, options: Settings) -> dict[str, object]:
    """What came out, for machines."""
    revision = outcome.revision
    return {
        "episode": outcome.episode.name,
        "title": revision.title,
        "revision": revision.number,
        "created": outcome.created,
        "job": outcome.job.id,
        "status": outcome.job.status,
        "sources": [source for source in revision.sources if source.siglum],
        "forgotten": outcome.missing,
        "skipped": [{"uri": error.uri, "error": str(error)} for error in outcome.skipped],
        "conflicts": len(revision.decisions),
        "edits": revision.replays,
        "learned": revision.learned,
        "database": options.store_place,
    }
