"""What runs in a worker process, as ``python -m`` of this with PARENT, SECONDS, BYTES and ANSWER.

It reads documents of any format from its standard input and writes what became of them to its standard
output, as frames of msgpack: nothing that a document could take over in here can make the parent run code.

1. Formats load, and read a sample, outside of the walls, where Python may keep the bytecode that it lacks.
2. Then the walls stand (`sandbox`), before anything of a document is here. What other formats need loads
   inside of them.
3. It reads one document after the other, each under limits of its own that end in an error of its source.
   An audit hook refuses what the walls would, with a name for it; where there are none, it is all there is.
4. When a document has left much behind, or its life's processor time is spent, it says so with its answer,
   and the parent starts another.
"""

import contextlib
import gc
import io
import math
import os
import resource
import sys
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

import msgspec

from episodic.canonical.errors import SourceError, SourceLimitError, UnsupportedFormatError
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.isolation import sandbox, seccomp
from episodic.canonical.normalizers.isolation.messages import (
    LENGTH_BYTES,
    Answer,
    Failure,
    Question,
    Ready,
    Success,
    frame,
)
from episodic.canonical.normalizers.registry import find_format, read

_LIFE: Final = 20  # documents that take all the time that one may take
_RESIDUE: Final = 8  # the part of its memory that a worker may keep of a document
_RESERVE_BYTES: Final = 2**22  # for saying that there is no more
_NEARLY: Final = 0.75  # of it: what is asked for next may have been as much again as the rest
_LIBRARY_BYTES: Final = 2**29  # address space for formats that load later
_REFUSED_EVENTS: Final = frozenset(
    """
    socket.__new__ socket.connect socket.bind socket.getaddrinfo socket.gethostbyname urllib.Request
    subprocess.Popen os.system os.exec os.posix_spawn os.spawn os.fork os.forkpty os.kill os.killpg
    os.remove os.rename os.link os.symlink os.mkdir os.rmdir os.chmod os.chown os.truncate os.utime os.chdir
    """.split()  # noqa: SIM905 - a list of names, read as such
)


class OutsideError(Exception):
    """A document, through its parser, asks for a file, an address or a program."""


def main(arguments: list[str]) -> None:
    """Serve until the input ends."""
    parent, seconds, memory, answer = arguments
    # What a library prints must not get between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    questions = sys.stdin.buffer
    worker = _Worker(float(seconds), int(memory), int(answer))
    gc.disable()  # what loads stays, and is looked through in vain
    while not worker.spent and (question := _next_question(questions)):
        if not worker.confined:
            worker.load(question.endings)
            worker.confine(int(parent))
            gc.freeze()
            gc.enable()
        answers.write(worker.answer(question))
        answers.flush()


def _next_question(questions: BinaryIO) -> Question | None:
    head = questions.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    return msgspec.msgpack.decode(questions.read(int.from_bytes(head)), type=Question)


