"""Value objects of sources, as data flows: RawSource -> NormalizedSource -> WeightedSource.

What is made of them stands in `document`. Times are seconds from the start of the recording, and nothing here
knows XML, a database or an event loop.
"""

import enum
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Final, NamedTuple, Self

from episodic.canonical.text.wordlists import word_list


class SourceType(enum.StrEnum):
    """What a source is to the episode: the one table of types, of which all else is made.

    Parameters
    ----------
    reliability
        What its word counts for, in 0..1, where the series does not say.
    names
        Words of a file's name that speak of it.
    description
        For people.
    """

    reliability: float
    names: frozenset[str]
    description: str

    TRANSCRIPT = "transcript", 0.7, "transcript transcription captions subtitles", "what was said"
    BRIEF = "brief", 0.6, "brief briefing", "what the episode was meant to be"
    RSS = "rss", 0.9, "", "the show's feed"
    PRESS_RELEASE = "press_release", 0.8, "press release pressrelease", "what was announced"
    RESEARCH_NOTES = ("research_notes", 0.5, "notes research shownotes", "what was found out, or else")

    def __new__(cls, value: str, reliability: float, names: str, description: str) -> Self:
        """Make a member of a row."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.reliability = reliability
        member.names = frozenset(names.split())
        member.description = description
        return member


# Metadata of a source that the series has for all of its episodes: one that does without it goes on.
OF_THE_SERIES: Final = "of the series"


@dataclass(frozen=True, slots=True)
class RawSource:
    """A source before anyone has looked into it.

    Parameters
    ----------
    uri
        The source as the user named it; it appears in errors, in the TEI and in task names.
    load
        Reads the bytes. Called once, inside the source's own task.
    source_type
        What the user said that it is; ``None``: found out from content and name.
    metadata
        What else is known of it. Normalizers understand ``episode`` (the slug), ``title``, ``item``,
        ``guid``, ``number`` and ``date``, by which a feed's item is chosen, ``language``, ``trusted`` (any
        value: it is authoritative), ``paths`` (any value: documents may tell its path), and ``format``, which
        overrides detection.
    """

    uri: str
    load: Callable[[], Awaitable[bytes]]
    source_type: SourceType | None = None
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a source, as they were read.

    Parameters
    ----------
    sha256
        Hexadecimal digest of the bytes, computed where they were loaded.
    size
        Number of bytes.
    compressed
        The bytes as one Zstandard frame.
    """

    sha256: str
    size: int
    compressed: bytes = field(repr=False)


class ClaimField(enum.StrEnum):
    """What a claim is about."""

    TITLE = "title"
    SUBTITLE = "subtitle"
    SUMMARY = "summary"
    PUBLISHED = "published"  # ISO 8601
    EPISODE = "episode"  # number
    SEASON = "season"  # number
    DURATION = "duration"  # seconds
    PERSON = "person"  # qualifier: role
    LINK = "link"  # qualifier: label
    KEYWORD = "keyword"
    MEDIA = "media"  # URL; qualifier: MIME type
    GUID = "guid"
    SERIES = "series"  # the show's title
    PUBLISHER = "publisher"
    TRANSCRIPT = "transcript"  # URL; qualifier: MIME type
    CHAPTERS = "chapters"  # URL; qualifier: MIME type
    CHAPTER = "chapter"  # title; qualifier: where it begins, in seconds
    SOUNDBITE = "soundbite"  # "start duration" in seconds; qualifier: title


# Fields of which an episode has one; sources that differ contradict each other.
_SINGLE: Final = word_list("title subtitle summary published episode season duration guid series publisher")
SINGLE_FIELDS: Final = frozenset(map(ClaimField, _SINGLE))


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a source says of the episode.

    Parameters
    ----------
    field, value
        What, in the form that `ClaimField` gives.
    where
        Where in the source: ``"line 3"``, ``"item 2/itunes:author"``.
    qualifier
        Role, label or MIME type, by field.
    """

    field: ClaimField
    value: str
    where: str
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """One timed word of an engine that reports words; start and end in seconds, confidence in 0..1."""

    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None


class Utterance(NamedTuple):
    """What one speaker says in one go; a tuple, because a long caption file has a million of them.

    Parameters
    ----------
    text
        Plain text without markup; white space folded to single spaces.
    where
        The cue or line it was read from: ``"cue 12"``, ``"line 40"``.
    speaker
        Name as the source gives it; ``None`` where it gives none.
    start, end
        Seconds; ``None`` where the source has no times.
    confidence
        The engine's, in 0..1.
    words
        The engine's words where it reports them; their texts spell `text`.
    turn
        Whether the source marks that another speaker begins here, without a name.
    """

    text: str
    where: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    turn: bool = False


class PassageKind(enum.StrEnum):
    """The part that a passage of prose plays."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of prose; `level` is 1..6 for headings and the depth from 1 for list items, else 0."""

    kind: PassageKind
    text: str
    where: str
    level: int = 0


