"""JSON from people one does not know, into typed shapes."""

import json
from typing import Any, Final

import msgspec

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.format import Document

_GREATEST: Final = 1e9  # thirty years of seconds


def read_json[T](document: Document, text: str, shape: type[T]) -> T:
    """Read JSON as `shape`; raises `SourceError` that says where it is something else.

    ``NaN``, which Python programs write although JSON has no such number, is read as null.
    """
    try:
        try:
            return msgspec.json.decode(text, type=shape, strict=False)
        except msgspec.DecodeError:
            if "NaN" not in text and "Infinity" not in text:
                raise
        value: Any = json.loads(text, parse_constant=lambda _: None)
        return msgspec.convert(value, shape, strict=False)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `")
        raise SourceError(
            document.uri, f"has JSON of an unexpected shape: {reason}", where.rstrip("`") or None
        ) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise SourceError(document.uri, f"is not valid JSON: {error}") from error
    except RecursionError as error:
        raise SourceError(document.uri, "has JSON nested too deeply") from error


def finite(number: float | None) -> float | None:
    """The number, if it is one that a clock or an engine shows; sums of greater ones are none."""
    return number if number is not None and abs(number) < _GREATEST else None
