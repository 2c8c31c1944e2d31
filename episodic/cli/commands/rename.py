"""`episodic rename`, `delete`: an episode under another name, or out of the way."""

import sys
from dataclasses import replace

from episodic.canonical.domain import DELETED, Episode, check_slug
from episodic.canonical.finding import find_episode, find_series
from episodic.canonical.ports import UnitOfWork
from episodic.cli.exits import DONE, FAILED, UsageError
from episodic.cli.options import EpisodeName, Yes
from episodic.cli.output import say
from episodic.cli.questions import agreed
from episodic.cli.store import with_store


def rename(episode: EpisodeName, name: str, /, *, yes: Yes = False) -> int:
    """Give an episode another name; its revisions, decisions and sources stay as they are.

    Parameters
    ----------
    name
        The new name: series/episode, or an episode's slug in the same series.
    """
    series, slash, slug = name.rpartition("/")
    check_slug("episode", slug)

    async def change(work: UnitOfWork) -> Episode:
        found = await find_episode(work, episode)
        into = series if slash else found.series_slug
        if (into, slug) == (found.series_slug, found.slug):
            raise UsageError(f"{found.name} has this name already")
        await find_series(work, into)
        return await _named(work, found, into, slug)

    if sys.stdin.isatty() and not agreed(f"Rename {episode} to {name}?", yes=yes):
        return FAILED
    say(f"{episode} is {with_store(change, read_only=False).name} now")
    return DONE


def delete(episode: EpisodeName, /, *, yes: Yes = False) -> int:
    """Take an episode out of the way; it is kept, and comes back by another name with 'rename'."""
    with_store(lambda work: find_episode(work, episode))
    if not agreed(f"Delete {episode}?", yes=yes):
        return FAILED

    async def change(work: UnitOfWork) -> Episode:
        found = await find_episode(work, episode)
        if DELETED in found.slug:
            raise UsageError(f"{found.name} is deleted already")
        number = 1
        while await work.episodes.get(found.series_slug, f"{found.slug}{DELETED}{number}"):
            number += 1
        return await _named(work, found, found.series_slug, f"{found.slug}{DELETED}{number}")

    kept = with_store(change, read_only=False).name
    say(f"{episode} is deleted, and kept as {kept}; to have it back: episodic rename {kept} {episode}")
    return DONE


async def _named(work: UnitOfWork, episode: Episode, series: str, slug: str) -> Episode:
    renamed = replace(episode, series_slug=series, slug=slug)
    if await work.episodes.get(series, slug) is not None:
        raise UsageError(f"there is an episode {renamed.name} already; rename or delete that first")
    await work.episodes.put(renamed)
    await work.commit()
    return renamed
