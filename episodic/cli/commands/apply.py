"""`episodic apply`: a text that somebody corrected, as editors' decisions."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING, Final

from episodic import settings
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.editing_service import EditingOutcome
from episodic.canonical.edits import Edit
from episodic.canonical.errors import SourceError
from episodic.canonical.finding import find_revision
from episodic.canonical.patterns import pattern
from episodic.canonical.ports import UnitOfWork
from episodic.canonical.tokens import ends_sentence
from episodic.cli.commands.decide import login_name, make_edits, quoted, repeated_in, suggestions
from episodic.cli.exits import DONE, FAILED, UsageError
from episodic.cli.exports import unchanged
from episodic.cli.interrupts import finished
from episodic.cli.options import By, Count, DryRun, EpisodeName, Json
from episodic.cli.output import complain, plural, print_json, say
from episodic.cli.store import with_store

if TYPE_CHECKING:  # lxml loads when documents are read
    from episodic.canonical.tei.reader import Spoken, TeiDocument
    from episodic.publishing.corrections import Corrections

_HEAD: Final = 4096
_MARK: Final = pattern(rb"\bEpisodic (?P<episode>[^\s\"<]+/[^\s\"<]+) revision (?P<number>\d+)")
_TEI: Final = pattern(rb"\s*+(?:(?><\?.*?\?>|<!--.*?-->)\s*+)*+<TEI\b", re.DOTALL)
_NEW: Final = pattern(r"([^\W\d_a-z][^:.?!,]{0,40}): (?=\S)")  # a name in front of words
_LONGEST: Final = 200  # characters of a name
_FEW: Final = 1000  # words that are compared in no time
_TIMES: Final = 8  # as many words in a corrected text, with the names in front of them, as there were
_LEAST: Final = 0.3  # of the words that a corrected text shares with what it was


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A corrected text: what it says, and what it says of itself."""

    utterances: Sequence[Spoken]
    title: str | None = None
    episode: str | None = None
    revision: int | None = None


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

    given = _read(corrected, load(corrected))
    if given.episode not in {None, episode}:
        why = f"{corrected} is of {given.episode}, not of {episode}"
        raise UsageError(f"{why}; if that was renamed, name it anew in the file")

    async def query(work: UnitOfWork) -> tuple[Episode, Revision, Revision]:
        found, newest = await find_revision(work, episode)
        number = given.revision or revision or newest.number
        return found, newest, (await find_revision(work, episode, number))[1]

    found, newest, seen = with_store(query)
    old, new = read(seen.tei), read(newest.tei)
    names = list(dict.fromkeys([*old.people.values(), *new.people.values()]))
    spoken = old.utterances()
    _refuse_stranger(corrected, given.utterances, found.name, spoken)

    def compared(given: _Corrected) -> Corrections:
        said = list(_with_speakers(given.utterances, names, spoken))
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


def _before(path: str, found: Episode, seen: Revision) -> Iterator[_Corrected]:
    """Read what a corrected text was before, as it is read itself; nothing of what cannot have been it."""
    from episodic.publishing.cues import NoTimesError

    with suppress(NoTimesError):
        for content in unchanged(path, found, seen, settings.load()):
            with suppress(SourceError):
                yield _read(path, content)


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


def load(path: str) -> bytes:
    """Read a file as a source is read, which may be anything; raises `SourceError`."""
    from episodic.canonical.normalizers.files import path_source

    async def loaded() -> bytes:
        return await path_source(path, limits=settings.load().limits).load()

    return finished(loaded())


