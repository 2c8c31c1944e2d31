"""A worker: takes submissions from the engine, has them composed, and keeps saying that it is alive.

1. This process fetches, reads, writes and beats; what holds the interpreter runs in composer processes.
2. Asked to stop once, it fetches no more and ends what it is at (it drains); after the time for that, or
   asked again, it gives back what it is at, and no error is counted.
3. Beside the engine's own tasks, one sweeps: it takes from workers that were not heard of what they were at,
   and hands over what waits.
4. When the engine ends by itself, the database is gone; it ends as if all were well. The worker waits for
   some minutes and begins anew, or ends with a `QueueError`, so that a supervisor starts it again.
5. A worker that slept for longer than its lease was struck off. It signs on anew.
"""

import asyncio
import logging
import random
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import procrastinate
from procrastinate import PsycopgConnector, exceptions, jobs, retry
from psycopg.errors import ForeignKeyViolation

from episodic.asyncio_tasks import create_task
from episodic.canonical.errors import QueueError, StorageError, TransientError
from episodic.canonical.gathering import cancel
from episodic.canonical.storage.queue_schema import SCHEMA
from episodic.queueing.attempts import AgainError, Attempts, doubling
from episodic.queueing.engine import QUEUE, TASK, EngineQueue

log = logging.getLogger(__name__)

# Seconds after which a worker asks for jobs that it was not told of, such as one that a lock held back.
_POLL: Final = 1.0
# Seconds that the engine waits for a connection, and the worker then for the database.
_PATIENCE: Final = 10.0
_OUTAGE: Final = 300.0
# Episodes under way beyond those being composed: on their way out of the database or into it.
_BESIDE: Final = 1


class _GivenBackError(Exception):
    """The worker stops before the attempt's end."""


