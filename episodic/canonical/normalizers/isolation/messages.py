"""What is asked of a worker process, and what it answers: frames of msgpack."""

from typing import Final

import msgspec

from episodic.canonical.errors import SourceError, SourceLimitError, UnsupportedFormatError
from episodic.canonical.normalizers.format import Document, Identified
from episodic.canonical.normalizers.isolation.sandbox import Walls
from episodic.canonical.sources import SourceType

LENGTH_BYTES: Final = 8  # of the length in front of each


class Question(msgspec.Struct, frozen=True):
    """What is asked of a worker: to get ready for files with these endings, or to read a document.

    Parameters
    ----------
    given
        The source type that the user gave.
    """

    endings: frozenset[str] = frozenset()
    document: Document | None = None
    given: SourceType | None = None


class Failure(msgspec.Struct, tag=True, frozen=True):
    """A `SourceError`, on its way through the pipe."""

    reason: str
    where: str | None = None
    limit: bool = False
    unsupported: bool = False

    def error(self, uri: str) -> SourceError:
        """The error that it was."""
        kind = UnsupportedFormatError if self.unsupported else SourceError
        return (SourceLimitError if self.limit else kind)(uri, self.reason, self.where)


class Success(msgspec.Struct, tag=True, frozen=True):
    """What was read of the document."""

    identified: Identified


class Ready(msgspec.Struct, tag=True, frozen=True):
    """It can be asked, and these walls stand."""

    walls: Walls


class Answer(msgspec.Struct, frozen=True):
    """What a worker says, and whether it is the last that it does."""

    outcome: Success | Failure | Ready
    last: bool = False


type Outcome = Success | Failure | Ready


def frame(message: object) -> bytes:
    """A message with its length in front."""
    payload = msgspec.msgpack.encode(message)
    return len(payload).to_bytes(LENGTH_BYTES) + payload
