"""Tasks of another process, told to observers here."""

import pickle
from contextvars import ContextVar

import pytest

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome
from episodic.observability.relay import Finished, Receiver, Sender, Started, portable

seen_by: ContextVar[str] = ContextVar("seen_by")


class Recorder(TaskObserver):
    def __init__(self) -> None:
        self.told: list[tuple[str, object, object]] = []

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        seen_by.set(name)
        self.told.append(("started", name, metadata))

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        assert seen_by.get() == name
        self.told.append((outcome, name, error and str(error)))


class UnpicklableError(Exception):
    def __init__(self) -> None:
        super().__init__("lambda")
        self.bad = lambda: None


def test_observers_are_told_what_the_other_process_saw() -> None:
    recorder = Recorder()
    receiver = Receiver([recorder])
    sender = Sender(lambda event: receiver.receive(pickle.loads(pickle.dumps(event))))
    sender.started({"operation_name": "read"}, "a")
    sender.started({"operation_name": "read"}, "b")
    sender.finished({"operation_name": "read"}, "a", "raised", 5, ValueError("no"))
    sender.finished({"operation_name": "read"}, "b", "returned", 5, None)
    assert recorder.told == [
        ("started", "a", {"operation_name": "read"}),
        ("started", "b", {"operation_name": "read"}),
        ("raised", "a", "no"),
        ("returned", "b", None),
    ]


def test_tasks_of_a_process_that_died_are_lost() -> None:
    recorder = Recorder()
    receiver = Receiver([recorder])
    receiver.receive(Started({}, "a"))
    receiver.end()
    receiver.receive(Finished({}, "a", "returned", 1, None))
    assert [told[0] for told in recorder.told] == ["started", "lost"]


def test_an_error_that_cannot_travel_is_replaced_by_what_it_says() -> None:
    with pytest.raises(RuntimeError, match="UnpicklableError: lambda"):
        raise portable(UnpicklableError())
    error = ValueError("travels")
    assert portable(error) is error