def _read(path: str, data: bytes) -> _Corrected:
    """Read a corrected text, also one that bears our mark; raises `SourceError`."""
    from episodic.canonical.normalizers.files import GivenBytes
    from episodic.canonical.sources import RawSource, SourceType
    from episodic.canonical.tei.reader import Spoken, read

    if _TEI.match(data):
        document = read(data)
        return _Corrected(document.utterances(), document.title, revision=_newest_change(document))
    mark = _MARK.search(data[:_HEAD])
    if mark is None and path.lower().endswith(".txt") and data.strip():
        # As 'show' writes it: a line an utterance.
        lines = data.decode("utf-8-sig", errors="replace").splitlines()
        return _Corrected([Spoken(line.strip()) for line in lines if line.strip()])
    hints = {"format": own} if (own := _own_format(path, data[:_HEAD])) else {}

    async def normalize() -> _Corrected:
        from episodic.canonical.normalizers.normalizer import SourceNormalizer

        normalizer = SourceNormalizer(settings.load().limits)
        try:
            source = await normalizer.normalize(
                RawSource(path, GivenBytes(data), SourceType.TRANSCRIPT, hints)
            )
        finally:
            normalizer.close()
        if not source.utterances:
            raise SourceError(path, "has nothing that anybody says; export it with 'episodic show' first")
        titles = [claim.value for claim in source.claims if claim.field == "title"]
        return _Corrected(
            [Spoken(u.text, u.speaker, u.start, u.end, turn=u.turn) for u in source.utterances],
            titles[0] if titles and mark else None,
            mark and mark["episode"].decode(errors="replace"),
            mark and int(mark["number"]),
        )

    return finished(normalize())


def _own_format(path: str, head: bytes) -> str | None:
    """The format of what bears our mark, which as a source would be refused."""
    from episodic.canonical.normalizers.detection import is_own

    if not is_own(head):
        return None
    start = head.lstrip()
    if start.startswith(b"WEBVTT"):
        return "webvtt"
    if start.startswith(b"---"):
        return "markdown"
    if b'"segments"' in head:
        return "podcast-json"
    if b"<cite>" in head or b"<time>" in head:
        return "podcast-html"
    raise SourceError(path, "is no text to correct; export Markdown, captions, text or TEI")


def _newest_change(document: TeiDocument) -> int | None:
    """The revision that a document says that it is."""
    from episodic.canonical.tei.elements import TEI

    numbers = [element.get("n", "") for element in document.root.iter(f"{TEI}change")]
    return max((int(number) for number in numbers if number.isdecimal()), default=None)


def _with_speakers(
    utterances: Sequence[Spoken], names: Sequence[str], seen: Sequence[Spoken]
) -> Iterator[Spoken]:
    """Find the names of the episode's people in what was read, and nobody else's where they are words.

    A reader of any text cannot know them: where captions name somebody once, as in a monologue, a name looks
    like words, and where somebody says "Yeah." on a line of its own, words look like a name. After a name
    that it took for words, it holds on to the one before: there it counts who said these very words.
    """
    known = {name.casefold() for name in names}
    label = re.compile(rf"(?:^|(?<=\s))({'|'.join(map(re.escape, names)) or '(?!)'}): ")
    text = " ".join(said.text for said in seen)
    before_colons = {text[max(0, colon.start() - _LONGEST) : colon.end()] for colon in re.finditer(":", text)}

    @cache
    def is_said(name: str) -> bool:
        return any(before.endswith(f"{name}:") for before in before_colons)

    voices = {said.text: said.speaker for said in seen}
    speaker = held = None
    missed = False
    for said in utterances:
        who, words = said.speaker, said.text
        missed, held = missed and who == held, who
        if missed:
            who = voices.get(words, who)
        if who and who.casefold() not in known and (ends_sentence(who) or is_said(who)):
            who, words = None, f"{who}{'' if ends_sentence(who) else ':'} {words}"
        elif who is None and (new := _NEW.match(words)) and not is_said(new[1]):
            who, words = new[1], words[new.end() :]
        first, *rest = label.split(words)
        missed = missed or bool(rest)
        speaker = who or speaker
        if first.strip():
            yield replace(said, text=first.strip().removeprefix("- "), speaker=speaker)
        for name, spoken in batched(rest, 2, strict=True):
            speaker = name
            yield replace(said, text=spoken.strip(), speaker=name)
