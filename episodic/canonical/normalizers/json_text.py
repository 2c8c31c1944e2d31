"""JSON from people one does not know: made strict, outlined, and read into typed shapes."""

import itertools
import json
import math
from typing import Final

import msgspec

from episodic.canonical.errors import UnreadableError
from episodic.canonical.text.patterns import pattern

# How much of a document its outline shows.
_DEEPEST: Final = 7
_KEYS: Final = 64
_SAMPLE: Final = 20
# What an outline has where the document is a list of one item.
ALONE: Final = "[1]"
_BLANK: Final = " \t\r\n"

# The keys of a document as paths: ``segments[].words[].start``; an address for a key is ``*``.
type Outline = frozenset[str]


_UNDERSCORE: Final = pattern(r"(?<=[a-z0-9])_([a-z])")
_HUMP: Final = pattern(r"(?<=[a-z0-9])(?=[A-Z])")
# How JSON that anybody writes begins; MicroDVD and Markdown begin with a bracket as well.
_BEGIN: Final = pattern(r"\s*(?:\{\s*[\"}]|\[\s*(?:\{\s*[\"}]|\[\s*[{\[]|\]\s*$|\"[^\"\n]*\"\s*[,\]]))")


def looks_like_json(text: str) -> bool:
    """Whether a text begins as JSON does."""
    return _BEGIN.match(text) is not None


def strict_json(text: str) -> msgspec.Raw:
    """The text as one value of strict JSON.

    ``NaN``, which Python programs write although JSON has no such number, becomes null; a lone surrogate
    becomes U+FFFD; values one after another, a line each or not (https://jsonlines.org), become a list.

    Raises
    ------
    UnreadableError
        When it is no JSON, or nested too deeply.
    """
    try:
        return msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError, ValueError:
        pass
    except RecursionError as error:
        raise UnreadableError("is JSON nested too deeply") from error
    decoder = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_number)
    values: list[object] = []
    position, end = 0, len(text.rstrip(_BLANK))
    try:
        while position < end:
            while text[position] in _BLANK:
                position += 1
            value, position = decoder.raw_decode(text, position)
            values.append(value)
        written = json.dumps(values[0] if len(values) == 1 else values, ensure_ascii=False)
        return msgspec.Raw(written.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode())
    except RecursionError as error:
        raise UnreadableError("is JSON nested too deeply") from error
    except ValueError as error:
        raise UnreadableError(f"is not valid JSON: {error}; is it whole?") from error


def _number(text: str) -> float | None:
    """A number; ``None`` for one that is too great, which becomes infinite."""
    number = float(text)
    return number if math.isfinite(number) else None


def outline(value: msgspec.Raw) -> Outline:
    """The keys that occur in a value, down to a depth, of the first items of its lists."""
    found: set[str] = set()
    _look(value, "", found, _DEEPEST)
    return frozenset(found)


def _look(value: msgspec.Raw, path: str, found: set[str], depth: int) -> None:
    begin = bytes(memoryview(value)[:16]).lstrip()[:1]
    if not depth or begin not in {b"{", b"["}:
        return
    if begin == b"[":
        items = msgspec.json.decode(value, type=list[msgspec.Raw])
        if not path and len(items) == 1:
            found.add(ALONE)
        found.add(path := f"{path}[]")
        for item in items[:_SAMPLE]:
            _look(item, path, found, depth - 1)
        return
    fields = msgspec.json.decode(value, type=dict[str, msgspec.Raw])
    for key, item in itertools.islice(fields.items(), _KEYS):
        shown = "*" if "/" in key else key
        name = f"{path}.{shown}" if path else shown
        found.add(name)
        _look(item, name, found, depth - 1)


def described(keys: Outline) -> str:
    """What a document looks like, for people: its outermost keys, and those of its items."""
    levels = [[key for key in keys if key.count(".") == depth and not key.endswith("]")] for depth in (0, 1)]
    shown = [key for level in levels for key in sorted(level)][:12]
    return f"with the keys {', '.join(shown)}" if shown else "without keys"


def read_shape[T](value: msgspec.Raw, shape: type[T], path: str = "") -> T:
    """Read what stands under a path as `shape`; raises `UnreadableError` that says where it is none."""
    try:
        return msgspec.json.decode(value, type=shape, strict=False)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `")
        where = f"${path and f'.{path}'}{place.rstrip('`').removeprefix('$')}"
        raise UnreadableError(
            f"has JSON of an unexpected shape: {reason}", None if where == "$" else where
        ) from error
    except (msgspec.DecodeError, ValueError) as error:
        raise UnreadableError(f"is not valid JSON: {error}") from error
    except RecursionError as error:
        raise UnreadableError("is JSON nested too deeply") from error


def humped(value: msgspec.Raw) -> msgspec.Raw:
    """The value with ``startTime`` for each key ``start_time`` or ``StartTime``."""
    renamed = json.loads(
        bytes(value), object_pairs_hook=lambda pairs: {_hump(key): item for key, item in pairs}
    )
    return msgspec.Raw(msgspec.json.encode(renamed))


def _hump(key: str) -> str:
    return _UNDERSCORE.sub(lambda found: found[1].upper(), key[:1].lower() + key[1:])


def unhumped(key: str) -> str:
    """A key as a heading of a table: ``start time`` for ``startTime`` and ``start_time``."""
    return " ".join(_HUMP.sub(" ", key).replace("_", " ").replace("-", " ").lower().split())


def inside(value: msgspec.Raw, path: str) -> msgspec.Raw:
    """What stands under a path of keys, which is there."""
    for key in filter(None, path.split(".")):
        value = msgspec.json.decode(value, type=dict[str, msgspec.Raw])[key]
    return value
