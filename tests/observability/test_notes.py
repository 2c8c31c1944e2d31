"""Notes on the exceptions of failing tasks."""

import asyncio
import traceback
from dataclasses import dataclass

import pytest

from episodic.asyncio_tasks import TaskMetadata, create_task, create_task_in_group, install_task_factory
from episodic.observability.notes import NotesObserver

INNER: TaskMetadata = {"operation_name": "normalize", "correlation_id": "job-7"}
OUTER: TaskMetadata = {"operation_name": "ingest", "correlation_id": "job-7"}
NOTE = "in task normalize, correlation id job-7"


@pytest.fixture(autouse=True)
async def observed() -> None:
    install_task_factory(asyncio.get_running_loop(), NotesObserver())


async def fail() -> None:
    raise LookupError("nothing there")


@pytest.mark.parametrize("eager_start", [False, True])
async def test_failing_task_gets_a_note(eager_start: bool) -> None:
    with pytest.raises(LookupError) as caught:
        await create_task(fail(), metadata=INNER, eager_start=eager_start)
    assert caught.value.__notes__ == [NOTE]
    assert NOTE in "".join(traceback.format_exception(caught.value))


async def test_innermost_task_wins() -> None:
    async def outer() -> None:
        await create_task(fail(), metadata=INNER)

    with pytest.raises(LookupError) as caught:
        await create_task(outer(), metadata=OUTER)
    assert caught.value.__notes__ == [NOTE]


async def test_exceptions_in_a_group_have_their_own() -> None:
    async def outer() -> None:
        async with asyncio.TaskGroup() as group:
            create_task_in_group(group, fail(), metadata=INNER)

    with pytest.raises(ExceptionGroup) as caught:
        await create_task(outer(), metadata=OUTER)
    assert caught.value.__notes__ == ["in task ingest, correlation id job-7"]
    assert caught.value.exceptions[0].__notes__ == [NOTE]


async def test_gathered_exception_has_its_note_when_it_propagates() -> None:
    with pytest.raises(LookupError) as caught:
        await asyncio.gather(create_task(fail(), metadata=INNER), asyncio.sleep(0))
    assert caught.value.__notes__ == [NOTE]


async def test_notes_of_others_stay() -> None:
    async def noted() -> None:
        error = LookupError("nothing there")
        error.add_note("in line 3")
        raise error

    with pytest.raises(LookupError) as caught:
        await create_task(noted(), metadata=INNER)
    assert caught.value.__notes__ == ["in line 3", NOTE]


async def test_cancellation_gets_no_note() -> None:
    task = create_task(asyncio.Event().wait(), metadata=INNER)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert not hasattr(caught.value, "__notes__")


async def test_without_an_operation_the_note_names_the_task() -> None:
    with pytest.raises(LookupError) as caught:
        await create_task(fail(), name="mine", metadata={"priority_hint": 1})
    assert caught.value.__notes__ == ["in task mine"]


async def test_exception_that_forbids_attributes_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    @dataclass(frozen=True)
    class Frozen(Exception):  # noqa: N818 # it is what it is
        code: int

    async def freeze() -> None:
        raise Frozen(3)

    with pytest.raises(Frozen):
        await create_task(freeze(), metadata=INNER)
    assert caplog.records == []
