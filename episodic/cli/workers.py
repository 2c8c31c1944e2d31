"""Processes that compose episodes, so that all cores do; what kills one costs one episode."""

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from typing import Final, Self

from episodic.asyncio_tasks import TaskObserver
from episodic.canonical.composer import Composition, IngestionRequest
from episodic.canonical.errors import EpisodicError, WorkerError
from episodic.canonical.exhaustion import how_it_ended
from episodic.canonical.ports import Edition
from episodic.cli.bounds import LOOK_SECONDS, Resolving, Watch
from episodic.observability.relay import Finished, Receiver, Started
from episodic.observability.terminal import tell
from episodic.settings import Settings

# A key on the terminal signals the whole foreground group; what becomes of workers is their parent's to say.
# SIGUSR1 is the parent's to send, and would end a worker that is not ready for it.
_PARENTS: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1}
_DEATH_SECONDS: Final = 5.0  # between closing its pipe and being dead


@dataclass(frozen=True, slots=True)
class Failed:
    """What a worker could not compose."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Report:
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

    async def compose(
        self, request: IngestionRequest, correlation_id: uuid.UUID, edition: Edition
    ) -> Composition:
        """Compose in another process; `WorkerError` when that dies, else as `Composer.compose`."""
        loop = asyncio.get_running_loop()
        receiver = Receiver(self._observers)

        def receive(event: Started | Finished) -> None:
            if self._observers:
                loop.call_soon_threadsafe(receiver.receive, event)

        async with self._gate:
            worker = self._idle.pop() if self._idle else _Worker(self._options)
            self._busy.add(worker)
            try:
                work = (request, correlation_id, edition)
                answer = await loop.run_in_executor(self._threads, worker.compose, work, receive)
                self._idle.append(worker)
            except BaseException:
                worker.stop()
                receiver.end()
                raise
            finally:
                self._busy.discard(worker)
        if isinstance(answer, Failed):
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

    async def __aexit__(self, *_: object) -> None:
        for worker in (*self._idle, *self._busy):
            worker.stop()
        self._threads.shutdown()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, options: Settings) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._stopped = False
        self._running: tuple[subprocess.Popen[bytes], Connection] | None = None
        self._resolving: Resolving | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process, once it has started."""
        return None if self._running is None else self._running[0].pid

    def compose(self, work: object, receive: Callable[[Started | Finished], None]) -> Composition | Failed:
        """Have an episode composed, and pass on what the process reports meanwhile; for a thread."""
        try:
            self._resolving = watch = None
            process, pipe = self._running or self._start()
            pipe.send(work)
            while True:
                while watch and not pipe.poll(LOOK_SECONDS):
                    watch.look()
                match message := pipe.recv():
                    case logging.LogRecord():
                        logging.getLogger(message.name).handle(message)
                    case Started() | Finished():
                        receive(message)
                    case Report():
                        tell(message.text)
                    case Resolving():
                        self._resolving = message
                        watch = Watch(message, process.pid)
                    case _:
                        return message
        except (EOFError, OSError) as error:
            raise self._death() from error

    def ask_what_it_does(self) -> None:
        """Have it send a report."""
        with self._lock, contextlib.suppress(ProcessLookupError):
            if self._running is not None and not self._stopped:
                self._running[0].send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        with self._lock:
            self._stopped = True
            if self._running is not None:
                process, pipe = self._running
                process.kill()
                process.wait()
                pipe.close()

    def _start(self) -> tuple[subprocess.Popen[bytes], Connection]:
        ours, theirs = Pipe()
        with theirs, self._lock:
            if self._stopped:
                raise EOFError
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "episodic.cli.worker", str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                process_group=0,  # one that is stopped is continued when its parent ends, and ends as well
            )
            self._running = process, ours
        ours.send((self._options, logging.getLogger().level))
        return process, ours

    def _death(self) -> EpisodicError:
        if self._running is None:
            return WorkerError("no worker process was started for it")
        process, _ = self._running
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_DEATH_SECONDS)
        ended = how_it_ended(process.returncode)
        if self._resolving is not None and process.returncode == -signal.SIGABRT:
            return self._resolving.oversize()  # how libraries end that get no memory
        doing = f"resolved {self._resolving.extent}" if self._resolving else "composed it"
        return WorkerError(
            f"the worker process that {doing} {ended}; ingest it again, and if it recurs with fewer "
            "--workers or sources"
        )
