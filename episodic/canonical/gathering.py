"""A gather that leaves no task behind, and waits that a cancellation does not cut short."""

import asyncio
from collections.abc import Callable, Iterable, Sequence


async def gather[T](tasks: Iterable[asyncio.Task[T]], note: Callable[[int], str]) -> list[T]:
    """Await tasks like `asyncio.gather`, except that none outlives the call.

    Results come in the order of the tasks. The first failure propagates (of several by then, that of the
    first task) with a note, once the others are cancelled and have ended.

    Parameters
    ----------
    tasks
        May be made one by one while they are taken from here: where that fails, those made are cancelled.
    note
        Says which task it was that failed, by its place from 0.
    """
    made: list[asyncio.Task[T]] = []
    try:
        for task in tasks:
            made.append(task)  # noqa: PERF402  # what is made is kept even if the next one cannot be
        return await asyncio.gather(*made)
    except Exception as error:  # noqa: BLE001  # raised below, outside the handler: its context stays its own
        failure = _first_failure(made, note) or error
    finally:
        try:
            await cancel(made)
        finally:
            del made  # a traceback that refers to this frame would keep every task alive
    try:
        raise failure
    finally:
        del failure


async def cancel(tasks: Sequence[asyncio.Task[object]]) -> None:
    """Cancel what still runs and wait for its end."""
    for task in tasks:
        task.cancel()
    await ended(tasks)


async def ended[T](tasks: Sequence[asyncio.Future[T]]) -> None:
    """Wait for the end of all, also through cancellations of this task, which take effect after it."""
    cancelled: asyncio.CancelledError | None = None
    while any(not task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _first_failure(tasks: Sequence[asyncio.Task[object]], note: Callable[[int], str]) -> BaseException | None:
    for place, task in enumerate(tasks):
        if task.done() and not task.cancelled() and (failure := task.exception()) is not None:
            failure.add_note(note(place))
            return failure
    return None
