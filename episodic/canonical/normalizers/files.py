"""Sources in files: read off the event loop, up to a limit, and nothing but regular files."""

import asyncio
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from episodic.canonical.errors import SourceError, SourceLimitError
from episodic.canonical.limits import Limits
from episodic.canonical.sources import RawSource, SourceType
from episodic.canonical.text.patterns import pattern

_URL: Final = pattern(r"[A-Za-z][A-Za-z0-9+.-]+://")


def path_source(
    path: str | os.PathLike[str],
    source_type: SourceType | None = None,
    metadata: Mapping[str, str] | None = None,
    *,
    limits: Limits | None = None,
) -> RawSource:
    """Make a source of a file, which is opened when the source is loaded.

    Parameters
    ----------
    path
        As the user wrote it; it becomes the source's URI. A URL is refused: Episodic fetches nothing.
    source_type, metadata
        As in `RawSource`.
    limits
        For the number of bytes read.
    """
    uri = os.fspath(path)
    load = FileLoader(uri, (limits or Limits()).source_bytes)
    return RawSource(uri, load, source_type, dict(metadata or {}))


@dataclass(frozen=True, slots=True)
class FileLoader:
    """Reads a file of at most `limit` bytes; it pickles, so that another process can load the source."""

    path: str
    limit: int

    @property
    def size(self) -> int:
        """Bytes that it will read, as far as the file system tells."""
        try:
            return min(Path(self.path).stat().st_size, self.limit)
        except OSError, ValueError:
            return 0  # what is wrong with it is said when it is read

    async def __call__(self) -> bytes:
        """Read it off the event loop; raises `SourceError`."""
        return await asyncio.to_thread(_read, self.path, self.limit)


@dataclass(frozen=True, slots=True)
class GivenBytes:
    """Loads a source that has been read already, from what can be read only once."""

    data: bytes

    @property
    def size(self) -> int:
        """Bytes that it will give."""
        return len(self.data)

    async def __call__(self) -> bytes:
        """Give the bytes."""
        return self.data


def _read(uri: str, limit: int) -> bytes:
    if _URL.match(uri):
        raise SourceError(uri, "is a URL and is not fetched; download it and give the file")
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to waits for ever.
        descriptor = os.open(Path(uri), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise SourceError(uri, "there is no such file; check the path") from error
    except PermissionError as error:
        raise SourceError(uri, "may not be read; check its permissions") from error
    except (OSError, ValueError) as error:
        raise SourceError(uri, f"cannot be opened: {_reason(error)}") from error
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise SourceError(uri, "is a folder; give the files in it")
        if not stat.S_ISREG(mode):
            raise SourceError(uri, "is not a regular file; give a file")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise SourceError(uri, f"cannot be read: {_reason(error)}") from error
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise too_large(uri, limit)
    return data


def too_large(uri: str, limit: int) -> SourceLimitError:
    """Make the error of a source with more bytes than the limit."""
    problem = f"has more than {limit} bytes, the limit for a source"
    return SourceLimitError(uri, f"{problem}; raise EPISODIC_SOURCE_BYTES or leave it out")


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
