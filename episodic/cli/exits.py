"""How the program ends: exit codes, and not waiting for what hangs."""

import os
import sys
import threading
from typing import Final

from episodic.canonical.errors import EpisodicError

DONE, FAILED, USAGE, DONE_WITH_SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130


class UsageError(EpisodicError):
    """The options do not go together."""


THREADS: Final = "episodic-task"  # how the names of the threads begin that read sources


def leave(code: int) -> int:
    """Return `code`, or end the program with it when a thread hangs in a source and would be waited for."""
    hanging = [thread for thread in threading.enumerate() if thread.name.startswith(THREADS)]
    for thread in hanging:
        thread.join(0.2)
    if any(thread.is_alive() for thread in hanging):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code
