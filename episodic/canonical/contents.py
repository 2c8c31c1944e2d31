"""Contents of sources: checked when they are read, and sources again for a later revision."""

import hashlib
from compression import zstd
from dataclasses import dataclass

from episodic.canonical.domain import Revision
from episodic.canonical.errors import StorageError
from episodic.canonical.ports import ContentRepository
from episodic.canonical.sources import Content, RawSource


@dataclass(frozen=True, slots=True)
class KeptBytes:
    """Loads a source whose bytes are kept; it pickles, so that another process can compose."""

    content: Content

    @property
    def size(self) -> int:
        """Bytes that it will give."""
        return self.content.size

    async def __call__(self) -> bytes:
        """Give the bytes."""
        return unpack(self.content)


async def kept_sources(contents: ContentRepository, revision: Revision) -> list[RawSource]:
    """Give the sources that a revision used, as they were given for it."""
    found: list[RawSource] = []
    for source in revision.sources:
        content = await contents.get(source.sha256) if source.sha256 else None
        if source.siglum and content:
            found.append(RawSource(source.uri, KeptBytes(content), source.given_type, source.hints))
    return found


def pack(raw: bytes) -> Content:
    """Make the content of the bytes of a source."""
    return Content(hashlib.sha256(raw).hexdigest(), len(raw), zstd.compress(raw))


def unpack(content: Content) -> bytes:
    """Give the bytes of a source back; raises `StorageError` unless they have their size and hash."""
    decompressor = zstd.ZstdDecompressor()
    try:
        # One byte more than there should be: a frame cannot make us allocate what it likes.
        raw = decompressor.decompress(content.compressed, content.size + 1)
    except (zstd.ZstdError, OverflowError) as error:
        raise _damaged(content) from error
    if len(raw) != content.size or hashlib.sha256(raw).hexdigest() != content.sha256:
        raise _damaged(content)
    return raw


def _damaged(content: Content) -> StorageError:
    return StorageError(
        f"the content kept as {content.sha256} is damaged; restore the database from a backup"
    )
