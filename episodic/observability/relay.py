"""Observing tasks of another process: its observer sends what it sees, and ours are told of it here."""

import pickle
import time
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome


@dataclass(frozen=True, slots=True)
class Started:
    """A task has started."""

    metadata: TaskMetadata
    name: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A task has ended, `ns` nanoseconds after its creation."""

    metadata: TaskMetadata
    name: str
    outcome: TaskOutcome
    ns: int
    error: BaseException | None


class Sender(TaskObserver):
    """Sends what it observes as `Started` and `Finished`, which pickle."""

    def __init__(self, send: Callable[[Started | Finished], None]) -> None:
        self._send = send

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        """Send it."""
        self._send(Started(metadata, str(name)))

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        """Send it."""
        self._send(Finished(metadata, str(name), outcome, ns, error and portable(error)))


class Receiver:
    """Tells observers of another process's tasks; the hooks of one task run in one context, as there."""

    def __init__(self, observers: Sequence[TaskObserver]) -> None:
        self._observers = observers
        self._open: dict[str, tuple[Started, Context, int]] = {}

    def receive(self, event: Started | Finished) -> None:
        """Tell them."""
        if isinstance(event, Started):
            context = copy_context()
            self._open[event.name] = event, context, time.perf_counter_ns()
            for observer in self._observers:
                context.run(observer.started, event.metadata, event.name)
        elif known := self._open.pop(event.name, None):
            for observer in self._observers:
                known[1].run(
                    observer.finished, event.metadata, event.name, event.outcome, event.ns, event.error
                )

    def end(self) -> None:
        """Tell them that whatever still ran is lost: its process is gone."""
        for started, _, since in list(self._open.values()):
            self.receive(
                Finished(started.metadata, started.name, "lost", time.perf_counter_ns() - since, None)
            )


def portable(error: BaseException) -> BaseException:
    """Return the error itself, or, when it does not survive the way, one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - whatever a foreign error's pickling raises
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
