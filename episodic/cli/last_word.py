"""What the program says where Python would print a traceback and go on."""

import os
import sys
import threading
from typing import Final

from episodic.canonical.exhaustion import exhausted
from episodic.cli.exits import FAILED, INTERRUPTED
from episodic.cli.output import complain

_RESERVE_BYTES: Final = 2**22  # of address space, for saying that there is no more


class LastWord:
    """Ends the program where a finalizer is interrupted, and where a thread ends of what ran out.

    Whoever waits for that thread would wait for ever.
    """

    def __init__(self) -> None:
        self._reserve: bytes | None = bytes(_RESERVE_BYTES)  # of untouched pages

    def is_said(self) -> None:
        """Have it said from now on."""
        sys.unraisablehook = self._of_nobody
        threading.excepthook = self._of_a_thread

    def _of_nobody(self, args: sys.UnraisableHookArgs) -> None:
        self._reserve = None  # first of all: there may be no memory for anything else
        if isinstance(args.exc_value, KeyboardInterrupt):
            complain("interrupted")
            os._exit(INTERRUPTED)
        if isinstance(args.exc_value, MemoryError):
            self._end_of(args.exc_value)
        sys.__unraisablehook__(args)

    def _of_a_thread(self, args: threading.ExceptHookArgs) -> None:
        self._reserve = None
        if args.exc_value is not None:
            self._end_of(args.exc_value)
        threading.__excepthook__(args)

    def _end_of(self, error: BaseException) -> None:
        if says := exhausted(error):
            complain(says)
            os._exit(FAILED)
