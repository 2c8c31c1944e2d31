"""`episodic decisions`: what was in conflict, what won, what lost, and where to hear it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from cyclopts import Parameter

from episodic.canonical.domain import EditorialDecision, Episode, Revision
from episodic.canonical.editing.addresses import clock
from episodic.canonical.errors import NotFoundError
from episodic.canonical.finding import find_revision
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.resolution.kinds import Judgement, Kind, is_open, judge
from episodic.canonical.resolved import Decision
from episodic.canonical.sources import decimal
from episodic.canonical.tei.cues import CuePlace, cues, media_link
from episodic.canonical.tei.reader import read
from episodic.cli.context import Context, contexts
from episodic.cli.exits import UsageError
from episodic.cli.options import EpisodeName, Json, OlderRevision
from episodic.cli.output import print_json, say
from episodic.cli.store import with_store

type Kinds = Annotated[tuple[Kind, ...], Parameter(help="Only those of this kind; may be repeated.")]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A point of conflict with all that one needs to decide it.

    Parameters
    ----------
    cues
        By siglum, where each source has it.
    link
        To its time in the recording.
    context
        What stands around it, where that is in a text.
    """

    decision: Decision
    judgement: Judgement
    cues: Mapping[str, CuePlace]
    link: str | None
    context: Context | None = None


def decisions(
    episode: EpisodeName,
    /,
    *,
    open: bool = False,  # noqa: A002  # the option's name
    kind: Kinds = (),
    speaker: str | None = None,
    since: str | None = None,
    by_time: bool = False,
    play: bool = False,
    revision: OlderRevision = None,
    json: Json = False,
) -> None:
    """Show the points of conflict of an episode: what won, what lost, why, and what editors decided.

    What an editor would mend first comes first: close votes about numbers, names, negations and words; what
    differs only in fillers, notation or spelling comes last.

    Parameters
    ----------
    open
        Only those that nobody has decided.
    speaker
        Only those in what this person says.
    since
        A date, or the number of a revision: only what was not there then, or was decided otherwise.
    by_time
        In the order of the document.
    play
        Print for each its time in the recording, as a link, and the cue in every source.
    """
    kept, edits, before = with_store(lambda work: _query(work, episode, revision, since))
    found = [
        each
        for each in _said_by(speaker, conflicts(kept, with_cues=play or json))
        if (not kind or each.judgement.kind in kind) and not (before and _stands(each.decision) in before)
    ]
    reasons = {replay.decision: replay.reason for replay in kept.replays if replay.reason}
    waiting = [each for each in edits if each.stands and each.id in reasons]
    if open:
        places = {id(each): place for place, each in enumerate(found)}
        found = contested(found)
        if by_time:
            found.sort(key=lambda each: places[id(each)])
    elif not by_time:
        found = sorted(found, key=lambda each: -each.judgement.worth)
    if json:
        print_json(
            [_as_json(each) for each in found]
            + [_waiting_as_json(each, reasons[each.id]) for each in waiting]
        )
        return
    for conflict in found:
        print_conflict(conflict, play=play)
    for each in waiting:
        say(f"waiting {each.address}: {each.by} decided {each.quoted}; {reasons[each.id]}")


def conflicts(revision: Revision, *, with_cues: bool = True) -> list[Conflict]:
    """Give the conflicts of a revision, in its order."""
    document = read(revision.tei)
    # Where the files lie here; the document, which goes out into the world, has their names.
    uris = {source.siglum: source.uri for source in revision.sources if source.siglum}
    places = cues(document, uris) if with_cues else {}
    around = contexts(document.canonical)
    return [
        Conflict(
            decision,
            judge(decision, revision.language),
            places.get(decision.address, {}),
            None if decision.start is None else media_link(document, decision.start),
            around.get(decision.address),
        )
        for decision in revision.decisions
    ]


