"""A format for tests: sources that hang, and kill the process that reads them; the registry gets it here."""

import ctypes
import os
import signal
import time
from pathlib import Path

from episodic.canonical.normalizers import registry
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.sources import Utterance


class Acting(Format):
    """Does what the source says: ``ACT sleep 5``, ``ACT hold 5`` (the interpreter) or ``ACT die``.

    ``ACT until FILE`` goes on when the file is there, or after two minutes; FILE-awaited says that it waits.
    """

    name = "acting"
    title = "a source that acts"

    def recognizes(self, head: Head) -> bool:
        return head.text.startswith("ACT ")

    def read(self, document: Document) -> Structure:
        match document.data.decode().split():
            case ["ACT", "sleep", seconds]:
                time.sleep(float(seconds))
            case ["ACT", "hold", seconds]:
                ctypes.PyDLL(None).sleep(int(seconds))  # PyDLL does not let other threads run meanwhile
            case ["ACT", "until", file]:
                Path(f"{file}-awaited").touch()
                end = time.monotonic() + 120
                while not Path(file).exists() and time.monotonic() < end:
                    time.sleep(0.05)
            case ["ACT", "die"]:
                os.kill(os.getpid(), signal.SIGKILL)
            case _:
                raise ValueError(document.data)
        return Structure(utterances=(Utterance("Acted.", "line 1"),))


registry.CERTAIN = (Acting(), *registry.CERTAIN)
