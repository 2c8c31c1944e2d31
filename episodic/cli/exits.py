"""Exit codes, and the error whose code is not the usual one."""

from episodic.canonical.errors import EpisodicError

DONE, FAILED, USAGE, DONE_WITH_SKIPPED, INTERRUPTED = 0, 1, 2, 3, 130


class UsageError(EpisodicError):
    """The options do not go together."""
