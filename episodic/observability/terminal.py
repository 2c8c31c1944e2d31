"""Text for people: what comes from outside is only text there, and what nobody reads does no harm."""

import os
import sys
import unicodedata
from typing import Final, TextIO

# Joiners belong to the words of several scripts and to emoji; marks give neutral characters a direction.
_HARMLESS: Final = frozenset("\u200c\u200d\u200e\u200f\u061c")


def shown(text: str) -> str:
    r"""Write what a terminal would obey, such as ends of lines and ``ESC``, as escapes: ``\n``, ``\x1b``.

    Examples
    --------
    >>> print(shown("two\nlines"))
    two\nlines
    """
    if text.isprintable():
        return text
    return "".join(c if _is_text(c) else c.encode("unicode_escape").decode() for c in text)


def shown_json(document: str) -> str:
    r"""Write what a terminal would obey in a JSON document as JSON's own escapes; the document says the same.

    Examples
    --------
    >>> print(shown_json('["a\u009bb"]'))
    ["a\u009bb"]
    >>> print(shown_json('["caf\udce9"]'))  # of a file's name that is not Unicode
    ["caf\udce9"]
    """
    escapes = {c: _json_escape(c) for c in set(document) if c != "\n" and not _is_text(c)}
    return document.translate(str.maketrans(escapes)) if escapes else document


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


class Stderr:
    """How lines on stderr are written: as text, or, when a machine reads them, as JSON as logs are."""

    as_json = False


def tell(text: str, level: str = "INFO") -> None:
    """Say something on stderr: as it is, or as a JSON object on one line."""
    write(told(text, level))


def told(text: str, level: str = "INFO") -> str:
    """Give the line that `tell` writes."""
    if not Stderr.as_json:
        return text
    import json
    from datetime import UTC, datetime

    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    message = text.removeprefix("episodic: ")
    return json.dumps({"time": time, "level": level, "logger": "episodic", "message": message})


def write(line: str) -> None:
    """Print a line on stderr as long as somebody reads it: no work fails because nobody does.

    In one call, as another thread may flush what `print` has written of a line.
    """
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except OSError:
        give_up(sys.stderr)


def give_up(stream: TextIO) -> None:
    """Let all that a stream holds and gets go nowhere.

    What could not be written stays in its buffer, and flushing it fails again, at exit or where a process
    is started.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _is_text(character: str) -> bool:
    # Spaces other than the common one count as not printable.
    return character.isprintable() or character in _HARMLESS or unicodedata.category(character) == "Zs"
