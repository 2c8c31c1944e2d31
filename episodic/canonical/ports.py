"""What the ingestion service asks of the parts around it; adapters implement these protocols."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from episodic.canonical.domain import (
    EarlierRevision,
    EditorialDecision,
    Episode,
    Export,
    Revision,
    Series,
    SeriesPolicy,
)
from episodic.canonical.jobs import IngestionJob
from episodic.canonical.queue import SubmissionRepository
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import Content, Detected, NormalizedSource, RawSource, WeightedSource

type DetectLanguage = Callable[[str], Detected | None]


class Normalizer(Protocol):
    """Reads any supported source into structure."""

    async def normalize(self, raw: RawSource) -> NormalizedSource:
        """Load and parse a source; raises `SourceError`."""
        ...


# Says what each source's word counts for, in their order.
type Weigh = Callable[[Sequence[NormalizedSource], SeriesPolicy], tuple[WeightedSource, ...]]

# Makes one document of sources, in whatever order, and says how each conflict was decided; each decision of
# an editor overrules the vote where its place exists; of other episodes it knows names and terms. Raises
# `ResolutionError`.
type Resolve = Callable[
    [Sequence[WeightedSource], SeriesPolicy, Sequence[EditorialDecision], frozenset[str]], Resolution
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What a TEI document says of itself beyond its content, and what it depends on beyond its sources.

    `history` and `decisions` are in the order in which they were made; `learned` are names and terms of
    other episodes.
    """

    series: Series
    episode: Episode
    number: int
    created_at: datetime
    title: str | None = None  # given by the user: above what the sources claim
    decisions: tuple[EditorialDecision, ...] = ()
    history: tuple[EarlierRevision, ...] = ()
    learned: frozenset[str] = frozenset()


