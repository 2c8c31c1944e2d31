"""`episodic diff`: what changed from one revision of an episode to another."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from episodic.canonical.domain import Episode, Revision
from episodic.canonical.editing.addresses import clock
from episodic.canonical.finding import find_revision
from episodic.canonical.ports import UnitOfWork
from episodic.cli.exits import UsageError
from episodic.cli.options import Count, EpisodeName, Json
from episodic.cli.output import print_json, say
from episodic.cli.store import with_store

if TYPE_CHECKING:  # lxml loads when documents are read
    from episodic.canonical.tei.reader import Spoken, TeiDocument
    from episodic.publishing.comparison import Comparison, WordChange

_AROUND: Final = 5  # words beside a change
_RED, _GREEN, _PLAIN = "\033[31m", "\033[32m", "\033[0m"


def diff(
    episode: EpisodeName, /, *, from_: Count | None = None, to: Count | None = None, json: Json = False
) -> None:
    """Show what changed from one revision to another: words, speakers and fields.

    Parameters
    ----------
    from_
        The number of the older revision; without it, the last that is kept before the newer.
    to
        The number of the newer revision; without it, the newest.
    """

    async def query(work: UnitOfWork) -> tuple[Episode, Revision, Revision]:
        found, new = await find_revision(work, episode, to)
        before = from_ or max(
            (each.number for each in await work.revisions.history(found.id) if each.number < new.number),
            default=None,
        )
        if before is None:
            pruned = "" if new.number == 1 else "; those before it were pruned or forgotten"
            raise UsageError(
                f"{found.name} has no revision before {new.number} to compare it with{pruned}. "
                f"The next ingest or decision makes another"
            )
        _, old = await find_revision(work, episode, before)
        return found, old, new

    found, old, new = with_store(query)
    from episodic.canonical.tei.reader import read
    from episodic.publishing.comparison import compare

    before, after = read(old.tei), read(new.tei)
    said, heard = before.utterances(), after.utterances()
    comparison = compare(said, heard)
    fields = list(_fields(before, after))
    if json:
        print_json(
            {
                "episode": found.name,
                "from": old.number,
                "to": new.number,
                **_as_json(comparison, said),
                "fields": [{"field": name, "from": one, "to": other} for name, one, other in fields],
            }
        )
        return
    say(f"{found.name}, from revision {old.number} to {new.number}")
    for name, one, other in fields:
        say(f"{name}: {_marked(one, other)}")
    for line in _lines(comparison, said, heard):
        say(line)
    if not (fields or comparison.words or comparison.speakers):
        say("the words, the speakers and the fields are the same")


def _fields(before: TeiDocument, after: TeiDocument) -> Iterator[tuple[str, str, str]]:
    """The fields that differ: name, and what stood and stands there."""
    old, new = (_stated(document) for document in (before, after))
    for name in dict.fromkeys([*old, *new]):
        if old.get(name, "") != new.get(name, ""):
            yield name, old.get(name, ""), new.get(name, "")


def _stated(document: TeiDocument) -> dict[str, str]:
    canonical, values = document.canonical, dict[str, list[str]]()
    for statement in canonical.statements:
        values.setdefault(statement.field, []).append(statement.variation.lemma.text)
    return {
        "title": document.title,
        "people": ", ".join(canonical.names.values()),
        **{name: "; ".join(each) for name, each in values.items() if name not in {"title", "person"}},
    }


def _as_json(comparison: Comparison, said: Sequence[Spoken]) -> dict[str, object]:
    return {
        "words": [
            {
                "start": _start(comparison, said, change.old.start),
                "from": comparison.was(change.old),
                "to": comparison.now(change.new),
            }
            for change in comparison.words
        ],
        "speakers": [
            {
                "start": _start(comparison, said, change.words.start),
                "words": comparison.was(change.words),
                "from": change.old,
                "to": change.new,
            }
            for change in comparison.speakers
        ],
    }


def _start(comparison: Comparison, said: Sequence[Spoken], word: int) -> float | None:
    if not comparison.old:
        return None
    return said[comparison.old[min(word, len(comparison.old) - 1)].utterance].start


def _lines(comparison: Comparison, said: Sequence[Spoken], heard: Sequence[Spoken]) -> Iterator[str]:
    """A line a change, in the order of the text."""
    lines: list[tuple[int, str]] = []
    for change in comparison.words:
        first, after = change.old.start, change.old.stop
        new = " / ".join(_told(comparison, heard, change)) or comparison.now(change.new)
        marked = _marked(comparison.was(change.old), new)
        before = comparison.was(range(max(0, first - _AROUND), first))
        behind = comparison.was(range(after, min(after + _AROUND, len(comparison.old))))
        lines.append((first, " ".join(filter(None, (before, marked, behind)))))
    for change in comparison.speakers:
        words = comparison.was(change.words[:_AROUND])
        more = " …" if len(change.words) > _AROUND else ""
        who = _marked(change.old or "nobody", change.new or "nobody")
        lines.append((change.words[0], f"{who}: {words}{more}"))
    for at, line in sorted(lines):
        start = _start(comparison, said, at)
        yield f"{clock(start)}  {line}"


def _told(comparison: Comparison, heard: Sequence[Spoken], change: WordChange) -> Iterator[str]:
    """Yield turns that came in, with who says them; nothing, where words came into what is said."""
    from episodic.publishing.comparison import whole_in

    turns = whole_in(comparison.new, change.new)
    if not change.old and len({comparison.new[number].utterance for number in change.new}) == len(turns):
        for number in turns:
            who = heard[number].speaker
            yield f"{who}: {heard[number].text}" if who else heard[number].text


def _marked(old: str, new: str) -> str:
    """What went and what came, in colour on a terminal, else between signs."""
    if sys.stdout.isatty():
        signs = ((old, _RED), (new, _GREEN))
        return " ".join(f"{sign}{text}{_PLAIN}" for text, sign in signs if text)
    return " ".join([*([f"[-{old}-]"] if old else []), *([f"{{+{new}+}}"] if new else [])])
