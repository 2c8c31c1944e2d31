"""Log records that say which task wrote them."""

import json
import logging
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, override

from episodic.asyncio_tasks import current_task_metadata
from episodic.observability.terminal import shown, shown_json

type _ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

_FIELDS: Final = ("operation_name", "correlation_id", "priority_hint", "task_name")


class TaskContextFilter(logging.Filter):
    """Stamps each record with the metadata and the name of the task that it comes from.

    The attributes are ``operation_name``, ``correlation_id``, ``priority_hint`` and ``task_name``, ``None``
    where there is nothing to say; what a record brings itself (``extra=``) is kept. Put it on a handler: on
    a logger, it would not see the records of that logger's children.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Stamp the record and let it pass."""
        metadata = current_task_metadata() or {}
        stamps = {**dict.fromkeys(_FIELDS), **metadata, "task_name": record.taskName}
        for field, value in stamps.items():
            if not hasattr(record, field):
                setattr(record, field, value)
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a record: time (ISO 8601, UTC), level, logger, message, and the task's stamps."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object on one line; stamps that are absent or ``None`` are left out."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        stamps = {field: getattr(record, field, None) for field in _FIELDS}
        line |= {field: value for field, value in stamps.items() if value is not None}
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["exception"] = record.exc_text
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return shown_json(json.dumps(line, ensure_ascii=False, default=str))


class LineFormatter(logging.Formatter):
    """Level, logger, job and message, for people."""

    @override
    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line."""
        job = getattr(record, "correlation_id", None)
        where = f"{record.levelname} {record.name} {job}" if job else f"{record.levelname} {record.name}"
        return f"{where}: {shown(record.message)}"

    @override
    def formatException(self, ei: _ErrorInfo) -> str:
        """Return the traceback, in lines of text alone."""
        return "\n".join(map(shown, super().formatException(ei).splitlines()))
