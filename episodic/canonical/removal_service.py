"""Removing for good: a source whose words nobody may keep, and what was deleted or is old.

To forget a source of an episode:

1. What it is: the sources of the name that is given, in any revision, and whatever has the same bytes.
2. Each revision from the first that had it is composed anew of its other sources and of the decisions that
   stood then, under its number and its date; one that had nothing else goes.
3. A decision loses the readings and places that only the source had. It goes itself where its words were one
   of these readings, and where only the source has words at its place.
4. Bytes go unless another episode has them, and it is said which does.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath

from episodic.canonical import heartbeat
from episodic.canonical.composition.composer import Compose, Composition, IngestionRequest
from episodic.canonical.contents import kept_sources
from episodic.canonical.domain import (
    EarlierRevision,
    EditorialDecision,
    Episode,
    Revision,
    Series,
    SourceDocument,
)
from episodic.canonical.editing.addresses import fingerprint, kind_of
from episodic.canonical.errors import NotFoundError, RemovalError
from episodic.canonical.finding import find_episode, find_series, unless_recorded
from episodic.canonical.jobs import IngestionJob, JobStatus
from episodic.canonical.ports import Edition, Store, UnitOfWork
from episodic.canonical.queue import SubmissionStatus
from episodic.canonical.resolved import Quotation
from episodic.canonical.text.tokens import printable, tokenize


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was removed with a source.

    Parameters
    ----------
    uris
        The names that it had.
    made_anew, removed
        Numbers of the revisions that have lost it, and of those that had nothing else.
    decisions
        Addresses of the editors' decisions that went with it.
    kept_by
        Names of other episodes that have the same bytes and keep them.
    """

    episode: Episode
    uris: tuple[str, ...]
    made_anew: tuple[int, ...]
    removed: tuple[int, ...]
    decisions: tuple[str, ...]
    kept_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Whole:
    """An episode with all its revisions, by number."""

    series: Series
    episode: Episode
    revisions: tuple[Revision, ...]
    decisions: tuple[EditorialDecision, ...]

    @classmethod
    async def read(cls, work: UnitOfWork, name: str) -> _Whole:
        episode = await find_episode(work, name)
        series = await find_series(work, episode.series_slug)
        numbers = [earlier.number for earlier in await work.revisions.history(episode.id)]
        revisions = [await work.revisions.get(episode.id, number) for number in numbers]
        decisions = await work.edits.of(episode.id)
        return cls(series, episode, tuple(each for each in revisions if each), tuple(decisions))

    @property
    def state(self) -> object:
        """What is another one once somebody has changed something."""
        decided = tuple((decision.id, decision.withdrawn_at) for decision in self.decisions)
        return self.episode, tuple(revision.id for revision in self.revisions), decided

    def find(self, source: str) -> _Gone:
        """Find a source by its siglum, its name or its path; raises `NotFoundError`."""
        every = [each for revision in self.revisions for each in revision.sources]
        newest = self.revisions[-1].sources
        uris = {each.uri for each in newest if each.siglum == source}
        uris = uris or {each.uri for each in every if each.uri == source}
        uris = uris or {each.uri for each in every if PurePath(each.uri).name == source}
        if not uris:
            known = dict.fromkeys(PurePath(each.uri).name for each in every)
            raise NotFoundError("source", f"{self.episode.name} {source}", list(known))
        hashes = frozenset(each.sha256 for each in every if each.uri in uris and each.sha256)
        uris |= {each.uri for each in every if each.sha256 in hashes}
        return _Gone(frozenset(uris), hashes)


