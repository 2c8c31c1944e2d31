"""How commands reach what is stored, mostly in one unit of work."""

from collections.abc import Awaitable, Callable

from episodic import settings
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.finding import find_revision
from episodic.canonical.jobs import IngestionJob
from episodic.canonical.ports import Store, UnitOfWork
from episodic.cli.interrupts import finished


def in_store[T](work: Callable[[Store], Awaitable[T]], *, make: bool = False) -> T:
    """Do something with the user's store, which is made where it is missing only if `make` says so."""
    from episodic.canonical.storage.store import open_store

    async def run() -> T:
        async with open_store(settings.load().store_url, make=make) as store:
            return await work(store)

    return finished(run())


def with_store[T](
    query: Callable[[UnitOfWork], Awaitable[T]], *, read_only: bool = True, about: str | None = None
) -> T:
    """Run a query in one unit of work; what it writes, `about` something, stays only if it commits."""

    async def run(store: Store) -> T:
        async with store.begin(about=about, read_only=read_only) as work:
            return await query(work)

    return in_store(run, make=not read_only)


def read_revision(name: str, number: int | None) -> tuple[Episode, Revision, IngestionJob | None]:
    """Read an episode, one of its revisions, the newest unless a number is given, and the run behind it."""

    async def query(work: UnitOfWork) -> tuple[Episode, Revision, IngestionJob | None]:
        episode, revision = await find_revision(work, name, number)
        return episode, revision, await work.jobs.get(revision.job_id)

    return with_store(query)
