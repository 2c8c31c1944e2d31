"""`episodic review`: what nobody has decided yet, one key a decision."""

import os
import sys
import termios
import tty
import webbrowser
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from episodic import settings
from episodic.canonical.document import Reading
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.editing.addresses import clock
from episodic.canonical.editing.edits import Edit
from episodic.canonical.errors import EditError, StaleRevisionError
from episodic.canonical.finding import find_revision
from episodic.canonical.resolution.kinds import Kind
from episodic.canonical.sources import decimal
from episodic.cli.commands.decide import login_name, make_edits, quoted, suggestions
from episodic.cli.commands.decisions import Conflict, Kinds, conflicts, contested
from episodic.cli.exits import UsageError
from episodic.cli.options import By, EpisodeName
from episodic.cli.output import plural, say
from episodic.cli.store import with_store
from episodic.cli.temporary import temporary_folder

_MOST = 9  # readings that a digit can choose
_LEAVE = {"q", "\x03", "\x04", ""}
_LAST: Final = frozenset({"b", "\r", "\n", *_LEAVE})
_KEYS: Final = "e another text, s skip, k skip this kind, b back, o open the page, q quit"


def review(episode: EpisodeName, /, *, kind: Kinds = (), by: By = None) -> None:
    """Walk through the conflicts that nobody has decided, what is most worth mending first.

    A digit chooses a reading, e takes a text that no source has, s leaves the conflict for later, k all of
    its kind. b goes back to the one before, and takes back what was decided there; o opens the page at the
    place, where the recording plays; q ends. What is decided is stored at once: the next review goes on
    where this one ended.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("a review needs a terminal; without one, use 'episodic decide'")
    found, revision = _newest(episode)
    with temporary_folder() as folder:
        _Review(found, revision, by or login_name(), frozenset(kind), folder).walk()


@dataclass(slots=True)
class _Review:
    """A walk through the conflicts of an episode.

    Parameters
    ----------
    kinds
        What is looked at; empty: all.
    folder
        For pages to be opened.
    found
        What nobody has decided in the revision.
    walked
        Addresses that were shown, the last one last, and whether something was decided there.
    """

    episode: Episode
    revision: Revision
    by: str
    kinds: frozenset[Kind]
    folder: Path
    found: Sequence[Conflict] = ()
    walked: list[tuple[str, bool]] = field(default_factory=list[tuple[str, bool]])
    skipped: set[Kind] = field(default_factory=set[Kind])

    def __post_init__(self) -> None:
        """Read the conflicts, which takes a while where there are many."""
        self._read(self.revision)

    def _read(self, revision: Revision) -> None:
        self.revision, self.found = revision, contested(conflicts(revision))

    def walk(self) -> None:
        """Show one after the other until there is none, or the review ends."""
        while self._look(left) if (left := self._left()) else self._goes_back():
            pass
        decided = sum(made for _, made in self.walked)
        print(f"\n{decided} decided, {plural(len(self.found), 'conflict')} left")

    def _look(self, left: Sequence[Conflict]) -> bool:
        """Show the next conflict, and do what is wanted; `False`: the review ends."""
        conflict = left[0]
        every = conflict.decision.variation.readings
        readings = [each for each in every if each.cause is None][:_MOST]  # the others do not reach here
        self._show(conflict, readings, left)
        return self._answer(conflict, readings)

    def _goes_back(self) -> bool:
        """Ask after the last conflict; `False`: the review ends, also where there was none."""
        if not (self.walked or self.skipped) or _key("\n  that was the last: b back, q quit: ", _LAST) != "b":
            return False
        self._go_back()
        return True

    def _left(self) -> list[Conflict]:
        passed = {address for address, _ in self.walked}
        return [
            each
            for each in self.found
            if each.decision.address not in passed
            and each.judgement.kind not in self.skipped
            and (not self.kinds or each.judgement.kind in self.kinds)
        ]

    def _show(self, conflict: Conflict, readings: Sequence[Reading], left: Sequence[Conflict]) -> None:
        decision, kind = conflict.decision, conflict.judgement.kind
        same = f"{sum(each.judgement.kind is kind for each in left)} of {kind}"
        time = "" if decision.start is None else f" at {clock(decision.start)}"
        say()
        looks = sum(each.judgement.is_worth_a_look for each in left)
        say(
            f"{plural(len(left), 'conflict')} left, {looks:,} worth a look, {same}: "
            f"{decision.kind} {decision.address}{time}"
        )
        if conflict.context:
            say(f"  {conflict.context.around(readings)}")
        for number, reading in enumerate(readings, 1):
            where = ", ".join(
                f"{siglum} {cue.where}" if (cue := conflict.cues.get(siglum)) else siglum
                for siglum in reading.sigla
            )
            say(f"  {number}  {decimal(reading.weight)}  {reading.text.strip() or '(nothing)'}  ({where})")
        if conflict.link:
            say(f"  {conflict.link}")

    def _answer(self, conflict: Conflict, readings: Sequence[Reading]) -> bool:
        """Do what a key asks for; `False`: the review ends."""
        address = conflict.decision.address
        digits = [str(number) for number in range(1, len(readings) + 1)]
        key = _key(f"  1-{len(readings)} choose, {_KEYS}: ", {*"eskbo", *digits, *_LEAVE})
        match key:
            case "s":
                self.walked.append((address, False))
            case "k":
                self.skipped.add(conflict.judgement.kind)
            case "b":
                self._go_back()
            case "o":
                self._open(address)
            case "e":
                try:
                    self._decide(Edit(address=address, by=self.by, text=input("  text: ")))
                except EOFError:
                    return False
            case _ if key in digits:
                self._decide(Edit(address=address, by=self.by, text=readings[int(key) - 1].text))
            case _:
                return False
        return True

    def _go_back(self) -> None:
        """Show the conflict before again, undecided; after kinds were skipped, these first."""
        if self.skipped and not self.walked:
            self.skipped.clear()
        elif not self.walked:
            say("  this is the first")
        else:
            address, made = self.walked.pop()
            if made and not self._edit(Edit(address=address, by=self.by)):
                self.walked.append((address, made))

    def _decide(self, edit: Edit) -> None:
        if self._edit(edit):
            say(f"  {quoted(edit.text or '')}, revision {self.revision.number}")
            self.walked.append((edit.address, True))

    def _edit(self, edit: Edit) -> bool:
        """Store a decision; `False`, which is said: others were first, and what is there now is read."""
        try:
            outcome = make_edits(self.episode.name, [edit], self.revision.number)
        except (EditError, StaleRevisionError) as error:
            # What others decided meanwhile stays; the review goes on with what is there now.
            say(f"  not decided: {error}")
            self.walked.append((edit.address, False))
            self._read(_newest(self.episode.name)[1])
            return False
        for line in outcome.meanwhile:
            say(f"  meanwhile: {line}")
        for line in suggestions(outcome):
            say(f"  {line}")
        self._read(outcome.revision)
        return True

    def _open(self, address: str) -> None:
        """Open the page at a conflict, in whichever browser there is."""
        from episodic.cli.exports import Selection, exported
        from episodic.cli.page import place_of
        from episodic.publishing.formats import ExportFormat

        page = self.folder / f"revision-{self.revision.number}.html"
        if not page.exists():
            choice = Selection(output=page)
            page.write_bytes(
                exported(ExportFormat.HTML, self.episode, self.revision, None, settings.load(), choice)
            )
        # Programs that open files take no place in them, so that a page of its own leads there.
        way = self.folder / "place.html"
        target = f"{page.as_uri()}#{place_of(address)}"
        way.write_text(
            f'<!doctype html><meta http-equiv="refresh" content="0;url={target}">', encoding="utf-8"
        )
        if not webbrowser.open(way.as_uri()):
            say(f"  no browser to be found; open {target}")


def _newest(episode: str) -> tuple[Episode, Revision]:
    return with_store(lambda work: find_revision(work, episode))


def _key(prompt: str, known: Collection[str]) -> str:
    """Read one of the known keys as it is pressed."""
    with _unbuffered():
        print(prompt, end="", flush=True)
        while (key := os.read(sys.stdin.fileno(), 1).decode(errors="replace")) not in known:
            pass
        print(key if key.isprintable() else "")
        return key


@contextmanager
def _unbuffered() -> Generator[None]:
    """Give keys as they are pressed, and those that were pressed before as well."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
