"""The worker process: ``python -P -m episodic.canonical.normalizers.worker FORMAT SECONDS BYTES``.

It reads documents from its standard input and writes what became of them to its standard output, as frames of
msgpack: nothing that a document could take over in here can make the parent run code. Its limits are the
kernel's, and it opens no files but its own libraries', nor any socket, whatever a document asks for.
"""

import contextlib
import io
import math
import os
import resource
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import msgspec

from episodic.canonical.errors import SourceError, SourceLimitError
from episodic.canonical.normalizers.captions.ttml import Ttml, YouTubeXml
from episodic.canonical.normalizers.documents.docx import Docx
from episodic.canonical.normalizers.documents.html import Html
from episodic.canonical.normalizers.documents.mail import Mail
from episodic.canonical.normalizers.documents.markdown import Markdown
from episodic.canonical.normalizers.documents.pdf import Pdf
from episodic.canonical.normalizers.documents.podcast_html import PodcastHtml
from episodic.canonical.normalizers.feeds.atom import Atom
from episodic.canonical.normalizers.feeds.rss import Rss
from episodic.canonical.normalizers.format import Document, Format, Structure
from episodic.canonical.normalizers.front_matter import read_with_front_matter

# What is too dangerous, or takes too long too easily, to be read in the process of the application.
_ISOLATED: Final[Mapping[str, Format]] = {
    known.name: known
    for known in (
        Html(),
        Docx(),
        Pdf(),
        Markdown(),
        Rss(),
        Atom(),
        PodcastHtml(),
        Ttml(),
        YouTubeXml(),
        Mail(),
    )
}
# What is so only when it is large: lxml takes twenty times its size, and mending a feed is slow.
_QUICK_WHEN_SMALL: Final = frozenset({"rss", "atom", "podcast-html", "ttml", "youtube-xml"})
_SMALL_BYTES: Final = 2**20
_LENGTH_BYTES: Final = 8
_LIBRARIES: Final = tuple(
    f"{Path(folder).resolve()}/"
    for folder in (*sys.path, sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"))
    if folder
)
_REFUSED_EVENTS: Final = frozenset(
    """
    socket.__new__ socket.connect socket.bind socket.getaddrinfo socket.gethostbyname urllib.Request
    subprocess.Popen os.system os.exec os.posix_spawn os.spawn os.fork os.forkpty
    """.split()  # noqa: SIM905 - a list of names, read as such
)


class Failure(msgspec.Struct, tag=True, frozen=True):
    """A `SourceError`, on its way through the pipe."""

    reason: str
    where: str | None
    limit: bool

    def error(self, uri: str) -> SourceError:
        """The error that it was."""
        return (SourceLimitError if self.limit else SourceError)(uri, self.reason, self.where)


class Success(msgspec.Struct, tag=True, frozen=True):
    """What the format made of the document."""

    structure: Structure


class OutsideError(Exception):
    """A document, through its parser, asks for a file, an address or a program."""


type Outcome = Success | Failure


def is_isolated(known: Format, document: Document) -> bool:
    """Whether a document is to be read in a worker process, and not in a thread."""
    small = len(document.data) <= _SMALL_BYTES
    return known.name in _ISOLATED and not (small and known.name in _QUICK_WHEN_SMALL)


def frame(message: object) -> bytes:
    """A message with its length in front."""
    payload = msgspec.msgpack.encode(message)
    return len(payload).to_bytes(_LENGTH_BYTES) + payload


def frame_length(head: bytes) -> int:
    """How long the message is that follows `head`."""
    return int.from_bytes(head)


def main(arguments: list[str]) -> None:
    """Serve one format until the input ends."""
    name, seconds, memory = arguments
    known = _ISOLATED[name]
    # What a library prints must not get between the frames.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _load_libraries(known)
    _limit_process(int(memory))
    sys.addaudithook(refuse_outside)
    answers.write(frame(name))
    answers.flush()
    questions = sys.stdin.buffer
    while document := _next_document(questions):
        _limit_seconds(float(seconds))
        answers.write(frame(_outcome(known, document, int(memory))))
        answers.flush()


def _next_document(questions: BinaryIO) -> Document | None:
    head = questions.read(_LENGTH_BYTES)
    if len(head) < _LENGTH_BYTES:
        return None
    return msgspec.msgpack.decode(questions.read(frame_length(head)), type=Document)


def _outcome(known: Format, document: Document, memory: int) -> Outcome:
    try:
        return Success(read_with_front_matter(known, document))
    except SourceError as error:
        return Failure(error.reason, error.where, isinstance(error, SourceLimitError))
    except OutsideError as error:
        return Failure(f"asks for something outside of itself, which is refused: {error}", None, limit=False)
    except MemoryError:
        return Failure(f"takes more than {memory} bytes of memory to read, the limit", None, limit=True)
    except RecursionError:
        return Failure("is nested too deeply to be read", None, limit=True)


def _load_libraries(known: Format) -> None:
    """Read something small, so that everything that is loaded on first use is there."""
    with contextlib.suppress(SourceError):
        known.read(Document("warm-up", _sample(known.name)))


def _sample(name: str) -> bytes:
    written = io.BytesIO()
    if name == "docx":
        import docx

        word = docx.Document()
        word.add_paragraph("Loaded.")
        word.save(written)
        return written.getvalue()
    if name == "pdf":
        import pypdfium2

        pdf = cast("Any", pypdfium2.PdfDocument.new())
        pdf.new_page(100, 100)
        pdf.save(written)
        return written.getvalue()
    if name in {"rss", "atom"}:
        return b"<rss><channel><item><title>Ill-formed & mended"
    paragraphs = "".join(
        f"<p>Paragraph {number} has a few words, and then some more.</p>" for number in range(20)
    )
    return (
        f"<html><body><nav><a href='/'>Home</a></nav><article>{paragraphs}</article></body></html>".encode()
    )


def _limit_process(memory: int) -> None:
    """Memory beyond what is in use, no core files, no written files."""
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        used = int(statistics.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def refuse_outside(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook (PEP 578): no sockets, no programs, and no files but to import from."""
    if event in _REFUSED_EVENTS:
        raise OutsideError(event)
    if event == "open" and isinstance(arguments[0], str) and not arguments[0].startswith(_LIBRARIES):
        raise OutsideError(arguments[0])


def _limit_seconds(seconds: float) -> None:
    """Processor time from now on; the signal at its end kills."""
    used = sum(os.times()[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds), hard))


if __name__ == "__main__":
    main(sys.argv[1:])
