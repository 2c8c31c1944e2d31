"""Questions on the terminal, before something is done that is hard to undo."""

import sys

from episodic.cli.exits import UsageError
from episodic.cli.output import say


def agreed(question: str, *, yes: bool) -> bool:
    """Ask for a `yes` that was not given, and say if it is none; `UsageError`: there is nobody to ask."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("there is nobody to ask; say --yes")
    if input(f"{question} [y/N] ").strip().casefold() in {"y", "yes"}:
        return True
    say("nothing was done")
    return False
