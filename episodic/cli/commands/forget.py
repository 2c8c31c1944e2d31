"""`episodic forget`: a source and its words out of all that is kept of an episode, for good."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from episodic.cli.commands.decide import login_name
from episodic.cli.composing.composers import Composers, composed
from episodic.cli.exits import DONE, FAILED
from episodic.cli.options import By, EpisodeName, Json, Yes
from episodic.cli.output import plural, print_json, say
from episodic.cli.questions import agreed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from episodic.canonical.ports import Store
    from episodic.canonical.removal_service import Forgotten


def forget(
    episode: EpisodeName,
    source: str,
    /,
    *,
    by: By = None,
    note: str | None = None,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Remove one source and its words from all revisions of an episode; nothing brings them back.

    Parameters
    ----------
    source
        Its siglum in the newest revision, its name, or its path as 'episodic sources' gives it.
    note
        Why; an ingest of the same file says it.
    """
    why = f"by {by or login_name()}" + (f", because {note}" if note else "")

    async def work(store: Store, composers: Composers) -> tuple[Forgotten, Sequence[str]] | None:
        from episodic.canonical.removal_service import RemovalService

        service = RemovalService(store=store, compose=composers.compose)
        names = ", ".join(await service.look(episode, source))
        if not agreed(f"Forget {names} in all revisions of {episode}, for good?", yes=yes):
            return None
        forgotten = await service.forget(episode, source, why)
        try:
            async with store.begin(read_only=True) as work:
                own = await work.exports.list(forgotten.episode.id)
            exported = dict.fromkeys(each.file for each in own if each.revision in forgotten.made_anew)
        finally:
            # It is over all the same: nothing finds what it overwrites again.
            with suppress(asyncio.CancelledError):
                await store.compact()
        return forgotten, list(exported)

    done = composed(work)
    if done is None:
        return FAILED
    forgotten, exported = done
    if json:
        print_json({"forgotten": forgotten, "exported_before": exported})
    else:
        for line in _lines(forgotten):
            say(line)
        if exported:
            say(f"exported with its words before: {', '.join(exported)}")
    return DONE


def _lines(forgotten: Forgotten) -> Iterator[str]:
    name = forgotten.episode.name
    yield f"{name}: {', '.join(forgotten.uris)} is forgotten"
    if forgotten.made_anew:
        yield f"  {_numbers(forgotten.made_anew)} made anew without it"
    if forgotten.removed and forgotten.made_anew:
        yield f"  {_numbers(forgotten.removed)} removed: there was nothing else in it"
    elif forgotten.removed:
        yield f"  {_numbers(forgotten.removed)} removed"
    for decision in forgotten.decisions:
        yield f"  removed with it, for it has words or a place of it: {decision}"
    for kept_by in forgotten.kept_by:
        yield f"  {kept_by} has the same bytes, and keeps them"
    yield "not touched: the file itself, backups, and what was exported"


def _numbers(numbers: Sequence[int]) -> str:
    listed = ", ".join(map(str, numbers))
    return f"{plural(len(numbers), 'revision').partition(' ')[2]} {listed}"
