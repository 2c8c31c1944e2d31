"""A format whose parser a document has taken over: it runs the document, in the worker.

Python imports a module of this name at its start, so that with this folder on PYTHONPATH each worker knows
the format, for documents whose metadata ask for it.

`act` is what the document says; what it says last is in `found`. `native` calls the C library, which asks no
audit hook, as code does that was smuggled into a native parser.
"""

import ctypes
import os
from typing import Any

from episodic.canonical.normalizers import registry
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.sources import Passage, PassageKind


class TakenOver(Format):
    """Runs what it reads."""

    name = "taken-over"
    title = "a document that has taken its parser over"

    def recognizes(self, head: Head) -> bool:
        return False

    def read(self, document: Document) -> Structure:
        libc = ctypes.CDLL(None, use_errno=True)

        def native(name: str, *arguments: Any) -> str:
            function = getattr(libc, name)
            function.restype = ctypes.c_int
            ctypes.set_errno(0)
            failed = function(*arguments) in {-1, 0} and ctypes.get_errno()
            return os.strerror(ctypes.get_errno()) if failed else "done"

        scope: dict[str, Any] = {"native": native, "found": ""}
        exec(document.data, scope)
        return Structure(passages=(Passage(PassageKind.PARAGRAPH, str(scope["found"]), "line 1"),))


registry.by_name()[TakenOver.name] = TakenOver()