def contested(found: Sequence[Conflict]) -> list[Conflict]:
    """Take those that nobody has decided and that can be decided, by what an editor would mend first."""
    undecided = [each for each in found if is_open(each.decision)]
    return sorted(undecided, key=lambda each: (-each.judgement.worth, each.decision.start or 0.0))


def print_conflict(conflict: Conflict, *, play: bool = False) -> None:
    """Print a conflict: the accepted reading after ``+``, the others after ``-``."""
    decision = conflict.decision
    kind = "" if decision.kind == "speaker" else f"{decision.kind} "  # its addresses begin with the word
    place = decision.address if decision.start is None else f"{decision.address} at {clock(decision.start)}"
    in_words = decision.kind == "transcript" and is_open(decision) and decision.start is not None
    differing = f" ({conflict.judgement.kind})" if in_words else ""
    say(f"{kind}{place}: {decision.reason}{differing}")
    readings = decision.variation.readings
    if conflict.context:
        say(f"  {conflict.context.around(readings)}")
    for number, reading in enumerate(readings):
        text = reading.text or "(nothing)"
        say(f"  {'-' if number else '+'} {decimal(reading.weight)}  {' '.join(reading.sigla)}  {text}")
        for siglum in reading.sigla if play else ():
            if cue := conflict.cues.get(siglum):
                time = "" if cue.start is None else f" at {clock(cue.start)}"
                say(f"           {siglum}: {cue.uri}, {cue.where}{time}")
    if play and conflict.link:
        say(f"  {conflict.link}")


async def _query(
    work: UnitOfWork, name: str, number: int | None, since: str | None
) -> tuple[Revision, Sequence[EditorialDecision], Collection[object]]:
    """Find a revision, what editors decided, and what stood at an earlier time."""
    found, kept = await find_revision(work, name, number)
    edits = await work.edits.of(found.id)
    if since is None:
        return kept, edits, ()
    before = int(since) if since.isdecimal() else await _last_before(work, found, since)
    if before is None:
        return kept, edits, ()
    _, old = await find_revision(work, name, before)
    return kept, edits, {_stands(decision) for decision in old.decisions}


async def _last_before(work: UnitOfWork, episode: Episode, date: str) -> int | None:
    """Find the last revision that was made before a date."""
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        raise UsageError(
            f"--since {date} is neither a date nor a revision; write 2026-03-03, 2026-03-03T12:00 or 3"
        ) from None
    moment = moment if moment.tzinfo else moment.astimezone()
    history = await work.revisions.history(episode.id)
    return max((each.number for each in history if each.created_at < moment), default=None)


def _stands(decision: Decision) -> object:
    """What another decision about the same place differs in."""
    variation = decision.variation
    return decision.address, variation.lemma.text, variation.verdict and variation.verdict.by


def _said_by(speaker: str | None, found: Sequence[Conflict]) -> Sequence[Conflict]:
    if speaker is None:
        return found
    names = {each.context.speaker for each in found if each.context and each.context.speaker}
    if speaker.casefold() not in {name.casefold() for name in names}:
        raise NotFoundError("speaker with conflicts", speaker, sorted(names))
    return [
        each
        for each in found
        if each.context and (each.context.speaker or "").casefold() == speaker.casefold()
    ]


def _as_json(conflict: Conflict) -> dict[str, object]:
    decision = conflict.decision
    return {
        "differs_in": conflict.judgement.kind,
        "worth_a_look": conflict.judgement.is_worth_a_look,
        "kind": decision.kind,
        "address": decision.address,
        "variation": decision.variation,
        "reason": decision.reason,
        "start": decision.start,
        "context": conflict.context,
        "cues": conflict.cues,
        "link": conflict.link,
    }


def _waiting_as_json(decision: EditorialDecision, reason: str) -> dict[str, object]:
    """What an editor decided, and why it is not in force."""
    return {
        "kind": decision.kind,
        "address": decision.address,
        "waiting": {
            "text": decision.text,
            "by": decision.by,
            "note": decision.note,
            "made_at": decision.made_at,
        },
        "reason": reason,
    }