class _Worker:
    """What stays from one document to the next."""

    def __init__(self, seconds: float, memory: int, answer_bytes: int) -> None:
        self._seconds = seconds
        self._memory = memory
        self._answer_bytes = answer_bytes
        self._left = list(_SAMPLES)
        self._walls: sandbox.Walls | None = None
        self._pages = _Pages()
        self._loaded_bytes = 0
        self._reserve = b""
        self.spent = False

    @property
    def confined(self) -> bool:
        """Whether it is."""
        return self._walls is not None

    def load(self, endings: AbstractSet[str]) -> None:
        """Have all there that files with these endings load, or compile, on first use: it counts for none."""
        for sample in self._missing(endings):
            self._left.remove(sample)
            document = Document(f"warm-up{sample.endings[0]}", sample.make())
            with contextlib.suppress(SourceError):
                read(find_format(document), document)
        self._loaded_bytes = self._pages.bytes

    def _missing(self, endings: Iterable[str]) -> list[_Sample]:
        return [each for each in self._left if not set(endings).isdisjoint(each.endings)]

    def confine(self, parent: int) -> None:
        """Raise the walls, for good."""
        sys.dont_write_bytecode = True
        folders = sandbox.library_folders()
        room = self._loaded_bytes + _LIBRARY_BYTES + self._memory if self._loaded_bytes else None
        sandbox.limit_for_good(room, _used_seconds() + _LIFE * self._seconds)
        self._walls = sandbox.raise_walls(folders, parent)
        sys.addaudithook(OutsideRefused(folders))

    def answer(self, question: Question) -> bytes:
        """Answer one question, as a frame."""
        document = question.document
        if document is None:
            assert self._walls is not None
            return frame(Answer(Ready(self._walls)))
        self._limit_document()
        try:
            known = find_format(document)
            if self._missing(known.suffixes):
                self._lift_limits()
                self.load(frozenset(known.suffixes))
                self._limit_document()
            return self._reply(Success(read(known, document, question.given)))
        except Exception as error:  # noqa: BLE001 - a library's own among them, which cost this source only
            self._reserve = b""  # even to lift a limit, and all the more to say so, takes memory
            self._lift_limits()
            return self._reply(self._failure(error))
        finally:
            self._lift_limits()  # the next document has to come in

    def _failure(self, error: Exception) -> Failure:
        limit = f"takes more than {self._memory} bytes of memory to read, the limit"
        raised = "raise EPISODIC_WORKER_BYTES or leave it out"
        match error:
            case MemoryError():
                return Failure(f"{limit}; {raised}", limit=True)
            case RecursionError():
                return Failure("is nested too deeply to be read", limit=True)
            case OutsideError():
                return Failure(f"refers to something outside itself, which is not fetched: {error}")
            case SourceError():
                limited, unsupported = (
                    isinstance(error, kind) for kind in (SourceLimitError, UnsupportedFormatError)
                )
                failure = Failure(error.reason, error.where, limited, unsupported)
            case _:
                failure = Failure(f"made its parser fail: {type(error).__name__}: {error}")
        if not failure.limit and self._was_nearly_full():
            reason = f"most likely {limit}: it {failure.reason}; {raised}"
            return Failure(reason, failure.where, limit=True)
        return failure

    def _was_nearly_full(self) -> bool:
        """Whether memory came near the limit: a library that gets none may say anything, or nothing."""
        return self._pages.most > self._loaded_bytes + _RESERVE_BYTES + self._memory * _NEARLY

    def _reply(self, outcome: Success | Failure) -> bytes:
        left = self._pages.bytes - self._loaded_bytes - len(self._reserve)
        self.spent = (
            left > self._memory // _RESIDUE
            or _used_seconds() > (_LIFE - 1) * self._seconds
            or self._was_nearly_full()  # which the kernel never forgets
        )
        answer = Answer(outcome, self.spent)
        # Msgpack has moments without their zones, and text.
        reply = frame(msgspec.to_builtins(answer) if _is_zoned(outcome) else answer)
        if len(reply) > self._answer_bytes:
            limit = f"{self._answer_bytes} bytes, the limit; raise EPISODIC_ANSWER_BYTES or leave it out"
            return frame(Answer(Failure(f"makes an answer of more than {limit}", limit=True), self.spent))
        return reply

    def _limit_document(self) -> None:
        """Processor time and memory from now on; the signal at the end of the first kills."""
        _lower(resource.RLIMIT_CPU, math.ceil(_used_seconds() + self._seconds))
        if self._loaded_bytes:
            self._reserve = bytes(_RESERVE_BYTES)
            _lower(resource.RLIMIT_AS, self._loaded_bytes + _RESERVE_BYTES + self._memory)

    def _lift_limits(self) -> None:
        """Let memory grow as far as it ever may."""
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


class _Pages:
    """The address space of this process, also when ``/proc`` is behind a wall."""

    def __init__(self) -> None:
        self._file = self._status = None
        with contextlib.suppress(OSError):
            self._file = os.open("/proc/self/statm", os.O_RDONLY)
            self._status = os.open("/proc/self/status", os.O_RDONLY)

    @property
    def bytes(self) -> int:
        """How much it is, or 0 where the kernel does not tell."""
        if self._file is None:
            return 0
        return int(os.pread(self._file, 64, 0).split()[0]) * resource.getpagesize()

    @property
    def most(self) -> int:
        """How much it has ever been, or 0 where the kernel does not tell."""
        if self._status is None:
            return 0
        peak = os.pread(self._status, 4096, 0).partition(b"VmPeak:")[2].split(maxsplit=1)
        return int(peak[0]) * 1024 if peak else 0


