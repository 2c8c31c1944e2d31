"""How the program ends: exit codes, and not waiting for what hangs."""

import atexit
import os
from typing import Never

from episodic.canonical.errors import EpisodicError

DONE, FAILED, USAGE, DONE_WITH_SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130


class UsageError(EpisodicError):
    """The options do not go together."""


def leave(code: int) -> Never:
    """End the program: what is registered for its end is done, but no thread that hangs is waited for.

    Nor is every module taken apart, which takes a tenth of the time of a short command.
    """
    atexit._run_exitfuncs()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as the interpreter does
    os._exit(code)
