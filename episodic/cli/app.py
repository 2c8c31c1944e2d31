"""What is common to all commands, and where each of them is."""

import logging
import sys
from typing import Annotated, Literal

from cyclopts import App, Group, Parameter

import episodic
from episodic.canonical.errors import EpisodicError, SourceError
from episodic.cli.exits import DONE, FAILED, USAGE, UsageError
from episodic.observability.logs import JsonFormatter, TaskContextFilter

app = App(
    name="episodic",
    help="Turn the scattered sources of a podcast episode into one canonical TEI episode.",
    version=f"episodic {episodic.__version__}",
    help_format="plaintext",
    help_epilogue="Exit codes: 0 done, 1 failed, 2 usage, 3 done with skipped sources, 130 interrupted.",
    default_parameter=Parameter(negative=(), show_default=False),
    group_parameters=Group("Options", sort_key=1),
    result_action="return_value",
)
COMMON = Group("Common options", sort_key=2)

# Import paths and help of their own: a command's module is read when the command is called.
for path, name, purpose in (
    ("ingest:ingest", "ingest", "Make canonical episodes out of their sources."),
    ("show:show", "show", "Show an episode: summary, TEI, text, captions or JSON."),
    ("episodes:sources", "sources", "Show the sources of an episode and what each counted for."),
    ("decisions:decisions", "decisions", "Show what was in conflict, what won, what lost, and why."),
    ("decide:decide", "decide", "Overrule the vote at one place; every later ingest remembers it."),
    ("review:review", "review", "Decide what nobody has decided yet, one key a decision."),
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
    log_format: Annotated[Literal["text", "json"], Parameter(group=COMMON)] = "text",
) -> int:
    """Run a command.

    Parameters
    ----------
    debug
        Show the traceback of an error.
    log_level
        What is logged to stderr, and all above it.
    log_format
        Lines for people, or a JSON object a line. Both bear the id of the job, by which they can be filtered.
    """
    handler = _StderrHandler()
    handler.addFilter(TaskContextFilter())
    handler.setFormatter(JsonFormatter() if log_format == "json" else _LineFormatter())
    logging.basicConfig(level=log_level.upper(), handlers=[handler])
    try:
        return app(tokens, exit_on_error=False, print_error=False) or DONE
    except EpisodicError as error:
        if debug:
            raise
        print(f"episodic: {explained(error)}", file=sys.stderr)
        return USAGE if isinstance(error, UsageError) else FAILED


class _LineFormatter(logging.Formatter):
    """Level, logger, job and message."""

    def format(self, record: logging.LogRecord) -> str:
        job = getattr(record, "correlation_id", None)
        where = f"{record.levelname} {record.name} {job}" if job else f"{record.levelname} {record.name}"
        return f"{where}: {super().format(record)}"


class _StderrHandler(logging.Handler):
    """Writes to what stderr is at the moment: while a bar is drawn, what is written must go above it."""

    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr, flush=True)


def explained(error: EpisodicError) -> str:
    """What was wrong, and what the notes that the error has gathered add to it."""
    known = error.uri if isinstance(error, SourceError) else None
    notes = [note for note in getattr(error, "__notes__", ()) if known is None or known not in note]
    return "; ".join([str(error), *notes])