class OutsideRefused:
    """Audit hook (PEP 578): no sockets, no programs, nothing written, and no files but to import from.

    Parameters
    ----------
    readable
        Files and folders that can be read.
    """

    def __init__(self, readable: list[Path]) -> None:
        self._files = frozenset(map(str, readable))
        self._folders = tuple(f"{path}/" for path in readable)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """Raise `OutsideError` for what is refused."""
        if event in _REFUSED_EVENTS:
            raise OutsideError(event)
        if event in {"open", "os.listdir", "os.scandir"}:
            self._refuse_outside(*arguments)

    def _refuse_outside(self, place: object = None, _mode: object = None, flags: object = 0) -> None:
        if isinstance(place, int):
            return  # it is open already
        path = os.path.abspath(os.fsdecode(cast("str | bytes", place)) if place else ".")  # noqa: PTH100 - often
        writes = isinstance(flags, int) and flags & seccomp.WRITING
        if writes or not (path in self._files or f"{path}/".startswith(self._folders)):
            raise OutsideError(path)


def _word() -> bytes:
    import docx

    written = io.BytesIO()
    word = docx.Document()
    word.add_paragraph("Loaded.")
    word.save(written)
    return written.getvalue()


def _pdf() -> bytes:
    import pypdfium2

    written = io.BytesIO()
    pdf = cast("Any", pypdfium2.PdfDocument.new())
    pdf.new_page(100, 100)
    pdf.save(written)
    return written.getvalue()


def _page() -> bytes:
    article = 20 * b"<p>A paragraph has a few words, and then some more.</p>"
    return b"<html><body><nav><a href='/'>Home</a></nav><article>%b</article></body></html>" % article


class _Sample(NamedTuple):
    """What is read once for files with these endings, so that all is there that the first one needs."""

    endings: tuple[str, ...]
    make: Callable[[], bytes]


_SAMPLES: Final = (
    _Sample((".docx",), _word),
    _Sample((".pdf",), _pdf),
    _Sample((".html", ".htm", ".xhtml", ".eml", ".mhtml", ".mht"), _page),
    _Sample(
        (".rss", ".atom", ".xml", ".ttml"),
        lambda: b"<?xml version='1.0'?><rss><channel><item><title>Episode 1: Ill-formed & mended",
    ),
    _Sample(
        (".md", ".markdown", ".mkd"),
        lambda: (
            b"# Loaded\n\nEpisode 1: Loaded\n\n- Ann Other, host\n- Date: 2026-03-01\n\n<p>[[Loaded]][^1]</p>"
            b"\n\nContact: ann@example.org, https://example.org/loaded\n\n[00:01] Ann: Loaded.\n"
        ),
    ),
    _Sample(
        (".md", ".markdown", ".mkd"), lambda: b"# Loaded\n\nAll that prose needs.\n\n- A list: of one.\n"
    ),
    _Sample(
        (".vtt",),
        lambda: b"WEBVTT\n\nNOTE Not corrected\n\n00:01.000 --> 00:02.000\n<v Ann>Loaded &amp; ready.\n",
    ),
    _Sample((".srt",), lambda: b"1\n00:00:01,000 --> 00:00:02,000\nAnn: Loaded.\n"),
    _Sample((".txt", ".text"), lambda: b"00:01 Loaded.\n00:02 By whom?\n00:04 By the parent, at 2:15.\n"),
)


def _is_zoned(outcome: Success | Failure) -> bool:
    dated = outcome.identified.structure.dated if isinstance(outcome, Success) else None
    return dated is not None and bool(dated.utcoffset())


def _used_seconds() -> float:
    return sum(os.times()[:2])


def _lower(number: int, value: int) -> None:
    """Set a limit that can be raised again, up to the hard one."""
    _, hard = resource.getrlimit(number)
    resource.setrlimit(number, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


if __name__ == "__main__":
    main(sys.argv[1:])