@dataclass(kw_only=True)
class Worker:
    """Runs until it is asked to stop.

    Parameters
    ----------
    workers
        Episodes that are composed at the same time.
    lease
        Seconds after which a worker that was not heard of is taken for dead.
    drain
        Seconds for what is under way when it is asked to stop.
    until_empty
        Whether it stops when there is nothing left to do, or the queue is paused.
    """

    queue: EngineQueue
    attempts: Attempts
    workers: int
    lease: float
    drain: float
    until_empty: bool = False
    _under_way: set[asyncio.Task[object]] = field(default_factory=set[asyncio.Task[object]])
    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    _giving_back: bool = False

    def stop(self) -> None:
        """Ask it to stop; the second time, to give back what it is at."""
        if self._asked.is_set():
            self._give_back()
        self._asked.set()

    async def run(self) -> None:
        """Work; raises `QueueError` or `StorageError` when that is no longer possible."""
        await self.queue.look()  # says what is missing, before the engine does
        asyncio.get_running_loop().set_exception_handler(_note)
        logging.getLogger("procrastinate.utils").addFilter(_without_traceback)
        while True:
            app, began = self._app(), time.monotonic()
            try:
                async with app.open_async():
                    return await self._run(app)
            except (exceptions.ConnectorException, OSError) as error:
                # One that never worked, or was asked to stop, has nothing to wait for.
                outage = 0.0 if self._asked.is_set() or time.monotonic() - began < _POLL else _OUTAGE
                await self._return_of_the_database(_reason(error), outage)

    async def _return_of_the_database(self, reason: str, outage: float) -> None:
        """Wait until the database answers again; raise `QueueError` when that takes too long."""
        name = self.queue.store.database.name
        end = time.monotonic() + outage
        if outage:
            log.warning("%s is gone, and waited for: %s", name, reason)
        while not self._asked.is_set() and time.monotonic() < end:
            with suppress(TransientError):
                await self.queue.look()
                log.warning("%s answers again, and the worker goes on", name)
                return
            await asyncio.sleep(_POLL)
        raise QueueError(f"{name} is gone, and the worker ends; start it again: {reason}")

    async def _run(self, app: procrastinate.App) -> None:
        beside = [
            asyncio.create_task(self._stop_when_asked(), name="stop"),
            asyncio.create_task(self._sweep(), name="sweep"),
        ]
        if self.until_empty:
            beside.append(asyncio.create_task(self._ask_when_empty(), name="until empty"))
        try:
            while not self._asked.is_set():
                engine = asyncio.create_task(self._engine(app), name="engine")
                await asyncio.wait([engine, *beside], return_when=asyncio.FIRST_COMPLETED)
                if not engine.done():
                    engine.cancel()  # it drains
                try:
                    await engine
                except asyncio.CancelledError:
                    if not engine.cancelled():
                        raise
                except exceptions.ConnectorException as error:
                    if not isinstance(error.__cause__, ForeignKeyViolation):
                        raise
                    log.warning("this worker was not heard of for its lease, and signs on anew")
                    continue
                for task in beside:
                    if task.done():
                        task.result()
                if not self._asked.is_set():
                    raise exceptions.ConnectorException("its engine ended")
        finally:
            await cancel(beside)

    async def _engine(self, app: procrastinate.App) -> None:
        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=self.workers + _BESIDE,
            fetch_job_polling_interval=_POLL,
            delete_jobs=jobs.DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=min(10.0, self.lease / 4),
            stalled_worker_timeout=self.lease,
        )

    def _app(self) -> procrastinate.App:
        connector = PsycopgConnector(
            conninfo=self.queue.store.database.conninfo,
            kwargs={"options": f"-c search_path={SCHEMA}", "application_name": "episodic worker"},
            min_size=1,
            max_size=4,
            timeout=_PATIENCE,
            reconnect_timeout=_PATIENCE,
        )
        app = procrastinate.App(connector=connector)

        @app.task(name=TASK, queue=QUEUE, retry=_Again())
        async def ingest(submission: str) -> None:
            await self._attempt(uuid.UUID(submission))

        return app

    async def _attempt(self, submission_id: uuid.UUID) -> None:
        attempt = create_task(self.attempts.make(submission_id), name=f"attempt at {submission_id}")
        self._under_way.add(attempt)
        if self._giving_back:
            attempt.cancel()
        try:
            await attempt
        except asyncio.CancelledError:
            if self._giving_back:
                raise _GivenBackError from None
            attempt.cancel()
            await asyncio.wait([attempt])
            raise
        finally:
            self._under_way.discard(attempt)

    async def _stop_when_asked(self) -> None:
        await self._asked.wait()
        asyncio.get_running_loop().call_later(self.drain, self._give_back)

    def _give_back(self) -> None:
        self._giving_back = True
        for attempt in self._under_way:
            attempt.cancel()

    async def _sweep(self) -> None:
        while True:
            # Not all at once, where many were started at once.
            await asyncio.sleep(self.lease / 4 * random.uniform(0.8, 1.2))  # noqa: S311  # no secret
            try:
                if swept := await self.queue.sweep(self.lease):
                    log.warning("workers were not heard of; episodes taken from them: %d", swept)
                await self.queue.hand_over()
            except TransientError as error:
                log.warning("not swept: %s", error)  # if the database is gone, the engine ends

    async def _ask_when_empty(self) -> None:
        while True:
            await asyncio.sleep(min(_POLL, self.lease / 4))
            try:
                state = await self.queue.look()
            except TransientError:
                continue  # if the database is gone, the engine ends
            if not state.running and (state.paused_since or not state.unfinished):
                self._asked.set()
                return


class _Again(retry.BaseRetryStrategy):
    """When the engine is to try a job again; whether at all, `Attempts` says."""

    def get_retry_decision(self, *, exception: BaseException, job: jobs.Job) -> retry.RetryDecision | None:
        """Decide."""
        match exception:
            case AgainError():
                return retry.RetryDecision(retry_in={"seconds": round(exception.seconds)})
            case _GivenBackError():
                return retry.RetryDecision(retry_in={"seconds": 0})
            case TransientError() | StorageError():
                return retry.RetryDecision(retry_in={"seconds": round(doubling(job.attempts + 1))})
            case _:
                return None


def _note(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Log what a task of the engine's ended with that nobody waits for, in a line."""
    error = context.get("exception")
    if isinstance(error, exceptions.ConnectorException):
        log.warning("the queue did not hear of the end of an attempt: %s", _reason(error))
    else:
        log.error("%s: %s", context.get("message"), error)


def _without_traceback(record: logging.LogRecord) -> bool:
    """Have the engine say in a line that its database does not answer: what comes of it, the worker says."""
    error = record.exc_info and record.exc_info[1]
    if isinstance(error, exceptions.ConnectorException):
        record.msg, record.args, record.exc_info = "the database: %s", (_reason(error),), None
    return True


def _reason(error: BaseException) -> str:
    return str(error.__cause__ or error).strip().partition("\n")[0]