# Writes the canonical document as TEI P5, a function of its arguments alone. Raises `DocumentError`.
type Write = Callable[[Resolution, Edition], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDocument:
    """What a written document says and lacks, without its sources.

    Parameters
    ----------
    witnesses
        Siglum and SHA-256 of each.
    texts
        The words of those that have some in the transcript, by siglum.
    is_ours
        Whether this version of Episodic wrote it; another may do so in another way.
    dangling
        Pointers that point to nothing.
    unlike_profile
        Where it does not keep the profile of what this version writes.
    """

    witnesses: set[tuple[str, str]]
    texts: Mapping[str, str]
    is_ours: bool
    dangling: Sequence[str]
    unlike_profile: Sequence[str]


# Reads back what was written; raises `DocumentError`.
type ReadBack = Callable[[bytes], WrittenDocument]


class SeriesRepository(Protocol):
    """Series by slug."""

    async def get(self, slug: str) -> Series | None: ...
    async def put(self, series: Series, /) -> None:
        """Add, or replace the one with the same id."""
        ...

    async def ensure(self, series: Series) -> Series:
        """Add a series unless there is one of its slug, and return the one that is there now."""
        ...

    async def list(self) -> Sequence[Series]: ...


class EpisodeRepository(Protocol):
    """Episodes by series and slug."""

    async def get(self, series_slug: str, slug: str) -> Episode | None: ...
    async def add(self, episode: Episode, /) -> None: ...
    async def put(self, episode: Episode, /) -> None:
        """Replace the one with the same id; its series must be there, and its name free."""
        ...

    async def remove(self, episode_id: uuid.UUID) -> None:
        """Remove one, with its revisions and their jobs, its decisions and exports; contents stay."""
        ...

    async def list(self, series_slug: str | None = None) -> Sequence[Episode]:
        """By series, then slug."""
        ...


class RevisionRepository(Protocol):
    """Revisions of episodes, with the sources and decisions that belong to them."""

    async def newest(self, episode_id: uuid.UUID) -> Revision | None: ...
    async def newest_number(self, episode_id: uuid.UUID) -> int:
        """Give the highest number; 0: there is none."""
        ...

    async def history(self, episode_id: uuid.UUID) -> Sequence[EarlierRevision]:
        """All, by number, without what is large in them."""
        ...

    async def get(self, episode_id: uuid.UUID, number: int) -> Revision | None: ...
    async def terms(self, series_slug: str) -> Mapping[str, frozenset[str]]:
        """Give what the newest revisions of a series' episodes, but for deleted ones, have for others.

        Returns
        -------
        Names and terms by the episodes' slugs.
        """
        ...

    async def append(self, revision: Revision) -> None:
        """Add the next revision; raises `StaleRevisionError` when its number is not the next."""
        ...

    async def put(self, revision: Revision, /) -> None:
        """Add one with whatever number, or replace the one with the same id."""
        ...

    async def remove(self, episode_id: uuid.UUID, number: int) -> None:
        """Remove one with its sources and the jobs that made or found it; its number stays free."""
        ...


class ContentRepository(Protocol):
    """Bytes of sources, stored once per SHA-256; a revision's are put before it is appended."""

    async def put(self, *contents: Content) -> None: ...
    async def get(self, sha256: str) -> Content | None:
        """Read and check; raises `StorageError` when the bytes no longer have their hash."""
        ...

    async def remove(self, sha256: str) -> None:
        """Remove bytes that no revision uses."""
        ...

    async def uses(self) -> Sequence[tuple[str, uuid.UUID, int]]:
        """Say what is used where: SHA-256, episode and number of the revision."""
        ...

    async def list(self) -> Sequence[str]:
        """Every SHA-256, sorted."""
        ...


class EditorialRepository(Protocol):
    """Editors' decisions; taken back, they stay on record."""

    async def of(self, episode_id: uuid.UUID) -> Sequence[EditorialDecision]:
        """All of an episode, in the order in which they were made."""
        ...

    async def standing(self, series_slug: str, kind: str) -> Sequence[EditorialDecision]:
        """Those of a kind that stand in the episodes of a series, in the order in which they were made."""
        ...

    async def put(self, *decisions: EditorialDecision) -> None:
        """Add them, or replace those with the same ids."""
        ...

    async def remove(self, decision_id: uuid.UUID) -> None:
        """Remove one for good: only where it has words of a source that is to be forgotten."""
        ...


class ExportRepository(Protocol):
    """Files that were made of revisions."""

    async def add(self, export: Export, /) -> None:
        """Add a new one; its episode is there."""
        ...

    async def list(self, episode_id: uuid.UUID | None = None) -> Sequence[Export]:
        """Those of an episode, or all, in the order in which they were made."""
        ...


class JobRepository(Protocol):
    """Ingestion jobs.

    `attempts_beat` says whether attempts at submissions beat, and not the workers that make them.
    """

    @property
    def attempts_beat(self) -> bool: ...

    async def add(self, job: IngestionJob, /) -> None: ...
    async def update(self, job: IngestionJob) -> None:
        """Replace the one with the same id; raises `NotFoundError`."""
        ...

    async def abandon(self, job: IngestionJob) -> None:
        """Replace a job by what it is now that its process is gone, unless it has ended."""
        ...

    async def get(self, job_id: uuid.UUID) -> IngestionJob | None: ...
    async def list(self, limit: int | None = 50) -> Sequence[IngestionJob]:
        """Newest first; without a limit, all."""
        ...

    async def of(self, submission_id: uuid.UUID) -> Sequence[IngestionJob]:
        """The attempts at a submission, in their order."""
        ...

    async def running(self, *, beside: str = "") -> Sequence[IngestionJob]:
        """Those that say that they are running, `beside` a process; oldest first."""
        ...

    async def forgotten(self) -> Sequence[IngestionJob]:
        """What took sources out; oldest first."""
        ...

    async def beat(self, job_id: uuid.UUID, at: datetime) -> bool:
        """Set a job's heartbeat; taken for abandoned, it runs again. `False` when it has ended."""
        ...

    async def now(self) -> datetime:
        """Read the clock by which jobs beat: all that share the store share it."""
        ...


class UnitOfWork(Protocol):
    """One transaction: what is not committed when the block ends never was.

    Units that write about the same thing do so one at a time: the next one waits at the start of its block,
    and raises `StorageError` when that takes too long. What a unit reads of it is therefore still so when it
    commits. Units that only read see the state at their start and wait for nobody. A unit is over once
    committed.
    """

    @property
    def series(self) -> SeriesRepository: ...
    @property
    def episodes(self) -> EpisodeRepository: ...
    @property
    def revisions(self) -> RevisionRepository: ...
    @property
    def contents(self) -> ContentRepository: ...
    @property
    def edits(self) -> EditorialRepository: ...
    @property
    def exports(self) -> ExportRepository: ...
    @property
    def jobs(self) -> JobRepository: ...
    @property
    def submissions(self) -> SubmissionRepository: ...

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, _kind: type[BaseException] | None, _: BaseException | None, _where: TracebackType | None, /
    ) -> None: ...
    async def commit(self) -> None: ...


class Store(Protocol):
    """Where units of work begin; leaving its block closes it."""

    def begin(
        self, *, about: str | None = None, read_only: bool = False, patience: float | None = None
    ) -> UnitOfWork:
        """Make a unit of work; a read-only one raises `StorageError` when something is put into it.

        Parameters
        ----------
        about
            What is written about: an episode's name (``series/episode``), for its revisions and decisions; a
            series' slug, for its policy; a job's id, for it alone; ``None``: everything, so that nobody else
            writes meanwhile. PostgreSQL lets units about different things write at the same time, SQLite has
            one writer.
        patience
            Seconds to wait for other writers, where it is not worth as many as the store has.
        """
        ...

    async def broken(self) -> Sequence[str]:
        """Say what the database itself finds broken, such as references to nothing; empty: nothing."""
        ...

    async def compact(self) -> None:
        """Give the room of what was removed back, so that its bytes are in no file of the database."""
        ...

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self, _kind: type[BaseException] | None, _: BaseException | None, _where: TracebackType | None, /
    ) -> None: ...
    async def close(self) -> None: ...
