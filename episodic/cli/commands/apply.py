"""`episodic apply`: a text that somebody corrected, as editors' decisions."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from episodic import settings
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.editing.edits import Edit
from episodic.canonical.editing_service import EditingOutcome
from episodic.canonical.errors import SourceError
from episodic.canonical.finding import find_revision
from episodic.canonical.ports import UnitOfWork
from episodic.cli.commands.decide import login_name, make_edits, quoted, repeated_in, suggestions
from episodic.cli.corrected import CorrectedText, load, read_corrected, with_speakers
from episodic.cli.exits import DONE, FAILED, UsageError
from episodic.cli.exports import unchanged
from episodic.cli.options import By, Count, DryRun, EpisodeName, Json
from episodic.cli.output import complain, plural, print_json, say
from episodic.cli.store import with_store

if TYPE_CHECKING:  # lxml loads when documents are read
    from episodic.canonical.tei.reader import Spoken, TeiDocument
    from episodic.publishing.corrections import Corrections

_FEW: Final = 1000  # words that are compared in no time
_TIMES: Final = 8  # as many words in a corrected text, with the names in front of them, as there were
_LEAST: Final = 0.3  # of the words that a corrected text shares with what it was


def apply(
    episode: EpisodeName,
    corrected: str,
    /,
    *,
    by: By = None,
    revision: Count | None = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> int:
    """Take a corrected text, and decide what differs: words, speakers and title.

    Parameters
    ----------
    corrected
        The file: what 'episodic show' gave (TEI, Markdown, captions, text), corrected, or the same as DOCX.
    revision
        The revision that it was exported from, where the file does not say; without it, the newest.
    """
    from episodic.canonical.tei.reader import read
    from episodic.publishing.corrections import corrections

    given = read_corrected(corrected, load(corrected))
    if given.episode not in {None, episode}:
        why = f"{corrected} is of {given.episode}, not of {episode}"
        raise UsageError(f"{why}; if that was renamed, name it anew in the file")

    async def query(work: UnitOfWork) -> tuple[Episode, Revision, Revision]:
        found, newest = await find_revision(work, episode)
        number = given.revision or revision or newest.number
        return found, newest, (await find_revision(work, episode, number))[1]

    found, newest, seen = with_store(query)
    old, new = read(seen.tei), read(newest.tei)
    names = list(dict.fromkeys([*old.canonical.names.values(), *new.canonical.names.values()]))
    spoken = old.utterances()
    _refuse_stranger(corrected, given.utterances, found.name, spoken)

    def compared(given: CorrectedText) -> Corrections:
        said = list(with_speakers(given.utterances, names, spoken))
        return corrections(spoken, new.utterances(), said, _labels(new))

    result = compared(given)
    if result.shared < _LEAST:
        raise SourceError(
            corrected, f"shares {result.shared:.0%} of its words with {found.name}; is it the right file?"
        )
    if result.corrections or result.conflicts or result.notes:
        # What is read otherwise of the file as it was is the format's doing, and nobody's correction.
        result = result.without(map(compared, _before(corrected, found, seen)))
    if result.conflicts:
        complain(
            f"others have changed the same places of {found.name} since revision {seen.number}; nothing was "
            "done. Export it again, or mend these:"
        )
        for conflict in result.conflicts:
            complain(f"  {conflict}")
        return FAILED
    who = by or login_name()
    edits = [Edit(address=each.address, by=who, text=each.text) for each in result.corrections]
    if given.title and given.title not in {seen.title, newest.title}:
        edits.append(Edit(address="title", by=who, text=given.title))
    _report(found, newest, edits, result, dry_run=dry_run, json=json)
    return DONE


def _before(path: str, found: Episode, seen: Revision) -> Iterator[CorrectedText]:
    """Read what a corrected text was before, as it is read itself; nothing of what cannot have been it."""
    from episodic.publishing.cues import NoTimesError

    with suppress(NoTimesError):
        for content in unchanged(path, found, seen, settings.load()):
            with suppress(SourceError):
                yield read_corrected(path, content)


def _report(
    found: Episode, newest: Revision, edits: Sequence[Edit], result: Corrections, *, dry_run: bool, json: bool
) -> None:
    """Decide, unless it is a dry run, and say what was or would be decided."""
    number = newest.number
    besides: Sequence[str] = ()
    outcome: EditingOutcome | None = None
    if edits and not dry_run:
        outcome = make_edits(found.name, edits, newest.number)
        number, besides = outcome.revision.number, outcome.besides
    if json:
        print_json(
            {
                "episode": found.name,
                "revision": number,
                "dry_run": dry_run,
                "decisions": [{"address": each.address, "text": each.text} for each in edits],
                "notes": result.notes,
                "besides": besides,
                "repeated": repeated_in(outcome) if outcome else (),
            }
        )
        return
    for each in edits:
        say(f"{each.address}: {quoted(each.text or '')}")
    for note in (*result.notes, *(f"besides: {line}" for line in besides)):
        complain(note)
    if not edits:
        say(f"nothing differs from {found.name}, revision {number}; nothing was decided")
    elif dry_run:
        say(f"{plural(len(edits), 'decision')} would be made; nothing was done")
    else:
        say(f"{plural(len(edits), 'decision')} made: {found.name}, revision {number}, by {edits[0].by}")
        say(f"to undo it: episodic restore {found.name} --revision {newest.number}")
    for line in suggestions(outcome) if outcome else ():
        say(line)


def _refuse_stranger(path: str, given: Sequence[Spoken], name: str, seen: Sequence[Spoken]) -> None:
    """Refuse at once what is far longer than the text that it was, which would take long to compare."""
    its, own = (sum(said.text.count(" ") + 1 for said in each) for each in (given, seen))
    if its > _TIMES * max(own, _FEW):
        raise SourceError(path, f"has {its:,} words, and {name} {own:,}; is it the right file?")


def _labels(document: TeiDocument) -> dict[str, list[str]]:
    """What the transcripts call people, by their names."""
    spoken = set(document.transcripts)
    return {
        person.name: [name for siglum, name in person.names if siglum in spoken]
        for person in document.canonical.people
    }
