"""Where metadata can be read: contexts, children, threads, eager steps."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, cast

import pytest

from episodic.asyncio_tasks import (
    TASK_METADATA_KWARG,
    TaskMetadata,
    TaskObserver,
    create_task,
    create_task_in_group,
    current_task_metadata,
    install_task_factory,
    task_metadata,
)

METADATA: TaskMetadata = {"operation_name": "a.b", "correlation_id": "job-7", "priority_hint": 1}
OTHER: TaskMetadata = {"operation_name": "c.d", "correlation_id": "job-8", "priority_hint": 2}


@pytest.fixture(params=["bare", "ours", "ours twice", "eager", "ours over eager"])
async def loop(request: pytest.FixtureRequest) -> AsyncGenerator[asyncio.AbstractEventLoop]:
    """Provide a loop in each state that reading must not depend on."""
    loop = asyncio.get_running_loop()
    if "eager" in request.param:
        loop.set_task_factory(asyncio.eager_task_factory)
    for _ in range({"ours": 1, "ours over eager": 1, "ours twice": 2}.get(request.param, 0)):
        install_task_factory(loop)
    yield loop
    loop.set_task_factory(None)


async def read() -> TaskMetadata | None:
    await asyncio.sleep(0)
    return current_task_metadata()


async def read_at_once() -> TaskMetadata | None:
    return current_task_metadata()


@pytest.mark.parametrize("name", ["mine", None])
async def test_task_reads_its_own(loop: asyncio.AbstractEventLoop, name: str | None) -> None:
    task = create_task(read(), name=name, metadata=METADATA)
    assert (task_metadata(task), await task) == (METADATA, METADATA)


async def test_plain_child_inherits_but_has_none_of_its_own(loop: asyncio.AbstractEventLoop) -> None:
    async def parent() -> None:
        child = asyncio.create_task(read())
        assert (task_metadata(child), await child) == (None, METADATA)

    await create_task(parent(), metadata=METADATA)


async def test_grandchild_through_a_plain_child_inherits(loop: asyncio.AbstractEventLoop) -> None:
    async def child() -> TaskMetadata | None:
        return await asyncio.create_task(read())

    async def parent() -> TaskMetadata | None:
        return await asyncio.create_task(child())

    assert await create_task(parent(), metadata=METADATA) == METADATA


async def test_gathered_children_inherit(loop: asyncio.AbstractEventLoop) -> None:
    async def parent() -> tuple[TaskMetadata | None, TaskMetadata | None]:
        one, two = await asyncio.gather(read(), read())
        return one, two

    assert await create_task(parent(), metadata=METADATA) == (METADATA, METADATA)


async def test_children_in_a_group_inherit(loop: asyncio.AbstractEventLoop) -> None:
    async def parent() -> TaskMetadata | None:
        async with asyncio.TaskGroup() as group:
            child = group.create_task(read())
        return child.result()

    assert await create_task(parent(), metadata=METADATA) == METADATA


async def test_thread_inherits(loop: asyncio.AbstractEventLoop) -> None:
    async def parent() -> tuple[int, TaskMetadata | None]:
        return await asyncio.to_thread(lambda: (threading.get_ident(), current_task_metadata()))

    thread, metadata = await create_task(parent(), metadata=METADATA)
    assert thread != threading.get_ident()
    assert metadata == METADATA


async def test_callback_of_a_task_inherits(loop: asyncio.AbstractEventLoop) -> None:
    seen: list[TaskMetadata | None] = []

    async def parent() -> None:
        loop.call_soon(lambda: seen.append(current_task_metadata()))

    await create_task(parent(), metadata=METADATA)
    await asyncio.sleep(0)
    assert seen == [METADATA]


@pytest.mark.parametrize("name", ["child", None])
async def test_creator_keeps_what_it_had(loop: asyncio.AbstractEventLoop, name: str | None) -> None:
    async def parent() -> TaskMetadata | None:
        await create_task(read(), name=name, metadata=OTHER)
        return current_task_metadata()

    assert await create_task(parent(), name=name, metadata=METADATA) == METADATA
    assert current_task_metadata() is None


async def test_each_field_is_inherited_on_its_own(loop: asyncio.AbstractEventLoop) -> None:
    async def parent() -> None:
        child = create_task(read(), metadata={"operation_name": "c.d"})
        assert await child == {**METADATA, "operation_name": "c.d"} == task_metadata(child)

    await create_task(parent(), metadata=METADATA)


async def test_eager_first_step_reads_its_own(loop: asyncio.AbstractEventLoop) -> None:
    task = create_task(read_at_once(), eager_start=True, metadata=METADATA)
    assert task.done()
    assert task.result() == METADATA


async def test_eager_first_step_passes_it_on(loop: asyncio.AbstractEventLoop) -> None:
    async def parent() -> TaskMetadata | None:
        return await asyncio.create_task(read())

    assert await create_task(parent(), eager_start=True, metadata=METADATA) == METADATA


async def test_eager_task_in_a_group(loop: asyncio.AbstractEventLoop) -> None:
    async with asyncio.TaskGroup() as group:
        task = create_task_in_group(group, read_at_once(), eager_start=True, metadata=METADATA)
        assert task.done()
    assert (task.result(), task_metadata(task)) == (METADATA, METADATA)


async def test_readers_get_copies(loop: asyncio.AbstractEventLoop) -> None:
    async def vandal() -> TaskMetadata | None:
        metadata = current_task_metadata()
        assert metadata is not None
        metadata["operation_name"] = "vandalized"
        return current_task_metadata()

    given = METADATA.copy()
    task = create_task(vandal(), metadata=given)
    given["operation_name"] = "vandalized"
    cast("TaskMetadata", task_metadata(task))["operation_name"] = "vandalized"
    assert await task == METADATA == task_metadata(task)


# --- a context that the caller supplies --------------------------------------------------------------

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")


async def context_of_the_task() -> contextvars.Context:
    task = asyncio.current_task()
    assert task is not None
    return task.get_context()


@pytest.mark.parametrize("eager_start", [None, False, True])
async def test_supplied_context_is_the_tasks_and_ends_as_it_was(
    loop: asyncio.AbstractEventLoop, eager_start: bool | None
) -> None:
    context = contextvars.Context()
    context.run(variable.set, "here")
    task = create_task(context_of_the_task(), context=context, eager_start=eager_start, metadata=METADATA)
    assert await task is context
    assert dict(context) == {variable: "here"}


@pytest.mark.parametrize("eager_start", [None, False, True])
async def test_tasks_that_share_a_context_keep_their_own(
    loop: asyncio.AbstractEventLoop, eager_start: bool | None
) -> None:
    context = contextvars.copy_context()
    one = create_task(read(), context=context, eager_start=eager_start, metadata=METADATA)
    two = create_task(read(), context=context, eager_start=eager_start, metadata=OTHER)
    assert await asyncio.gather(one, two) == [METADATA, OTHER]


@pytest.mark.parametrize("eager_start", [None, True])
@pytest.mark.parametrize("carried", [None, OTHER])
async def test_supplied_context_says_what_it_said_to_children_threads_callbacks_and_logs(
    loop: asyncio.AbstractEventLoop, eager_start: bool | None, carried: TaskMetadata | None
) -> None:
    """One rule: the task reads its own, and whatever copies the context reads what that carried."""

    async def context_of_another() -> contextvars.Context:
        return contextvars.copy_context()

    async def parent() -> dict[str, TaskMetadata | None]:
        called: asyncio.Future[TaskMetadata | None] = loop.create_future()
        loop.call_soon(lambda: called.set_result(current_task_metadata()))
        return {
            "itself, and what it logs": current_task_metadata(),
            "in the first step": await asyncio.create_task(read()),
            "later": await asyncio.create_task(read()),
            "gathered": (await asyncio.gather(read()))[0],
            "thread": await asyncio.to_thread(current_task_metadata),
            "callback": await called,
            "itself, later": current_task_metadata(),
            "its instrumented child's fields": await create_task(read(), metadata={"priority_hint": 9}),
        }

    context = await create_task(context_of_another(), metadata=carried)
    task = create_task(parent(), context=context, eager_start=eager_start, metadata=METADATA)
    assert await task == {
        "itself, and what it logs": METADATA,
        "in the first step": carried,
        "later": carried,
        "gathered": carried,
        "thread": carried,
        "callback": carried,
        "itself, later": METADATA,
        "its instrumented child's fields": {**METADATA, "priority_hint": 9},
    }


async def test_observer_of_a_child_reads_the_childs_though_its_creator_has_a_supplied_context() -> None:
    seen: list[TaskMetadata | None] = []

    class Reader(TaskObserver):
        def started(self, metadata: TaskMetadata, name: str, /) -> None:
            seen.append(current_task_metadata())

    async def parent() -> None:
        await create_task(read(), metadata=OTHER)

    with install_task_factory(asyncio.get_running_loop(), Reader()):
        await create_task(parent(), context=contextvars.copy_context(), metadata=METADATA)
    assert seen == [METADATA, OTHER]


async def test_entered_context_starts_lazily(loop: asyncio.AbstractEventLoop) -> None:
    task = create_task(read(), context=entered_context(), metadata=METADATA)
    assert not task.done()
    assert await task == METADATA


async def test_entered_context_without_metadata_starts_lazily_too(loop: asyncio.AbstractEventLoop) -> None:
    task = create_task(read_at_once(), context=entered_context())
    assert not task.done()
    assert await task is None


@pytest.mark.parametrize("metadata", [METADATA, None])
async def test_eager_start_in_an_entered_context_is_refused(
    loop: asyncio.AbstractEventLoop, metadata: TaskMetadata | None
) -> None:
    coro = read()
    with pytest.raises(RuntimeError, match=r"context\.copy\(\)"):
        create_task(coro, context=entered_context(), eager_start=True, metadata=metadata)
    assert coro.cr_frame is None


async def test_eager_start_in_an_entered_context_is_refused_by_the_raw_keyword_too() -> None:
    coro = read()
    refused = pytest.raises(RuntimeError, match=r"context\.copy\(\)")
    with install_task_factory(asyncio.get_running_loop()), refused:
        cast("Any", asyncio.create_task)(
            coro, context=entered_context(), eager_start=True, episodic_task_metadata=METADATA
        )
    assert coro.cr_frame is None


def entered_context() -> contextvars.Context:
    """Return the running task's context, which is entered by nature."""
    task = asyncio.current_task()
    assert task is not None
    return task.get_context()


async def test_entered_context_under_a_factory_that_knows_no_eager_start() -> None:
    def plain(
        loop: asyncio.AbstractEventLoop,
        coro: Coroutine[Any, Any, Any],
        *,
        name: str | None = None,
        context: contextvars.Context | None = None,
    ) -> asyncio.Task[Any]:
        return asyncio.Task(coro, loop=loop, name=name, context=context)

    asyncio.get_running_loop().set_task_factory(cast("Any", plain))
    for metadata in (METADATA, None):
        assert await create_task(read(), context=entered_context(), metadata=metadata) == metadata


async def test_custom_factory_gets_the_supplied_context_itself() -> None:
    received: list[Any] = []

    def factory(
        loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any
    ) -> asyncio.Task[Any]:
        received.append(kwargs.get("context"))
        kwargs.pop(TASK_METADATA_KWARG, None)
        return asyncio.Task(coro, loop=loop, **kwargs)

    context = contextvars.copy_context()
    asyncio.get_running_loop().set_task_factory(cast("Any", factory))
    await create_task(read(), context=context, metadata=METADATA)
    assert received[0] is context
