"""Processes that compose episodes, so that all cores do; what kills one costs one episode."""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final, Self

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, create_task, install_task_factory, task_name
from episodic.canonical.composer import Composer, Composition, IngestionRequest
from episodic.canonical.errors import EpisodicError
from episodic.canonical.ingestion_service import COMPOSE
from episodic.canonical.ports import Edition
from episodic.cli.bounds import LOOK_SECONDS, Leap, Resolving, Watch
from episodic.cli.running import answer_signal, described, own_observers, task_threads
from episodic.observability.inspection import look_inside
from episodic.observability.logs import TaskContextFilter
from episodic.observability.relay import Finished, Receiver, Sender, Started, portable
from episodic.observability.terminal import tell
from episodic.settings import Settings

# A key on the terminal signals the whole foreground group; what becomes of workers is their parent's to say.
# SIGUSR1 is the parent's to send, and would end a worker that is not ready for it.
_PARENTS: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1}
_LIBRARIES: Final = (
    "episodic.cli.workers",
    "episodic.canonical.normalizers.registry",
    "episodic.canonical.resolution",
    "episodic.canonical.tei.writer",
    "episodic.canonical.weighting",
)
_FORKSERVER: Final = "forkserver" in multiprocessing.get_all_start_methods()


class WorkerError(EpisodicError):
    """A worker process died before it had composed its episode."""


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


@dataclass(frozen=True, slots=True)
class _Report:
    """What a worker is doing, in words."""

    text: str


