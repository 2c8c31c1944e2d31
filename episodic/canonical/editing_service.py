"""Editing an episode: an editor's decision is kept, and a revision is made in which it is in force."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from episodic.canonical.composition.composer import Compose, Composition, IngestionRequest
from episodic.canonical.contents import kept_sources
from episodic.canonical.domain import EditorialDecision, Episode, Revision, Series
from episodic.canonical.editing.edits import Before, Edit, decisions_of
from episodic.canonical.errors import EditError, StaleRevisionError
from episodic.canonical.finding import find_revision, find_series, unless_recorded
from episodic.canonical.jobs import IngestionJob, JobStatus
from episodic.canonical.ports import Edition, Store


@dataclass(frozen=True, slots=True)
class EditingOutcome:
    """The revision that an edit made, and the decisions that it changed.

    Parameters
    ----------
    before
        The revision that was edited.
    meanwhile
        What others changed since the editor looked.
    besides
        What it did to other decisions: one whose words it took waits, and is in force again without it.
    of_words
        What stands now about words in all episodes of the series, with what was decided just now.
    """

    series: Series
    episode: Episode
    revision: Revision
    before: Revision
    decisions: tuple[EditorialDecision, ...]
    meanwhile: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    of_words: tuple[EditorialDecision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditingService:
    """Lets editors overrule the vote, without any source at hand but what is kept.

    Parameters
    ----------
    compose
        `Composer.compose`, here or in another process.
    """

    store: Store
    compose: Compose

    async def edit(self, name: str, edits: Sequence[Edit], against: int | None = None) -> EditingOutcome:
        """Make one revision of the newest one, with all edits in force.

        Parameters
        ----------
        name
            ``series/episode``.
        edits
            At different places.
        against
            The number of the revision that the editor has seen; ``None``: the newest. What others have
            changed since stays; where they have changed the same place, nothing is done.

        Raises
        ------
        EditError
            An edit makes no sense, or its place is not there.
        NotFoundError
            There is no such episode, or no such reading at the place.
        StaleRevisionError
            Others have changed the same place since the editor looked.
        """
        while True:
            state = await self._read(name)
            against = against or state.newest.number
            meanwhile = await self._changed_since(state, against, edits)
            now = datetime.now(UTC)
            changed = {d.id: d for edit in edits for d in decisions_of(edit, state, now)}
            wanted = [decision for decision in changed.values() if decision.stands]
            try:
                revision, composition = await self._compose(state, now, list(changed.values()), wanted)
            except StaleRevisionError:
                continue  # another editor was first
            others = (decision for decision in state.of_words if decision.id not in changed)
            return EditingOutcome(
                state.series,
                state.episode,
                revision,
                state.newest,
                tuple(changed.values()),
                meanwhile,
                besides=tuple(_besides(state, composition, changed)),
                of_words=(*others, *wanted),
            )

    async def restore(self, name: str, number: int, by: str) -> Revision:
        """Make the next revision of the sources of an older one, and of the decisions that stood then.

        What was decided since is taken back, and what was taken back since is decided anew.

        Raises
        ------
        NotFoundError
            There is no such episode or revision.
        EditError
            It is the newest.
        """
        while True:
            state = await self._read(name)
            async with self.store.begin(read_only=True) as work:
                _, old = await find_revision(work, name, number)
                sources = await kept_sources(work.contents, old)
            if old.number == state.newest.number:
                raise EditError(f"revision {number}", "is the newest; there is nothing to restore")
            now = datetime.now(UTC)
            changed = list(_as_of(old, state.decisions, by, now))
            before = replace(state, newest=replace(old, number=state.newest.number), sources=tuple(sources))
            try:
                revision, _ = await self._compose(before, now, changed)
            except StaleRevisionError:
                continue
            return revision

    async def _read(self, name: str) -> Before:
        async with self.store.begin(read_only=True) as work:
            episode, newest = await find_revision(work, name)
            return Before(
                series=await find_series(work, episode.series_slug),
                episode=episode,
                newest=newest,
                decisions=tuple(await work.edits.of(episode.id)),
                history=tuple(await work.revisions.history(episode.id)),
                sources=tuple(await kept_sources(work.contents, newest)),
                of_words=tuple(await work.edits.standing(episode.series_slug, "transcript")),
            )

    async def _compose(
        self,
        state: Before,
        now: datetime,
        changed: Sequence[EditorialDecision],
        wanted: Sequence[EditorialDecision] = (),
    ) -> tuple[Revision, Composition]:
        """Make the revision after a state; of its changed decisions, the wanted ones must be in force."""
        series, episode = state.episode.series_slug, state.episode.slug
        title = state.newest.given_title
        edition = Edition(
            series=state.series,
            episode=state.episode,
            number=state.newest.number + 1,
            created_at=now,
            title=title,
            decisions=_log(state.decisions, changed),
            history=state.history,
            learned=frozenset(state.newest.learned.said),
        )
        request = IngestionRequest(series=series, episode=episode, sources=state.sources, title=title)
        job = request.new_job(uuid.uuid7())
        composition = await self.compose(request, job.id, edition)
        _require_in_force(composition, wanted)
        if own := list(_overtaken(state, composition, wanted, now)):
            # Their words, which may name the places of the new ones, are gone: these are known by quotations.
            placed = {decision.id: decision for decision in composition.edits}
            return await self._compose(
                state, now, [*(placed.get(each.id, each) for each in changed), *own], wanted
            )
        return await self._commit(state, job, composition, changed), composition

    async def _changed_since(self, state: Before, against: int, edits: Sequence[Edit]) -> tuple[str, ...]:
        """Say what others have changed; raise `StaleRevisionError` where it is what is to be edited."""
        if against == state.newest.number:
            return ()
        async with self.store.begin(read_only=True) as work:
            _, seen = await find_revision(work, state.episode.name, against)
        now = {replay.decision: replay.address for replay in state.newest.replays}
        wanted = {edit.address for edit in edits}
        changes: list[str] = []
        rivals: list[str] = []
        for decision in state.decisions:
            made = decision.revision >= against
            withdrawn = decision.withdrawn_at is not None and decision.withdrawn_at > seen.created_at
            if made or withdrawn:
                changes.append(_described(decision))
                if wanted & {decision.address, now.get(decision.id)}:
                    rivals.append(_described(decision))
        if rivals:
            raise StaleRevisionError(state.episode.name, against, state.newest.number, rivals)
        return tuple(changes)

    async def _commit(
        self,
        state: Before,
        job: IngestionJob,
        composition: Composition,
        changed: Sequence[EditorialDecision],
    ) -> Revision:
        """Write everything in one transaction; `StaleRevisionError` when another editor wrote first."""
        made = composition.revision
        skipped = (replace(s, id=uuid.uuid7()) for s in state.newest.sources if s.siglum is None)
        revision = replace(made, sources=(*made.sources, *skipped))
        kept = {decision.id: decision for decision in (*changed, *composition.edits)}
        name = state.episode.name
        async with unless_recorded(self.store, job.id), self.store.begin(about=name) as work:
            await work.jobs.add(job)
            await work.revisions.append(revision)
            await work.edits.put(*kept.values())
            await work.jobs.update(job.ended(JobStatus.EDITED, revision.id, composition.steps))
            await work.commit()
        return revision


def _overtaken(
    state: Before, composition: Composition, wanted: Sequence[EditorialDecision], now: datetime
) -> Iterator[EditorialDecision]:
    """Take back what somebody decided where the same person has decided anew."""
    editors = {decision.id: decision.by for decision in wanted}
    replays = composition.revision.replays
    later = {replay.decision: replay.overtaken_by for replay in replays if replay.overtaken_by}
    for decision in state.decisions:
        if decision.id in later and editors.get(later[decision.id]) == decision.by:
            yield decision.taken_back(decision.by, now)


def _as_of(
    old: Revision, decisions: Sequence[EditorialDecision], by: str, now: datetime
) -> Iterator[EditorialDecision]:
    """Yield what is to become of decisions so that those stand that stood in a revision."""
    stood = {replay.decision for replay in old.replays}
    for decision in decisions:
        if decision.stands and decision.id not in stood:
            yield decision.taken_back(by, now)
        elif not decision.stands and decision.id in stood:
            yield replace(
                decision,
                id=uuid.uuid7(),
                made_at=now,
                revision=old.number,
                withdrawn_at=None,
                withdrawn_by=None,
            )


def _besides(
    state: Before, composition: Composition, changed: Mapping[uuid.UUID, EditorialDecision]
) -> Iterator[str]:
    """Say which other decisions are no longer in force, or are again."""
    before = {replay.decision: replay.in_force for replay in state.newest.replays}
    others = {decision.id: decision for decision in state.decisions if decision.id not in changed}
    for replay in composition.revision.replays:
        other = others.get(replay.decision)
        if other and replay.in_force != before.get(other.id, replay.in_force):
            became = f"waits now: {replay.reason}" if replay.reason else "is in force again"
            yield f"what {other.by} decided at {other.address}, {other.quoted}, {became}"


def _log(
    decisions: Sequence[EditorialDecision], changed: Sequence[EditorialDecision]
) -> tuple[EditorialDecision, ...]:
    """Put changed decisions in the places of the old, and new ones at the end."""
    by_id = {decision.id: decision for decision in (*decisions, *changed)}
    return tuple(sorted(by_id.values(), key=lambda decision: (decision.made_at, decision.id)))


def _require_in_force(composition: Composition, decisions: Sequence[EditorialDecision]) -> None:
    replays = {replay.decision: replay for replay in composition.revision.replays}
    for decision in decisions:
        replay = replays[decision.id]
        if replay.reason:
            raise EditError(decision.address, replay.reason)


def _described(decision: EditorialDecision) -> str:
    if decision.stands:
        return f"{decision.by} decided {decision.address}: {decision.quoted}"
    return f"{decision.withdrawn_by} took back {decision.quoted} at {decision.address}"
