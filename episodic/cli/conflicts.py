"""`episodic decisions`: what was in conflict, what won, what lost, and where to hear it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from episodic.canonical.document import Decision
from episodic.canonical.domain import EditorialDecision, Revision
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.resolution.kinds import Kind, is_worth_a_look, kind_of, worth
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
    kind: Annotated[tuple[Kind, ...], Parameter(negative=())] = (),
    by_time: bool = False,
    play: bool = False,
    revision: Count | None = None,
    json: bool = False,
) -> None:
    """Show the points of conflict of an episode: what won, what lost, why, and what editors decided.

    What an editor would mend first comes first: close votes about numbers, names, negations and words; what
    differs only in fillers, notation or spelling comes last.

    Parameters
    ----------
    episode
        series/episode.
    open
        Only those that nobody has decided.
    kind
        Only those of this kind: number, name, negation, words, filler, format or spelling; may be repeated.
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
    language = language_of(kept)
    found = [
        each for each in conflicts(kept) if not kind or kind_of(each.decision.variation, language) in kind
    ]
    waiting = waiting_in(kept, edits)
    if open:
        places = {id(each): place for place, each in enumerate(found)}
        found = contested(found, language)
        if by_time:
            found.sort(key=lambda each: places[id(each)])
    elif not by_time:
        found = sorted(found, key=lambda each: -worth(each.decision, language))
    if json:
        print_json(
            [_as_json(each, language) for each in found] + [_waiting_as_json(each) for each in waiting]
        )
        return
    for conflict in found:
        print_conflict(conflict, language, play=play)
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


def language_of(revision: Revision) -> str | None:
    """Give the language of the words, as the heaviest source has it that says."""
    return next((source.language for source in revision.sources if source.language), None)


def contested(found: Sequence[Conflict], language: str | None = None) -> list[Conflict]:
    """Take those that nobody has decided and that can be decided, by what an editor would mend first."""
    undecided = [
        each
        for each in found
        if each.decision.variation.verdict is None
        and each.decision.kind != "speaker"
        and not each.decision.address.startswith("witness ")
    ]
    return sorted(undecided, key=lambda each: (-worth(each.decision, language), each.decision.start or 0.0))


def waiting_in(revision: Revision, edits: Sequence[EditorialDecision]) -> list[Waiting]:
    """Give the editors' decisions that are not in force, in the order in which they were made."""
    reasons = {replay.decision: replay.reason for replay in revision.replays if replay.reason}
    return [Waiting(each, reasons[each.id]) for each in edits if each.stands and each.id in reasons]


def described(waiting: Waiting) -> str:
    """One line: what was decided where by whom, and why it is not in force."""
    decision = waiting.decision
    return f"{decision.address}: {decision.by} decided “{decision.text}”; {waiting.reason}"


def print_conflict(conflict: Conflict, language: str | None = None, *, play: bool = False) -> None:
    """Print a conflict: the accepted reading after ``+``, the others after ``-``."""
    decision = conflict.decision
    place = decision.address if decision.start is None else f"{decision.address} at {clock(decision.start)}"
    is_open = (
        decision.kind == "transcript" and decision.variation.verdict is None and decision.start is not None
    )
    differing = f" ({kind_of(decision.variation, language)})" if is_open else ""
    say(f"{decision.kind} {place}: {decision.reason}{differing}")
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


def _as_json(conflict: Conflict, language: str | None) -> dict[str, object]:
    decision = conflict.decision
    return {
        "differs_in": kind_of(decision.variation, language),
        "worth_a_look": is_worth_a_look(decision, language),
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