@dataclass(frozen=True, slots=True)
class _Gone:
    """What is to be forgotten: the names, and the hashes of all bytes that were read under them."""

    uris: frozenset[str]
    hashes: frozenset[str]

    def has(self, source: SourceDocument) -> bool:
        """Whether a source is it; one that was skipped has a name alone."""
        return source.sha256 in self.hashes or (source.siglum is None and source.uri in self.uris)

    def sigla(self, revision: Revision) -> frozenset[str]:
        """By what a revision calls it."""
        return frozenset(each.siglum for each in revision.sources if each.siglum and self.has(each))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalService:
    """Removes for good; whoever calls it compacts the store afterwards.

    Parameters
    ----------
    compose
        `Composer.compose`, here or in another process.
    """

    store: Store
    compose: Compose

    async def look(self, name: str, source: str) -> tuple[str, ...]:
        """Name what `forget` would remove; raises `NotFoundError`."""
        async with self.store.begin(read_only=True) as work:
            whole = await _Whole.read(work, name)
        return tuple(sorted(whole.find(source).uris))

    async def forget(self, name: str, source: str, why: str) -> Forgotten:
        """Remove a source and its words from all revisions of an episode.

        Parameters
        ----------
        source
            Its siglum in the newest revision, its name, or its path as it was given.
        why
            By whom and for what reason; that it was forgotten is all that is kept, with its hash.

        Raises
        ------
        NotFoundError
            There is no such episode or source.
        RemovalError
            The episode is being ingested, or is waiting to be.
        """
        while True:
            async with self.store.begin(read_only=True) as work:
                whole = await _Whole.read(work, name)
                await _require_quiet(work, whole.episode)
            gone = whole.find(source)
            decisions = tuple(_cleaned(whole, gone))
            while True:
                made, learned = await self._make_anew(whole, gone, decisions)
                lost = _without_place(whole, gone, made)
                if not any(decision.id in lost for decision in decisions):
                    break
                decisions = tuple(decision for decision in decisions if decision.id not in lost)
            decisions = tuple(_as_they_are_now(decisions, whole, made, learned))
            if forgotten := await self._commit(whole, gone, made, decisions, why):
                return forgotten

    async def _make_anew(
        self, whole: _Whole, gone: _Gone, decisions: Sequence[EditorialDecision]
    ) -> tuple[dict[int, Revision | None], dict[uuid.UUID, EditorialDecision]]:
        """Compose all revisions from the first that had it, ``None`` for one that had nothing else.

        Returns
        -------
        Revisions by their numbers, and the decisions that have learned new places.
        """
        made: dict[int, Revision | None] = {}
        learned: dict[uuid.UUID, EditorialDecision] = {}
        history: list[EarlierRevision] = []
        for old in whole.revisions:
            new: Revision | None = old
            if made or any(map(gone.has, old.sources)):
                edition = Edition(
                    series=whole.series,
                    episode=whole.episode,
                    number=old.number,
                    created_at=old.created_at,
                    title=old.given_title,
                    decisions=tuple(_as_of(old.created_at, decisions)),
                    history=tuple(history),
                    learned=frozenset(old.learned.said),
                )
                new, composition = await self._composed(old, gone, edition)
                made[old.number] = new
                learned |= {each.id: each for each in (composition.edits if composition else ())}
            if new:
                used = tuple((each.uri, each.sha256) for each in new.sources if each.siglum and each.sha256)
                history.append(EarlierRevision(number=new.number, created_at=new.created_at, sources=used))
        return made, learned

    async def _composed(
        self, old: Revision, gone: _Gone, edition: Edition
    ) -> tuple[Revision | None, Composition | None]:
        left = tuple(each for each in old.sources if not gone.has(each))
        if not any(each.siglum for each in left):
            return None, None
        async with self.store.begin(read_only=True) as work:
            sources = await kept_sources(work.contents, replace(old, sources=left))
        series, slug = edition.episode.series_slug, edition.episode.slug
        request = IngestionRequest(series=series, episode=slug, sources=sources, title=edition.title)
        composition = await self.compose(request, old.job_id, edition)
        skipped = (each for each in left if each.siglum is None)
        made = composition.revision
        others = (replace(each, id=uuid.uuid7()) for each in skipped)
        return replace(made, id=old.id, sources=(*made.sources, *others)), composition

    async def _commit(
        self,
        whole: _Whole,
        gone: _Gone,
        made: Mapping[int, Revision | None],
        decisions: Sequence[EditorialDecision],
        why: str,
    ) -> Forgotten | None:
        """Write everything in one transaction; ``None``: somebody has changed the episode meanwhile."""
        episode, left = whole.episode, {decision.id for decision in decisions}
        notes = [_noted(episode, sha256, why) for sha256 in sorted(gone.hashes)]
        async with unless_recorded(self.store, *(note.id for note in notes)), self.store.begin() as work:
            now = await _Whole.read(work, episode.name)
            if now.state != whole.state:
                return None
            await _require_quiet(work, episode)
            for number, revision in made.items():
                await (
                    work.revisions.put(revision) if revision else work.revisions.remove(episode.id, number)
                )
            lost = [decision for decision in whole.decisions if decision.id not in left]
            for decision in lost:
                await work.edits.remove(decision.id)
            await work.edits.put(*decisions)
            if not any(made.get(revision.number, revision) for revision in whole.revisions):
                await work.episodes.remove(episode.id)
            await _clean_jobs(work, episode, gone)
            kept_by = await _remove_contents(work, gone)
            for note in notes:
                await work.jobs.add(note)
            await work.commit()
        return Forgotten(
            episode=episode,
            uris=tuple(sorted(gone.uris)),
            made_anew=tuple(number for number, revision in made.items() if revision),
            removed=tuple(number for number, revision in made.items() if revision is None),
            decisions=tuple(f"{decision.address}, by {decision.by}" for decision in lost),
            kept_by=kept_by,
        )


