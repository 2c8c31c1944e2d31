"""What SQLAlchemy's own asyncio extension calls is there, and closes what it closes."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import engine
from sqlalchemy.util.concurrency import await_

from episodic.canonical.storage import coroutines
from episodic.canonical.storage.coroutines import awaited, to_the_end


def test_it_is_what_the_extension_calls() -> None:
    assert vars(engine)["greenlet_spawn"] is vars(coroutines)["greenlet_spawn"]


async def test_what_is_synchronous_awaits_and_fails_as_a_coroutine_does() -> None:
    assert await awaited(lambda: await_(asyncio.sleep(0, "slept"))) == "slept"
    with pytest.raises(ZeroDivisionError):
        await awaited(lambda: 1 // 0)


async def test_a_cancellation_waits_for_the_end() -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def close() -> None:
        begun.set()
        await_(go_on.wait())
        ended.set()

    closing = asyncio.create_task(to_the_end(close))
    await begun.wait()
    for _ in range(2):
        closing.cancel()
        await asyncio.sleep(0)
    assert not closing.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert ended.is_set()
