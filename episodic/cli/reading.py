"""How commands reach what is stored: one unit of work, an episode by its name, helpful misses."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from episodic import settings
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.errors import NotFoundError
from episodic.canonical.ports import UnitOfWork

# A number that counts something, within what every database can hold.
type Count = Annotated[int, Parameter(validator=Number(gte=1, lt=2**31))]


def with_store[T](
    query: Callable[[UnitOfWork], Awaitable[T]], *, read_only: bool = True, about: str | None = None
) -> T:
    """Run a query in one unit of work; what it writes, `about` something, stays only if it commits."""
    from episodic.canonical.storage.store import open_store

    async def run() -> T:
        async with (
            open_store(settings.load().store_url, make=not read_only) as store,
            store.begin(about=about, read_only=read_only) as work,
        ):
            return await query(work)

    return asyncio.run(run())


async def find_episode(work: UnitOfWork, name: str) -> Episode:
    """The episode named ``series/episode``; `NotFoundError` with suggestions when there is none."""
    series, _, slug = name.partition("/")
    if await work.series.get(series) is None:
        raise NotFoundError("series", series, [known.slug for known in await work.series.list()])
    if episode := await work.episodes.get(series, slug):
        return episode
    raise NotFoundError("episode", name, [known.name for known in await work.episodes.list(series)])


async def find_revision(work: UnitOfWork, name: str, number: int | None = None) -> tuple[Episode, Revision]:
    """An episode and one of its revisions, the newest unless a number is given."""
    episode = await find_episode(work, name)
    newest = await work.revisions.newest(episode.id)
    if newest is None:
        raise NotFoundError("revision", f"{name} {number or ''}".strip())
    if number is None:
        return episode, newest
    if revision := await work.revisions.get(episode.id, number):
        return episode, revision
    raise NotFoundError.revision(name, number, newest.number)
