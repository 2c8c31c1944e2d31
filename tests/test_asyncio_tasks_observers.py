"""Observers: told of starts and ends, unable to change anything."""

import asyncio
import contextvars
import gc
import logging
import threading
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

METADATA: TaskMetadata = {"operation_name": "a.b", "correlation_id": "job-7", "priority_hint": 1}


class Recorder(TaskObserver):
    def __init__(self) -> None:
        self.starts: list[tuple[TaskMetadata, str]] = []
        self.ends: list[tuple[TaskMetadata, str, TaskOutcome, int, BaseException | None]] = []

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        self.starts.append((metadata, name))

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        self.ends.append((metadata, name, outcome, ns, error))


async def succeed() -> int:
    return 1


async def fail() -> None:
    raise LookupError("nothing there")


async def wait_forever() -> None:
    await asyncio.Event().wait()


@pytest.fixture(params=[None, False, True], ids=["as asyncio", "lazy", "eager"])
def eager_start(request: pytest.FixtureRequest) -> bool | None:
    return request.param


async def settle() -> None:
    """Let callbacks of finished tasks run."""
    for _ in range(3):
        await asyncio.sleep(0)


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


# --- whatever becomes of the task ---------------------------------------------------------------------


type End = tuple[str, TaskOutcome, type[BaseException] | None]


class Ends(Recorder):
    """Notes starts and ends, and fails the test when one is told twice or without a start."""

    def ended(self) -> list[End]:
        assert sorted(end[1] for end in self.ends) == sorted(name for _, name in self.starts)
        return [(name, outcome, error and type(error)) for _, name, outcome, _, error in self.ends]


async def test_task_that_a_failing_factory_does_not_make_is_lost() -> None:
    def broken(*_: object, **__: object) -> Any:
        raise LookupError("broken")

    ends = Ends()
    loop = asyncio.get_running_loop()
    loop.set_task_factory(broken)
    with install_task_factory(loop, ends), pytest.raises(LookupError):
        create_task(succeed(), name="mine", metadata=METADATA)
    loop.set_task_factory(None)
    assert ends.ended() == [("mine", "lost", LookupError)]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_interruption_of_an_eager_step_is_told(interruption: type[BaseException]) -> None:
    ends = Ends()

    async def interrupted() -> None:
        raise interruption

    async def main() -> None:
        create_task(interrupted(), name="mine", eager_start=True, metadata=METADATA)

    with pytest.raises(interruption):
        run(main(), observers=[ends])
    assert ends.ended() == [("mine", "raised", interruption)]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("hook", ["started", "finished"])
def test_interruption_of_a_hook_goes_on_when_all_have_been_told(
    hook: str, interruption: type[BaseException]
) -> None:
    def interrupted(*_: object) -> None:
        raise interruption

    observer = cast("TaskObserver", type("Interrupted", (TaskObserver,), {hook: interrupted})())
    before, after = Ends(), Ends()

    async def main() -> None:
        await create_task(succeed(), name="mine", metadata=METADATA)

    with pytest.raises(interruption):
        run(main(), observers=[before, observer, after])
    told = ("mine", "lost", interruption) if hook == "started" else ("mine", "returned", None)
    assert before.ended() == after.ended() == [told]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
async def test_task_whose_start_an_observer_interrupts_takes_no_step(
    interruption: type[BaseException],
) -> None:
    def interrupted(*_: object) -> None:
        raise interruption

    steps: list[str] = []

    async def step() -> None:
        steps.append("taken")

    observer = cast("TaskObserver", type("Interrupted", (TaskObserver,), {"started": interrupted})())
    before = asyncio.all_tasks()
    with install_task_factory(asyncio.get_running_loop(), observer), pytest.raises(interruption):
        create_task(step(), metadata=METADATA)
    made = asyncio.all_tasks() - before
    await settle()
    assert steps == []
    assert all(task.cancelled() for task in made)


