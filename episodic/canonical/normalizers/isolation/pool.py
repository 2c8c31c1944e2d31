"""Worker processes for formats whose parsers may crash, hang or swell: it costs one source and no more.

1. A worker reads all formats, one document at a time. One is started when a document comes, another when
   a document has waited as long as a start takes, so that a few small documents share one.
2. A worker that hangs is killed at the time limit, one that crashes is asked why, and the next document gets
   another. One that was killed from outside is not the document's fault, which is read once more.
3. `process` is one worker and says what its end means; `sandbox` says what it can do beside answering.
"""

import asyncio
import contextlib
import queue
import threading
import weakref
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.format import Document, Identified
from episodic.canonical.normalizers.isolation.messages import Failure, Success
from episodic.canonical.normalizers.isolation.process import KilledError, WorkerProcess
from episodic.canonical.sources import SourceType

_PATIENCE_SECONDS: Final = 0.5  # about what a start takes


class WorkerPool:
    """Threads that each talk to a worker process; what dies is replaced.

    Parameters
    ----------
    limits
        ``parse_workers`` threads; seconds and memory of each process.
    """

    def __init__(self, limits: Limits) -> None:
        self._threads = ThreadPoolExecutor(limits.parse_workers, thread_name_prefix="episodic-worker")
        self._workers = _Workers(limits)
        self._close = weakref.finalize(self, _stop, self._threads, self._workers)

    async def read(self, document: Document, given: SourceType | None = None) -> Identified:
        """Read a document in a worker process; raises `SourceError`. Cancelling it ends the process."""
        loop = asyncio.get_running_loop()
        job = _Job(document, given)
        try:
            return await loop.run_in_executor(self._threads, self._read, job)
        except asyncio.CancelledError:
            job.cancel()
            raise

    def expect(self, endings: AbstractSet[str]) -> Future[bool]:
        """Have a worker started that reads files with these endings; give whether it has."""
        return self._threads.submit(self._get_ready, endings)

    def rest(self) -> None:
        """End the workers that are idle, and wait for none; a later document gets a new one."""
        self._workers.rest()

    def close(self) -> None:
        """Stop the workers; also done when the pool is forgotten and when the program ends."""
        self._close()

    def _get_ready(self, endings: AbstractSet[str]) -> bool:
        try:
            worker = self._workers.take()
        except OSError:
            return False
        try:
            worker.load(endings)
        except EOFError, OSError, ValueError:
            worker.stop()  # over before it is given back; the first document complains of its own, by name
        finally:
            self._workers.give_back(worker)
        return worker.ready

    def _read(self, job: _Job) -> Identified:
        try:
            return self._ask(job)
        except KilledError:
            if job.cancelled or not self._close.alive:
                raise
            return self._ask(job)

    def _ask(self, job: _Job) -> Identified:
        worker = self._workers.take()
        try:
            outcome = job.ask(worker)
        finally:
            self._workers.give_back(worker)
        if isinstance(outcome, Failure):
            raise outcome.error(job.document.uri)
        return outcome.identified


class _Job:
    """A document on its way through a worker."""

    def __init__(self, document: Document, given: SourceType | None) -> None:
        self.document = document
        self._given = given
        self._lock = threading.Lock()
        self._worker: WorkerProcess | None = None
        self.cancelled = False

    def ask(self, worker: WorkerProcess) -> Success | Failure:
        with self._lock:
            if self.cancelled:
                raise asyncio.CancelledError
            self._worker = worker
        try:
            return worker.ask(self.document, self._given)
        finally:
            with self._lock:
                self._worker = None

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            if self._worker is not None:
                self._worker.kill()


class _Workers:
    """The workers of a pool, each with one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._all: set[WorkerProcess] = set()
        self._idle = queue.SimpleQueue[WorkerProcess]()
        self._closed = False

    def take(self) -> WorkerProcess:
        """An idle worker, or a new one."""
        with self._lock:
            if not self._all:
                return self._start()
        while True:
            try:
                worker = self._idle.get(timeout=_PATIENCE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if all(each.ready for each in self._all):
                        return self._start()
                continue
            if worker.alive:
                return worker
            with self._lock:
                self._all.discard(worker)
                worker.stop()
                return self._start()

    def give_back(self, worker: WorkerProcess) -> None:
        """Let others have a worker, if it can still be asked."""
        with self._lock:
            if not worker.alive or self._closed:
                self._all.discard(worker)
                worker.stop()
                return
        self._idle.put(worker)

    def rest(self) -> None:
        """Kill those that are idle; who takes one finds it dead."""
        with self._lock:
            for _ in range(self._idle.qsize()):
                with contextlib.suppress(queue.Empty):  # taken since
                    worker = self._idle.get_nowait()
                    worker.kill()
                    self._idle.put(worker)

    def close(self) -> None:
        """Stop all, and start none any more."""
        with self._lock:
            self._closed = True
            with contextlib.suppress(queue.Empty):
                while True:
                    worker = self._idle.get_nowait()
                    self._all.discard(worker)
                    worker.stop()
            for worker in self._all:
                worker.kill()  # the thread that uses it cleans up after it

    def _start(self) -> WorkerProcess:
        if self._closed:
            raise asyncio.CancelledError
        worker = WorkerProcess(self._limits)
        self._all.add(worker)
        return worker


def _stop(threads: ThreadPoolExecutor, workers: _Workers) -> None:
    threads.shutdown(wait=False, cancel_futures=True)
    workers.close()
