"""Names of tasks: all that `python -m asyncio ps` and `pstree` see of one in another process.

They blank a name that is not ASCII and break on newlines, so that a name is printable ASCII, made here and
read back here.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote

_LONGEST: Final = 255  # remote inspection reads no more of a name
_PLAIN: Final = " !\"$&'()+,-./:;<=>?^_`{|}~"  # printable ASCII but the escape and the grammar's own marks
_AS_IT_IS: Final = re.compile(rf"[A-Za-z0-9{re.escape(_PLAIN)}]*")
_FIELD: Final = r"([^][#@]*)"
_GRAMMAR: Final = re.compile(rf"{_FIELD}(?:\[{_FIELD}\])?(?:#{_FIELD})?@([0-9T:.-]+Z)")


class TaskName(NamedTuple):
    """What a name made by `task_name` says; a field that was cut short ends in an ellipsis."""

    operation_name: str | None
    label: str | None
    correlation_id: str | None
    started_at: datetime


def task_name(metadata: Mapping[str, Any], label: str | None = None) -> str:
    """Name a task so that `python -m asyncio pstree`, which sees nothing but names, tells what it does.

    Parameters
    ----------
    metadata
        What `asyncio_tasks.TaskMetadata` may hold; of it, ``operation_name`` and ``correlation_id`` are used.
    label
        What it does it to: a file, an episode.

    Returns
    -------
    str
        ``operation[label]#correlation@start``, the start being now, in UTC, in microseconds; a missing field
        goes with its marks. All but printable ASCII, and the marks themselves, is percent-encoded UTF-8. A
        name has at most 255 characters: the tail has its space first, then operation and label, with ``*``
        where a field ends early.

    Notes
    -----
    Percent-encoding is that of RFC 3986, section 2.1. Python's remote inspection reads 255 characters of a
    name (``_remote_debugging``, CPython 3.14) and gives up on others than ASCII.
    """
    start = f"@{datetime.now(UTC).replace(tzinfo=None).isoformat('T', 'microseconds')}Z"
    correlation = metadata.get("correlation_id")
    tail = start if correlation is None else f"#{_encoded(correlation, 100)}{start}"
    space = _LONGEST - len(tail)
    operation = metadata.get("operation_name", "")
    if label is None:
        return _encoded(operation, space) + tail
    operation = _encoded(operation, space // 2)
    return f"{operation}[{_encoded(label, space - len(operation) - 2)}]{tail}"


def parse_task_name(name: str) -> TaskName | None:
    """Read back what `task_name` wrote.

    Parameters
    ----------
    name
        The name of any task.

    Returns
    -------
    TaskName or None
        What it says, a field that was cut short ending in an ellipsis; ``None`` for a name of another's.
    """
    found = _GRAMMAR.fullmatch(name)
    if found is None:
        return None
    operation, label, correlation, start = found.groups()
    try:
        started_at = datetime.fromisoformat(start)
        return TaskName(_decoded(operation) or None, _decoded(label), _decoded(correlation), started_at)
    except ValueError:
        return None


def _encoded(text: str, space: int) -> str:
    if len(text) <= space and _AS_IT_IS.fullmatch(text):
        return text
    encoded = quote(text, _PLAIN, errors="surrogatepass")
    if len(encoded) <= space:
        return encoded
    text = text[:space]
    while len(encoded := quote(text, _PLAIN, errors="surrogatepass")) >= space:
        text = text[:-1]
    return encoded + "*"


def _decoded(text: str | None) -> str | None:
    if text is None:
        return None
    return unquote(text.removesuffix("*"), errors="surrogatepass") + ("…" if text.endswith("*") else "")
