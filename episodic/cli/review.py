"""`episodic review`: what nobody has decided yet, one key a decision."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager

from episodic.canonical.document import Reading
from episodic.canonical.domain import Revision
from episodic.canonical.editing_service import Edit
from episodic.canonical.errors import EditError, StaleRevisionError
from episodic.canonical.sources import decimal
from episodic.cli.conflicts import Conflict, conflicts, contested, language_of
from episodic.cli.decide import login_name, make_edits
from episodic.cli.exits import UsageError
from episodic.cli.output import clock, plural, say
from episodic.cli.reading import find_revision, with_store

_MOST = 9  # readings that a digit can choose
_LEAVE = {"q", "\x03", "\x04", ""}


def review(episode: str, /, *, by: str | None = None) -> None:
    """Walk through the conflicts that nobody has decided, what is most worth mending first.

    A digit chooses a reading, e takes a text that no source has, s leaves the conflict for later, q ends.
    What is decided is stored at once: the next review goes on where this one ended.

    Parameters
    ----------
    episode
        series/episode.
    by
        Who decides; without it, the login name.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("a review needs a terminal; without one, use 'episodic decide'")
    name = by or login_name()
    revision = _newest(episode)
    passed: set[str] = set()
    decided = 0
    while left := [
        each
        for each in contested(conflicts(revision), language_of(revision))
        if each.decision.address not in passed
    ]:
        conflict = left[0]
        every = (conflict.decision.variation.lemma, *conflict.decision.variation.others)
        readings = [reading for reading in every if reading.cause is None][
            :_MOST
        ]  # the others do not reach here
        _show(conflict, readings, len(left))
        edit = _ask(conflict, readings, name)
        if edit is None:
            break
        passed.add(conflict.decision.address)
        if edit.text is None:
            continue
        try:
            outcome = asyncio.run(make_edits(episode, [edit], revision.number))
        except (EditError, StaleRevisionError) as error:
            # What others decided meanwhile stays; the review goes on with what is there now.
            say(f"  not decided: {error}")
            revision = _newest(episode)
            continue
        for line in outcome.meanwhile:
            say(f"  meanwhile: {line}")
        revision = outcome.revision
        decided += 1
        say(f"  “{outcome.decisions[-1].text}”, revision {revision.number}")
    undecided = len(contested(conflicts(revision)))
    print(f"\n{decided} decided, {plural(undecided, 'conflict')} left")


def _newest(episode: str) -> Revision:
    _, revision = with_store(lambda work: find_revision(work, episode))
    return revision


def _show(conflict: Conflict, readings: Sequence[Reading], left: int) -> None:
    decision = conflict.decision
    time = "" if decision.start is None else f" at {clock(decision.start)}"
    say()
    say(f"{plural(left, 'conflict')} left: {decision.kind} {decision.address}{time}")
    for number, reading in enumerate(readings, 1):
        where = ", ".join(
            f"{siglum} {cue.where}" if (cue := conflict.cues.get(siglum)) else siglum
            for siglum in reading.sigla
        )
        say(f"  {number}  {decimal(reading.weight)}  {reading.text.strip() or '(nothing)'}  ({where})")
    if conflict.link:
        say(f"  {conflict.link}")


def _ask(conflict: Conflict, readings: Sequence[Reading], by: str) -> Edit | None:
    """Wait for a key that means something; ``None``: the review ends."""
    address = conflict.decision.address
    prompt = f"  1-{len(readings)} choose, e another text, s skip, q quit: "
    digits = [str(number) for number in range(1, len(readings) + 1)]
    key = _key(prompt, {"e", "s", *digits, *_LEAVE})
    if key in _LEAVE:
        return None
    if key == "s":
        return Edit(address=address, by=by)
    if key != "e":
        return Edit(address=address, by=by, text=readings[int(key) - 1].text)
    try:
        return Edit(address=address, by=by, text=input("  text: "))
    except EOFError:
        return None


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
