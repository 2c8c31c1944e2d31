"""Questions on the terminal, before something is done that is hard to undo."""

import select
import sys
from typing import Final

from episodic.cli.exits import UsageError
from episodic.cli.interrupts import raised
from episodic.cli.output import say
from episodic.observability.terminal import shown

_HEARD: Final = (
    0.1  # seconds after which an interrupt is heard that comes just before the answer is waited for
)


def agreed(question: str, *, yes: bool) -> bool:
    """Ask for a `yes` that was not given, and say if it is none; `UsageError`: there is nobody to ask."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("there is nobody to ask; say --yes")
    if (line := _answer(question)).strip().lower() in {b"y", b"yes"}:
        return True
    if not line.endswith(b"\n"):
        say()  # it ended the input instead
    say("nothing was done")
    return False


def _answer(question: str) -> bytes:
    """Read a line. An interrupt ends that: a loop that runs would cancel its task, which waits here."""
    with raised():
        sys.stderr.write(f"{shown(question)} [y/N] ")
        sys.stderr.flush()
        while not select.select([sys.stdin], [], [], _HEARD)[0]:
            pass
        return sys.stdin.buffer.readline()