class WorkerComposers:
    """`Composer.compose` in worker processes, each with one episode at a time; leaving its block ends them.

    Parameters
    ----------
    count
        Processes at the most; they start when they are needed.
    observers
        Told of the tasks in the processes, as if they ran here.
    """

    def __init__(self, options: Settings, count: int, observers: Sequence[TaskObserver] = ()) -> None:
        self._options = options
        self._observers = observers
        self._gate = asyncio.Semaphore(count)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        # Each thread talks to a worker, and processes inherit what the thread that starts them blocks.
        self._threads = ThreadPoolExecutor(
            count,
            "episodic-worker",
            initializer=signal.pthread_sigmask,
            initargs=(signal.SIG_BLOCK, _PARENTS),
        )

    async def compose(self, request: IngestionRequest, job_id: uuid.UUID, edition: Edition) -> Composition:
        """Compose in another process; `WorkerError` when that dies, else as `Composer.compose`."""
        loop = asyncio.get_running_loop()
        receiver = Receiver(self._observers)

        def receive(event: Started | Finished) -> None:
            loop.call_soon_threadsafe(receiver.receive, event)

        async with self._gate:
            worker = self._idle.pop() if self._idle else _Worker(self._options)
            self._busy.add(worker)
            try:
                work = (request, job_id, edition)
                answer = await loop.run_in_executor(self._threads, worker.compose, work, receive)
                self._idle.append(worker)
            except BaseException:
                worker.stop()
                receiver.end()
                raise
            finally:
                self._busy.discard(worker)
        if isinstance(answer, _Failure):
            raise answer.error
        return answer

    @property
    def processes(self) -> list[int]:
        """The numbers of the processes that there are."""
        return [worker.pid for worker in (*self._idle, *self._busy) if worker.pid is not None]

    def ask(self) -> None:
        """Have every worker that composes print to stderr what it is doing; from any thread."""
        for worker in tuple(self._busy):
            worker.ask_what_it_does()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for worker in (*self._idle, *self._busy):
            worker.stop()
        self._threads.shutdown()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, options: Settings) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._stopped = False
        self._pipe: Connection[Any, Any] | None = None
        self._process: Any = None
        self._resolving: Resolving | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process, once it has started."""
        return None if self._process is None else self._process.pid

    def compose(self, work: object, receive: Callable[[Started | Finished], None]) -> Composition | _Failure:
        """Have an episode composed, and pass on what the process reports meanwhile; for a thread."""
        try:
            self._resolving = watch = None
            pipe = self._pipe or self._start()
            pipe.send(work)
            while True:
                while watch and not pipe.poll(LOOK_SECONDS):
                    watch.look()
                match message := pipe.recv():
                    case logging.LogRecord():
                        logging.getLogger(message.name).handle(message)
                    case Started() | Finished():
                        receive(message)
                    case _Report():
                        tell(message.text)
                    case Resolving():
                        self._resolving = message
                        watch = Watch(message, self._process.pid)
                    case _:
                        return message
        except (EOFError, OSError) as error:
            raise self._obituary() from error

    def ask_what_it_does(self) -> None:
        """Have it send a report."""
        with self._lock, contextlib.suppress(ProcessLookupError):
            if self._process is not None and not self._stopped:
                os.kill(self._process.pid, signal.SIGUSR1)

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()
                self._process.join()
            if self._pipe is not None:
                self._pipe.close()

    def _start(self) -> Connection[Any, Any]:
        if _FORKSERVER:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([*_LIBRARIES])
        else:
            context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        level = logging.getLogger().level
        process = context.Process(target=_serve, args=(theirs, self._options, level), daemon=True)
        with self._lock:
            if self._stopped:
                raise EOFError
            process.start()
            theirs.close()
            self._process, self._pipe = process, ours
        return ours

    def _obituary(self) -> EpisodicError:
        if self._process is None:
            return WorkerError("no worker process was started for it")
        self._process.join(5)
        code: int | None = self._process.exitcode
        what = f"ended with exit code {code}"
        if code is not None and code < 0:
            what = f"was killed by {signal.Signals(-code).name}"
            if code == -signal.SIGKILL:
                what += ", as the system does when memory runs out"
        if self._resolving is not None and code == -signal.SIGABRT:
            return self._resolving.oversize()  # how libraries end that get no memory
        doing = f"resolved {self._resolving.extent}" if self._resolving else "composed it"
        return WorkerError(
            f"the worker process that {doing} {what}; ingest it again, with fewer --workers or sources if it "
            "recurs"
        )


# --- in the worker ------------------------------------------------------------------------------------


def _serve(pipe: Connection[Any, Any], options: Settings, log_level: int) -> None:
    """Compose what comes through the pipe until it ends."""
    from episodic.cli.composing import composer

    threading.Thread(target=_leave_with_parent, daemon=True).start()
    sending = threading.Lock()

    def send(message: object) -> None:
        with sending:
            pipe.send(message)

    handler = _PipeHandler(send)
    handler.setFormatter(logging.Formatter("%(message)s"))  # the rest is said where it is printed
    handler.addFilter(TaskContextFilter())
    logging.basicConfig(level=log_level, handlers=[handler], force=True)
    leap = Leap(options, send)
    composes = composer(options, leap.admit)
    with asyncio.Runner() as runner:
        loop, threads = runner.get_loop(), task_threads()
        loop.set_default_executor(threads)
        install_task_factory(loop, *own_observers(options.slow_source, threads), Sender(send))
        answer_signal(signal.SIGUSR1, lambda: send(_Report(described(look_inside(loop, threads)))))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
        while True:
            try:
                request, job_id, edition = pipe.recv()
            except EOFError:
                break
            try:
                answer = runner.run(_compose(composes, leap, request, job_id, edition))
            except Exception as error:  # noqa: BLE001 - it is raised in the parent
                answer = _Failure(portable(error))
            send(answer)
    os._exit(0)  # a thread that hangs in a source would be waited for


async def _compose(
    composes: Composer, leap: Leap, request: IngestionRequest, job_id: uuid.UUID, edition: Edition
) -> Composition:
    """Compose in a task that logs, observers and `episodic tasks` know by its episode and its job."""

    async def compose() -> Composition:
        with leap:  # in the task, as those who hear of its end need memory too
            return await composes.compose(request, job_id, edition)

    metadata: TaskMetadata = {"operation_name": COMPOSE, "correlation_id": str(job_id)}
    name = task_name(metadata, f"{request.series}/{request.episode}")
    return await create_task(compose(), name=name, metadata=metadata)


def _leave_with_parent() -> None:
    """Without its parent, a worker works for nobody; and nobody is left to stop it."""
    if parent := multiprocessing.parent_process():
        parent.join()
    os._exit(1)


class _PipeHandler(QueueHandler):
    """Sends log records through the pipe, made ready for it like for a queue."""

    def __init__(self, send: Callable[[object], None]) -> None:
        super().__init__(None)  # pyright: ignore[reportArgumentType]  # enqueue needs none
        self._send = send

    def enqueue(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):  # the parent is gone; so shall we be
            self._send(record)
