"""Observers: told of starts and ends, unable to change anything."""

import asyncio
import contextvars
import gc
import logging
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, cast

import pytest

from episodic.asyncio_tasks import (
    TaskMetadata,
    TaskObserver,
    TaskOutcome,
    create_task,
    current_task_metadata,
    install_task_factory,
    run,
)
from tests.observing import METADATA, Recorder, fail, settle, succeed, wait_forever


@pytest.fixture(params=[None, False, True], ids=["as asyncio", "lazy", "eager"])
def eager_start(request: pytest.FixtureRequest) -> bool | None:
    return request.param


async def test_start_and_return_are_told(eager_start: bool | None) -> None:
    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), recorder):
        await create_task(succeed(), name="mine", metadata=METADATA, eager_start=eager_start)
    assert recorder.starts == [(METADATA, "mine")]
    [(metadata, name, outcome, ns, error)] = recorder.ends
    assert (metadata, name, outcome, error) == (METADATA, "mine", "returned", None)
    assert ns > 0


async def test_duration_counts_from_creation() -> None:
    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), recorder):
        await create_task(asyncio.sleep(0.02), metadata=METADATA)
    assert 20_000_000 <= recorder.ends[0][3] < 2_000_000_000


async def test_exception_is_told(eager_start: bool | None) -> None:
    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), recorder), pytest.raises(LookupError) as caught:
        await create_task(fail(), metadata=METADATA, eager_start=eager_start)
    assert (recorder.ends[0][2], recorder.ends[0][4]) == ("raised", caught.value)


async def test_cancellation_is_told_without_an_exception() -> None:
    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), recorder):
        task = create_task(wait_forever(), metadata=METADATA)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (recorder.ends[0][2], recorder.ends[0][4]) == ("cancelled", None)


async def test_tasks_without_metadata_of_their_own_are_not_told() -> None:
    async def parent() -> int:
        return await asyncio.create_task(succeed())

    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), recorder):
        await create_task(succeed())
        await create_task(parent(), name="parent", metadata=METADATA)
    assert [name for _, name in recorder.starts] == ["parent"]
    assert [end[1] for end in recorder.ends] == ["parent"]


async def test_name_made_by_the_codec_is_told_as_the_task_has_it() -> None:
    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), recorder):
        task = create_task(succeed(), metadata=METADATA)
        await task
    assert recorder.starts[0][1] == recorder.ends[0][1] == task.get_name()


seen: contextvars.ContextVar[str] = contextvars.ContextVar("seen", default="nothing")


class Marker(TaskObserver):
    """Sets a context variable at the start and looks for it at the end."""

    def __init__(self) -> None:
        self.at_start: TaskMetadata | None = None
        self.at_end: tuple[str, TaskMetadata | None] | None = None

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        self.at_start = current_task_metadata()
        seen.set(name)

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        self.at_end = seen.get(), current_task_metadata()


async def look() -> str:
    return seen.get()


async def test_start_is_told_in_the_tasks_own_context(eager_start: bool | None) -> None:
    marker = Marker()
    with install_task_factory(asyncio.get_running_loop(), marker):
        assert await create_task(look(), name="mine", metadata=METADATA, eager_start=eager_start) == "mine"
    assert marker.at_start == METADATA
    assert marker.at_end == ("mine", METADATA)
    assert seen.get() == "nothing"


async def test_observer_leaves_no_trace_in_a_supplied_context() -> None:
    context = contextvars.copy_context()
    before = dict(context)
    with install_task_factory(asyncio.get_running_loop(), Marker()):
        assert await create_task(look(), context=context, metadata=METADATA) == "nothing"
    assert dict(context) == before


async def test_hooks_read_the_metadata_of_a_task_in_an_entered_context() -> None:
    entered, current = contextvars.copy_context(), contextvars.copy_context()

    def create() -> asyncio.Task[str]:
        return create_task(look(), name="mine", context=entered, metadata=METADATA)

    marker = Marker()
    with install_task_factory(asyncio.get_running_loop(), marker):
        await entered.run(current.run, create)
    assert (marker.at_start, marker.at_end) == (METADATA, ("mine", METADATA))


async def test_start_is_told_before_the_first_step(eager_start: bool | None) -> None:
    order: list[str] = []

    class Order(TaskObserver):
        def started(self, metadata: TaskMetadata, name: str, /) -> None:
            order.append("started")

    async def step() -> None:
        order.append("step")

    with install_task_factory(asyncio.get_running_loop(), Order()):
        await create_task(step(), metadata=METADATA, eager_start=eager_start)
    assert order == ["started", "step"]


