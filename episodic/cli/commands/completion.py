"""`episodic completion`: what a shell needs to complete commands, options and their values."""

import re
import shlex
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from episodic.canonical.errors import EpisodicError
from episodic.canonical.finding import find_revision
from episodic.canonical.ports import UnitOfWork

type Shell = Literal["bash", "zsh", "fish"]

# The script is made for a folder that zsh searches; what is evaluated must say which command it is for. What
# the database knows comes first, and what the script knows where that is nothing.
_ZSH: Final = """\
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
_episodic_known() {
  local -a known
  known=("${(@f)$(episodic completion zsh --line "${BUFFER[1,CURSOR]}" 2>/dev/null)}")
  if [[ -n ${known[1]} ]]; then compadd -a known; else _cyclopts_episodic "$@"; fi
}
compdef _episodic_known episodic
"""
_BASH: Final = """\
_episodic_known() {
  mapfile -t COMPREPLY < <(episodic completion bash --line "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  [[ ${#COMPREPLY[@]} -gt 0 ]] || _episodic "$@"
}
complete -o default -F _episodic_known episodic
"""
# By itself, fish offers files beside commands too.
_FISH: Final = """\
complete -c episodic -f
complete -c episodic -a '(episodic completion fish --line (commandline -cp) 2>/dev/null)'
complete -c episodic -n '__fish_episodic_using_command ingest' -F
complete -c episodic -n '__fish_episodic_using_command submit' -F
complete -c episodic -n '__fish_episodic_using_command apply' -F
complete -c episodic -n '__fish_episodic_using_command publish' -F
complete -c episodic -n '__fish_episodic_using_command db backup' -F
complete -c episodic -n '__fish_episodic_using_command db restore' -F
"""
_OF_EPISODES: Final = frozenset(
    {
        *("show", "sources", "decisions", "decide", "apply", "edit", "review", "publish"),
        *("history", "diff", "restore", "rename", "delete", "forget"),
    }
)
_FIELDS: Final = ("title", "subtitle", "summary", "published", "episode", "season", "publisher")
_MOST: Final = 200


def completion(shell: Shell, /, *, line: Annotated[str | None, Parameter(show=False)] = None) -> None:
    """Print a completion script.

    Parameters
    ----------
    shell
        The shell that it is for.
    line
        What has been typed so far: print what of the database fits there instead, as the script asks for.
    """
    if line is not None:
        for found in _completed(shell, line):
            print(found)
        return
    from episodic.cli.app import app

    script = app.generate_completion(shell=shell, prog_name="episodic")
    match shell:  # where nothing else fits, names of files are completed: sources are files
        case "bash":
            script = re.sub(r"^complete .*-F _episodic .*$", _BASH, script, flags=re.MULTILINE)
        case "zsh":
            # What a command takes any number of are files. Of a single thing nothing is known here; without
            # an action, zsh would offer no option in its place either.
            script = re.sub(r"^( *'\*:[^:].*)' \\$", r"\1:_files' \\", script, flags=re.MULTILINE)
            script = re.sub(r"^( *'\d:(?:[^:\\]|\\.)*)' \\$", r"\1:()' \\", script, flags=re.MULTILINE) + _ZSH
        case "fish":
            script += _FISH
    print(script)


def _completed(shell: Shell, line: str) -> Iterator[str]:
    """Yield what fits behind a line, as the shell takes it."""
    words, typed = _split(line)
    for name in _known(words):
        if name.startswith(typed) and name.isprintable():
            # Bash begins a word anew behind a colon, and takes what it is given as it stands.
            begun = typed.rpartition(":")[0]
            rest = name[len(begun) + 1 :] if shell == "bash" and begun else name
            yield re.sub(r"([^\w./:~@+-])", r"\\\1", rest) if shell == "bash" else rest


def _split(line: str) -> tuple[list[str], str]:
    """Take the words of a line apart, and the one that is being typed."""
    for closing in ("", '"', "'"):
        try:
            words = shlex.split(line + closing)
        except ValueError:
            continue
        open_word = closing or (line and not line[-1].isspace())
        return (words[1:-1], words[-1]) if open_word and len(words) > 1 else (words[1:], "")
    return [], ""


def _known(words: Sequence[str]) -> Sequence[str]:
    """Give what the next word can be, as far as the database knows; never an error on a line being typed."""
    query = _query(words)
    if query is None:
        return ()
    from episodic.cli.store import with_store

    try:
        return with_store(query)[:_MOST]
    except EpisodicError:
        return ()


def _query(words: Sequence[str]) -> Callable[[UnitOfWork], Awaitable[Sequence[str]]] | None:
    """Say what to ask the database for; ``None``: nothing that it knows fits."""
    match words:
        case [*_, "--series"] | ["series", "show" | "set"]:
            return _series
        case [*before, "--episode"] if "--series" in before[:-1]:
            series = before[before.index("--series") + 1]
            return lambda work: _slugs(work, series)
        case [*_, option] if option.startswith("-"):
            return None  # its value
        case [command] if command in _OF_EPISODES:
            return _episodes
        case ["decide", episode]:
            return lambda work: _addresses(work, episode)
        case ["forget", episode]:
            return lambda work: _sources(work, episode)
        case _:
            return None


async def _series(work: UnitOfWork) -> list[str]:
    return [series.slug for series in await work.series.list()]


async def _slugs(work: UnitOfWork, series: str) -> list[str]:
    return [episode.slug for episode in await work.episodes.list(series)]


async def _episodes(work: UnitOfWork) -> list[str]:
    return [episode.name for episode in await work.episodes.list()]


async def _addresses(work: UnitOfWork, name: str) -> list[str]:
    """Give fields and conflicts, what is most worth mending first."""
    from episodic.canonical.resolution.kinds import judge

    _, revision = await find_revision(work, name)
    conflicts = sorted(revision.decisions, key=lambda decision: -judge(decision).worth)
    return list(dict.fromkeys([*(decision.address for decision in conflicts), *_FIELDS]))


async def _sources(work: UnitOfWork, name: str) -> list[str]:
    _, revision = await find_revision(work, name)
    return [source.uri for source in revision.sources]
