"""Notes on the exceptions of failing tasks: which operation of which run they come from."""

import asyncio
from contextlib import suppress
from typing import Final, override

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome

PREFIX: Final = "in task "


class NotesObserver(TaskObserver):
    """Adds a PEP 678 note to the exception that a task raises, also when a group collects it later.

    An exception gets one such note, from the innermost task that it left; a cancellation gets none.
    """

    @override
    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        """Add the note."""
        if error is None or isinstance(error, asyncio.CancelledError):
            return
        if any(note.startswith(PREFIX) for note in getattr(error, "__notes__", ())):
            return
        operation = metadata.get("operation_name", name)
        correlation = metadata.get("correlation_id")
        note = PREFIX + operation + (f", correlation id {correlation}" if correlation else "")
        with suppress(AttributeError, TypeError):  # an exception may forbid attributes: a frozen dataclass
            error.add_note(note)
