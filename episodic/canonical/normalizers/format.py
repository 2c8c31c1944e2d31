"""What the registry and the formats agree on: what a format is given and what it gives back."""

import math
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final, Protocol

from episodic.canonical.errors import SourceError, UnreadableError
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.decoding import Decoded, decode
from episodic.canonical.sources import Claim, Passage, Signals, SourceType, Utterance

HEAD_BYTES: Final = 64 * 2**10
LARGE: Final = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a source, by which a format is recognized.

    Parameters
    ----------
    data
        Up to `HEAD_BYTES` bytes.
    text
        The same as text with LF line ends and no byte order mark; empty for binary data.
    source_type
        As in `Document`.
    outline
        Of JSON, the paths of its keys; of the whole source.
    """

    data: bytes
    text: str
    source_type: SourceType | None = None
    outline: frozenset[str] | None = None

    def lines(self, most: int) -> str:
        """Give the lines that are whole within so many characters, or all where none is."""
        if len(self.text) <= most:
            return self.text
        return self.text[:most].rpartition("\n")[0] or self.text  # the first is longer than that


@dataclass(frozen=True, slots=True)
class Document:
    """A source whose bytes are here.

    Parameters
    ----------
    uri, metadata
        As in `RawSource`.
    source_type
        What the user or the file's name say that it is; ``None``: the content decides.
    """

    uri: str
    data: bytes = field(repr=False)
    source_type: SourceType | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    limits: Limits = field(default_factory=Limits)

    @property
    def name(self) -> str:
        """The last part of the URI."""
        return PurePosixPath(self.uri).name

    @property
    def suffix(self) -> str:
        """The ending of its name, lower case, with the dot."""
        return PurePosixPath(self.uri).suffix.lower()

    @property
    def is_large(self) -> bool:
        """Whether where it is read matters to what that takes."""
        return len(self.data) > LARGE

    def decode(self, declared: str | None = None) -> Decoded:
        """Decode the bytes; `declared` is the encoding that they say they have. Raises `UnreadableError`."""
        return decode(self.data, declared)

    @contextmanager
    def named_in_errors(self) -> Generator[None]:
        """Say whose it is what cannot be read: a `SourceError` for each `UnreadableError`."""
        try:
            yield
        except UnreadableError as error:
            raise SourceError(self.uri, error.reason, error.where) from error


@dataclass(frozen=True, slots=True)
class Structure:
    """What a format makes of a source; the fields are those of `NormalizedSource`."""

    language: str | None = None
    dated: datetime | None = None
    claims: tuple[Claim, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    passages: tuple[Passage, ...] = ()
    signals: Signals = field(default_factory=Signals)


@dataclass(frozen=True, slots=True)
class Identified:
    """All that reading a document comes to; the fields are those of `NormalizedSource`."""

    format: str
    source_type: SourceType
    structure: Structure


class Format(Protocol):
    """A format that Episodic reads.

    Attributes
    ----------
    name
        What `NormalizedSource.format` and the ``format`` metadata say.
    title
        What people say.
    suffixes
        File name endings, lower case, with the dot; asked only when no content is recognized.
    isolated_above
        Bytes above which it is read in a process of its own: nought for what is too dangerous, or takes too
        long too easily, and `LARGE` for what is so only then.
    """

    name: str
    title: str
    suffixes: tuple[str, ...] = ()
    isolated_above: float = math.inf

    def recognizes(self, head: Head) -> bool:
        """Whether the content is in this format, beyond doubt."""
        ...

    def read(self, document: Document) -> Structure:
        """Parse; a function of the document alone. Raises `UnreadableError`."""
        ...
