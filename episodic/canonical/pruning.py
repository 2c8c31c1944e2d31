"""Removing for good what is out of the way: deleted episodes, old revisions, bytes that nobody uses."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from episodic.canonical.domain import Episode
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.queue import SubmissionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Prunable:
    """What is to be removed.

    Parameters
    ----------
    episodes
        Whole episodes.
    revisions
        Older revisions of episodes that stay, by number.
    contents
        SHA-256 of bytes that nothing uses once these are gone.
    """

    episodes: tuple[Episode, ...]
    revisions: tuple[tuple[Episode, tuple[int, ...]], ...]
    contents: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be removed."""
        return not (self.episodes or self.revisions or self.contents)


async def prunable(work: UnitOfWork, deleted: str, keep: int | None = None) -> Prunable:
    """Find what can be removed.

    Parameters
    ----------
    deleted
        What the slugs of deleted episodes have in them, and no others.
    keep
        How many of the newest revisions of each episode stay; ``None``: all.
    """
    every = await work.episodes.list()
    episodes = tuple(episode for episode in every if deleted in episode.slug)
    revisions: list[tuple[Episode, tuple[int, ...]]] = []
    for episode in every if keep else ():
        numbers = tuple(earlier.number for earlier in await work.revisions.history(episode.id))
        if episode not in episodes and (old := numbers[:-keep] if keep else ()):
            revisions.append((episode, old))
    gone = set(_pairs(revisions))
    whole = {episode.id for episode in episodes}
    used = {
        sha256
        for sha256, episode_id, number in await work.contents.uses()
        if episode_id not in whole and (episode_id, number) not in gone
    }
    # What failed or was cancelled may be tried again.
    again = [status for status in SubmissionStatus if status is not SubmissionStatus.COMPLETED]
    for submission in await work.submissions.list(*again, limit=None):
        used |= {source.sha256 for source in submission.sources}
    unused = [sha256 for sha256 in await work.contents.list() if sha256 not in used]
    return Prunable(episodes=episodes, revisions=tuple(revisions), contents=tuple(unused))


async def prune(work: UnitOfWork, found: Prunable) -> None:
    """Remove it; the unit of work writes about everything, so that nobody begins to use it meanwhile."""
    for episode in found.episodes:
        await work.episodes.remove(episode.id)
    for episode_id, number in _pairs(found.revisions):
        await work.revisions.remove(episode_id, number)
    for sha256 in found.contents:
        await work.contents.remove(sha256)


def _pairs(revisions: Sequence[tuple[Episode, tuple[int, ...]]]) -> Iterator[tuple[uuid.UUID, int]]:
    return ((episode.id, number) for episode, numbers in revisions for number in numbers)
