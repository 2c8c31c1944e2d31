"""Worker processes for formats whose parsers may crash, hang or swell: it costs one source and no more."""

import asyncio
import contextlib
import os
import resource
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec

from episodic.canonical.errors import SourceError, SourceLimitError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.normalizers.worker import Failure, Outcome, Success, frame, frame_length

_START_SECONDS: Final = 60.0
_DEATH_SECONDS: Final = 5.0  # between closing its pipes and being dead
_HEAD_BYTES: Final = 8
_RESIDUE: Final = 8  # the part of its memory that a worker may keep of a document
# All that a worker needs of the environment; secrets in it are no business of a parser.
_ENVIRONMENT: Final = (
    "PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "LANG", "LC_ALL",
    "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX",
)  # fmt: skip


class WorkerPool:
    """Threads that each talk to worker processes of their own, one a format; what dies is replaced.

    Parameters
    ----------
    limits
        ``parse_workers`` threads; seconds and memory of each process.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.parse_workers, thread_name_prefix="episodic-worker")
        self._own = threading.local()
        self._workers: set[_Worker] = set()
        self._close = weakref.finalize(self, _stop, self._threads, self._workers)

    async def read(self, format_name: str, document: Document) -> Structure:
        """Parse a document in a worker process; raises `SourceError`. Cancelling it ends the process."""
        loop = asyncio.get_running_loop()
        job = _Job(format_name, document)
        try:
            return await loop.run_in_executor(self._threads, self._read, job)
        except asyncio.CancelledError:
            job.cancel()
            raise

    def close(self) -> None:
        """Stop the workers; also done when the pool is forgotten and when the program ends."""
        self._close()

    def _read(self, job: _Job) -> Structure:
        try:
            return self._ask(job)
        except _KilledError:
            if job.cancelled or not self._close.alive:
                raise
            return self._ask(job)

    def _ask(self, job: _Job) -> Structure:
        own: dict[str, _Worker] = self._own.__dict__
        worker = own.get(job.format_name)
        if worker is None or not worker.alive:
            if worker is not None:
                worker.stop()
                self._workers.discard(worker)
            worker = own[job.format_name] = _Worker(job.format_name, self._limits)
            self._workers.add(worker)
        outcome = job.ask(worker)
        if worker.swollen:
            worker.stop()
        if isinstance(outcome, Failure):
            raise outcome.error(job.document.uri)
        return outcome.structure


def overtime(document: Document) -> SourceLimitError:
    """The error of a document whose time is up."""
    seconds = document.limits.parse_seconds
    return SourceLimitError(document.uri, f"took more than {seconds:g} seconds to read, the limit")


class _KilledError(SourceError):
    """The worker was killed from outside, perhaps before it had the document: it is worth another try."""


class _Job:
    """A document on its way through a worker."""

    def __init__(self, format_name: str, document: Document) -> None:
        self.format_name = format_name
        self.document = document
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self.cancelled = False

    def ask(self, worker: _Worker) -> Outcome:
        with self._lock:
            if self.cancelled:
                raise asyncio.CancelledError
            self._worker = worker
        try:
            return worker.ask(self.document)
        finally:
            with self._lock:
                self._worker = None

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            if self._worker is not None:
                self._worker.kill()


def _stop(threads: ThreadPoolExecutor, workers: set[_Worker]) -> None:
    threads.shutdown(wait=False, cancel_futures=True)
    for worker in list(workers):
        worker.stop()


class _Worker:
    """One process, and the pipes to it; used by one thread."""

    def __init__(self, format_name: str, limits: Limits) -> None:
        self._limits = limits
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [
                sys.executable, "-P", "-m", "episodic.canonical.normalizers.worker",
                format_name, str(limits.parse_seconds), str(limits.worker_bytes),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            env={name: value for name in _ENVIRONMENT if (value := os.environ.get(name)) is not None},
            process_group=0,  # keys on the terminal signal the group that they run in
        )  # fmt: skip
        self._ready = False
        self._fresh_bytes = 0

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    @property
    def swollen(self) -> bool:
        """Whether so much is left of a document that the next would be refused for it."""
        return self._ready and self._bytes() - self._fresh_bytes > self._limits.worker_bytes // _RESIDUE

    def ask(self, document: Document) -> Outcome:
        """Have a document read; an outcome of its own when the process does not live to say one."""
        try:
            if not self._ready:
                self._receive(time.monotonic() + _START_SECONDS)
                self._ready = True
                self._fresh_bytes = self._bytes()
            deadline = time.monotonic() + self._limits.parse_seconds
            self._send(frame(document), deadline)
            return msgspec.msgpack.decode(self._receive(deadline), type=Success | Failure)
        except TimeoutError:
            self.stop()
            raise overtime(document) from None
        except EOFError, BrokenPipeError:
            raise self._obituary(document) from None

    def kill(self) -> None:
        """End the process, whatever it is doing; whoever waits for it finds out."""
        self._process.kill()

    def stop(self) -> None:
        """End the process and clean up after it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _bytes(self) -> int:
        """Its address space, or 0 where the kernel does not tell."""
        try:
            pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[0]
        except OSError:
            return 0
        return int(pages) * resource.getpagesize()

    def _obituary(self, document: Document) -> SourceError:
        """What killed the process, as the source's error."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_DEATH_SECONDS)
        self.stop()
        code = self._process.returncode
        if code == -signal.SIGXCPU:
            return overtime(document)
        if code == -signal.SIGKILL:
            return _KilledError(
                document.uri, "had its parser killed twice (SIGKILL), as the system does when memory runs out"
            )
        cause = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        problem = f"made the parser crash ({cause})"
        if code == -signal.SIGABRT:
            # How PDFium ends when it gets no memory; how much it had, nobody can tell any more.
            likely = f"most likely it takes more than {self._limits.worker_bytes} bytes of memory to read"
            problem += f": {likely}, the limit; raise EPISODIC_WORKER_BYTES or leave it out"
        else:
            problem += "; it may be damaged or hostile"
        return SourceError(document.uri, problem)

    def _send(self, message: bytes, deadline: float) -> None:
        assert self._process.stdin is not None
        descriptor = self._process.stdin.fileno()
        os.set_blocking(descriptor, False)
        view = memoryview(message)
        while view:
            if not select.select([], [descriptor], [], max(0.0, deadline - time.monotonic()))[1]:
                raise TimeoutError
            view = view[os.write(descriptor, view) :]

    def _receive(self, deadline: float) -> bytes:
        return self._read_exactly(frame_length(self._read_exactly(_HEAD_BYTES, deadline)), deadline)

    def _read_exactly(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        read = bytearray()
        while len(read) < size:
            if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError
            part = os.read(descriptor, min(size - len(read), 2**20))
            if not part:
                raise EOFError
            read += part
        return bytes(read)
