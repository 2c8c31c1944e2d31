"""What is asked for, what is composed from it, and the composer, which may run in another process."""

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, Protocol

from episodic.canonical.composition import fingerprint
from episodic.canonical.composition.classification import classify
from episodic.canonical.composition.extent import Extent
from episodic.canonical.composition.languages import tell_languages
from episodic.canonical.composition.stopwatch import Stopwatch
from episodic.canonical.document import Witness
from episodic.canonical.domain import EditorialDecision, Episode, Revision, Series, SourceDocument, check_slug
from episodic.canonical.errors import SourceError, SourceLimitError
from episodic.canonical.exhaustion import exhausted
from episodic.canonical.heartbeat import identity
from episodic.canonical.jobs import IngestionJob, JobStatus, Step
from episodic.canonical.ports import DetectLanguage, Edition, Normalizer, Resolve, UnitOfWork, Weigh, Write
from episodic.canonical.resolved import Anchors, Resolution
from episodic.canonical.sources import OF_THE_SERIES, Content, Doubt, NormalizedSource, RawSource

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionRequest:
    """What is to be ingested.

    Parameters
    ----------
    series, episode
        Slugs; together they are the episode's identity.
    title
        The episode's title, above what the sources claim.
    on_source_error
        ``"fail"``: a bad source fails the job; ``"skip"``: it is recorded and the rest goes on.
    strict
        Whether a doubt about what was read fails the job (`doubts.doubtful`).
    submission_id, attempt
        Of its job; see `IngestionJob`.
    """

    series: str
    episode: str
    sources: Sequence[RawSource]
    title: str | None = None
    on_source_error: Literal["fail", "skip"] = "fail"
    strict: bool = False
    submission_id: uuid.UUID | None = None
    attempt: int = 1

    @property
    def episode_name(self) -> str:
        """``series/episode``, as users write it."""
        return f"{self.series}/{self.episode}"

    def new_job(self, job_id: uuid.UUID) -> IngestionJob:
        """Make its job, as it starts here and now; raises `SlugError`."""
        check_slug("series", self.series)
        check_slug("episode", self.episode)
        now = datetime.now(UTC)
        return IngestionJob(
            id=job_id,
            series_slug=self.series,
            episode_slug=self.episode,
            status=JobStatus.RUNNING,
            request=fingerprint.of_request(self.series, self.episode, self.title, self.sources),
            host=socket.gethostname(),
            pid=os.getpid(),
            process=identity(os.getpid()),
            started_at=now,
            heartbeat_at=now,
            submission_id=self.submission_id,
            attempt=self.attempt,
        )

    async def edition(self, work: UnitOfWork, terms: Mapping[str, frozenset[str]] | None = None) -> Edition:
        """Give what it is to make: the next revision of its episode, or the first of a new one.

        Parameters
        ----------
        terms
            What the series' episodes have for others; ``None``: what `work` finds.
        """
        terms = await work.revisions.terms(self.series) if terms is None else terms
        now = datetime.now(UTC)
        series = await work.series.get(self.series)
        episode = await work.episodes.get(self.series, self.episode)
        history = await work.revisions.history(episode.id) if episode else ()
        decisions = await work.edits.of(episode.id) if episode else ()
        return Edition(
            series=series or Series(id=uuid.uuid7(), slug=self.series, title=self.series),
            episode=episode
            or Episode(id=uuid.uuid7(), series_slug=self.series, slug=self.episode, created_at=now),
            number=history[-1].number + 1 if history else 1,
            created_at=now,
            title=self.title,
            decisions=tuple(decisions),
            history=tuple(history),
            learned=frozenset[str]().union(*(own for slug, own in terms.items() if slug != self.episode)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """A revision that is made and not yet stored; it pickles, so that another process can compose.

    Parameters
    ----------
    revision
        Of the job under whose correlation id it was composed.
    edits
        The editors' decisions that have learned new places.
    """

    revision: Revision
    contents: tuple[Content, ...]
    skipped: tuple[SourceError, ...]
    edits: tuple[EditorialDecision, ...] = ()
    steps: tuple[Step, ...] = ()


class NormalizeEach(Protocol):
    """Does the same with each source, in a task of its own."""

    async def __call__[T](
        self,
        sources: Sequence[RawSource],
        work: Callable[[RawSource], Awaitable[T]],
        correlation_id: uuid.UUID,
    ) -> list[T]:
        """Await `work` for each; results come in source order, and the first failure propagates."""
        ...


type Compose = Callable[[IngestionRequest, uuid.UUID, Edition], Awaitable[Composition]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Makes a document out of sources: normalize, weigh, resolve, write.

    Parameters
    ----------
    normalize_each
        Called back for the tasks of the sources, as a composer makes none.
    admit
        Told what is about to be resolved; what it raises ends the composition.
    """

    normalizer: Normalizer
    weigh: Weigh
    detect_language: DetectLanguage
    resolve: Resolve
    write: Write
    normalize_each: NormalizeEach
    admit: Callable[[Extent], None] = lambda _: None

    async def compose(
        self, request: IngestionRequest, correlation_id: uuid.UUID, edition: Edition
    ) -> Composition:
        """Compose an edition; raises `SourceError`, `ResolutionError` or `DocumentError`."""
        watch = Stopwatch()

        async def normalize(raw: RawSource) -> NormalizedSource | SourceError:
            try:
                with watch.step("normalize", raw.uri):
                    return await self._normalized(raw)
            except SourceError as error:
                if request.on_source_error == "skip" or OF_THE_SERIES in raw.metadata:
                    log.info("skipped: %s", error)
                    return error
                raise

        results = await self.normalize_each(request.sources, normalize, correlation_id)
        skipped = [result for result in results if isinstance(result, SourceError)]
        used = [
            (raw, result)
            for raw, result in zip(request.sources, results, strict=True)
            if not isinstance(result, SourceError)
        ]
        if skipped and not used:
            raise skipped[0]
        policy = edition.series.policy
        # Threads, so that the loop goes on ticking: all but weighing is long, pure computation.
        with watch.step("weigh"):
            guessed = [raw.source_type is None for raw, _ in used]
            sources = await asyncio.to_thread(classify, [source for _, source in used], guessed)
            usual = edition.series.language
            sources = await asyncio.to_thread(tell_languages, sources, usual, self.detect_language)
            used = [(raw, source) for (raw, _), source in zip(used, sources, strict=True)]
            weighted = self.weigh(sources, policy)
            self.admit(await asyncio.to_thread(Extent.of, sources))
        with watch.step("resolve"):
            resolution = await asyncio.to_thread(
                self.resolve, weighted, policy, edition.decisions, edition.learned
            )
        with watch.step("write"):
            tei = await asyncio.to_thread(self.write, resolution, edition)
        return replace(
            _composition(edition, correlation_id, used, skipped, resolution, tei), steps=watch.steps
        )

    async def _normalized(self, raw: RawSource) -> NormalizedSource:
        try:
            return await self.normalizer.normalize(raw)
        except (MemoryError, RecursionError, OverflowError) as error:
            raise SourceLimitError(raw.uri, f"cannot be read: {exhausted(error)}") from error


def _composition(
    edition: Edition,
    job_id: uuid.UUID,
    used: Sequence[tuple[RawSource, NormalizedSource]],
    skipped: Sequence[SourceError],
    resolution: Resolution,
    tei: bytes,
) -> Composition:
    """Put together what the stages of the pipeline made."""
    hashes = [(raw, source.content.sha256) for raw, source in used]
    given = {id(source): raw for raw, source in used}
    witnesses = (
        _used(witness, given[id(witness.weighted.source)], resolution.doubts.get(witness.siglum, ()))
        for witness in resolution.witnesses
    )
    revision = Revision(
        id=uuid.uuid7(),
        episode_id=edition.episode.id,
        job_id=job_id,
        number=edition.number,
        fingerprint=fingerprint.of_document(edition.series, edition.title, hashes, edition.decisions),
        created_at=edition.created_at,
        title=resolution.title(edition.title) or edition.episode.slug,
        tei=tei,
        sources=(*witnesses, *map(_unused, skipped)),
        decisions=resolution.decisions,
        given_title=edition.title,
        replays=resolution.replays,
        learned=resolution.learned,
    )
    return Composition(
        revision=revision,
        contents=tuple(source.content for _, source in used),
        skipped=tuple(skipped),
        edits=tuple(_with_new_places(edition.decisions, resolution.anchors)),
    )


def _with_new_places(decisions: Sequence[EditorialDecision], anchors: Anchors) -> Iterator[EditorialDecision]:
    """Yield the decisions whose places some witness has that did not have them before."""
    for decision in decisions:
        known = {quotation.sha256 for quotation in decision.quotations}
        new = tuple(q for q in anchors.get(decision.id, ()) if q.sha256 not in known)
        if new:
            yield replace(decision, quotations=(*decision.quotations, *new))


def _used(witness: Witness, given: RawSource, beside: Sequence[Doubt]) -> SourceDocument:
    source = witness.weighted.source
    doubts = source.signals.doubts
    return SourceDocument(
        id=uuid.uuid7(),
        uri=source.uri,
        source_type=source.source_type,
        siglum=witness.siglum,
        sha256=source.content.sha256,
        size=source.content.size,
        format=source.format,
        language=source.language,
        dated=source.dated,
        weight=witness.weighted.weight,
        factors=witness.weighted.factors,
        doubts=(*doubts, *beside),
        notes=(*source.signals.notes, *witness.weighted.notes, *witness.notes),
        given_type=given.source_type,
        hints=given.metadata,
        terms=witness.terms,
    )


def _unused(error: SourceError) -> SourceDocument:
    return SourceDocument(id=uuid.uuid7(), uri=error.uri, source_type=None, error=str(error))
