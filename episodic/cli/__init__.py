"""The `episodic` command: what is common to all its commands; each command group has a module."""

import logging
import sys
from collections.abc import Sequence
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Group, Parameter

import episodic
from episodic.canonical.errors import EpisodicError, SourceError

DONE, FAILED, USAGE, DONE_WITH_SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130

app = App(
    name="episodic",
    help="Turn the scattered sources of a podcast episode into one canonical TEI episode.",
    version=f"episodic {episodic.__version__}",
    help_epilogue="Exit codes: 0 done, 1 failed, 2 usage, 3 done with skipped sources, 130 interrupted.",
    default_parameter=Parameter(negative=(), show_default=False),
    group_parameters=Group("Options", sort_key=1),
    result_action="return_value",
)
COMMON = Group("Common options", sort_key=2)

# Import paths and help of their own: a command's module is read when the command is called.
for path, name, purpose in (
    ("ingest:ingest", "ingest", "Make one canonical episode out of its sources."),
    ("show:show", "show", "Show an episode: summary, TEI, text, captions or JSON."),
    ("episodes:sources", "sources", "Show the sources of an episode and what each counted for."),
    ("episodes:decisions", "decisions", "Show what was in conflict, what won, what lost, and why."),
    ("episodes:episodes", "episodes", "List the episodes."),
    ("series:app", "series", "Show and change what holds for all episodes of a series."),
    ("jobs:jobs", "jobs", "List what ran, what runs, what failed and why."),
    ("db:app", "db", "Look after the database: its schema, its integrity, its backups."),
    ("tasks:tasks", "tasks", "Show what a running ingest is doing."),
):
    app.command(f"episodic.cli.{path}", name=name, help=purpose)


@app.meta.default
def launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    debug: Annotated[bool, Parameter(group=COMMON)] = False,
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Parameter(group=COMMON)] = "warning",
) -> int:
    """Run a command.

    Parameters
    ----------
    debug
        Show the traceback of an error.
    log_level
        What is logged to stderr, and all above it.
    """
    logging.basicConfig(level=log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    try:
        return app(tokens, exit_on_error=False, print_error=False) or DONE
    except EpisodicError as error:
        if debug:
            raise
        complain(error)
        return FAILED


def complain(error: EpisodicError) -> None:
    """One line on stderr, and what the notes that the error has gathered add to it."""
    known = error.uri if isinstance(error, SourceError) else None
    notes = [note for note in getattr(error, "__notes__", ()) if known is None or known not in note]
    print("episodic:", "; ".join([str(error), *notes]), file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        code = app.meta(arguments, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        print(f"episodic: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("episodic: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; what is still buffered must not fail at exit.
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code or DONE
