"""Questions on the terminal, before something is done that is hard to undo."""

import sys

from episodic.cli.exits import UsageError


def agreed(question: str) -> bool:
    """Ask for a yes; `UsageError` where there is nobody to ask."""
    if not sys.stdin.isatty():
        raise UsageError("there is nobody to ask; say --yes")
    return input(f"{question} [y/N] ").strip().casefold() in {"y", "yes"}
