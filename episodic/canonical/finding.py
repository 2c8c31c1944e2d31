"""Finding what somebody names: a series, an episode, one of its revisions; and what is like it, where not."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from episodic.canonical.domain import Episode, Revision, Series
from episodic.canonical.errors import NotFoundError
from episodic.canonical.ports import Store, UnitOfWork


async def find_series(work: UnitOfWork, slug: str) -> Series:
    """Find a series; raises `NotFoundError`."""
    if found := await work.series.get(slug):
        return found
    raise NotFoundError("series", slug, [known.slug for known in await work.series.list()])


async def find_episode(work: UnitOfWork, name: str) -> Episode:
    """Find the episode named ``series/episode``; raises `NotFoundError`."""
    series, _, slug = name.partition("/")
    await find_series(work, series)
    if found := await work.episodes.get(series, slug):
        return found
    raise NotFoundError("episode", name, [known.name for known in await work.episodes.list(series)])


async def find_revision(work: UnitOfWork, name: str, number: int | None = None) -> tuple[Episode, Revision]:
    """Find an episode and one of its revisions, the newest unless a number is given; `NotFoundError`."""
    episode = await find_episode(work, name)
    newest = await work.revisions.newest(episode.id)
    if newest is None:
        raise NotFoundError("revision", f"{name} {number or ''}".strip())
    if number is None:
        return episode, newest
    if revision := await work.revisions.get(episode.id, number):
        return episode, revision
    raise NotFoundError.revision(name, number, newest.number)


@asynccontextmanager
async def unless_recorded(store: Store, *jobs: uuid.UUID) -> AsyncGenerator[None]:
    """Take no notice of a cancellation that comes when a unit of work, which adds jobs, has committed."""
    try:
        yield
    except asyncio.CancelledError:
        async with store.begin(read_only=True) as work:
            if not [job for job in jobs if await work.jobs.get(job)]:
                raise
