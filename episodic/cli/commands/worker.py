"""`episodic worker`: ingests what was submitted, on this machine beside any others."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from episodic import asyncio_tasks, settings
from episodic.canonical.errors import QueueError
from episodic.canonical.ingestion_service import IngestionService
from episodic.cli.composing.composers import fan_out
from episodic.cli.composing.processes import ComposerProcesses
from episodic.cli.exits import INTERRUPTED
from episodic.cli.ingesting.queues import opened_queue, say_ended, traced
from episodic.cli.interrupts import AskedToEnd
from episodic.cli.options import Count
from episodic.cli.output import complain, plural
from episodic.cli.running import own_observers, run, task_threads, working_in
from episodic.observability.inspection import TaskThreads
from episodic.queueing.attempts import Attempts
from episodic.settings import Settings

if TYPE_CHECKING:  # the engine is there where it is installed
    from episodic.queueing.worker import Worker


def worker(
    *,
    workers: Count | None = None,
    drain: Annotated[float, Parameter(validator=Number(gte=0, lte=86_400))] = 60.0,
    until_empty: bool = False,
) -> None:
    """Ingest what was submitted, until asked to stop; without PostgreSQL, what a submit left undone.

    SIGTERM or SIGINT, once: what is under way is ended, and nothing else begun. Twice: it is given back, for
    another worker. Exit code 1 when the database is gone for five minutes: have a supervisor start it again.

    Parameters
    ----------
    workers
        Processes that compose episodes; as many as there are cores.
    drain
        Seconds for what is under way, once asked to stop; then it is given back.
    until_empty
        Stop when there is nothing left to do, or the queue is paused.
    """
    options = settings.load()
    from episodic.canonical.storage.database import Database

    if Database(options.store_url).file is not None:
        run(_what_is_left(options), slow_source=options.slow_source)
        return
    processes = workers or os.process_cpu_count() or 1
    threads = task_threads()
    asyncio_tasks.run(
        _work(options, processes, drain, threads, until_empty=until_empty),
        observers=own_observers(options.slow_source, threads),
    )


async def _what_is_left(options: Settings) -> None:
    from episodic.queueing.immediate import ImmediateQueue

    async with opened_queue(options, say_ended) as queue:
        assert isinstance(queue, ImmediateQueue)
        await queue.work()
    complain(f"worker {os.getpid()} has ended: without PostgreSQL it does only what a submit left undone")


async def _work(
    options: Settings, processes: int, drain: float, threads: TaskThreads, *, until_empty: bool
) -> None:
    from episodic.canonical.storage.store import open_store
    from episodic.queueing.engine import EngineQueue, hand_over_next

    try:
        from episodic.queueing.worker import Worker
    except ImportError as error:
        raise QueueError(
            f"a worker needs its engine ({error}); install Episodic with its extra 'workers'"
        ) from error
    loop = asyncio.get_running_loop()
    async with open_store(options.store_url) as store, ComposerProcesses(options, processes) as composers:
        service = IngestionService(
            store=store, compose=composers.compose, fan_out=fan_out(options), beats=False
        )
        working = Worker(
            queue=EngineQueue(store),
            attempts=Attempts(store=store, service=service, after=hand_over_next, within=traced()),
            workers=processes,
            lease=options.worker_lease,
            drain=drain,
            until_empty=until_empty,
        )

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stopper(working, drain))
        place = store.database.name
        complain(f"worker {os.getpid()} takes {plural(processes, 'episode')} at a time from {place}")
        with working_in(threads, loop, composers.ask):
            await working.run()
    complain(f"worker {os.getpid()} has ended")


def _stopper(working: Worker, drain: float) -> Callable[[], None]:
    """What SIGTERM and SIGINT do: drain, give back, leave at once."""
    asked = AskedToEnd()

    def stop() -> None:
        match asked.again():
            case 0:
                pass
            case 1:
                complain(f"worker {os.getpid()} drains, for {drain:g} s at the most; again: it gives back")
                working.stop()
            case 2:
                complain(f"worker {os.getpid()} gives back what it is at")
                working.stop()
            case _:
                os._exit(INTERRUPTED)

    return stop
