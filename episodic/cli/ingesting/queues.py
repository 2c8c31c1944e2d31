"""Which queue a database has, opened for a command."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from episodic.canonical.ingestion_service import IngestionOutcome, IngestionService
from episodic.canonical.queue import Queue, Submission
from episodic.cli.composing.composers import Composers, fan_out
from episodic.cli.ingesting.outcome import state_of
from episodic.cli.output import complain, say
from episodic.queueing.attempts import Attempts
from episodic.settings import Settings

type Told = Callable[[Submission, IngestionOutcome | None], None]


@asynccontextmanager
async def opened_queue(
    options: Settings, told: Told = lambda _, __: None, *, make: bool = True
) -> AsyncGenerator[Queue]:
    """Open the queue of the database: the engine's on PostgreSQL, else what ingests in this process.

    Parameters
    ----------
    told
        What came of each submission that is ingested here; ``None``: it failed.
    make
        Whether a SQLite file is made when it is missing.
    """
    from episodic.canonical.storage.store import open_store
    from episodic.queueing.engine import EngineQueue
    from episodic.queueing.immediate import ImmediateQueue

    async with open_store(options.store_url, make=make) as store, Composers(options) as composers:
        if store.database.file is None:
            yield EngineQueue(store)
            return
        service = IngestionService(store=store, compose=composers.compose, fan_out=fan_out(options))
        attempts = Attempts(store=store, service=service, within=traced())
        yield ImmediateQueue(store=store, attempts=attempts, told=told)


def say_ended(ended: Submission, outcome: IngestionOutcome | None, *, quiet: bool = False) -> None:
    """Say what came of a submission; `quiet`: only what is wrong with it."""
    if outcome is None:
        complain(f"{ended.episode_name}: {ended.error}")
        return
    if not quiet:
        say(f"{outcome.episode.name}: revision {outcome.revision.number} ({state_of(outcome)})")
    for error in outcome.skipped:
        complain(f"skipped: {error}")


def traced() -> Callable[[Submission], AbstractContextManager[object]]:
    """Have spans be children of the one in which the submission was made, where there are any."""
    try:
        from episodic.observability.tracing import continued
    except ImportError:  # the extra 'otel' is not installed
        return nullcontext
    return lambda submission: continued(submission.traceparent)
