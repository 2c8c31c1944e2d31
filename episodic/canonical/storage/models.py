"""Tables. What an episode is made of is in `domain`; here is only how rows hold it."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import BigInteger, Enum, ForeignKey, Index, LargeBinary, MetaData, UniqueConstraint, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, relationship

from episodic.canonical.document import Decision, Quotation, Reading, Replay
from episodic.canonical.domain import JobStatus, SeriesPolicy, Step, SubmissionStatus, SubmittedSource
from episodic.canonical.sources import Doubt, Factor, SourceType
from episodic.canonical.storage.columns import Compressed, CompressedJson, Instant, Json, StoredText


def _values(kind: type[StrEnum]) -> list[str]:
    return [member.value for member in kind]


def _words(kind: type[StrEnum]) -> Enum:
    """Keep an enumeration as text: a new member needs no migration."""
    return Enum(kind, native_enum=False, length=32, values_callable=_values)


class Model(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Base of the tables; constraints have names, by which migrations and errors know them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: StoredText(),
        bytes: LargeBinary(),
        uuid.UUID: Uuid(),
        datetime: Instant(),
        JobStatus: _words(JobStatus),
        SubmissionStatus: _words(SubmissionStatus),
        SourceType: _words(SourceType),
        SeriesPolicy: Json[SeriesPolicy](SeriesPolicy),
        tuple[Doubt, ...]: Json[tuple[Doubt, ...]](tuple[Doubt, ...]),
        tuple[Factor, ...]: Json[tuple[Factor, ...]](tuple[Factor, ...]),
        tuple[int, ...]: Json[tuple[int, ...]](tuple[int, ...]),
        tuple[str, ...]: Json[tuple[str, ...]](tuple[str, ...]),
        tuple[Reading, ...]: Json[tuple[Reading, ...]](tuple[Reading, ...]),
        tuple[Quotation, ...]: Json[tuple[Quotation, ...]](tuple[Quotation, ...]),
        tuple[Replay, ...]: Json[tuple[Replay, ...]](tuple[Replay, ...]),
        tuple[SubmittedSource, ...]: Json[tuple[SubmittedSource, ...]](tuple[SubmittedSource, ...]),
        tuple[Step, ...]: Json[tuple[Step, ...]](tuple[Step, ...]),
        Mapping[str, str]: Json[Mapping[str, str]](Mapping[str, str]),
        tuple[Decision, ...]: CompressedJson[tuple[Decision, ...]](tuple[Decision, ...]),
    }


class SeriesModel(Model):
    """A series."""

    __tablename__ = "series"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    publisher: Mapped[str | None]
    language: Mapped[str | None]
    policy: Mapped[SeriesPolicy]


class EpisodeModel(Model):
    """An episode; it follows its series when that gets another slug."""

    __tablename__ = "episodes"
    __table_args__ = (UniqueConstraint("series_slug", "slug"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    series_slug: Mapped[str] = mapped_column(ForeignKey("series.slug", onupdate="CASCADE"))
    slug: Mapped[str]
    created_at: Mapped[datetime]


class ContentModel(Model):
    """Bytes of a source, once per SHA-256."""

    __tablename__ = "contents"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger())
    compressed: Mapped[bytes]


class SubmissionModel(Model):
    """A submission; its sources name contents that are there."""

    __tablename__ = "submissions"
    __table_args__ = (
        Index(None, "status", "priority", "id"),
        Index(None, "series_slug", "episode_slug", "status"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    series_slug: Mapped[str]
    episode_slug: Mapped[str]
    title: Mapped[str | None]
    skip_bad_sources: Mapped[bool]
    strict: Mapped[bool]
    priority: Mapped[int]
    traceparent: Mapped[str | None]
    status: Mapped[SubmissionStatus]
    kills: Mapped[int]
    errors: Mapped[int]
    submitted_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    error: Mapped[str | None]
    sources: Mapped[tuple[SubmittedSource, ...]]


class PauseModel(Model):
    """That the queue is paused: its only row, or none."""

    __tablename__ = "queue_pauses"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime]


class JobModel(Model):
    """A run of the ingestion; it names its episode by slugs, since it is there before the episode."""

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "started_at"), Index(None, "status", "request"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    series_slug: Mapped[str]
    episode_slug: Mapped[str]
    status: Mapped[JobStatus]
    request: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int] = mapped_column(BigInteger())
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]
    failed_source: Mapped[str | None]
    # Jobs and revisions point at each other: on PostgreSQL this constraint comes after both tables.
    revision_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("revisions.id", use_alter=True))
    steps: Mapped[tuple[Step, ...]] = mapped_column(server_default="[]")
    process: Mapped[str] = mapped_column(server_default="")
    submission_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("submissions.id"), index=True)
    attempt: Mapped[int] = mapped_column(server_default="1")


class SourceModel(Model):
    """A source of a revision, in the order of the request."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("revision_id", "position"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    revision_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("revisions.id"), init=False)
    position: Mapped[int]
    uri: Mapped[str]
    source_type: Mapped[SourceType | None]
    siglum: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("contents.sha256"), index=True)
    size: Mapped[int | None] = mapped_column(BigInteger())
    format: Mapped[str | None]
    language: Mapped[str | None]
    dated: Mapped[datetime | None]
    weight: Mapped[int]
    factors: Mapped[tuple[Factor, ...]]
    notes: Mapped[tuple[str, ...]]
    error: Mapped[str | None]
    given_type: Mapped[SourceType | None]
    hints: Mapped[Mapping[str, str]]
    doubts: Mapped[tuple[Doubt, ...]] = mapped_column(server_default="[]")


class RevisionModel(Model):
    """A revision. The large columns come late, so that SQLite reads what is before without them."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("episode_id", "number"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    episode_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("episodes.id"))
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jobs.id"), index=True)
    number: Mapped[int]
    fingerprint: Mapped[str]
    created_at: Mapped[datetime]
    title: Mapped[str]
    tei: Mapped[bytes] = mapped_column(Compressed())
    decisions: Mapped[tuple[Decision, ...]]
    given_title: Mapped[str | None]
    replays: Mapped[tuple[Replay, ...]]
    sources: Mapped[list[SourceModel]] = relationship(order_by=SourceModel.position, lazy="selectin")


class ExportModel(Model):
    """A file that was made of a revision."""

    __tablename__ = "exports"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    episode_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    revision: Mapped[int]
    format: Mapped[str]
    file: Mapped[str]
    sha256: Mapped[str]
    made_at: Mapped[datetime]
    lines: Mapped[tuple[int, ...]]


class EditorialDecisionModel(Model):
    """A decision of an editor."""

    __tablename__ = "editorial_decisions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    episode_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("episodes.id"), index=True)
    kind: Mapped[str]
    address: Mapped[str]
    text: Mapped[str]
    by: Mapped[str]
    made_at: Mapped[datetime]
    revision: Mapped[int]
    note: Mapped[str | None]
    readings: Mapped[tuple[Reading, ...]]
    quotations: Mapped[tuple[Quotation, ...]]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
