"""`run` and the loops that it makes, whatever fails."""

import asyncio
from collections.abc import Generator
from functools import partial
from typing import Any, cast

import pytest

from episodic.asyncio_tasks import (
    MetadataTaskFactory,
    TaskMetadata,
    create_task,
    create_task_in_group,
    current_task_metadata,
    run,
)
from tests.observing import METADATA


async def read() -> TaskMetadata | None:
    return current_task_metadata()


@pytest.mark.parametrize("debug", [True, False])
def test_run_is_asyncio_run_with_our_factory(debug: bool) -> None:
    async def main() -> tuple[bool, TaskMetadata | None]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop.get_task_factory(), MetadataTaskFactory)
        return loop.get_debug(), await create_task(read(), metadata=METADATA)

    assert run(main(), debug=debug) == (debug, METADATA)


def test_run_uses_the_loop_factory() -> None:
    made: list[asyncio.AbstractEventLoop] = []

    def make() -> asyncio.AbstractEventLoop:
        made.append(asyncio.new_event_loop())
        return made[0]

    async def main() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    assert run(main(), loop_factory=make) is made[0]


async def test_run_inside_a_loop_is_refused_and_the_coroutine_closed() -> None:
    coro = read()
    with pytest.raises(RuntimeError, match="running event loop"):
        run(coro)
    assert coro.cr_frame is None


def test_run_takes_any_awaitable() -> None:
    class Awaitable:
        def __await__(self) -> Generator[Any, Any, int]:
            yield from asyncio.sleep(0).__await__()
            return 7

    assert run(Awaitable()) == 7
    with pytest.raises(TypeError, match="awaitable is required"):
        run(cast("Any", 7))


class Stubborn(asyncio.SelectorEventLoop):
    """A loop that fails where it is told to."""

    fails = ""

    def set_task_factory(self, factory: Any) -> None:
        if self.fails == "factory":
            raise LookupError("no factory")
        super().set_task_factory(factory)

    def set_debug(self, enabled: bool) -> None:
        if self.fails == "debug":
            raise LookupError("no debug mode")
        super().set_debug(enabled)

    async def shutdown_asyncgens(self) -> None:
        if self.fails == "shutdown":
            raise LookupError("no shutdown")
        await super().shutdown_asyncgens()


@pytest.mark.parametrize("fails", ["factory", "debug", "shutdown", "observer"])
@pytest.mark.filterwarnings("ignore:coroutine 'Stubborn:RuntimeWarning")
def test_run_closes_its_loop_whatever_fails(fails: str) -> None:
    made: list[Stubborn] = []

    def make() -> Stubborn:
        made.append(Stubborn())
        made[0].fails = fails
        return made[0]

    coro = read()
    observers = [cast("Any", object())] if fails == "observer" else []
    with pytest.raises(TypeError if fails == "observer" else LookupError):
        run(coro, debug=True, loop_factory=make, observers=observers)
    assert coro.cr_frame is None
    assert all(loop.is_closed() for loop in made)


class Bare(asyncio.SelectorEventLoop):
    """A loop that has no task factory to tell of, as `asyncio.AbstractEventLoop`."""

    def get_task_factory(self) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize("kwargs", [{}, {"name": "mine"}, {"eager_start": True}])
@pytest.mark.parametrize("through", [run, partial(asyncio.run, debug=False)])
def test_loop_that_tells_of_no_factory_works(through: Any, kwargs: Any) -> None:
    async def main() -> TaskMetadata | None:
        await create_task(read())
        async with asyncio.TaskGroup() as group:
            task = create_task_in_group(group, read(), **kwargs, metadata=METADATA)
        assert task.result() == METADATA
        return await create_task(read(), **kwargs, metadata=METADATA)

    assert through(main(), loop_factory=Bare) == METADATA
