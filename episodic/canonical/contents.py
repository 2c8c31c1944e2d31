"""Contents of sources: checked when they are read."""

import hashlib
from compression import zstd

from episodic.canonical.errors import StorageError
from episodic.canonical.sources import Content


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


def intact(content: Content) -> Content:
    """Return the content; raises `StorageError` when it is damaged."""
    unpack(content)
    return content


def _damaged(content: Content) -> StorageError:
    return StorageError(
        f"the content kept as {content.sha256} is damaged; restore the database from a backup"
    )
