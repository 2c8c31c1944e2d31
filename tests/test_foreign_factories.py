"""Factories and loops that refuse things, and what is told to ours beneath them."""

import asyncio
import contextvars
import functools
import gc
import threading
import warnings
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, cast

import pytest
import uvloop

from episodic import foreign_factories
from episodic.asyncio_tasks import (
    TASK_METADATA_KWARG,
    TaskMetadata,
    TaskObserver,
    create_task,
    create_task_in_group,
    current_task_metadata,
    install_task_factory,
    parse_task_name,
    task_metadata,
)

METADATA: TaskMetadata = {"operation_name": "a.b", "correlation_id": "job-7", "priority_hint": 1}
OTHER: TaskMetadata = {"operation_name": "c.d", "correlation_id": "job-8", "priority_hint": 2}

type Factory = Callable[..., Any]


async def read() -> TaskMetadata | None:
    return current_task_metadata()


async def read_own() -> TaskMetadata | None:
    return task_metadata(cast("Any", asyncio.current_task()))


class Names(TaskObserver):
    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        self.names.append(name)


def put(factory: Any) -> asyncio.AbstractEventLoop:
    loop = asyncio.get_running_loop()
    loop.set_task_factory(factory)
    return loop


# --- who takes the keyword ------------------------------------------------------------------------------


def refusing(calls: list[bool]) -> Factory:
    """Make a factory, a new closure of the same code each time, that refuses the keyword."""

    def refusing_factory(
        loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any
    ) -> Any:
        calls.append(TASK_METADATA_KWARG in kwargs)
        return asyncio.Task(coro, loop=loop, **kwargs)

    return refusing_factory


async def test_unknown_factory_is_tried_once_a_process_by_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        foreign_factories, "_refused", weakref.WeakKeyDictionary[Any, set[str]]()
    )  # as in a new process
    calls: list[bool] = []
    for _ in range(3):
        put(refusing(calls))
        for _ in range(2):
            assert await create_task(read(), name="mine", metadata=METADATA) == METADATA
    assert calls == [True, False, False, False, False, False, False]
    await asyncio.to_thread(lambda: asyncio.run(once_more(calls)))
    assert calls[-1] is False


async def once_more(calls: list[bool]) -> None:
    put(refusing(calls))
    await create_task(read(), metadata=METADATA)