async def test_task_pending_when_its_factory_goes_is_lost_and_not_told_again() -> None:
    ends, others = Ends(), Ends()
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    with install_task_factory(loop, others):
        with install_task_factory(loop, ends):
            task = create_task(event.wait(), name="mine", metadata=METADATA)
            done = create_task(succeed(), name="done", metadata=METADATA)
            await done
            await settle()
        assert ends.ended() == [("done", "returned", None), ("mine", "lost", None)]
        event.set()
        await task
        await settle()
    assert ends.ended() == [("done", "returned", None), ("mine", "lost", None)]
    assert others.ended() == [("done", "returned", None), ("mine", "returned", None)]


async def test_task_pending_when_the_factory_beneath_goes_is_lost_to_that_one_only() -> None:
    beneath, above = Ends(), Ends()
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    lower = install_task_factory(loop, beneath)
    with install_task_factory(loop, above):
        task = create_task(event.wait(), name="mine", metadata=METADATA)
        await asyncio.sleep(0)
        lower.uninstall()
        assert (beneath.ended(), above.ends) == ([("mine", "lost", None)], [])
        event.set()
        await task
        await settle()
    assert beneath.ended() == [("mine", "lost", None)]
    assert above.ended() == [("mine", "returned", None)]


async def test_factory_that_is_taken_off_beneath_a_foreign_one_tells_of_no_further_task() -> None:
    recorder = Recorder()
    loop = asyncio.get_running_loop()
    ours = install_task_factory(loop, recorder)

    def foreign(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        return ours(loop, coro, **kwargs)

    loop.set_task_factory(cast("Any", foreign))
    await create_task(succeed(), name="before", metadata=METADATA)
    ours.uninstall()
    await create_task(succeed(), name="after", metadata=METADATA)
    loop.set_task_factory(None)
    assert recorder.starts == [(METADATA, "before")]


async def test_task_may_take_off_its_own_factory() -> None:
    ends = Ends()
    factory = install_task_factory(asyncio.get_running_loop(), ends)

    async def leave() -> None:
        factory.uninstall()

    await create_task(leave(), name="mine", metadata=METADATA)
    await settle()
    assert ends.ended() == [("mine", "lost", None)]


def test_task_pending_when_its_run_ends_is_lost() -> None:
    ends = Ends()

    class Interrupted(BaseException):
        """What a task may raise that leaves the loop at once."""

    class Loop(asyncio.SelectorEventLoop):
        def run_until_complete(self, future: Any) -> Any:
            if ends.starts:  # what would cancel the rest and wait for it
                raise Interrupted
            return super().run_until_complete(future)

    async def main() -> asyncio.Task[None]:
        return create_task(wait_forever(), name="mine", metadata=METADATA)

    with pytest.raises(Interrupted):
        run(main(), observers=[ends], loop_factory=Loop)
    assert ends.ended() == [("mine", "lost", None)]


def test_task_cancelled_at_the_end_of_its_run_is_cancelled() -> None:
    ends = Ends()

    async def main() -> None:
        create_task(wait_forever(), name="mine", metadata=METADATA)
        await asyncio.sleep(0)

    run(main(), observers=[ends])
    assert ends.ended() == [("mine", "cancelled", None)]


def be_silent(loop: asyncio.AbstractEventLoop) -> None:
    """Do not report what asyncio reports too: that a task was destroyed while it was pending."""

    def ignore(loop: asyncio.AbstractEventLoop, report: dict[str, Any]) -> None:
        pass

    loop.set_exception_handler(ignore)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_task_that_is_collected_is_lost() -> None:
    ends = Ends()
    be_silent(asyncio.get_running_loop())
    with install_task_factory(asyncio.get_running_loop(), ends):
        create_task(wait_forever(), name="mine", metadata=METADATA)
        await asyncio.sleep(0)
        gc.collect()
        assert ends.ends == []  # not while anything may be interrupted by it
        await settle()
        assert ends.ended() == [("mine", "lost", None)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_task_that_is_collected_with_its_loop_is_lost() -> None:
    ends = Ends()

    def abandon() -> None:
        loop = asyncio.new_event_loop()
        be_silent(loop)
        install_task_factory(loop, ends)

        async def main() -> None:
            create_task(wait_forever(), name="mine", metadata=METADATA)
            await asyncio.sleep(0)

        loop.run_until_complete(main())

    abandon()
    gc.collect()
    assert ends.ended() == [("mine", "lost", None)]


async def test_lock_of_an_observer_is_not_waited_for_where_a_task_is_collected() -> None:
    class Locked(Ends):
        lock = threading.Lock()

        def finished(
            self,
            metadata: TaskMetadata,
            name: str,
            outcome: TaskOutcome,
            ns: int,
            error: BaseException | None,
            /,
        ) -> None:
            assert self.lock.acquire(blocking=False), "told while it was busy"
            gc.collect()
            super().finished(metadata, name, outcome, ns, error)
            self.lock.release()

    ends = Locked()
    be_silent(asyncio.get_running_loop())
    with install_task_factory(asyncio.get_running_loop(), ends):
        create_task(wait_forever(), name="collected", metadata=METADATA)
        task = create_task(succeed(), name="returned", metadata=METADATA)
        await task
        await settle()
    assert ends.ended() == [("returned", "returned", None), ("collected", "lost", None)]


async def test_future_that_tells_of_no_end_is_made_all_the_same() -> None:
    class Sealed:
        __slots__ = ("task",)

        def __init__(self, task: asyncio.Task[Any]) -> None:
            self.task = task

    def sealing(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        kwargs.pop("episodic_task_metadata", None)
        return Sealed(asyncio.Task(coro, loop=loop, **kwargs))

    ends = Ends()
    loop = asyncio.get_running_loop()
    loop.set_task_factory(cast("Any", sealing))
    with install_task_factory(loop, ends):
        made = cast("Any", create_task(succeed(), name="mine", metadata=METADATA))
        assert await made.task == 1
    loop.set_task_factory(None)
    assert ends.ended() == [("mine", "lost", None)]


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


@pytest.mark.parametrize("observed", [True, False])
async def test_failed_first_step_keeps_its_task_in_no_cycle(observed: bool) -> None:
    async def fail() -> None:
        raise LookupError

    def step_at_once(loop: asyncio.AbstractEventLoop, coro: Any, **_: object) -> asyncio.Future[Any]:
        future = loop.create_future()
        try:
            coro.send(None)
        except LookupError as error:  # its traceback has this frame, and so all that called
            future.set_exception(error)
        try:
            return future
        finally:
            del future

    loop = asyncio.get_running_loop()
    loop.set_task_factory(step_at_once)
    factory = install_task_factory(loop, Recorder()) if observed else None
    gc.collect()
    gc.disable()
    try:
        task: Any = create_task(fail(), metadata=METADATA)
        assert isinstance(task.exception(), LookupError)
        reference = weakref.ref(task)
        del task
        for _ in range(3):
            await asyncio.sleep(0)
        assert reference() is None
    finally:
        gc.enable()
        if factory:
            factory.uninstall()
        loop.set_task_factory(None)


def test_interruption_goes_on_when_an_observer_after_it_raises() -> None:
    class Interrupting(Ends):
        def finished(self, metadata: TaskMetadata, name: str, /, *_: object) -> None:
            raise KeyboardInterrupt

    class Broken(Ends):
        def finished(self, metadata: TaskMetadata, name: str, /, *_: object) -> None:
            raise LookupError("broken")

    async def main() -> None:
        create_task(succeed(), eager_start=True, metadata=METADATA)

    with pytest.raises(KeyboardInterrupt):
        run(main(), observers=[Interrupting(), Broken()])


async def test_task_that_a_factory_starts_and_then_fails_to_make_is_lost() -> None:
    def failing(loop: asyncio.AbstractEventLoop, coro: Any, **_: object) -> Any:
        coro.send(None)
        raise LookupError("no task")

    ends = Ends()
    loop = asyncio.get_running_loop()
    loop.set_task_factory(failing)
    with install_task_factory(loop, ends), pytest.raises(LookupError, match="no task"):
        create_task(asyncio.sleep(0), name="mine", metadata=METADATA)
    loop.set_task_factory(None)
    assert [(end[1], end[2]) for end in ends.ends] == [("mine", "lost")]
