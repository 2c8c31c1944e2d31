"""From a raw source to a normalized one: where it is read, and what is kept of it."""

import asyncio
import hashlib
import threading
from collections.abc import Iterable
from compression import zstd
from concurrent.futures import Future
from pathlib import PurePosixPath
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.detection import type_hint
from episodic.canonical.normalizers.files import too_large
from episodic.canonical.normalizers.format import Document, Identified
from episodic.canonical.normalizers.isolation.pool import WorkerPool
from episodic.canonical.normalizers.isolation.process import overtime
from episodic.canonical.sources import Content, NormalizedSource, RawSource, SourceType

# Names of what is always read in a worker process; the formats themselves need not load to say so.
ISOLATED_ENDINGS: Final = frozenset(
    {".docx", ".eml", ".htm", ".html", ".markdown", ".md", ".mht", ".mhtml", ".mkd", ".pdf", ".xhtml"}
)
_WORKER_SECONDS: Final = 5.0  # for which what can be read here as well waits for a process to start
_ZSTD_LEVEL: Final = 1  # a twentieth larger than the default, in half the time


class _Compressor(threading.local):
    """A compressor for each thread: to make one for a small source takes longer than to use it."""

    def __init__(self) -> None:
        self._zstd = zstd.ZstdCompressor(_ZSTD_LEVEL)

    def compress(self, data: bytes) -> bytes:
        """Compress into a frame of its own."""
        return self._zstd.compress(data, zstd.ZstdCompressor.FLUSH_FRAME)


_COMPRESSOR: Final = _Compressor()


class SourceNormalizer:
    """Reads any supported source; implements the `Normalizer` port.

    Parameters
    ----------
    limits
        What a source may cost.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._workers = WorkerPool(self._limits)
        self._expected: Future[bool] | None = None  # a worker that has the formats loaded, once it has

    async def normalize(self, raw: RawSource) -> NormalizedSource:
        """Load, identify and parse a source, off the event loop.

        A thread cannot be ended from outside. One whose time is up runs on while its source is already
        refused; what it makes is dropped. Formats that are read in threads take linear time, so that it ends
        with the bytes, of which there is a limit; other formats are read in processes that are ended.

        Raises
        ------
        SourceError
            When it cannot be loaded or read: the reason says why, and what to do.
        """
        document = self._document(raw, await raw.load())
        read = None
        if document.is_large or not await self._has_worker():
            read = await self._read_here(document, raw.source_type)
        if read is None:
            identified = await self._workers.read(document, raw.source_type)
            read = await asyncio.to_thread(_normalized, document, identified)
        return read

    def expect(self, sources: Iterable[RawSource]) -> None:
        """Start a worker process ahead when the names of the sources say that one will be needed.

        As it is there, it reads all that is small, and no format is loaded in this process.
        """
        endings = frozenset(PurePosixPath(raw.uri).suffix.lower() for raw in sources)
        if not endings.isdisjoint(ISOLATED_ENDINGS):
            self._expected = self._workers.expect(endings)

    def rest(self) -> None:
        """End the worker processes while something else is done; what is read later gets a new one."""
        self._expected = None
        self._workers.rest()

    def close(self) -> None:
        """Stop the worker processes; they also end with the program."""
        self._workers.close()

    async def _has_worker(self) -> bool:
        if self._expected is None:
            return False
        started = asyncio.wrap_future(self._expected)
        await asyncio.wait([started], timeout=_WORKER_SECONDS)
        return started.done() and started.result()

    async def _read_here(self, document: Document, given: SourceType | None) -> NormalizedSource | None:
        limit = asyncio.timeout(self._limits.parse_seconds)
        try:
            async with limit:
                return await asyncio.to_thread(read_here, document, given)
        except TimeoutError:
            if not limit.expired():
                raise
            raise overtime(document) from None

    def _document(self, raw: RawSource, data: bytes) -> Document:
        if len(data) > self._limits.source_bytes:
            raise too_large(raw.uri, self._limits.source_bytes)
        if not data or data.isspace():
            raise SourceError(raw.uri, "is empty; give a file with content")
        return Document(raw.uri, data, raw.source_type or type_hint(raw.uri), raw.metadata, self._limits)


def read_here(document: Document, given: SourceType | None = None) -> NormalizedSource | None:
    """Read a document in the calling thread; ``None`` when it is to be read in a process of its own."""
    # All formats load with it, which takes a tenth of what a small episode does.
    from episodic.canonical.normalizers.registry import find_format, is_isolated, read

    known = find_format(document)
    return None if is_isolated(known, document) else _normalized(document, read(known, document, given))


def _normalized(document: Document, identified: Identified) -> NormalizedSource:
    data, structure = document.data, identified.structure
    return NormalizedSource(
        uri=document.uri,
        source_type=identified.source_type,
        content=Content(hashlib.sha256(data).hexdigest(), len(data), _COMPRESSOR.compress(data)),
        format=identified.format,
        language=structure.language,
        dated=structure.dated,
        claims=structure.claims,
        utterances=structure.utterances,
        passages=structure.passages,
        signals=structure.signals,
        has_open_path=bool(document.metadata.get("paths")),
    )
