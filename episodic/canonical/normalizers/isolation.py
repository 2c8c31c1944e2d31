"""Worker processes for formats whose parsers may crash, hang or swell: it costs one source and no more.

1. A worker serves all formats, one document at a time. One is started when a document comes, another when
   a document has waited as long as a start takes, so that a few small documents share one.
2. A worker that hangs is killed at the time limit, one that crashes is asked why, and the next document gets
   another. One that was killed from outside is not the document's fault, which is read once more.
3. What comes out of a worker is as untrusted as what went in: a frame has a size at most, and what it holds
   is checked against the types of an answer. `sandbox` says what a worker can do beside answering.
"""

import asyncio
import contextlib
import math
import os
import pickle
import queue
import select
import signal
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Final

import msgspec

from episodic.canonical.errors import EpisodicError, SourceError, SourceLimitError
from episodic.canonical.exhaustion import how_it_ended
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers import front_matter
from episodic.canonical.normalizers.format import Document, Format, Structure
from episodic.canonical.normalizers.sandbox import Walls
from episodic.canonical.normalizers.worker import (
    Answer,
    Failure,
    Outcome,
    Question,
    Ready,
    Success,
    frame,
    frame_length,
)
from episodic.canonical.sources import Passage, PassageKind

# What is too dangerous, or takes too long too easily, to be read in the process of the application.
_ISOLATED: Final = frozenset(
    {"html", "docx", "pdf", "markdown", "rss", "atom", "podcast-html", "ttml", "youtube-xml", "mail"}
)
# What is so only when it is large: lxml takes twenty times its size, and mending a feed is slow.
_QUICK_WHEN_SMALL: Final = frozenset({"rss", "atom", "podcast-html", "ttml", "youtube-xml"})
_SMALL_BYTES: Final = 2**20
_START_SECONDS: Final = 60.0
_PATIENCE_SECONDS: Final = 0.5  # about what a start takes
_DEATH_SECONDS: Final = 5.0  # between closing its pipes and being dead
_HEAD_BYTES: Final = 8
# All that a worker needs of the environment; secrets in it are no business of a parser.
_ENVIRONMENT: Final = (
    "PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "LANG", "LC_ALL",
    "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX",
)  # fmt: skip


def is_always_isolated(known: Format) -> bool:
    """Whether all documents in a format are to be read in a worker process."""
    return known.name in _ISOLATED and known.name not in _QUICK_WHEN_SMALL


def is_isolated(known: Format, document: Document) -> bool:
    """Whether a document is to be read in a worker process, and not in a thread."""
    large = len(document.data) > _SMALL_BYTES
    by_format = is_always_isolated(known) or (large and known.name in _ISOLATED)
    return by_format or bool(front_matter.split(document.data)[0])  # YAML is read by a library too


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

    async def read(self, known: Format, document: Document) -> Structure:
        """Parse a document in a worker process; raises `SourceError`. Cancelling it ends the process."""
        loop = asyncio.get_running_loop()
        job = _Job(pickle.dumps(known), document)
        try:
            return await loop.run_in_executor(self._threads, self._read, job)
        except asyncio.CancelledError:
            job.cancel()
            raise

    def expect(self, known: Format) -> None:
        """Have a worker started that reads a format, which takes about as long as opening a database."""
        self._threads.submit(self._get_ready, pickle.dumps(known))

    def close(self) -> None:
        """Stop the workers; also done when the pool is forgotten and when the program ends."""
        self._close()

    def _get_ready(self, format: bytes) -> None:
        worker = self._workers.take()
        try:
            worker.load(format)
        except EOFError, OSError, ValueError:
            worker.stop()  # over before it is given back; the first document complains of its own, by name
        finally:
            self._workers.give_back(worker)

    def _read(self, job: _Job) -> Structure:
        try:
            return self._ask(job)
        except _KilledError:
            if job.cancelled or not self._close.alive:
                raise
            return self._ask(job)

    def _ask(self, job: _Job) -> Structure:
        worker = self._workers.take()
        try:
            outcome = job.ask(worker)
        finally:
            self._workers.give_back(worker)
        if isinstance(outcome, Failure):
            raise outcome.error(job.document.uri)
        return outcome.structure


def standing_walls(limits: Limits, known: Format) -> Walls:
    """Start a worker, and say which walls stand around it; raises `WorkerStartError`."""
    worker = _Worker(limits)
    try:
        return worker.load(pickle.dumps(known))
    except TimeoutError:
        raise WorkerStartError(f"a parser does not answer in {_START_SECONDS:g} seconds") from None
    except EOFError, BrokenPipeError:
        raise WorkerStartError("a parser's process ends as soon as it has started") from None
    finally:
        worker.stop()


def overtime(document: Document) -> SourceLimitError:
    """The error of a document whose time is up."""
    seconds = document.limits.parse_seconds
    return SourceLimitError(document.uri, f"took more than {seconds:g} seconds to read, the limit")


