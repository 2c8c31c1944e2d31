"""The contract of `episodic.asyncio_tasks` on the standard event loop."""

import asyncio
import contextvars
import inspect
import itertools
from collections import ChainMap, UserDict
from collections.abc import Coroutine
from functools import partial
from types import MappingProxyType
from typing import Any, Unpack, cast

import pytest

from episodic.asyncio_tasks import (
    TASK_METADATA_KWARG,
    MetadataTaskFactory,
    TaskCreateKwargs,
    TaskMetadata,
    TaskObserver,
    create_task,
    create_task_in_group,
    current_task_metadata,
    install_task_factory,
    parse_task_name,
    run,
    task_metadata,
    task_name,
)

METADATA: TaskMetadata = {
    "operation_name": "canonical.ingestion.normalize",
    "correlation_id": "job-7",
    "priority_hint": 3,
}


async def read() -> TaskMetadata | None:
    return current_task_metadata()


class Recorder:
    """A custom task factory that remembers the keywords of each call."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def __call__(
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any
    ) -> asyncio.Task[Any]:
        self.calls.append(dict(kwargs))
        kwargs.pop(TASK_METADATA_KWARG, None)
        return asyncio.Task(coro, loop=loop, **kwargs)


def record() -> Recorder:
    """Put a recorder on the running loop; a fixture would record the test's own task too."""
    recorder = Recorder()
    asyncio.get_running_loop().set_task_factory(cast("Any", recorder))
    return recorder


async def test_custom_factory_receives_what_was_given() -> None:
    recorder = record()
    context = contextvars.copy_context()
    await create_task(read(), name="mine", context=context, eager_start=False, metadata=METADATA)
    assert recorder.calls == [
        {"name": "mine", "context": context, "eager_start": False, TASK_METADATA_KWARG: METADATA}
    ]
    assert recorder.calls[0]["context"] is context


async def test_custom_factory_receives_what_was_given_to_a_group() -> None:
    recorder = record()
    context = contextvars.copy_context()
    async with asyncio.TaskGroup() as group:
        task = create_task_in_group(
            group, read(), name="mine", context=context, eager_start=True, metadata=METADATA
        )
    assert recorder.calls == [
        {"name": "mine", "context": context, "eager_start": True, TASK_METADATA_KWARG: METADATA}
    ]
    assert task.result() == METADATA


async def test_what_was_not_given_is_not_forwarded() -> None:
    recorder = record()
    await create_task(read())
    await create_task(read(), metadata=METADATA)
    assert recorder.calls == [{}, {TASK_METADATA_KWARG: METADATA}]


@pytest.mark.parametrize(
    ("metadata", "error", "key"),
    [
        ({"colour": "red"}, ValueError, "colour"),
        (["operation_name"], TypeError, "must be a mapping, not list"),
        ("operation_name", TypeError, "must be a mapping, not str"),
        ({"operation_name": 3}, TypeError, "operation_name"),
        ({"correlation_id": b"7"}, TypeError, "correlation_id"),
        ({"priority_hint": True}, TypeError, "priority_hint"),
        ({"priority_hint": "3"}, TypeError, "priority_hint"),
        ({"operation_name": ""}, ValueError, "operation_name"),
        ({"correlation_id": ""}, ValueError, "correlation_id"),
        ({**METADATA, "operation_name": ""}, ValueError, "operation_name"),
        ({**METADATA, "correlation_id": ""}, ValueError, "correlation_id"),
        ({**METADATA, "priority_hint": True}, TypeError, "priority_hint"),
        ({**METADATA, "colour": "red"}, ValueError, "colour"),
    ],
)
async def test_bad_metadata_is_refused_and_the_coroutine_closed(
    metadata: object, error: type[Exception], key: str
) -> None:
    coro = read()
    with pytest.raises(error, match=key):
        create_task(coro, metadata=cast("Any", metadata))
    assert coro.cr_frame is None


async def test_all_unsupported_keys_are_named_sorted_by_their_repr() -> None:
    metadata = {1: "one", "unsupported_key": 2, (): 3, **METADATA}
    said = r"^Unsupported task metadata keys: 'unsupported_key', \(\), 1; there is operation_name"
    with pytest.raises(ValueError, match=said):
        create_task(read(), metadata=cast("Any", metadata))


@pytest.mark.parametrize("create", [create_task, partial(create_task_in_group, asyncio.TaskGroup())])
def test_all_unknown_keywords_are_named_and_the_coroutine_closed(create: Any) -> None:
    coro = read()
    with pytest.raises(
        TypeError, match=r"^create_task\w*\(\) got unexpected keyword arguments: 'colour', 'shape'$"
    ):
        create(coro, shape="round", colour="red", metadata={"also": "wrong"})
    assert coro.cr_frame is None


