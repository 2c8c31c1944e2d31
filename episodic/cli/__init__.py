"""The `episodic` command: `main` is what runs; each command group has a module."""

import sys
from collections.abc import Sequence

from episodic.cli.exits import DONE, FAILED, INTERRUPTED, USAGE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        from cyclopts import CycloptsError

        from episodic.cli.app import app
    except KeyboardInterrupt:
        return INTERRUPTED
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
