"""What a caller's type checker knows; `make typecheck` is the test, running them is a bonus.

Lines that must not type-check say so in an ignore, and pyright reports an ignore that ignores nothing.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Unpack, assert_type

import pytest

from episodic.asyncio_tasks import (
    TaskCreateKwargs,
    TaskMetadata,
    TaskObserver,
    create_task,
    create_task_in_group,
    current_task_metadata,
    install_task_factory,
    run,
    task_metadata,
)


async def number() -> int:
    return 1


async def test_result_type_flows_through() -> None:
    task = assert_type(create_task(number(), name="n", metadata={"priority_hint": 1}), asyncio.Task[int])
    assert_type(await task, int)
    async with asyncio.TaskGroup() as group:
        grouped = assert_type(create_task_in_group(group, number(), eager_start=True), asyncio.Task[int])
    one, text = await asyncio.gather(create_task(number()), create_task(asyncio.to_thread(str, 1)))
    assert_type(one, int)
    assert_type(text, str)
    assert_type(task_metadata(grouped), TaskMetadata | None)
    assert_type(current_task_metadata(), TaskMetadata | None)


def test_run_returns_the_result_type() -> None:
    assert assert_type(run(number(), observers=[TaskObserver()]), int) == 1


async def test_literals_of_metadata_are_checked() -> None:
    with pytest.raises(TypeError, match="priority_hint"):
        create_task(number(), metadata={"priority_hint": "high"})  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="prioritty_hint"):
        create_task(number(), metadata={"prioritty_hint": 1})  # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError, match="colour"):
        create_task(number(), colour="red")  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError):
        create_task(coro=number)  # pyright: ignore[reportCallIssue]
    task = create_task(number(), metadata={"operation_name": "a.b"})
    assert (task_metadata(task) or {}).get("operation_name") == "a.b"
    await task


async def test_wrapper_is_checked_like_what_it_wraps() -> None:
    def wrapper[T](coro: Coroutine[Any, Any, T], **kwargs: Unpack[TaskCreateKwargs]) -> asyncio.Task[T]:
        return create_task(coro, **kwargs)

    assert assert_type(await wrapper(number(), name="n", metadata={"priority_hint": 1}), int) == 1
    with pytest.raises(TypeError, match="colour"):
        wrapper(number(), colour="red")  # pyright: ignore[reportCallIssue]


async def test_factory_goes_on_a_loop_without_a_cast() -> None:
    loop = asyncio.get_running_loop()
    with install_task_factory(loop, TaskObserver()) as factory:
        loop.set_task_factory(factory)
