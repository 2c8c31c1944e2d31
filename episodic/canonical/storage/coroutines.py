"""SQLAlchemy's Core in coroutines: what it does with a connection waits without keeping the loop.

Core is synchronous; asynchronous drivers await within it, from a greenlet. `sqlalchemy.ext.asyncio` wraps
engines and connections so, by `greenlet_spawn`, and loads the ORM with it, which nobody here uses: that takes
1.3 times as long to load as SQLAlchemy alone (``make bench ARGS=cli``, Python 3.14). `greenlet_spawn` is not
documented, so that it is named here only; if it is gone, an `AsyncEngine` around each engine does the same.
"""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.util import greenlet_spawn

from episodic.canonical.gathering import ended


async def awaited[**P, R](work: Callable[P, R], *arguments: P.args, **named: P.kwargs) -> R:
    """Call what works with an asynchronous driver as if it were a synchronous one."""
    return await greenlet_spawn(work, *arguments, **named)


async def to_the_end(
    work: Callable[[], None], done_by: Callable[[Callable[[], None]], Awaitable[None]] = awaited
) -> None:
    """Do as `awaited` does, also through cancellations of this task, which take effect after it."""
    whole = asyncio.gather(done_by(work))
    try:
        await ended([whole])
    finally:
        whole.result()