def _noted(episode: Episode, sha256: str, why: str) -> IngestionJob:
    """Make the note by which the bytes are known again."""
    request = IngestionRequest(series=episode.series_slug, episode=episode.slug, sources=())
    job = request.new_job(uuid.uuid7())
    return replace(
        job, status=JobStatus.FORGOTTEN, request=sha256, finished_at=job.started_at, error=printable(why)
    )


async def _require_quiet(work: UnitOfWork, episode: Episode) -> None:
    """Refuse to go on while something that is under way may bring back what is to go."""
    now = await work.jobs.now()
    for job in await work.jobs.running():
        gone = heartbeat.is_gone(job, now, attempts_beat=work.jobs.attempts_beat)
        if job.episode_name == episode.name and not gone:
            raise RemovalError(
                f"{episode.name} is being ingested, by job {job.id}; try again when it has ended"
            )
    for each in await work.submissions.list(SubmissionStatus.WAITING, SubmissionStatus.QUEUED, limit=None):
        if each.episode_name == episode.name:
            raise RemovalError(
                f"{episode.name} is waiting to be ingested; first: episodic queue cancel {each.id}"
            )


async def _clean_jobs(work: UnitOfWork, episode: Episode, gone: _Gone) -> None:
    """Take a source out of what is kept of runs and submissions: errors quote what was read."""
    for job in await work.jobs.list(limit=None):
        if job.episode_name == episode.name:
            steps = tuple(step for step in job.steps if step.about not in gone.uris)
            error = "of a source that is forgotten" if job.failed_source in gone.uris else job.error
            cleaned = replace(job, steps=steps, error=error)
            if cleaned != job:
                await work.jobs.update(cleaned)
    for submission in await work.submissions.list(limit=None):
        sources = tuple(each for each in submission.sources if each.sha256 not in gone.hashes)
        if submission.episode_name == episode.name and sources != submission.sources:
            await work.submissions.change(replace(submission, sources=sources), only=submission.status)


async def _remove_contents(work: UnitOfWork, gone: _Gone) -> tuple[str, ...]:
    """Remove the bytes that nobody else uses; give the names of the episodes that do."""
    names = {episode.id: episode.name for episode in await work.episodes.list()}
    uses = [(sha256, names[episode]) for sha256, episode, _ in await work.contents.uses()]
    submissions = await work.submissions.list(limit=None)
    uses += [(source.sha256, each.episode_name) for each in submissions for source in each.sources]
    for sha256 in gone.hashes - {sha256 for sha256, _ in uses}:
        await work.contents.remove(sha256)
    return tuple(sorted({name for sha256, name in uses if sha256 in gone.hashes}))


