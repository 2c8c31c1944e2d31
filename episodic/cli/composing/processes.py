"""Processes that compose episodes, so that all cores do; what kills one costs one episode."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final, NamedTuple, Self

from episodic.asyncio_tasks import TaskObserver
from episodic.canonical.composition.composer import Composition, IngestionRequest
from episodic.canonical.errors import ComposerProcessError, EpisodicError
from episodic.canonical.exhaustion import how_it_ended
from episodic.canonical.ports import Edition
from episodic.cli.composing.allowance import LOOK_SECONDS, Resolving, Watch
from episodic.observability.relay import Finished, Receiver, Started
from episodic.observability.terminal import tell
from episodic.settings import Settings

# A key on the terminal signals the whole foreground group; what becomes of ours is their parent's to say.
# SIGUSR1 is the parent's to send, and would end one that is not ready for it.
_PARENTS: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1}
_DEATH_SECONDS: Final = 5.0  # between closing its pipe and being dead
_SENT_BYTES: Final = 2**22  # of what was composed, that wait in the pipe, as far as the system lets them


@dataclass(frozen=True, slots=True)
class Failed:
    """What a process could not compose."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Report:
    """What a process is doing, in words."""

    text: str


class ComposerProcesses:
    """`Composer.compose` in other processes, each with one episode at a time; leaving its block ends them.

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
        self._idle: list[_Process] = []
        self._busy: set[_Composing] = set()
        # Each thread talks to a process, and gives it the next episode without asking the event loop, which
        # is at storing the last; processes inherit what the thread that starts them blocks.
        self._threads = ThreadPoolExecutor(
            count,
            "episodic-composer",
            initializer=signal.pthread_sigmask,
            initargs=(signal.SIG_BLOCK, _PARENTS),
        )

    async def compose(
        self, request: IngestionRequest, correlation_id: uuid.UUID, edition: Edition
    ) -> Composition:
        """Compose in another process; `ComposerProcessError` when that dies, else as `Composer.compose`."""
        loop = asyncio.get_running_loop()
        receiver = Receiver(self._observers)

        def receive(event: Started | Finished) -> None:
            if self._observers:
                loop.call_soon_threadsafe(receiver.receive, event)

        one = _Composing(self._options, self._idle)
        self._busy.add(one)
        try:
            work = (request, correlation_id, edition)
            answer = await loop.run_in_executor(self._threads, one.compose, work, receive)
        except BaseException:
            one.stop()
            receiver.end()
            raise
        finally:
            self._busy.discard(one)
        if isinstance(answer, Failed):
            raise answer.error
        return answer

    @property
    def processes(self) -> list[int]:
        """The numbers of the processes that there are."""
        busy = (one.running for one in self._busy)
        return [each.process.pid for each in (*self._idle, *busy) if each]

    def ask(self) -> None:
        """Have every process that composes print to stderr what it is doing; from any thread."""
        for one in tuple(self._busy):
            one.ask_what_it_does()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self._busy:
            one.stop()
        for process in self._idle:
            process.end()
        self._threads.shutdown()


class _Process(NamedTuple):
    """A process that composes, and the pipe to it."""

    process: subprocess.Popen[bytes]
    pipe: Connection

    @classmethod
    def started(cls) -> Self:
        """Start one."""
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENT_BYTES)
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "episodic.cli.composing.process",
                    str(theirs.fileno()),
                    str(os.getpid()),
                ],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                process_group=0,  # one that is stopped is continued when its parent ends, and ends as well
            )
        return cls(process, Connection(ours.detach()))

    def end(self) -> None:
        """End it, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self.pipe.close()


class _Composing:
    """What composes one episode: it has a thread, and then a process, an idle one or a new one."""

    def __init__(self, options: Settings, idle: list[_Process]) -> None:
        self._options = options
        self._idle = idle
        self._lock = threading.Lock()
        self._stopped = False
        self.running: _Process | None = None
        self._resolving: Resolving | None = None

    def compose(self, work: object, receive: Callable[[Started | Finished], None]) -> Composition | Failed:
        """Have the episode composed, and pass on what the process reports meanwhile; for a thread."""
        watch = None
        try:
            process, pipe = self._begin()
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
                        self._end()
                        return message
        except (EOFError, OSError) as error:
            raise self._death() from error

    def ask_what_it_does(self) -> None:
        """Have it send a report."""
        with self._lock, contextlib.suppress(ProcessLookupError):
            if self.running is not None and not self._stopped:
                self.running.process.send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        """End the process, if it has one, and give it none any more."""
        with self._lock:
            self._stopped = True
            if self.running is not None:
                self.running.end()

    def _begin(self) -> _Process:
        with self._lock:
            if self._stopped:
                raise EOFError
            try:
                self.running = self._idle.pop()
            except IndexError:
                self.running = _Process.started()
                self.running.pipe.send((self._options, logging.getLogger().level))
            return self.running

    def _end(self) -> None:
        """Give the process back, unless it was stopped meanwhile."""
        with self._lock:
            if self.running is not None and not self._stopped:
                self._idle.append(self.running)
                self.running = None

    def _death(self) -> EpisodicError:
        if self.running is None:
            return ComposerProcessError("no process was started for it")
        process = self.running.process
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_DEATH_SECONDS)
        ended = how_it_ended(process.returncode)
        if self._resolving is not None and process.returncode == -signal.SIGABRT:
            return self._resolving.oversize()  # how libraries end that get no memory
        doing = f"resolved {self._resolving.extent}" if self._resolving else "composed it"
        return ComposerProcessError(
            f"the process that {doing} {ended}; ingest it again, and if it recurs with fewer "
            "--workers or sources"
        )
