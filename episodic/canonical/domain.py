"""Entities: what has an identity and is kept. An episode is (series slug, episode slug)."""

import enum
import math
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from episodic.canonical.document import Reading
from episodic.canonical.errors import SettingsError, SlugError
from episodic.canonical.resolved import Decision, Learned, Quotation, Replay
from episodic.canonical.sources import Doubt, Factor, SourceType, public_name
from episodic.canonical.text.patterns import pattern

# No slug that is given has it: what is deleted has a name that no ingest can give.
DELETED: Final = "~"
_SLUG = pattern(r"[^\W_][\w.-]{0,99}")


def check_slug(kind: str, slug: str) -> str:
    """Return `slug` when it can name a `kind` (``"series"``, ``"episode"``); else raise `SlugError`.

    A slug is 1 to 100 letters, digits, ``-``, ``_`` and ``.`` of any script, a letter or digit first, in
    Unicode's composed form.
    """
    if not _SLUG.fullmatch(slug) or not unicodedata.is_normalized("NFC", slug):
        raise SlugError(kind, slug)
    return slug


class Style(enum.StrEnum):
    """Whether fillers and false starts stand in the text as witnesses have them, or beside it."""

    VERBATIM = "verbatim"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPolicy:
    """How a series weighs its sources.

    Parameters
    ----------
    quality, freshness, reliability
        Coefficients of the weight; any non-negative numbers, normalized to sum to 1.
    half_life_days
        Days after which a source counts half as fresh as the newest.
    reliabilities
        Source types whose reliability (0..1) differs from the default.
    same_text_share
        Share of equal tokens from which two witnesses count as copies of each other.
    replacements
        Words that engines get wrong, and what stands in the canonical text instead.
    trust
        Patterns of file names (``final*``) whose sources are authoritative.
    speakers
        Whom labels mean that sources call speakers by: ``{"Speaker 1": "Dana Reyes"}``.
    feed
        The file of the show's feed, of which each episode takes its item.
    style
        Of the canonical transcripts.
    """

    quality: float = 0.5
    freshness: float = 0.3
    reliability: float = 0.2
    half_life_days: float = 30.0
    reliabilities: Mapping[SourceType, float] = field(default_factory=dict[SourceType, float])
    same_text_share: float = 0.995
    replacements: Mapping[str, str] = field(default_factory=dict[str, str])
    speakers: Mapping[str, str] = field(default_factory=dict[str, str])
    trust: tuple[str, ...] = ()
    feed: str | None = None
    style: Style = Style.VERBATIM

    def check(self) -> None:
        """Raise `SettingsError` for a number that makes no sense."""
        coefficients = (self.quality, self.freshness, self.reliability)
        if not all(0 <= value < math.inf for value in coefficients) or not any(coefficients):
            raise SettingsError("quality, freshness and reliability must be 0 or more, and not all 0")
        if not 0 < self.half_life_days < math.inf:
            raise SettingsError(f"the half-life is {self.half_life_days} days; it must be above 0")
        if not 0 < self.same_text_share <= 1:
            raise SettingsError(f"the share of equal words is {self.same_text_share}; it must be in 0..1")
        for wrong, right in self.replacements.items():
            if not wrong.strip() or not right.strip():
                raise SettingsError(f"the replacement of '{wrong}' by '{right}' is empty; give two texts")
        if not all(pattern.strip() for pattern in self.trust):
            raise SettingsError("a pattern of names to trust is empty; write one such as final*")
        for label, name in self.speakers.items():
            if not label.strip() or not name.strip():
                raise SettingsError(f"the speaker '{label}' is called '{name}'; give two names")
        for source_type, value in self.reliabilities.items():
            if not 0 <= value <= 1:
                raise SettingsError(f"the reliability of {source_type} is {value}; it must be in 0..1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A show; `slug` names it everywhere."""

    id: uuid.UUID
    slug: str
    title: str
    publisher: str | None = None
    language: str | None = None
    policy: SeriesPolicy = SeriesPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """An episode of a series; its content is in its revisions."""

    id: uuid.UUID
    series_slug: str
    slug: str
    created_at: datetime

    @property
    def name(self) -> str:
        """``series/episode``, as users write it."""
        return f"{self.series_slug}/{self.slug}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """A source as a revision used it, or failed to.

    Parameters
    ----------
    siglum
        Its name in the TEI; ``None`` when it was skipped.
    sha256, size
        Of its bytes, under which the content is kept; ``None`` when they could not be read.
    weight
        Thousandths.
    doubts, notes
        As in `Signals`; that it was set apart from the others is among the doubts.
    error
        Why it was skipped; ``None`` when it was used.
    given_type, hints
        What the request said of it, in `RawSource.source_type` and `RawSource.metadata`, so that the same
        bytes can be read in the same way again.
    terms
        Names and terms that it has for other episodes of the series.
    """

    id: uuid.UUID
    uri: str
    source_type: SourceType | None
    siglum: str | None = None
    sha256: str | None = None
    size: int | None = None
    format: str | None = None
    language: str | None = None
    dated: datetime | None = None
    weight: int = 0
    factors: tuple[Factor, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None
    given_type: SourceType | None = None
    hints: Mapping[str, str] = field(default_factory=dict[str, str])
    terms: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the world may know of where it lies, as `NormalizedSource.name`."""
        return self.uri if self.hints.get("paths") else public_name(self.uri)

    def told(self, remark: str) -> str:
        """Give what is said of it as the world may hear it."""
        return remark.replace(self.uri, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorialDecision:
    """What an editor decided at a place of an episode, against the vote or where nobody voted for it.

    Where its place is gone it waits for it, and one that is taken back stays on record. It goes only with a
    source that is forgotten, or with its episode.

    Parameters
    ----------
    kind
        ``"transcript"``, ``"claim"`` or ``"prose"``, as in `Decision`.
    address
        The place, as the editor named it.
    readings
        What stood there in the revision that the editor looked at, the lemma first.
    quotations
        The place in the words of the witnesses that have it; more are added as witnesses come.
    text
        What the canonical text has there instead; empty: nothing.
    revision
        The number of the revision that it was made against.
    withdrawn_at, withdrawn_by
        When and by whom it was taken back, or replaced by a later one.
    """

    id: uuid.UUID
    episode_id: uuid.UUID
    kind: str
    address: str
    text: str
    by: str
    made_at: datetime
    revision: int
    note: str | None = None
    readings: tuple[Reading, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None

    @property
    def stands(self) -> bool:
        """Whether nobody has taken it back."""
        return self.withdrawn_at is None

    def taken_back(self, by: str, at: datetime) -> EditorialDecision:
        """Give it as it is once somebody has taken it back."""
        return replace(self, withdrawn_at=at, withdrawn_by=by)

    @property
    def quoted(self) -> str:
        """Its text on one line, also where it is several turns."""
        return f"“{self.text.replace('\n', ' / ')}”"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One state of an episode; never changed once written.

    Parameters
    ----------
    number
        From 1, rising; a number is missing where its revision was pruned.
    fingerprint
        Of the request that made it; the same request finds it again while it is the newest.
    tei
        The document, UTF-8.
    given_title
        The title that the request gave, above what the sources claim.
    replays
        What became of the editors' decisions.
    learned
        What it has of other episodes, as they were when its sources were ingested.
    """

    id: uuid.UUID
    episode_id: uuid.UUID
    job_id: uuid.UUID
    number: int
    fingerprint: str
    created_at: datetime
    title: str
    tei: bytes = field(repr=False)
    sources: tuple[SourceDocument, ...] = ()
    decisions: tuple[Decision, ...] = ()
    given_title: str | None = None
    replays: tuple[Replay, ...] = ()
    learned: Learned = field(default_factory=Learned)

    @property
    def language(self) -> str | None:
        """The language of the words, as the heaviest source has it that says."""
        return next((source.language for source in self.sources if source.language), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRevision:
    """What a document says of a revision before it.

    Parameters
    ----------
    sources
        URI and SHA-256 of each that was used.
    """

    number: int
    created_at: datetime
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file that was made of a revision, so that it is known again where it lies among sources.

    Parameters
    ----------
    revision
        The number of the revision.
    format
        As `episodic show --format` calls it.
    file
        Where it was written.
    lines
        Digests of some of its lines, by which it is known again when it was changed.
    """

    id: uuid.UUID
    episode_id: uuid.UUID
    revision: int
    format: str
    file: str
    sha256: str
    made_at: datetime
    lines: tuple[int, ...] = ()
