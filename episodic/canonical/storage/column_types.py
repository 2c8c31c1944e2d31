"""Column types: what the entities hold, and how a row holds it on both databases."""

from collections.abc import Generator
from compression import zstd
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, override

import msgspec
from sqlalchemy import JSON, DateTime, Dialect, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from episodic.canonical.errors import StorageError
from episodic.canonical.text.patterns import pattern

# PostgreSQL's text has no NUL, and neither database has lone surrogates, which Python makes of the
# bytes of file names that are not UTF-8.
_UNSTORABLE: Final = pattern("[\x00\ud800-\udfff]")

# The checksum makes damage to a document an error when it is read.
_FRAME: Final[dict[int, int]] = {
    zstd.CompressionParameter.compression_level: 2,  # a twentieth larger than at 6, in a fifth of the time
    zstd.CompressionParameter.checksum_flag: 1,
}


class StoredText(TypeDecorator[str]):
    """Text; characters that a database cannot hold become U+FFFD."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _UNSTORABLE.sub("\ufffd", value)


class Instant(TypeDecorator[datetime]):
    """An aware date and time, kept in UTC: SQLite has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise StorageError(f"{value.isoformat()} has no time zone: give one, for example UTC")
        return value.astimezone(UTC)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Json[T](TypeDecorator[T]):
    """A value object as JSON; fields that an older row lacks get their defaults."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: object) -> None:
        super().__init__()
        self.kind = kind

    @override
    def process_bind_param(self, value: T | None, dialect: Dialect) -> object:
        return msgspec.to_builtins(value, str_keys=True)

    @override
    def process_result_value(self, value: object, dialect: Dialect) -> T:
        return msgspec.convert(value, self.kind)


class Compressed(TypeDecorator[bytes]):
    """Bytes as one Zstandard frame with a checksum."""

    impl = LargeBinary
    cache_ok = True

    @override
    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else compressed(value)

    @override
    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _decompressed(value)


class CompressedJson[T](Json[T]):
    """A value object as compressed JSON: for what is only read whole, with its revision."""

    impl = LargeBinary
    cache_ok = True

    @override
    def process_bind_param(self, value: T | None, dialect: Dialect) -> bytes:
        return compressed(msgspec.json.encode(value))

    @override
    def process_result_value(self, value: object, dialect: Dialect) -> T:
        assert isinstance(value, bytes)
        return msgspec.json.decode(_decompressed(value), type=self.kind)


@contextmanager
def understood(table: str) -> Generator[None]:
    """Say in words that a table holds what none of its columns can mean, such as a word for a date."""
    try:
        yield
    except (ValueError, TypeError, LookupError, OverflowError, msgspec.MsgspecError) as error:
        raise damaged(table, str(error)) from error


def damaged(table: str, what: str) -> StorageError:
    """Make the error for a row that cannot be read."""
    return StorageError(
        f"the table {table} is damaged ({what}); 'episodic db verify' says where; restore it from a backup"
    )


def fits(kind: object, value: object) -> bool:
    """Tell whether a value that was read is of its column's kind: SQLite keeps any value in any column."""
    match kind:
        case _ if value is None:
            return True  # whether it may be, the database checks
        case StoredText():
            return isinstance(value, str)
        case Integer():
            return isinstance(value, int)
        case LargeBinary():
            return isinstance(value, bytes)
        case _:
            return True  # these would not have come through their conversion


def compressed(raw: bytes) -> bytes:
    """Make a frame of a document, as it is kept."""
    return zstd.compress(raw, options=_FRAME)


def _decompressed(frame: bytes) -> bytes:
    try:
        return zstd.decompress(frame)
    except zstd.ZstdError as error:
        raise StorageError(
            f"a stored document is damaged ({error}); restore the database from a backup"
        ) from error
