"""What is common to all commands, and where each of them is."""

import logging
import sys
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from cyclopts import (
    App,
    Group,
    Parameter,
)

import episodic
from episodic.canonical.errors import EpisodicError, ExhaustedError, SlugError
from episodic.canonical.exhaustion import said_in_words
from episodic.cli.exits import DONE, FAILED, USAGE, UsageError
from episodic.cli.options import STDIN
from episodic.cli.output import complain
from episodic.cli.wording import explained
from episodic.observability.terminal import Stderr, write

_EXIT_CODES: Final = "Exit codes: 0 done, 1 failed, 2 usage, 3 done with skipped sources, 130 interrupted."
OPTIONS: Final = Group("Options", sort_key=1)
app = App(
    name="episodic",
    help="Turn the scattered sources of a podcast episode into one canonical TEI episode.",
    version=f"episodic {episodic.__version__}",
    help_format="plaintext",
    help_epilogue=_EXIT_CODES,
    default_parameter=Parameter(negative=(), show_default=False),
    group_parameters=OPTIONS,
    result_action="return_value",
)
# An interrupt is left to `main`, which says so.
app.suppress_keyboard_interrupt = app.meta.suppress_keyboard_interrupt = False
# The command itself, not this first look at the options that all share, sees where options end. No argument
# can have this character; an empty one can be given, and would go lost as the end of options.
app.meta.end_of_options_delimiter = "\0"
COMMON = Group("Common options", sort_key=2)

_EXAMPLES: Final = {
    "ingest": """\
  episodic ingest transcript.vtt brief.md --series my-show --episode one
  episodic ingest folder --series my-show --episode one --keep-going
  episodic ingest show.srt --source brief=b.txt --series my-show --episode one
  episodic ingest folder-of-folders --series my-show --each-subfolder""",
    "show": """\
  episodic show my-show/one
  episodic show my-show/one --format vtt --output one.vtt
  episodic show my-show/one --format html --output one.html""",
    "decide": """\
  episodic decide my-show/one title --text "First Light"
  episodic decide my-show/one 0:00:07/531fae90 --reading s2
  episodic decide my-show/one "speaker 0:00:14" --text "Ada Lovelace\"""",
    "tasks": """\
  episodic tasks
  episodic tasks 4711""",
    "completion": """\
  eval "$(episodic completion bash)"                            in ~/.bashrc
  eval "$(episodic completion zsh)"                             in ~/.zshrc
  episodic completion fish > ~/.config/fish/completions/episodic.fish""",
}

# Import paths and help of their own: a command's module is read when the command is called.
for place, (path, name, purpose) in enumerate(
    (
        ("ingest:ingest", "ingest", "Make canonical episodes out of their sources."),
        ("submit:submit", "submit", "Keep sources to be ingested by whichever worker is free."),
        ("worker:worker", "worker", "Ingest what was submitted."),
        ("queue:app", "queue", "Show what is to be ingested, retry, cancel, pause, resume."),
        ("show:show", "show", "Show an episode: summary, TEI, text, captions, JSON or a page."),
        ("episodes:sources", "sources", "Show the sources of an episode and what each counted for."),
        ("decisions:decisions", "decisions", "Show what was in conflict, what won, what lost, and why."),
        ("decide:decide", "decide", "Overrule the vote at one place; every later ingest remembers it."),
        ("apply:apply", "apply", "Take a corrected text, and decide what differs."),
        ("edit:edit", "edit", "Open the text in $EDITOR, and decide what was changed."),
        ("review:review", "review", "Decide what nobody has decided yet, one key a decision."),
        ("publish:publish", "publish", "Write all that players, platforms and archives take into a folder."),
        ("history:history", "history", "List the revisions of an episode, and what each changed."),
        ("diff:diff", "diff", "Show what changed from one revision to another."),
        ("history:restore", "restore", "Make an older revision the newest."),
        ("rename:rename", "rename", "Give an episode another name."),
        ("rename:delete", "delete", "Take an episode out of the way; it is kept."),
        ("forget:forget", "forget", "Remove one source and its words from all revisions, for good."),
        ("episodes:episodes", "episodes", "List the episodes."),
        ("series:app", "series", "Show and change what holds for all episodes of a series."),
        ("jobs:jobs", "jobs", "List what ran, what runs, what failed and why."),
        ("db:app", "db", "Look after the database: its schema, its integrity, its backups."),
        ("tasks:tasks", "tasks", "Show what a running ingest is doing."),
        ("doctor:doctor", "doctor", "Say what Episodic runs on, and which walls stand around parsers."),
        ("completion:completion", "completion", "Print what a shell needs to complete commands."),
    )
):
    examples = (
        {"help_epilogue": f"Examples:\n{_EXAMPLES[name]}\n\n{_EXIT_CODES}"} if name in _EXAMPLES else {}
    )
    app.command(f"episodic.cli.commands.{path}", name=name, help=purpose, sort_key=place, **examples)


def prepare_help(tokens: Sequence[str]) -> None:
    """Where a command is asked for help, let it say all that its docstring does, not its line in the list."""
    flags = set(app.help_flags)
    if flags.isdisjoint(tokens):
        return
    from episodic.cli.help import Folded

    app.help_formatter = Folded()
    command = app.parse_commands([token for token in tokens if token not in flags])[1][-1]
    if command.default_command:
        command.help = None


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
        Lines for people, or, for all that is on stderr, a JSON object a line. Logs bear the id of their job.
    """
    Stderr.as_json = log_format == "json"
    logging.basicConfig(level=log_level.upper(), handlers=[_StderrHandler(log_format)])
    # Of a thousand lines of debugging it writes all but a few, and in a thread that knows of no job.
    logging.getLogger("aiosqlite").setLevel(logging.INFO)
    try:
        with said_in_words():
            return app(_with_standard_input(tokens), exit_on_error=False, print_error=False) or DONE
    except EpisodicError as error:
        if debug:
            raise
        complain(explained(error))
        if isinstance(error, ExhaustedError):
            sys.last_exc = error  # kept to the end: what is half made complains as it is taken apart
        return USAGE if isinstance(error, (UsageError, SlugError)) else FAILED


def _with_standard_input(tokens: Sequence[str]) -> list[str]:
    """Let ``-`` be a source; for other commands it is an option that there is not."""
    if tokens[:1] not in {("ingest",), ("submit",)}:
        return list(tokens)
    return [STDIN if given == "-" else given for given in tokens]


def _is_cancellation(error: BaseException | None) -> bool:
    from asyncio import CancelledError

    return isinstance(error, CancelledError)


class _StderrHandler(logging.Handler):
    """Writes to what stderr is at the moment: while a bar is drawn, what is written must go above it."""

    def __init__(self, format: Literal["text", "json"]) -> None:
        super().__init__()
        self._format = format

    def handle(self, record: logging.LogRecord) -> bool:
        if record.exc_info and _is_cancellation(record.exc_info[1]):
            return False  # whoever was interrupted is told so, and not where
        if not self.filters:  # asyncio loads with them, and most commands log nothing
            from episodic.observability.logs import JsonFormatter, LineFormatter, TaskContextFilter

            self.addFilter(TaskContextFilter())
            self.setFormatter(JsonFormatter() if self._format == "json" else LineFormatter())
        return super().handle(record)

    def emit(self, record: logging.LogRecord) -> None:
        write(self.format(record))
