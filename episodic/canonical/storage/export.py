"""Gives the kept sources of a revision back as files."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from episodic.canonical.contents import unpack
from episodic.canonical.domain import Revision, SourceDocument
from episodic.canonical.errors import StorageError
from episodic.canonical.sources import Content
from episodic.canonical.text.patterns import pattern
from episodic.whole_file import draft_of

# Everything else of a name could mean something to a file system, a terminal or a shell.
_ODD: Final = pattern(r"[^\w.\-]+")
_LONGEST: Final = 200  # bytes; file systems allow 255


async def export_sources(
    revision: Revision, get: Callable[[str], Awaitable[Content | None]], folder: Path
) -> Sequence[tuple[SourceDocument, Path]]:
    """Write the sources of a revision into a folder, bit for bit as they were read.

    Parameters
    ----------
    revision
        Whose sources.
    get
        `ContentRepository.get`.
    folder
        Made, with mode 0700, when it is missing. Every file is made in it and nowhere else, with mode 0600
        and a name of our own: the siglum, and what is harmless of the last part of the URI.

    Returns
    -------
    The sources whose bytes are kept, each with its file. A file that has the bytes already is left alone.

    Raises
    ------
    StorageError
        When a file is there with other bytes, cannot be written, or the kept bytes are damaged.
    """
    written: list[tuple[SourceDocument, Path]] = []
    for source in revision.sources:
        if source.sha256 is None:
            continue
        content = await get(source.sha256)
        if content is None:
            raise StorageError(f"the bytes of {source.uri} are missing; run 'episodic db verify'")
        file = folder / _name(source)
        try:
            await asyncio.to_thread(_write, file, unpack(content))
        except OSError as error:
            raise StorageError(f"{file} cannot be written: {error.strerror}; name another folder") from error
        written.append((source, file))
    return written


def _name(source: SourceDocument) -> str:
    """Name a file: never hidden, never a path, and another for every source of a revision."""
    last = _ODD.sub("_", source.uri.rstrip("/\\").replace("\\", "/").rpartition("/")[2])
    stem, dot, suffix = last.rpartition(".")
    if not stem or len(suffix) > 16:
        stem, dot, suffix = last, "", ""
    room = _LONGEST - len(f"{dot}{suffix}".encode())
    stem = stem.encode()[:room].decode(errors="ignore")
    return f"{source.siglum}-{stem}{dot}{suffix}"


def _write(file: Path, raw: bytes) -> None:
    """Write a new file, and nothing through a link that somebody put in its place."""
    try:
        with draft_of(file) as draft:
            draft.write_bytes(raw)
    except FileExistsError:
        if file.is_symlink() or not file.is_file() or file.read_bytes() != raw:
            raise StorageError(
                f"{file} is there already, and is not this source; name another folder"
            ) from None