@pytest.mark.parametrize("failure", [LookupError, asyncio.CancelledError])
@pytest.mark.parametrize("hook", ["started", "finished"])
async def test_raising_observer_is_logged_once_and_dropped(
    hook: str, failure: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    def broken(*_: object) -> None:
        calls.append(hook)
        raise failure("broken")

    observer = cast("TaskObserver", type("Broken", (TaskObserver,), {hook: broken})())
    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), observer, recorder):
        for _ in range(3):
            assert await create_task(succeed(), metadata=METADATA) == 1
    assert calls == [hook]
    assert len(recorder.starts) == len(recorder.ends) == 3
    [record] = [record for record in caplog.records if record.name == "episodic.task_observers"]
    assert record.levelno == logging.ERROR
    assert "Broken" in record.getMessage()
    assert record.exc_info is not None


async def test_hooks_that_nobody_overrides_are_not_called() -> None:
    factory = install_task_factory(asyncio.get_running_loop(), TaskObserver())
    task = create_task(wait_forever(), metadata=METADATA)
    assert callbacks(task) == []
    task.cancel()
    factory.uninstall()


def callbacks(task: asyncio.Task[Any]) -> list[Any]:
    return cast("Any", task)._callbacks or []


@pytest.mark.parametrize("observers", [(), (Recorder(),)], ids=["no observer", "observer"])
def test_exception_that_nobody_retrieves_is_still_reported(observers: tuple[TaskObserver, ...]) -> None:
    reports: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, report: reports.append(report))
        create_task(fail(), metadata=METADATA)  # nobody keeps it: that is the point
        await settle()
        for observer in observers:
            cast("Recorder", observer).ends.clear()
        gc.collect()

    run(main(), observers=observers)
    [report] = reports
    assert report["message"] == "Task exception was never retrieved"
    assert isinstance(report["exception"], LookupError)


@pytest.mark.parametrize("work", [succeed, fail])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_no_finished_task_is_kept_alive(
    work: Callable[[], Coroutine[Any, Any, object]], eager_start: bool | None
) -> None:
    class Silent(TaskObserver):
        def finished(
            self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: object, /
        ) -> None:
            pass

    with install_task_factory(asyncio.get_running_loop(), Silent()):
        gc.disable()  # reference counting alone must do: no cycle through us
        try:
            task = create_task(work(), metadata=METADATA, eager_start=eager_start)
            await asyncio.wait([task])
            alive = weakref.ref(task)
            error = task.exception()
            del task, error
            await settle()
            assert alive() is None
        finally:
            gc.enable()


async def test_observer_gets_copies() -> None:
    class Vandal(TaskObserver):
        def started(self, metadata: TaskMetadata, name: str, /) -> None:
            metadata["operation_name"] = "vandalized"

    async def read() -> TaskMetadata | None:
        return current_task_metadata()

    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), Vandal(), recorder):
        assert await create_task(read(), metadata=METADATA) == METADATA
    assert recorder.starts[0][0] == METADATA


async def test_observers_of_every_installed_factory_are_told_once() -> None:
    loop = asyncio.get_running_loop()
    lower, upper = Recorder(), Recorder()
    with install_task_factory(loop, lower), install_task_factory(loop, upper):
        await create_task(succeed(), name="mine", metadata=METADATA)
    assert [name for _, name in lower.starts] == [name for _, name in upper.starts] == ["mine"]
    assert len(lower.ends) == len(upper.ends) == 1


async def test_task_that_was_started_under_an_observer_also_ends_under_it() -> None:
    recorder = Recorder()
    event = asyncio.Event()
    with install_task_factory(asyncio.get_running_loop(), recorder):
        task = create_task(event.wait(), metadata=METADATA)
    event.set()
    await task
    assert len(recorder.ends) == 1


