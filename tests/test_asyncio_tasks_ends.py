"""Observers hear of the end of every task, once, whatever becomes of it."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Coroutine
from typing import Any, cast

import pytest

from episodic.asyncio_tasks import (
    TaskMetadata,
    TaskObserver,
    TaskOutcome,
    create_task,
    install_task_factory,
    run,
)
from tests.observing import METADATA, Recorder, settle, succeed, wait_forever

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
