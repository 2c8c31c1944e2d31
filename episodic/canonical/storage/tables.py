"""Tables. What an episode is made of is in `domain`; here is only how rows hold it."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final, override

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.types import TypeEngine

from episodic.canonical.document import Reading
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.jobs import JobStatus, Step
from episodic.canonical.queue import SubmissionStatus, SubmittedSource
from episodic.canonical.resolved import Decision, Ground, Learned, Quotation, Replay
from episodic.canonical.sources import Doubt, Factor, SourceType
from episodic.canonical.storage.column_types import Compressed, CompressedJson, Instant, Json, StoredText
from episodic.canonical.text.patterns import pattern

# Constraints have names, by which migrations and errors know them.
METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

_TEXT: Final = StoredText()
_ID: Final = Uuid()
_NUMBER: Final = Integer()
_LARGE_NUMBER: Final = BigInteger()
_INSTANT: Final = Instant()
_FLAG: Final = Boolean()


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


def _words(kind: type[StrEnum]) -> Enum:
    """Keep an enumeration as text: a new member needs no migration."""
    return Enum(kind, native_enum=False, length=32, values_callable=_values)


# Revisions from before decisions had grounds say them in words alone.
_SAID: Final = {
    Ground.TRUST: pattern(r"s\d+ is trusted"),
    Ground.HAND: pattern(r".*; s\d+ seems to be edited by a person"),
    Ground.COPY: pattern(r"s\d+ copies s\d+\b.*"),
}


class _Decisions(CompressedJson[tuple[Decision, ...]]):
    """Decisions of a revision, each with its ground."""

    cache_ok = True

    @override
    def process_result_value(self, value: object, dialect: Dialect) -> tuple[Decision, ...]:
        return tuple(map(_grounded, super().process_result_value(value, dialect)))


def _grounded(decision: Decision) -> Decision:
    if decision.ground or decision.variation.verdict:
        return decision
    said = (ground for ground, words in _SAID.items() if words.fullmatch(decision.reason))
    return replace(decision, ground=ground) if (ground := next(said, None)) else decision


def _key[T](name: str, kind: TypeEngine[T]) -> Column[T]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _needed[T](
    name: str, kind: TypeEngine[T], *refers: ForeignKey, index: bool = False, unique: bool = False
) -> Column[T]:
    """Make a column that every row has a value in."""
    return Column(name, kind, *refers, nullable=False, index=index, unique=unique)


def _added[T](name: str, kind: TypeEngine[T], default: str) -> Column[T]:
    """Make one that older rows had no value for."""
    return Column(name, kind, nullable=False, server_default=default)


SERIES: Final = Table(
    "series",
    METADATA,
    _key("id", _ID),
    _needed("slug", _TEXT, unique=True),
    _needed("title", _TEXT),
    Column("publisher", _TEXT),
    Column("language", _TEXT),
    _needed("policy", Json[SeriesPolicy](SeriesPolicy)),
)

# An episode follows its series when that gets another slug.
EPISODES: Final = Table(
    "episodes",
    METADATA,
    _key("id", _ID),
    _needed("series_slug", _TEXT, ForeignKey("series.slug", onupdate="CASCADE")),
    _needed("slug", _TEXT),
    _needed("created_at", _INSTANT),
    UniqueConstraint("series_slug", "slug"),
)

# Bytes of a source, once per SHA-256.
CONTENTS: Final = Table(
    "contents",
    METADATA,
    _key("sha256", _TEXT),
    _needed("size", _LARGE_NUMBER),
    _needed("compressed", LargeBinary()),
)

# Their sources name contents that are there.
SUBMISSIONS: Final = Table(
    "submissions",
    METADATA,
    _key("id", _ID),
    _needed("series_slug", _TEXT),
    _needed("episode_slug", _TEXT),
    Column("title", _TEXT),
    _needed("skip_bad_sources", _FLAG),
    _needed("strict", _FLAG),
    _needed("priority", _NUMBER),
    Column("traceparent", _TEXT),
    _needed("status", _words(SubmissionStatus)),
    _needed("kills", _NUMBER),
    _needed("errors", _NUMBER),
    _needed("submitted_at", _INSTANT),
    Column("finished_at", _INSTANT, index=True),
    Column("error", _TEXT),
    _needed("sources", Json[tuple[SubmittedSource, ...]](tuple[SubmittedSource, ...])),
    Index(None, "status", "priority", "id"),
    Index(None, "series_slug", "episode_slug", "status"),
)

# That the queue is paused: its only row, or none.
PAUSES: Final = Table("queue_pauses", METADATA, _key("id", _NUMBER), _needed("since", _INSTANT))

# Runs of the ingestion; one names its episode by slugs, since it is there before the episode.
JOBS: Final = Table(
    "jobs",
    METADATA,
    _key("id", _ID),
    _needed("series_slug", _TEXT),
    _needed("episode_slug", _TEXT),
    _needed("status", _words(JobStatus)),
    _needed("request", _TEXT),
    _needed("host", _TEXT),
    _needed("pid", _LARGE_NUMBER),
    _needed("started_at", _INSTANT),
    _needed("heartbeat_at", _INSTANT),
    Column("finished_at", _INSTANT),
    Column("error", _TEXT),
    Column("failed_source", _TEXT),
    # Jobs and revisions point at each other: on PostgreSQL this constraint comes after both tables.
    Column("revision_id", _ID, ForeignKey("revisions.id", use_alter=True)),
    _added("steps", Json[tuple[Step, ...]](tuple[Step, ...]), "[]"),
    _added("process", _TEXT, ""),
    Column("submission_id", _ID, ForeignKey("submissions.id"), index=True),
    _added("attempt", _NUMBER, "1"),
    Index(None, "started_at"),
    Index(None, "status", "request"),
)

# Sources of a revision, in the order of the request.
SOURCES: Final = Table(
    "sources",
    METADATA,
    _key("id", _ID),
    _needed("revision_id", _ID, ForeignKey("revisions.id")),
    _needed("position", _NUMBER),
    _needed("uri", _TEXT),
    Column("source_type", _words(SourceType)),
    Column("siglum", _TEXT),
    Column("sha256", _TEXT, ForeignKey("contents.sha256"), index=True),
    Column("size", _LARGE_NUMBER),
    Column("format", _TEXT),
    Column("language", _TEXT),
    Column("dated", _INSTANT),
    _needed("weight", _NUMBER),
    _needed("factors", Json[tuple[Factor, ...]](tuple[Factor, ...])),
    _needed("notes", Json[tuple[str, ...]](tuple[str, ...])),
    Column("error", _TEXT),
    Column("given_type", _words(SourceType)),
    _needed("hints", Json[Mapping[str, str]](Mapping[str, str])),
    _added("doubts", Json[tuple[Doubt, ...]](tuple[Doubt, ...]), "[]"),
    _added("terms", Json[tuple[str, ...]](tuple[str, ...]), "[]"),
    UniqueConstraint("revision_id", "position"),
)

# The large columns come late, so that SQLite reads what is before without them.
REVISIONS: Final = Table(
    "revisions",
    METADATA,
    _key("id", _ID),
    _needed("episode_id", _ID, ForeignKey("episodes.id")),
    _needed("job_id", _ID, ForeignKey("jobs.id"), index=True),
    _needed("number", _NUMBER),
    _needed("fingerprint", _TEXT),
    _needed("created_at", _INSTANT),
    _needed("title", _TEXT),
    _needed("tei", Compressed()),
    _needed("decisions", _Decisions(tuple[Decision, ...])),
    Column("given_title", _TEXT),
    _needed("replays", Json[tuple[Replay, ...]](tuple[Replay, ...])),
    _added("learned", Json[Learned](Learned), '{"said": [], "decided": []}'),
    UniqueConstraint("episode_id", "number"),
)

# Files that were made of revisions.
EXPORTS: Final = Table(
    "exports",
    METADATA,
    _key("id", _ID),
    _needed("episode_id", _ID, ForeignKey("episodes.id"), index=True),
    _needed("revision", _NUMBER),
    _needed("format", _TEXT),
    _needed("file", _TEXT),
    _needed("sha256", _TEXT),
    _needed("made_at", _INSTANT),
    _needed("lines", Json[tuple[int, ...]](tuple[int, ...])),
)

EDITORIAL_DECISIONS: Final = Table(
    "editorial_decisions",
    METADATA,
    _key("id", _ID),
    _needed("episode_id", _ID, ForeignKey("episodes.id"), index=True),
    _needed("kind", _TEXT),
    _needed("address", _TEXT),
    _needed("text", _TEXT),
    _needed("by", _TEXT),
    _needed("made_at", _INSTANT),
    _needed("revision", _NUMBER),
    Column("note", _TEXT),
    _needed("readings", Json[tuple[Reading, ...]](tuple[Reading, ...])),
    _needed("quotations", Json[tuple[Quotation, ...]](tuple[Quotation, ...])),
    Column("withdrawn_at", _INSTANT),
    Column("withdrawn_by", _TEXT),
)
