"""`episodic decisions`: what was in conflict, what won, what lost, and where to hear it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from episodic.canonical.document import Decision
from episodic.canonical.domain import EditorialDecision, Revision
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.sources import decimal
from episodic.canonical.tei.cues import Cue, cues, media_link
from episodic.canonical.tei.reader import read
from episodic.cli.output import clock, print_json, say
from episodic.cli.reading import Count, find_revision, with_store


@dataclass(frozen=True, slots=True)
class Conflict:
    """A point of conflict with all that one needs to decide it.

    Parameters
    ----------
    cues
        By siglum, where each source has it.
    link
        To its time in the recording.
    """

    decision: Decision
    cues: Mapping[str, Cue]
    link: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A decision of an editor that is not in force, and why."""

    decision: EditorialDecision
    reason: str


def decisions(
    episode: str,
    /,
    *,
    open: bool = False,  # noqa: A002  # the option's name
    by_time: bool = False,
    play: bool = False,
    revision: Count | None = None,
    json: bool = False,
) -> None:
    """Show the points of conflict of an episode: what won, what lost, why, and what editors decided.

    Where most weight lost comes first; differences of spelling come last.

    Parameters
    ----------
    episode
        series/episode.
    open
        Only those that nobody has decided, the most contested first.
    by_time
        In the order of the document.
    play
        Print for each its time in the recording, as a link, and the cue in every source.
    revision
        The number of an older revision.
    json
        Print one JSON document.
    """
    kept, edits = with_store(lambda work: _query(work, episode, revision))
    found = conflicts(kept)
    waiting = waiting_in(kept, edits)
    if open:
        places = {id(each): place for place, each in enumerate(found)}
        found = contested(found)
        if by_time:
            found.sort(key=lambda each: places[id(each)])
    elif not by_time:
        found = sorted(found, key=_disagreement)
    if json:
        print_json([_as_json(each) for each in found] + [_waiting_as_json(each) for each in waiting])
        return
    for conflict in found:
        print_conflict(conflict, play=play)
    for each in waiting:
        say(f"waiting {described(each)}")


def conflicts(revision: Revision) -> list[Conflict]:
    """Give the conflicts of a revision, in its order."""
    document = read(revision.tei)
    places = cues(document)
    return [
        Conflict(
            decision,
            places.get(decision.address, {}),
            None if decision.start is None else media_link(document, decision.start),
        )
        for decision in revision.decisions
    ]


def contested(found: Sequence[Conflict]) -> list[Conflict]:
    """Take those that nobody has decided and that can be decided, the most contested first."""
    undecided = [
        each
        for each in found
        if each.decision.variation.verdict is None
        and each.decision.kind != "speaker"
        and not each.decision.address.startswith("witness ")
    ]
    return sorted(undecided, key=_certainty)


def waiting_in(revision: Revision, edits: Sequence[EditorialDecision]) -> list[Waiting]:
    """Give the editors' decisions that are not in force, in the order in which they were made."""
    reasons = {replay.decision: replay.reason for replay in revision.replays if replay.reason}
    return [Waiting(each, reasons[each.id]) for each in edits if each.stands and each.id in reasons]


def described(waiting: Waiting) -> str:
    """One line: what was decided where by whom, and why it is not in force."""
    decision = waiting.decision
    return f"{decision.address}: {decision.by} decided “{decision.text}”; {waiting.reason}"


def print_conflict(conflict: Conflict, *, play: bool = False) -> None:
    """Print a conflict: the accepted reading after ``+``, the others after ``-``."""
    decision = conflict.decision
    place = decision.address if decision.start is None else f"{decision.address} at {clock(decision.start)}"
    say(f"{decision.kind} {place}: {decision.reason}")
    lemma, *others = decision.variation.lemma, *decision.variation.others
    for mark, reading in (("+", lemma), *(("-", other) for other in others)):
        text = reading.text or "(nothing)"
        say(f"  {mark} {decimal(reading.weight)}  {' '.join(reading.sigla)}  {text}")
        for siglum in reading.sigla if play else ():
            if cue := conflict.cues.get(siglum):
                time = "" if cue.start is None else f" at {clock(cue.start)}"
                say(f"           {siglum}: {cue.uri}, {cue.where}{time}")
    if play and conflict.link:
        say(f"  {conflict.link}")


async def _query(
    work: UnitOfWork, name: str, number: int | None
) -> tuple[Revision, Sequence[EditorialDecision]]:
    found, kept = await find_revision(work, name, number)
    return kept, await work.edits.of(found.id)


def _disagreement(conflict: Conflict) -> tuple[bool, int]:
    """How much weight was against the lemma; what has the same stays in the order of the document."""
    variation = conflict.decision.variation
    against = sum(other.weight for other in variation.others if other.cause is None)
    return variation.difference == "orthographic", -against


def _certainty(conflict: Conflict) -> tuple[bool, float, float]:
    """How far the lemma is above the strongest other reading; substantive differences come first."""
    variation = conflict.decision.variation
    rivals = [other.weight for other in variation.others if other.cause is None]
    share = max(rivals, default=0) / (variation.lemma.weight or 1)
    return variation.difference == "orthographic", -share, conflict.decision.start or 0.0


def _as_json(conflict: Conflict) -> dict[str, object]:
    decision = conflict.decision
    return {
        "kind": decision.kind,
        "address": decision.address,
        "variation": decision.variation,
        "reason": decision.reason,
        "start": decision.start,
        "cues": conflict.cues,
        "link": conflict.link,
    }


def _waiting_as_json(waiting: Waiting) -> dict[str, object]:
    decision = waiting.decision
    return {
        "kind": decision.kind,
        "address": decision.address,
        "waiting": {
            "text": decision.text,
            "by": decision.by,
            "note": decision.note,
            "made_at": decision.made_at,
        },
        "reason": waiting.reason,
    }
