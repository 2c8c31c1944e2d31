"""`episodic decide`: an editor's word above the vote."""

import getpass
import shlex
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from episodic.canonical.domain import EditorialDecision, Revision
from episodic.canonical.editing.addresses import span_of
from episodic.canonical.editing.edits import Edit
from episodic.canonical.editing_service import EditingOutcome, EditingService
from episodic.cli.composing.composers import composed
from episodic.cli.exits import UsageError
from episodic.cli.options import By, Count, EpisodeName, Json
from episodic.cli.output import plural, print_json, say

if TYPE_CHECKING:  # it reads words, which takes a while to load
    from episodic.canonical.resolution.editors.repeated import Replacement


def decide(
    episode: EpisodeName,
    address: Annotated[str, Parameter(allow_leading_hyphen=True)],  # without times it begins with one
    /,
    *,
    reading: str | None = None,
    text: str | None = None,
    revert: bool = False,
    by: By = None,
    note: str | None = None,
    to: str | None = None,
    revision: Count | None = None,
    json: Json = False,
) -> None:
    """Overrule the vote at one place; every later ingest remembers it.

    Parameters
    ----------
    address
        As 'episodic decisions' gives it; or a field: title, subtitle, summary, published, episode, season,
        duration, series, publisher, "keyword: VALUE", "person: NAME"; or H:MM:SS/WORDS for words of the
        transcript that are wrong in all sources; or "speaker H:MM:SS" for who speaks then, "speaker
        H:MM:SS/WORDS" for who speaks from these words of an utterance on, "speaker LABEL" for whom a label
        means; or "after H:MM:SS/WORDS" or "before …" to put in a turn that no source has, "NAME: words".
    reading
        The siglum of the source that is right.
    text
        What is right, when no source has it; empty for nothing.
    revert
        Take the decision at this place back: the vote counts again.
    note
        Why.
    to
        After "speaker H:MM:SS": all that begins up to this time.
    revision
        The revision that you looked at: where others have changed this place since, nothing is done.
    """
    if sum((reading is not None, text is not None, revert)) != 1:
        raise UsageError("say what is right with --reading or --text, or take a decision back with --revert")
    if to is not None:
        address = f"{address}-{to}"
        if (span := span_of(address)) is None or span[1] is None:
            raise UsageError('--to ends a range; write "speaker H:MM:SS" --to H:MM:SS')
    edit = Edit(address=address, by=by or login_name(), reading=reading, text=text, note=note)
    outcome = make_edits(episode, [edit], revision)
    if json:
        print_json(
            {
                "episode": outcome.episode.name,
                "revision": outcome.revision.number,
                "decisions": outcome.decisions,
                "meanwhile": outcome.meanwhile,
                "besides": outcome.besides,
                "repeated": repeated_in(outcome),
            }
        )
        return
    report(outcome)


def login_name() -> str:
    """The name under which a decision is made by whoever gives none."""
    try:
        return getpass.getuser()
    except OSError:
        raise UsageError("say with --by who decides") from None


def make_edits(episode: str, edits: Sequence[Edit], against: int | None = None) -> EditingOutcome:
    """Edit an episode, ``series/episode``, in the user's store."""
    return edited(lambda service: service.edit(episode, edits, against))


def edited[T](work: Callable[[EditingService], Awaitable[T]]) -> T:
    """Have an editor's work done in the user's store."""
    return composed(lambda store, composers: work(EditingService(store=store, compose=composers.compose)))


def report(outcome: EditingOutcome) -> None:
    """Say what was decided and where that is, what the revision is, and what became of others' decisions."""
    for line in outcome.meanwhile:
        say(f"meanwhile: {line}")
    for decision in outcome.decisions:
        if decision.stands:
            address, before = _place(outcome, decision)
            was = "" if before is None else f", was {quoted(before)}"
            say(f"{address}: {quoted(decision.text)}{was}")
        elif len(outcome.decisions) == 1:
            say(f"{decision.address}: {quoted(decision.text)} is taken back")
    for line in outcome.besides:
        say(f"besides: {line}")
    say(f"{outcome.episode.name}, revision {outcome.revision.number}, by {_editors(outcome)}")
    for line in suggestions(outcome):
        say(line)


def repeated_in(outcome: EditingOutcome) -> Sequence[Replacement]:
    """Find what editors have now decided so often that the series could replace it by itself."""
    from episodic.canonical.resolution.editors.repeated import repeated

    made = [decision for decision in outcome.decisions if decision.stands]
    return repeated(outcome.of_words, made, outcome.series.policy, outcome.revision.language)


def suggestions(outcome: EditingOutcome) -> Iterator[str]:
    """Yield lines about what was decided again and again, with the command that has the series replace it."""
    for each in repeated_in(outcome):
        places = plural(each.places, "place")
        where = places if each.episodes == 1 else f"{places} of {plural(each.episodes, 'episode')}"
        command = f"episodic series set {outcome.series.slug} --replace"
        pair = shlex.quote(f"{each.wrong}={each.right}")
        yield (
            f"“{each.wrong}” has become “{each.right}” in {where}; if it is always wrong: {command} {pair}"
        )


def quoted(text: str) -> str:
    """Quote a text, or say that it is none."""
    return f"“{text.strip().replace('\n', ' / ')}”" if text.strip() else "(nothing)"


def _place(outcome: EditingOutcome, decision: EditorialDecision) -> tuple[str, str | None]:
    """Where a decision is in force, and what stood there."""
    revision = outcome.revision
    now = {replay.decision: replay.address for replay in revision.replays}
    address = now.get(decision.id) or decision.address
    if decision.readings:
        return address, decision.readings[0].text
    about = next((each for each in revision.decisions if each.address == address), None)
    others = [rival.text for rival in about.variation.rivals] if about else []
    if others and decision.kind == "speaker":
        return address, _called(outcome.before, others[0])
    return address, others[0] if others else None


def _called(revision: Revision, label: str) -> str:
    """The name that a revision has for whom sources call by a label."""
    from episodic.canonical.tei.reader import read

    people = read(revision.tei).canonical.people
    return next((p.name for p in people if label in {name for _, name in p.names}), label)


def _editors(outcome: EditingOutcome) -> str:
    names = [d.by if d.stands else d.withdrawn_by or "" for d in outcome.decisions]
    return ", ".join(dict.fromkeys(names))