class DoubtKind(enum.StrEnum):
    """In what way something read may not be what its author meant."""

    LEFT_OUT = "left out"  # it is in the file, and not among what was read of it
    GUESSED = "guessed"  # the file does not say, and it was taken for what is likely
    DAMAGED = "damaged"  # the file itself is broken there
    SET_APART = "set apart"  # read, and kept without a vote


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a user should know before trusting a source, and may refuse; `text` is a sentence for people."""

    kind: DoubtKind
    text: str

    @classmethod
    def left_out(cls, text: str) -> Doubt:
        """Doubt whether a source is all here."""
        return cls(DoubtKind.LEFT_OUT, text)

    @classmethod
    def guessed(cls, text: str) -> Doubt:
        """Doubt whether a source was understood."""
        return cls(DoubtKind.GUESSED, text)

    @classmethod
    def damaged(cls, text: str) -> Doubt:
        """Doubt whether a source is as it was written."""
        return cls(DoubtKind.DAMAGED, text)

    @classmethod
    def set_apart(cls, text: str) -> Doubt:
        """Doubt whether a source belongs to the others."""
        return cls(DoubtKind.SET_APART, text)


@dataclass(frozen=True, slots=True)
class Signals:
    """Evidence of a source's quality, each as the source gives it; ``None``: it gives none.

    Parameters
    ----------
    avg_logprob, no_speech_prob, compression_ratio
        Whisper's, as means over its segments weighted by their duration.
    speaker_coverage, timing_coverage
        Share of the words that have a speaker; that have times. Transcripts only.
    damage
        Share of the characters that decoding or repair damaged, or of the cues whose times cannot be read.
    lost
        Share of the words that were left out.
    well_formed
        Whether the source keeps its format's rules.
    trusted
        Whether the user, or the source of itself, says that it is authoritative.
    by_hand
        Whether a person corrected it, by its own word; ``False``: only a program is named; ``None``: neither.
    like_speech
        What in prose looks like speech: "14 of 40 lines begin with a time".
    doubts
        What was left out, guessed or broken: "decoded as windows-1250, a guess". Users are told, and may
        refuse it.
    notes
        Whatever else a person should know: "item 3 of 40, by its number", "lacks cue numbers".
    """

    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    compression_ratio: float | None = None
    speaker_coverage: float | None = None
    timing_coverage: float | None = None
    damage: float = 0.0
    lost: float = 0.0
    well_formed: bool = True
    trusted: bool = False
    by_hand: bool | None = None
    like_speech: str | None = None
    doubts: tuple[Doubt, ...] = ()
    notes: tuple[str, ...] = ()

    def with_doubts(self, *doubts: Doubt) -> Signals:
        """The same with more doubts."""
        return replace(self, doubts=(*self.doubts, *doubts)) if doubts else self


@dataclass(frozen=True, slots=True)
class NormalizedSource:
    """A source as structure: what it claims, what was said, what is written.

    Parameters
    ----------
    uri, source_type
        As in `RawSource`; the type is decided now.
    content
        Its bytes.
    format
        Name of the format it was read as, from the registry: ``"webvtt"``.
    language
        BCP 47 tag, where the source or its metadata says.
    dated
        The date that the source bears, for its freshness.
    has_open_path
        Whether documents, which go out into the world, may tell the path that the file has here.
    """

    uri: str
    source_type: SourceType
    content: Content
    format: str
    language: str | None = None
    dated: datetime | None = None
    claims: tuple[Claim, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    passages: tuple[Passage, ...] = ()
    signals: Signals = Signals()
    has_open_path: bool = False

    @property
    def name(self) -> str:
        """What documents call it: its address on the web or its open path, else the file's name."""
        return self.uri if self.has_open_path else public_name(self.uri)


def public_name(uri: str) -> str:
    """Give what the world may know of where a source lies: an address on the web, or a file's name."""
    return uri if "://" in uri else PurePath(uri).name or uri


class Detected(NamedTuple):
    """A language, as a BCP 47 tag, and how many of how many samples of the text are in it."""

    language: str
    agreeing: int
    samples: int


@dataclass(frozen=True, slots=True)
class Factor:
    """One summand of a weight: `value` in 0..1 times its normalized `coefficient`, and why."""

    name: str
    value: float
    coefficient: float
    reason: str


@dataclass(frozen=True, slots=True)
class WeightedSource:
    """A source and what its word counts for.

    Parameters
    ----------
    weight
        Thousandths, 0..1000: integers, so that no vote depends on float rounding.
    factors
        What the weight was made from.
    trusted
        Whether it is right wherever it speaks, unless an editor decides otherwise.
    edited
        Whether a person seems to have edited it: a transcript that is followed wherever it has a word.
    notes
        What was told from all that it is.
    """

    source: NormalizedSource
    weight: int
    factors: tuple[Factor, ...]
    trusted: bool = False
    edited: bool = False
    notes: tuple[str, ...] = ()


def decimal(weight: int) -> str:
    """A weight as people read it: 665 thousandths are ``0.665``."""
    return f"{weight / 1000:.3f}"


def number_text(number: float) -> str:
    """A number as claims have it, without a needless fraction."""
    return str(int(number)) if number == int(number) else str(number)