def _as_of(moment: datetime, decisions: Sequence[EditorialDecision]) -> Iterator[EditorialDecision]:
    """Yield the decisions that were made by then, as they were then."""
    for decision in decisions:
        if decision.made_at <= moment:
            later = decision.withdrawn_at is not None and decision.withdrawn_at > moment
            yield replace(decision, withdrawn_at=None, withdrawn_by=None) if later else decision


def _cleaned(whole: _Whole, gone: _Gone) -> Iterator[EditorialDecision]:
    """Yield the decisions without what only the source had, but for those that are nothing else."""
    revisions = {revision.number: revision for revision in whole.revisions}
    for decision in whole.decisions:
        seen = revisions.get(decision.revision)
        sigla = gone.sigla(seen) if seen else frozenset[str]()
        own = [each for each in decision.readings if set(each.sigla) - sigla or not each.sigla]
        taken = [each.text.strip() for each in decision.readings if each not in own and each.text.strip()]
        if decision.text.strip() in taken:
            continue
        left = tuple(
            replace(each, sigla=tuple(siglum for siglum in each.sigla if siglum not in sigla)) for each in own
        )
        # The first reading is what stood there; without it, none of the others did.
        readings = left if own[:1] == list(decision.readings[:1]) else ()
        quotations = tuple(each for each in decision.quotations if each.sha256 not in gone.hashes)
        if any(each.words for each in decision.quotations) and not any(each.words for each in quotations):
            continue  # only the source spoke there
        address = decision.address
        if quotations != decision.quotations and not _names(quotations, address):
            # Its place is found by the quotations.
            address = f"{address.partition('/')[0]}/{fingerprint([address])}"
        yield replace(decision, address=address, readings=readings, quotations=quotations)


def _names(quotations: Sequence[Quotation], address: str) -> bool:
    """Whether the words of an address, where it has any, are those of a witness that stays."""
    words = tuple(key for key in tokenize([address.partition("/")[2]]).keys if key)
    if kind_of(address) != "transcript" or not words:
        return True
    every = (tuple(key for key in each.words if key) for each in quotations)
    return any(words == own for own in every)


def _without_place(whole: _Whole, gone: _Gone, made: Mapping[int, Revision | None]) -> set[uuid.UUID]:
    """Find the decisions that were in force with the source, and are so in no revision any more."""
    with_it = [revision for revision in whole.revisions if gone.sigla(revision)]
    others = [made.get(revision.number, revision) for revision in whole.revisions]
    before = {replay.decision for each in with_it for replay in each.replays if replay.in_force}
    return before - {r.decision for each in others if each for r in each.replays if r.in_force}


def _as_they_are_now(
    decisions: Sequence[EditorialDecision],
    whole: _Whole,
    made: Mapping[int, Revision | None],
    learned: Mapping[uuid.UUID, EditorialDecision],
) -> Iterator[EditorialDecision]:
    """Yield decisions with the places that they have learned, and the sigla that witnesses have now."""
    renamed: dict[int, dict[str, str]] = {}
    for revision in whole.revisions:
        if new := made.get(revision.number):
            now = {(each.uri, each.sha256): each.siglum for each in new.sources if each.siglum}
            renamed[revision.number] = {
                each.siglum: now.get((each.uri, each.sha256), each.siglum)
                for each in revision.sources
                if each.siglum
            }
    for decision in decisions:
        names = renamed.get(decision.revision, {})
        yield replace(
            decision,
            quotations=learned.get(decision.id, decision).quotations,
            readings=tuple(
                replace(each, sigla=tuple(names.get(siglum, siglum) for siglum in each.sigla))
                for each in decision.readings
            ),
        )
