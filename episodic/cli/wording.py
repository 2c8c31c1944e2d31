"""What went wrong, in a line of words; and what was probably meant."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cyclopts import (
    CoercionError,
    CycloptsError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from episodic.canonical.errors import EpisodicError, NotFoundError, SourceError
from episodic.canonical.exhaustion import shortage

_COMMON: Final = ("--debug", "--log-level", "--log-format", "--help", "--version")  # options of all commands
# What a value has to be, where cyclopts says the name of a type.
_WANTED: Final = {int: "a whole number", float: "a number", UUID: "an id"}
_LISTED: Final = 10  # names at the most, when none is like the one that is not there


def explained(error: EpisodicError) -> str:
    """What was wrong, and what the notes that the error has gathered add to it."""
    if isinstance(error, NotFoundError):
        return _with_suggestion(error)
    known = error.uri if isinstance(error, SourceError) else None
    # Which task it was and which of the sources is for the traceback: the message names the source.
    notes = [
        note
        for note in getattr(error, "__notes__", ())
        if not note.startswith("in task ") and (known is None or known not in note)
    ]
    # The limit that the system set, of which an error of a file or the database knows nothing.
    says = str(error)
    short = shortage(error)
    return "; ".join([says, *notes, *([short] if short and short not in says else [])])


def _with_suggestion(error: NotFoundError) -> str:
    if close := likely_names(error.name, error.known):
        return f"no {error.kind} '{error.name}'; did you mean {' or '.join(close)}?"
    if len(error.known) > _LISTED:
        return f"no {error.kind} '{error.name}'; there are {len(error.known)} others"
    return str(error)


def mistaken(error: CycloptsError) -> str:
    """What is wrong with the command line; by itself, cyclopts suggests no option that all commands share."""
    match error:
        case UnknownOptionError() if (error.token.keyword or error.token.value) == "-":
            return "Unknown option: -. Only 'episodic ingest' and 'submit' read standard input."
        case UnknownOptionError():
            option, says = error.token.keyword or error.token.value, str(error)
        case UnknownCommandError(unused_tokens=[str(option), *_]) if option.startswith("-"):
            says = f"Unknown option: {option}. A command's own options stand after it."
        case CoercionError(target_type=wanted, token=token) if token and wanted in _WANTED:
            return f'{str(error).partition(": ")[0]}: "{token.value}" is not {_WANTED[wanted]}.'
        case UnusedCliTokensError(unused_tokens=[*words]):
            return f"What is '{' '.join(words)}' for? The command takes no more arguments."
        case _:
            return str(error)
    close = [] if "Did you mean" in says else likely_names(option.partition("=")[0], _COMMON)
    return f"{says} Did you mean {close[0]}?" if close else says


def likely_names(name: str, known: Sequence[str]) -> list[str]:
    """Names that somebody may have meant."""
    from difflib import get_close_matches

    return get_close_matches(name, known, n=2, cutoff=0.7)