async def test_what_start_sets_is_read_in_a_task_that_a_foreign_factory_makes() -> None:
    def foreign(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        kwargs.pop("episodic_task_metadata", None)
        assert "context" not in kwargs
        return asyncio.Task(coro, loop=loop, **kwargs)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(foreign)
    with install_task_factory(loop, Marker()):
        assert await create_task(look(), name="mine", metadata=METADATA) == "mine"


async def test_observer_gets_copies_at_the_end_too() -> None:
    class Vandal(TaskObserver):
        def finished(
            self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: object, /
        ) -> None:
            metadata["operation_name"] = "vandalized"

    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), Vandal(), recorder):
        await create_task(succeed(), metadata=METADATA)
    assert recorder.ends[0][0] == METADATA


async def test_observer_of_starts_only_puts_no_callback_on_a_task() -> None:
    class Starts(TaskObserver):
        def started(self, metadata: TaskMetadata, name: str, /) -> None:
            pass

    with install_task_factory(asyncio.get_running_loop(), Starts()):
        task = create_task(wait_forever(), metadata=METADATA)
    assert callbacks(task) == []
    task.cancel()


# --- what an observer may be --------------------------------------------------------------------------

seen_by: list[tuple[str, str]] = []


class Static(TaskObserver):
    @staticmethod
    def started(metadata: TaskMetadata, name: str, /) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        seen_by.append(("started", name))

    @classmethod
    def finished(cls, metadata: TaskMetadata, name: str, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        seen_by.append(("finished", name))


class Duck:
    def started(self, metadata: TaskMetadata, name: str) -> None:
        seen_by.append(("started", name))

    def finished(self, *what: object) -> None:
        seen_by.append(("finished", str(what[1])))


def of_the_instance() -> TaskObserver:
    observer = TaskObserver()
    observer.started = lambda metadata, name, /: seen_by.append(("started", name))
    observer.finished = lambda metadata, name, outcome, ns, error, /: seen_by.append(("finished", name))
    return observer


@pytest.mark.parametrize("make", [Static, Duck, of_the_instance])
async def test_whatever_has_the_two_methods_is_an_observer(make: Callable[[], Any]) -> None:
    seen_by.clear()
    with install_task_factory(asyncio.get_running_loop(), make()):
        await create_task(succeed(), name="mine", metadata=METADATA)
        await settle()
    assert seen_by == [("started", "mine"), ("finished", "mine")]


@pytest.mark.parametrize("make", [Static, Duck, of_the_instance])
async def test_observer_of_any_kind_that_raises_is_dropped(
    make: Callable[[], Any], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("broken")

    observer = make()
    monkeypatch.setattr(observer, "finished", broken)
    with install_task_factory(asyncio.get_running_loop(), observer):
        for _ in range(3):
            assert await create_task(succeed(), metadata=METADATA) == 1
            await settle()
    assert [record.name for record in caplog.records].count("episodic.task_observers") == 1


class Asynchronous(TaskObserver):
    async def started(self, metadata: TaskMetadata, name: str, /) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        pass


class Generating(Duck):
    async def finished(self, *what: object) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        yield


class Half:
    def started(self, metadata: TaskMetadata, name: str) -> None:
        pass


class Short(TaskObserver):
    def finished(self, metadata: TaskMetadata, name: str, /) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        pass


@pytest.mark.parametrize(
    ("observer", "said"),
    [
        (Asynchronous(), "started of the task observer .*Asynchronous.* must not be async"),
        (Generating(), "finished of the task observer .*Generating.* must not be async"),
        (
            Half(),
            r"Half.* is no task observer: it has no method finished\(metadata, name, outcome, ns, error\)",
        ),
        (Short(), "finished of the task observer .* must take metadata, name, outcome, ns, error"),
        (Recorder, "started of the task observer <class .*Recorder.* must take metadata, name"),
        (print, "has no method started"),
    ],
)
async def test_observer_that_cannot_be_told_is_refused_when_installed(observer: Any, said: str) -> None:
    loop = asyncio.get_running_loop()
    with pytest.raises(TypeError, match=said):
        install_task_factory(loop, observer)
    assert loop.get_task_factory() is None


async def test_names_are_strings_to_observers() -> None:
    recorder = Recorder()
    with install_task_factory(asyncio.get_running_loop(), recorder):
        task = create_task(succeed(), name=cast("Any", 7), metadata=METADATA)
        eager = create_task(succeed(), name=cast("Any", 8), eager_start=True, metadata=METADATA)
        await task
        await settle()
    assert (task.get_name(), eager.get_name()) == ("7", "8")
    assert [name for _, name in recorder.starts] == ["7", "8"]
    assert sorted(end[1] for end in recorder.ends) == ["7", "8"]
