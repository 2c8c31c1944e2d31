"""The contract of `episodic.asyncio_tasks` on the standard event loop."""

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any, cast

import pytest

from episodic.asyncio_tasks import (
    TASK_METADATA_KWARG,
    TaskMetadata,
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
        ({"operation_name": 3}, TypeError, "operation_name"),
        ({"correlation_id": b"7"}, TypeError, "correlation_id"),
        ({"priority_hint": True}, TypeError, "priority_hint"),
        ({"priority_hint": "3"}, TypeError, "priority_hint"),
        ({"operation_name": ""}, ValueError, "operation_name"),
        ({"correlation_id": ""}, ValueError, "correlation_id"),
    ],
)
async def test_bad_metadata_is_refused_and_the_coroutine_closed(
    metadata: object, error: type[Exception], key: str
) -> None:
    coro = read()
    with pytest.raises(error, match=key):
        create_task(coro, metadata=cast("Any", metadata))
    assert coro.cr_frame is None


async def test_unknown_keyword_is_refused_and_the_coroutine_closed() -> None:
    coro = read()
    with pytest.raises(TypeError, match="colour"):
        cast("Any", create_task)(coro, colour="red")
    assert coro.cr_frame is None


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