def _is_sound(structure: Structure) -> bool:
    """Whether an answer holds only what a format could have made, beyond its types."""
    numbers = (
        *(number for said in structure.utterances for number in (said.start, said.end, said.confidence)),
        *(
            number
            for said in structure.utterances
            for word in said.words
            for number in (word.start, word.end, word.confidence)
        ),
        *(getattr(structure.signals, field.name) for field in fields(structure.signals)),
    )
    finite = all(math.isfinite(number) for number in numbers if isinstance(number, float))
    return finite and all(_has_level(passage) for passage in structure.passages)


def _has_level(passage: Passage) -> bool:
    if passage.kind is PassageKind.HEADING:
        return 1 <= passage.level <= 6
    return passage.level >= (passage.kind is PassageKind.LIST_ITEM)


class WorkerStartError(EpisodicError):
    """No worker process gets so far that it answers."""


class _KilledError(SourceError):
    """The worker was killed from outside, perhaps before it had the document: it is worth another try."""


class _Job:
    """A document on its way through a worker."""

    def __init__(self, format: bytes, document: Document) -> None:
        self.format = format
        self.document = document
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self.cancelled = False

    def ask(self, worker: _Worker) -> Success | Failure:
        with self._lock:
            if self.cancelled:
                raise asyncio.CancelledError
            self._worker = worker
        try:
            return worker.ask(self.format, self.document)
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
        self._all: set[_Worker] = set()
        self._idle = queue.SimpleQueue[_Worker]()
        self._closed = False

    def take(self) -> _Worker:
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

    def give_back(self, worker: _Worker) -> None:
        """Let others have a worker, if it can still be asked."""
        with self._lock:
            if not worker.alive or self._closed:
                self._all.discard(worker)
                worker.stop()
                return
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

    def _start(self) -> _Worker:
        if self._closed:
            raise asyncio.CancelledError
        worker = _Worker(self._limits)
        self._all.add(worker)
        return worker


def _stop(threads: ThreadPoolExecutor, workers: _Workers) -> None:
    threads.shutdown(wait=False, cancel_futures=True)
    workers.close()


class _Worker:
    """One process, and the pipes to it; used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [
                sys.executable, "-P", "-m", "episodic.canonical.normalizers.worker", str(os.getpid()),
                str(limits.parse_seconds), str(limits.worker_bytes), str(limits.answer_bytes),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            env={name: value for name in _ENVIRONMENT if (value := os.environ.get(name)) is not None},
            process_group=0,  # keys on the terminal signal the group that they run in
        )  # fmt: skip
        self._walls: dict[bytes, Walls] = {}  # as of when each format was loaded
        self._spent = False

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self._spent and self._process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether its start is over."""
        return bool(self._walls)

    def load(self, format: bytes) -> Walls:
        """Have a format loaded, and hear which walls stand."""
        if format not in self._walls:
            deadline = time.monotonic() + _START_SECONDS
            ready = self._exchange(Question(format), deadline)
            if not isinstance(ready, Ready):
                raise msgspec.ValidationError("not ready")
            self._walls[format] = ready.walls
        return self._walls[format]

    def ask(self, format: bytes, document: Document) -> Success | Failure:
        """Have a document read; an error of its own when the process does not live to say one."""
        try:
            self.load(format)
            outcome = self._exchange(
                Question(format, document), time.monotonic() + self._limits.parse_seconds
            )
        except TimeoutError:
            self.stop()
            raise overtime(document) from None
        except EOFError, BrokenPipeError:
            raise self._death(document) from None
        except ValueError, RecursionError, MemoryError:
            pass  # not an answer: nothing of it is to be trusted, least of all what it says of itself
        else:
            if isinstance(outcome, Failure) or (
                isinstance(outcome, Success) and _is_sound(outcome.structure)
            ):
                return outcome
        self.stop()
        raise SourceError(document.uri, "had its parser answer with nonsense; it may be damaged or hostile")

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

    def _exchange(self, question: Question, deadline: float) -> Outcome:
        self._send(frame(question), deadline)
        answer = msgspec.msgpack.decode(self._receive(deadline), type=Answer)
        self._spent = answer.last
        return answer.outcome

    def _death(self, document: Document) -> SourceError:
        """What killed the process, as the source's error."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_DEATH_SECONDS)
        self.stop()
        code = self._process.returncode
        ended = how_it_ended(code)
        if code == -signal.SIGXCPU:
            return overtime(document)
        if code == -signal.SIGKILL:
            return _KilledError(document.uri, f"had two parsers end; the second {ended}")
        problem = f"made its parser crash, which {ended}"
        if -code in {signal.SIGABRT, signal.SIGTRAP, signal.SIGILL}:
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
        size = frame_length(self._read_exactly(_HEAD_BYTES, deadline))
        if size > self._limits.answer_bytes:
            raise ValueError(size)
        return self._read_exactly(size, deadline)

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