@pytest.mark.parametrize(
    ("kwargs", "error", "said"),
    [
        ({"metadata": {"colour": "red"}}, ValueError, "colour"),
        ({"metadata": {"priority_hint": "high"}}, TypeError, "priority_hint"),
        ({"metadata": 3}, TypeError, "mapping"),
        ({"context": {}}, TypeError, r"context must be a contextvars\.Context, not dict"),
        ({"context": {}, "metadata": METADATA}, TypeError, "context"),
    ],
)
@pytest.mark.parametrize("create", [create_task, partial(create_task_in_group, asyncio.TaskGroup())])
def test_a_mistake_is_the_same_mistake_without_a_loop(
    create: Any, kwargs: Any, error: type[Exception], said: str
) -> None:
    coro = read()
    with pytest.raises(error, match=said):
        create(coro, **kwargs)
    assert coro.cr_frame is None


@pytest.mark.parametrize(
    "mapping",
    [MappingProxyType(METADATA), ChainMap({"priority_hint": 3}, cast("Any", METADATA)), UserDict(METADATA)],
)
async def test_any_mapping_is_metadata(mapping: Any) -> None:
    task = create_task(read(), metadata=mapping)
    assert task_metadata(task) == METADATA == await task
    with install_task_factory(asyncio.get_running_loop()):
        raw = cast("Any", asyncio.create_task)(read(), episodic_task_metadata=mapping)
        assert task_metadata(raw) == METADATA == await raw


async def test_wrappers_take_the_same_keywords() -> None:
    def wrapper(coro: Coroutine[Any, Any, Any], **kwargs: Unpack[TaskCreateKwargs]) -> asyncio.Task[Any]:
        return create_task(coro, **kwargs)

    task = wrapper(read(), name="mine", context=None, eager_start=False, metadata=METADATA)
    assert (task.get_name(), await task) == ("mine", METADATA)
    assert TaskCreateKwargs.__annotations__.keys() == inspect.signature(create_task).parameters.keys() - {
        "coro",
        "unknown",
    }


@pytest.mark.parametrize("metadata", [{}, {"operation_name": None}])
async def test_empty_metadata_is_none(metadata: object) -> None:
    recorder = record()
    task = create_task(read(), metadata=cast("Any", metadata))
    assert recorder.calls == [{}]
    assert task_metadata(task) is None
    assert await task is None


async def test_metadata_without_a_factory() -> None:
    task = create_task(read(), name="mine", metadata=METADATA)
    assert (task.get_name(), task_metadata(task), await task) == ("mine", METADATA, METADATA)


async def test_partial_metadata_inherits_what_it_leaves_out() -> None:
    async def parent() -> TaskMetadata | None:
        return await create_task(read(), metadata={"priority_hint": 9})

    assert await create_task(parent(), metadata=METADATA) == {**METADATA, "priority_hint": 9}


def test_raw_keyword_is_metadata_under_our_factory() -> None:
    async def main() -> None:
        task = cast("Any", asyncio.create_task)(read(), episodic_task_metadata=METADATA)
        assert task_metadata(task) == METADATA
        assert await task == METADATA

    run(main())


async def test_uninstalled_factory_is_gone() -> None:
    loop = asyncio.get_running_loop()
    with install_task_factory(loop):
        assert loop.get_task_factory() is not None
    assert loop.get_task_factory() is None


async def test_unnamed_task_gets_a_name_that_can_be_read_back() -> None:
    task = create_task(read(), metadata=METADATA)
    found = parse_task_name(task.get_name())
    assert found is not None
    assert (found.operation_name, found.correlation_id) == ("canonical.ingestion.normalize", "job-7")
    await task


def test_name_with_a_label_is_read_back() -> None:
    found = parse_task_name(task_name(METADATA, "Folge 1 [äußerst kurz].vtt"))
    assert found is not None
    assert found.label == "Folge 1 [äußerst kurz].vtt"


async def test_custom_factory_gets_a_copy() -> None:
    recorder = record()
    task = create_task(read(), metadata=METADATA)
    recorder.calls[0][TASK_METADATA_KWARG]["operation_name"] = "vandalized"
    assert await task == METADATA == task_metadata(task)


def test_no_running_loop_closes_the_coroutine() -> None:
    coro = read()
    with pytest.raises(RuntimeError, match="no running event loop"):
        create_task(coro, metadata=METADATA)
    assert coro.cr_frame is None


async def test_finished_group_closes_the_coroutine() -> None:
    async with asyncio.TaskGroup() as group:
        pass
    coro = read()
    with pytest.raises(RuntimeError, match="is finished"):
        create_task_in_group(group, coro, metadata=METADATA)
    assert coro.cr_frame is None