async def test_factory_between_ours_is_tried_once_too() -> None:
    calls: list[bool] = []

    def between(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        calls.append(TASK_METADATA_KWARG in kwargs)
        return asyncio.Task(coro, loop=loop, **kwargs)

    loop = put(between)
    ours = install_task_factory(loop)

    def above(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        return ours(loop, coro, **kwargs)

    loop.set_task_factory(above)
    for _ in range(3):
        assert await create_task(read(), name="mine", metadata=METADATA) == METADATA
    assert calls == [True, False, False, False]


class Callables:
    """The ways in which a factory can be a callable."""

    def method(self, loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
        return asyncio.Task(coro, loop=loop, **kwargs)

    def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
        return asyncio.Task(coro, loop=loop, **kwargs)


class Plain(asyncio.Task[Any]):
    """A task that takes what asyncio's takes."""


@pytest.mark.parametrize(
    "factory",
    [
        Callables(),
        Callables().method,
        functools.partial(Callables().method),
        asyncio.create_eager_task_factory(Plain),
    ],
    ids=["object", "method", "partial", "eager with a task of its own"],
)
async def test_factory_of_any_kind_that_refuses(factory: Any) -> None:
    put(factory)
    for _ in range(2):
        task = create_task(read(), name="mine", metadata=METADATA)
        assert (task_metadata(task), await task) == (METADATA, METADATA)
    put(None)


class Compiled(Coroutine[Any, Any, TaskMetadata | None]):
    """A coroutine that is none of Python's, like Cython's: nobody can ask it whether it has started."""

    def __await__(self) -> Any:
        return self

    def send(self, value: object, /) -> Any:
        raise StopIteration(current_task_metadata())

    def throw(self, *error: Any) -> Any:
        raise error[0]

    def close(self) -> None:
        pass


@pytest.mark.parametrize("eager_start", [None, True])
async def test_coroutine_of_another_kind_under_a_factory_that_refuses(eager_start: bool | None) -> None:
    put(refusing([]))
    named = create_task(Compiled(), name="mine", eager_start=eager_start, metadata=METADATA)
    unnamed = create_task(Compiled(), eager_start=eager_start, metadata=METADATA)
    put(None)
    assert [await named, await unnamed] == [METADATA, METADATA]
    assert (named.get_name(), parse_task_name(unnamed.get_name()) is None) == ("mine", False)


async def test_task_that_a_foreign_factory_starts_at_once_is_named_and_keeps_the_name_that_it_takes() -> None:
    async def rename() -> None:
        cast("Any", asyncio.current_task()).set_name("its own")

    put(asyncio.eager_task_factory)
    unnamed = create_task(read(), metadata=METADATA)
    renamed = create_task(rename(), name="mine", metadata=METADATA)
    put(None)
    await asyncio.gather(unnamed, renamed)
    assert parse_task_name(unnamed.get_name()) is not None
    assert renamed.get_name() == "its own"


async def test_eager_factory_hands_the_keyword_to_a_task_that_takes_it() -> None:
    taken: list[Any] = []

    class Taking(asyncio.Task[Any]):
        def __init__(self, coro: Any, *, episodic_task_metadata: Any = None, **kwargs: Any) -> None:
            taken.append(episodic_task_metadata)
            super().__init__(coro, **kwargs)

    put(asyncio.create_eager_task_factory(cast("Any", Taking)))
    task = create_task(read(), metadata=METADATA)
    assert isinstance(task, Taking)
    put(None)
    assert taken == [METADATA]


async def test_nothing_is_remembered_of_a_factory_whose_code_is_gone() -> None:
    namespace: dict[str, Any] = {"asyncio": asyncio}
    source = "def factory(loop, coro, **kwargs): return asyncio.Task(coro, loop=loop, **kwargs)"
    exec(source, namespace)  # the code dies with the function
    put(namespace["factory"])
    await create_task(read(), metadata=METADATA)
    put(None)
    alive = weakref.ref(namespace.pop("factory").__code__)
    gc.collect()
    assert alive() is None


# --- no warning is swallowed, none is made ---------------------------------------------------------------


def filters() -> list[Any]:
    return list(warnings.filters)


async def test_no_filter_stands_around_the_first_step() -> None:
    """Not even on the first call, on which an unknown factory is tried."""

    def eager(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
        kwargs.pop(TASK_METADATA_KWARG, None)
        return asyncio.Task(coro, loop=loop, eager_start=True, **kwargs)

    inside: list[Any] = []

    async def forgets() -> None:
        read()  # pyright: ignore[reportUnusedCoroutine]
        inside.append(filters())

    put(eager)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = filters()
        await create_task(forgets(), metadata=METADATA)
    assert inside == [before]
    assert ["read' was never awaited" in str(warning.message) for warning in caught] == [True]


async def test_filters_are_as_they_were_after_many_threads() -> None:
    def work() -> None:
        async def main() -> None:
            put(refusing([]))
            for _ in range(20):
                await create_task(read(), metadata=METADATA)

        asyncio.run(main())

    before = filters()
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert filters() == before


async def test_a_wrapper_that_is_refused_warns_of_its_own_wrapper_once() -> None:
    def wrapping(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
        async def wrapper() -> Any:
            return await coro

        return asyncio.Task(wrapper(), loop=loop, **kwargs)

    put(wrapping)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            assert await create_task(read(), metadata=METADATA) == METADATA
    assert ["wrapper" in str(warning.message) for warning in caught] == [True]


# --- the cell --------------------------------------------------------------------------------------------


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["standard", "uvloop"])
def runner(request: pytest.FixtureRequest) -> Any:
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner


def over(beneath: Any, *, steps_first: bool = False, drops: bool = True) -> Factory:
    """Make a foreign factory over another, that may start something of its own before it calls that."""

    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
        if steps_first and coro.__name__ != "plain_child":
            asyncio.Task(plain_parent(), loop=loop, eager_start=True)
        if drops:
            kwargs.pop(TASK_METADATA_KWARG, None)
        return beneath(loop, coro, **kwargs)

    return factory


children: list[asyncio.Task[Any]] = []


async def plain_parent() -> None:
    children.append(asyncio.create_task(plain_child(), name="plain"))


async def plain_child() -> None:
    pass


@pytest.mark.parametrize("drops", [True, False])
def test_ours_beneath_a_foreign_one_is_told(runner: Any, drops: bool) -> None:
    names = Names()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        ours = install_task_factory(loop, names)
        put(over(ours, drops=drops))
        task = create_task(read(), name="mine", metadata=METADATA)
        unnamed = create_task(read(), metadata=METADATA)
        async with asyncio.TaskGroup() as group:
            create_task_in_group(group, read(), name="grouped", metadata=METADATA)
        assert [await task, await unnamed] == [METADATA, METADATA]
        assert names.names == ["mine", unnamed.get_name(), "grouped"]
        assert parse_task_name(unnamed.get_name()) is not None

    runner.run(main())


def test_record_counts_only_for_the_task_that_filled_the_cell(runner: Any) -> None:
    names = Names()
    children.clear()

    async def main() -> None:
        ours = install_task_factory(asyncio.get_running_loop(), names)
        put(over(ours, steps_first=True))
        await create_task(read(), name="mine", metadata=METADATA)
        assert names.names == ["mine"]
        assert [task_metadata(child) for child in children] == [None]
        await asyncio.gather(*children)

    runner.run(main())


async def test_cell_is_empty_after_a_call_that_fails() -> None:
    names = Names()
    loop = asyncio.get_running_loop()
    ours = install_task_factory(loop, names)

    def broken(*_: object, **__: object) -> Any:
        raise LookupError("broken")

    put(broken)
    with pytest.raises(LookupError):
        create_task(read(), metadata=METADATA)
    loop.set_task_factory(ours)
    task = asyncio.create_task(read())
    assert (task_metadata(task), await task, names.names) == (None, None, [])


@pytest.mark.parametrize("steps", [read, plain_child])
async def test_contexts_that_outlive_the_call_keep_no_coroutine(steps: Any) -> None:
    kept: list[contextvars.Context] = []

    async def keep() -> None:
        kept.append(contextvars.copy_context())

    task = create_task(keep(), eager_start=True, metadata=METADATA)
    alive = weakref.ref(task)
    del task
    gc.collect()
    assert alive() is None
    creation = kept[0].get(foreign_factories.current)
    assert creation is not None
    assert (creation.coro, creation.creator, creation.record) == (None, None, None)


async def test_callback_in_a_context_that_outlives_the_call_finds_no_full_cell() -> None:
    kept: list[contextvars.Context] = []
    made: asyncio.Future[asyncio.Task[Any]] = asyncio.get_running_loop().create_future()

    async def keep() -> None:
        kept.append(contextvars.copy_context())

    await create_task(keep(), name="mine", eager_start=True, metadata=METADATA)
    loop = asyncio.get_running_loop()
    with install_task_factory(loop):  # nobody has taken the cell until now, and in a callback no task runs
        loop.call_soon(lambda: made.set_result(asyncio.create_task(read_own())), context=kept[0])
        task = await made
        assert task.get_name().startswith("Task-")
        assert await task is None


# --- the eager first step --------------------------------------------------------------------------------


def wrapping_over(beneath: Any) -> Factory:
    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
        kwargs.pop(TASK_METADATA_KWARG, None)

        async def wrapper() -> Any:
            return await coro

        return beneath(loop, wrapper(), **kwargs) if beneath else asyncio.Task(wrapper(), loop=loop, **kwargs)

    return factory


STACKS: dict[str, Callable[[asyncio.AbstractEventLoop], None]] = {
    "bare": lambda _: None,
    "ours": lambda loop: cast("None", install_task_factory(loop)),
    "eager": lambda loop: loop.set_task_factory(asyncio.eager_task_factory),
    "wrapper": lambda loop: loop.set_task_factory(cast("Any", wrapping_over(None))),
    "wrapper over eager": lambda loop: loop.set_task_factory(
        cast("Any", wrapping_over(asyncio.eager_task_factory))
    ),
    "ours over wrapper": lambda loop: (
        loop.set_task_factory(cast("Any", wrapping_over(None))),
        cast("None", install_task_factory(loop)),
    )[1],
}


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("supplied", [False, True], ids=["own context", "supplied context"])
def test_task_reads_its_own_in_the_first_step(runner: Any, stack: str, supplied: bool) -> None:
    async def first_step() -> tuple[Any, ...]:
        task = cast("Any", asyncio.current_task())

        async def child() -> tuple[Any, ...]:
            return task_metadata(cast("Any", asyncio.current_task())), task_metadata(task)

        plain = asyncio.create_task(child(), eager_start=True)
        own = create_task(read_own(), eager_start=True, metadata=OTHER)
        return task_metadata(task), current_task_metadata(), await plain, await own

    async def main() -> tuple[Any, ...]:
        STACKS[stack](asyncio.get_running_loop())
        context = contextvars.copy_context() if supplied else None
        return await create_task(first_step(), context=context, eager_start=True, metadata=METADATA)

    own, current, (childs, parents), others = runner.run(main())
    assert (own, current, others) == (METADATA, METADATA, OTHER)
    assert childs is None
    assert parents in (None, METADATA)  # not the running task any more, and nothing to read it off yet


async def test_creator_has_nothing_of_what_it_creates() -> None:
    seen: list[Any] = []
    creator = cast("Any", asyncio.current_task())

    async def look() -> None:
        seen.append(task_metadata(creator))

    await create_task(look(), eager_start=True, metadata=METADATA)
    assert seen == [None]


# --- what uvloop forwards --------------------------------------------------------------------------------


@pytest.mark.parametrize("metadata", [None, METADATA])
def test_uvloop_hands_on_nothing_that_was_not_supplied(metadata: TaskMetadata | None) -> None:
    calls: list[dict[str, Any]] = []

    def two_arguments(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
        calls.append(kwargs)
        return asyncio.Task(coro, loop=loop)

    async def main() -> None:
        loop = put(two_arguments)
        with install_task_factory(loop):
            assert await create_task(read(), metadata=metadata) == metadata
            if metadata is None:
                await asyncio.create_task(read())
        loop.set_task_factory(None)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
    assert all(kwargs.keys() <= {TASK_METADATA_KWARG} for kwargs in calls)
    assert len(calls) == (2 if metadata is None else 1)
