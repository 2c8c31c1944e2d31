"""A worker process, and the pipes to it: what is asked, for how long, and what its end means.

What comes out of it is as untrusted as what goes in: a frame has a size at most, and what it holds is checked
against the types of an answer. `sandbox` says what a worker can do beside answering.
"""

import contextlib
import math
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Set as AbstractSet
from dataclasses import fields, replace
from typing import Final

import msgspec

from episodic.canonical.errors import EpisodicError, SourceError, SourceLimitError
from episodic.canonical.exhaustion import how_it_ended
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.format import Document, Identified
from episodic.canonical.normalizers.isolation.messages import (
    LENGTH_BYTES,
    Answer,
    Failure,
    Outcome,
    Question,
    Ready,
    Success,
    frame,
)
from episodic.canonical.normalizers.isolation.sandbox import Walls
from episodic.canonical.normalizers.languages import language_tag
from episodic.canonical.sources import Passage, PassageKind, SourceType
from episodic.canonical.text.patterns import pattern

_FORMAT: Final = pattern(r"[a-z0-9-]{1,40}")
_START_SECONDS: Final = 20.0  # a start takes half a second, and five where ten times too much is done
_SHORT_BYTES: Final = 2**12  # of what it says of itself, or of a failure, whatever the limit
_DEATH_SECONDS: Final = 5.0  # between closing its pipes and being dead
# All that a worker needs of the environment; secrets in it are no business of a parser.
_ENVIRONMENT: Final = (
    "PATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "LANG", "LC_ALL",
    "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX",
)  # fmt: skip


class WorkerStartError(EpisodicError):
    """No worker process gets so far that it answers."""


class KilledError(SourceError):
    """The worker was killed from outside or never ready, perhaps before it had the document: try again."""


class WorkerProcess:
    """One process, and the pipes to it; used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [
                sys.executable, "-P", "-m", "episodic.canonical.normalizers.isolation.worker",
                *map(str, (os.getpid(), limits.parse_seconds, limits.worker_bytes, limits.answer_bytes)),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            env={name: value for name in _ENVIRONMENT if (value := os.environ.get(name)) is not None},
            process_group=0,  # keys on the terminal signal the group that they run in
        )  # fmt: skip
        self._walls: Walls | None = None
        self._spent = False

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self._spent and self._process.poll() is None

    @property
    def ready(self) -> bool:
        """Whether its start is over."""
        return self._walls is not None

    def load(self, endings: AbstractSet[str]) -> Walls:
        """Have it get ready for files with these endings, unless it is, and hear which walls stand."""
        if self._walls is None:
            deadline = time.monotonic() + _START_SECONDS
            ready = self._exchange(Question(frozenset(map(_in_unicode, endings))), deadline)
            if not isinstance(ready, Ready):
                raise msgspec.ValidationError("not ready")
            self._walls = ready.walls
        return self._walls

    def ask(self, document: Document, given: SourceType | None = None) -> Success | Failure:
        """Have a document read; an error of its own when the process does not live to say one."""
        try:
            self.load({document.suffix})
            sent = replace(document, uri=_in_unicode(document.uri))
            outcome = self._exchange(
                Question(document=sent, given=given), time.monotonic() + self._limits.parse_seconds
            )
        except TimeoutError:
            self.stop()
            if self.ready:
                raise overtime(document) from None
            late = f"had two parsers of which the second was not ready in {_START_SECONDS:g} seconds"
            raise KilledError(document.uri, f"{late}; see what else the machine does") from None
        except EOFError, BrokenPipeError:
            raise self._death(document) from None
        except ValueError, RecursionError, MemoryError:
            pass  # not an answer: nothing of it is to be trusted, least of all what it says of itself
        else:
            if isinstance(outcome, Failure) or (
                isinstance(outcome, Success)
                and given in {None, outcome.identified.source_type}
                and _is_sound(outcome.identified, self._limits)
            ):
                return outcome
        self.stop()
        raise SourceError(document.uri, "had its parser answer with nonsense; it may be damaged or hostile")

    def kill(self) -> None:
        """End the process, whatever it is doing; whoever waits for it finds out, and nobody asks it again."""
        self._spent = True  # it may live on for a moment
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
        self._spent |= answer.last
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
            return KilledError(document.uri, f"had two parsers end; the second {ended}")
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
        size = int.from_bytes(self._read_exactly(LENGTH_BYTES, deadline))
        if size > max(self._limits.answer_bytes, _SHORT_BYTES):
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


def standing_walls(limits: Limits, endings: AbstractSet[str] = frozenset()) -> Walls:
    """Start a worker, and say which walls stand around it; raises `WorkerStartError`."""
    worker = WorkerProcess(limits)
    try:
        return worker.load(endings)
    except TimeoutError:
        raise WorkerStartError(f"a parser does not answer in {_START_SECONDS:g} seconds") from None
    except EOFError, BrokenPipeError:
        raise WorkerStartError("a parser's process ends as soon as it has started") from None
    finally:
        worker.stop()


def overtime(document: Document) -> SourceLimitError:
    """The error of a document whose time is up."""
    seconds = document.limits.parse_seconds
    problem = f"took more than {seconds:g} seconds to read, the limit"
    return SourceLimitError(document.uri, f"{problem}; raise EPISODIC_PARSE_SECONDS or leave it out")


def _in_unicode(name: str) -> str:
    """A name as it can be sent: that of a file may be any bytes."""
    return name.encode(errors="backslashreplace").decode()


def _is_sound(identified: Identified, limits: Limits) -> bool:
    """Whether an answer holds only what a format could have made, beyond its types."""
    structure = identified.structure
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
    return (
        finite
        and all(_has_level(passage) for passage in structure.passages)
        and _FORMAT.fullmatch(identified.format) is not None
        and (structure.language is None or language_tag(structure.language) is not None)
        and len(structure.utterances) <= limits.utterances
        and len(structure.passages) <= limits.passages
        and len(structure.claims) <= limits.claims
    )


def _has_level(passage: Passage) -> bool:
    if passage.kind is PassageKind.HEADING:
        return 1 <= passage.level <= 6
    return passage.level >= (passage.kind is PassageKind.LIST_ITEM)