# --- factories that refuse or fail -------------------------------------------------------------------


@pytest.mark.parametrize("metadata", [METADATA, None])
async def test_failing_factory_closes_the_coroutine_and_its_error_propagates(
    metadata: TaskMetadata | None,
) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise LookupError("broken")

    asyncio.get_running_loop().set_task_factory(broken)
    coro = read()
    with pytest.raises(LookupError, match="broken"):
        create_task(coro, metadata=metadata)
    asyncio.get_running_loop().set_task_factory(None)
    assert coro.cr_frame is None


@pytest.mark.parametrize("owner", ["asyncio", "loop"])
async def test_what_replaces_asyncios_own_makes_its_tasks(
    owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Teller(TaskObserver):
        def started(self, metadata: TaskMetadata, name: str, /) -> None:
            told.append(name)

    loop = asyncio.get_running_loop()
    replaced: Any = asyncio if owner == "asyncio" else loop
    original = replaced.create_task
    names: list[str] = []
    told: list[str] = []

    def traced(coro: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        names.append(name)  # and takes no other keyword
        return original(coro, name=name)

    monkeypatch.setattr(replaced, "create_task", traced)
    assert await create_task(read(), name="no factory", metadata=METADATA) == METADATA
    with install_task_factory(loop, Teller()):
        assert await create_task(read(), name="ours", metadata=METADATA) == METADATA
    monkeypatch.undo()
    assert names == ["no factory", "ours"]
    assert told == ["ours"]


@pytest.mark.parametrize("room", [("task", "__dict__"), ("task",)], ids=["with room", "without"])
async def test_what_replaces_asyncios_own_may_return_no_task(
    monkeypatch: pytest.MonkeyPatch, room: tuple[str, ...]
) -> None:
    class Teller(TaskObserver):
        def started(self, metadata: TaskMetadata, name: str, /) -> None:
            pass

    class Proxy:
        __slots__ = room

        def __init__(self, task: asyncio.Task[Any]) -> None:
            self.task = task

    original = asyncio.create_task

    def proxied(coro: Coroutine[Any, Any, Any], *, name: str) -> Proxy:
        return Proxy(original(coro, name=name))

    monkeypatch.setattr(asyncio, "create_task", proxied)
    with install_task_factory(asyncio.get_running_loop(), Teller()):
        made: Any = create_task(read(), name="mine", metadata=METADATA)
        assert await made.task == METADATA


@pytest.mark.parametrize("message", ["cannot compare", "unexpected keyword argument 'colour'"])
async def test_other_type_errors_are_no_refusal(message: str) -> None:
    calls: list[str] = []

    def broken(*_: object, **__: object) -> Any:
        calls.append(message)
        raise TypeError(message)

    asyncio.get_running_loop().set_task_factory(broken)
    coro = read()
    with pytest.raises(TypeError, match=message):
        create_task(coro, metadata=METADATA)
    asyncio.get_running_loop().set_task_factory(None)
    assert len(calls) == 1
    assert coro.cr_frame is None


async def test_type_error_after_the_first_step_is_no_refusal() -> None:
    calls: list[str] = []

    async def work() -> None:
        calls.append("step")
        await asyncio.sleep(0)

    def broken(_: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **__: object) -> Any:
        coro.send(None)
        raise TypeError(f"got an unexpected keyword argument '{TASK_METADATA_KWARG}'")

    asyncio.get_running_loop().set_task_factory(broken)
    with pytest.raises(TypeError):
        create_task(work(), metadata=METADATA)
    asyncio.get_running_loop().set_task_factory(None)
    assert calls == ["step"]


@pytest.mark.parametrize("ours", [False, True])
async def test_legacy_factory_of_two_arguments(ours: bool) -> None:
    def legacy(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return asyncio.Task(coro, loop=loop)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(legacy)
    if ours:
        install_task_factory(loop)
    task = create_task(read(), metadata=METADATA)
    assert task_metadata(task) == METADATA == await task
    assert parse_task_name(task.get_name()) is not None
    assert await create_task(read()) is None


async def test_factory_without_weak_references_works() -> None:
    class Slotted:
        __slots__ = ()

        def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
            return asyncio.Task(coro, loop=loop, **kwargs)

    asyncio.get_running_loop().set_task_factory(Slotted())
    for _ in range(2):
        assert await create_task(read(), name="mine", metadata=METADATA) == METADATA


class Sealed:
    """A task that takes no attribute of ours."""

    __slots__ = ("task",)

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self.task = task

    def __await__(self) -> Any:
        return self.task.__await__()


@pytest.mark.parametrize("ours", [False, True])
async def test_factory_whose_futures_have_no_room_works(ours: bool) -> None:
    def sealing(loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        kwargs.pop(TASK_METADATA_KWARG, None)
        return Sealed(asyncio.Task(coro, loop=loop, **kwargs))

    loop = asyncio.get_running_loop()
    loop.set_task_factory(sealing)
    if ours:
        install_task_factory(loop)
    made = create_task(read(), name="mine", metadata=METADATA)
    loop.set_task_factory(None)
    assert isinstance(made, Sealed)
    assert await made == METADATA


# --- our factory --------------------------------------------------------------------------------------


async def test_factory_of_a_subclass_is_called_once_a_task() -> None:
    calls: list[set[str]] = []

    class Counting(MetadataTaskFactory):
        def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
            calls.append(kwargs.keys() - {"name"})
            return super().__call__(loop, coro, **kwargs)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(Counting())
    raw: Any = asyncio.create_task
    assert await raw(read(), episodic_task_metadata=METADATA) == METADATA
    assert await create_task(read(), metadata=METADATA) == METADATA
    loop.set_task_factory(None)
    assert calls == [{TASK_METADATA_KWARG}] * 2


def test_factory_that_was_never_put_on_a_loop_may_be_taken_off() -> None:
    factory = MetadataTaskFactory()
    factory.uninstall()
    assert factory.removed


async def test_raw_keyword_in_a_group() -> None:
    with install_task_factory(asyncio.get_running_loop()):
        async with asyncio.TaskGroup() as group:
            task = cast("Any", group.create_task)(read(), episodic_task_metadata={"priority_hint": 1})
    assert task.result() == {"priority_hint": 1} == task_metadata(task)
    assert parse_task_name(task.get_name()) is not None


@pytest.mark.parametrize("metadata", [{}, {"operation_name": None}, None])
async def test_empty_raw_keyword_is_none(metadata: object) -> None:
    with install_task_factory(asyncio.get_running_loop()):
        task = cast("Any", asyncio.create_task)(read(), episodic_task_metadata=metadata)
        assert (task_metadata(task), await task) == (None, None)


@pytest.mark.parametrize(
    ("metadata", "error"), [({"colour": 1}, ValueError), ({"priority_hint": True}, TypeError), (3, TypeError)]
)
async def test_bad_raw_keyword_is_refused_and_the_coroutine_closed(
    metadata: object, error: type[Exception]
) -> None:
    coro = read()
    with install_task_factory(asyncio.get_running_loop()), pytest.raises(error):
        cast("Any", asyncio.create_task)(coro, episodic_task_metadata=metadata)
    assert coro.cr_frame is None


async def test_custom_factory_beneath_ours_still_receives_what_was_given() -> None:
    recorder = record()
    with install_task_factory(asyncio.get_running_loop()):
        await create_task(read(), name="mine", metadata=METADATA)
        await create_task(read())
    assert recorder.calls == [{"name": "mine", TASK_METADATA_KWARG: METADATA}, {}]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_removal_in_any_order_leaves_the_others_working(order: tuple[int, ...]) -> None:
    loop = asyncio.get_running_loop()
    recorder = record()
    told: list[list[str]] = [[], [], []]

    class Teller(TaskObserver):
        def __init__(self, index: int) -> None:
            self.index = index

        def started(self, metadata: TaskMetadata, name: str, /) -> None:
            told[self.index].append(name)

    factories = [install_task_factory(loop, Teller(index)) for index in range(3)]
    left = set(range(3))
    for index in order:
        factories[index].uninstall()
        left.remove(index)
        name = f"without {index}"
        assert await create_task(read(), name=name, metadata=METADATA) == METADATA
        assert {index for index, names in enumerate(told) if name in names} == left
    assert loop.get_task_factory() is recorder
    factories[0].uninstall()
    assert loop.get_task_factory() is recorder


async def test_removed_factory_beneath_a_foreign_one_swallows_the_keyword() -> None:
    loop = asyncio.get_running_loop()
    ours = install_task_factory(loop)

    def forwarding(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
        return ours(loop, coro, **kwargs)

    loop.set_task_factory(forwarding)
    ours.uninstall()
    assert loop.get_task_factory() is forwarding
    task = create_task(read(), name="mine", metadata=METADATA)
    assert (task_metadata(task), await task) == (METADATA, METADATA)


async def test_reinstalling_piles_nothing_up() -> None:
    loop = asyncio.get_running_loop()
    recorder = record()
    factory = install_task_factory(loop)
    for _ in range(3000):
        new = install_task_factory(loop)
        factory.uninstall()
        factory = new
    assert await create_task(read(), metadata=METADATA) == METADATA
    assert factory.inner is recorder
    factory.uninstall()
    assert loop.get_task_factory() is recorder
