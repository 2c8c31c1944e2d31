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

from episodic.asyncio_tasks import TaskObserver, install_task_factory
from episodic.canonical.errors import EpisodicError
from episodic.canonical.ingestion_service import Composition, IngestionRequest
from episodic.canonical.ports import Edition
from episodic.observability.relay import Finished, Receiver, Sender, Started, portable
from episodic.settings import Settings

# A key on the terminal signals the whole foreground group; what becomes of workers is their parent's to say.
_PARENTS: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT}
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
        self._workers: list[_Worker] = []
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
        async with self._gate:
            worker = next((worker for worker in self._workers if worker.idle), None)
            if worker is None:
                worker = _Worker(self._options)
                self._workers.append(worker)
            receiver = Receiver(self._observers)

            def receive(event: Started | Finished) -> None:
                loop.call_soon_threadsafe(receiver.receive, event)

            worker.idle = False
            try:
                return await loop.run_in_executor(
                    self._threads, worker.ask, (request, job_id, edition), receive
                )
            finally:
                if not worker.idle:
                    worker.stop()
                    self._workers.remove(worker)
                    receiver.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown()


class _Worker:
    """One process and the pipe to it; `idle` once it has answered."""

    def __init__(self, options: Settings) -> None:
        self.idle = True
        self._options = options
        self._lock = threading.Lock()
        self._stopped = False
        self._pipe: Connection[Any, Any] | None = None
        self._process: Any = None

    def ask(self, work: object, receive: Callable[[Started | Finished], None]) -> Composition:
        """Have an episode composed; for a thread."""
        answer = self._answer(work, receive)
        self.idle = True
        if isinstance(answer, _Failure):
            raise answer.error
        return answer

    def _answer(self, work: object, receive: Callable[[Started | Finished], None]) -> Composition | _Failure:
        """Pass on what the process reports until it answers."""
        try:
            pipe = self._pipe or self._start()
            pipe.send(work)
            while True:
                match message := pipe.recv():
                    case logging.LogRecord():
                        logging.getLogger(message.name).handle(message)
                    case Started() | Finished():
                        receive(message)
                    case _:
                        return message
        except EOFError, OSError:
            raise WorkerError(self._obituary()) from None

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

    def _obituary(self) -> str:
        if self._process is None:
            return "no worker process was started for it"
        self._process.join(5)
        code: int | None = self._process.exitcode
        what = f"ended with exit code {code}"
        if code is not None and code < 0:
            what = f"was killed by {signal.Signals(-code).name}"
            if code == -signal.SIGKILL:
                what += ", as the system does when memory runs out"
        return (
            f"the worker process that composed it {what}; ingest it again, with fewer --workers if it recurs"
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

    logging.basicConfig(level=log_level, handlers=[_PipeHandler(send)], force=True)
    composes = composer(options)
    with asyncio.Runner() as runner:
        install_task_factory(runner.get_loop(), Sender(send))
        while True:
            try:
                request, job_id, edition = pipe.recv()
            except EOFError:
                break
            try:
                answer = runner.run(composes.compose(request, job_id, edition))
            except Exception as error:  # noqa: BLE001 - it is raised in the parent
                answer = _Failure(portable(error))
            send(answer)
    os._exit(0)  # a thread that hangs in a source would be waited for


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
