"""`episodic history`, `restore`: what became of an episode, and an older state of it again."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from episodic.canonical.domain import EarlierRevision, EditorialDecision, Episode
from episodic.canonical.finding import find_episode
from episodic.canonical.ports import UnitOfWork
from episodic.cli.commands.decide import edited, login_name
from episodic.cli.options import By, Count, EpisodeName, Json
from episodic.cli.output import day_and_time, print_json, say
from episodic.cli.store import with_store


def history(episode: EpisodeName, /, *, json: Json = False) -> None:
    """List the revisions of an episode, the newest first: what came, went, changed, and who decided what."""

    async def query(
        work: UnitOfWork,
    ) -> tuple[Episode, Sequence[EarlierRevision], Sequence[EditorialDecision]]:
        found = await find_episode(work, episode)
        return found, await work.revisions.history(found.id), await work.edits.of(found.id)

    found, revisions, decisions = with_store(query)
    from episodic.canonical.tei.history import changes, edits_by_revision

    edits = edits_by_revision(decisions, revisions)
    pairs = [(before, one) for before, one in pairwise((None, *revisions)) if one][::-1]
    if json:
        print_json({"episode": found.name, "revisions": [_listed(*pair, edits) for pair in pairs]})
        return
    for before, revision in pairs:
        made = edits.get(revision.number, {})
        by = f", by {', '.join(dict.fromkeys(made.values()))}" if made else ""
        say(f"revision {revision.number}, {day_and_time(revision.created_at)}{by}")
        came = changes(before, revision) if before else (f"from {uri}" for uri, _ in revision.sources)
        for line in [*came, *made] or ["the same sources, with other settings or by a newer Episodic"]:
            say(f"  {line}")


def _listed(
    before: EarlierRevision | None, revision: EarlierRevision, edits: Mapping[int, Mapping[str, str]]
) -> dict[str, object]:
    from episodic.canonical.tei.history import changes

    made = edits.get(revision.number, {})
    return {
        "revision": revision.number,
        "created_at": revision.created_at,
        "by": list(dict.fromkeys(made.values())),
        "sources": [{"uri": uri, "sha256": sha256} for uri, sha256 in revision.sources],
        "changes": list(changes(before, revision)) if before else [],
        "decisions": list(made),
    }


def restore(episode: EpisodeName, /, *, revision: Count, by: By = None) -> None:
    """Make an older revision the newest: its sources, and the decisions that stood then.

    Parameters
    ----------
    revision
        The number of the revision.
    """
    made = edited(lambda service: service.restore(episode, revision, by or login_name()))
    say(f"{episode}: revision {made.number} is as revision {revision} was")
