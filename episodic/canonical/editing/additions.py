"""Turns that an editor puts in where nobody was heard, as the text of a decision has them: a line each.

::

    Bruno Okafor: Which of the steps?
    - The last one.

The second is said by somebody of whom nobody knows the name; that one who says it is new goes without saying.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import printable

_NAMED: Final = pattern(r"([^:]{1,80}): ")


@dataclass(frozen=True, slots=True)
class Addition:
    """A turn that is put in."""

    text: str
    speaker: str | None = None


def additions(text: str) -> tuple[Addition, ...]:
    """Read the turns of a decision's text."""
    lines = filter(None, map(printable, text.splitlines()))
    return tuple(each for each in map(_addition, lines) if each.text)


def written(turns: Iterable[Addition]) -> str:
    """Write turns as `additions` reads them."""
    return "\n".join(f"{each.speaker}: {each.text}" if each.speaker else f"- {each.text}" for each in turns)


def _addition(line: str) -> Addition:
    if line.startswith("- "):
        return Addition(line.removeprefix("- "))
    if named := _NAMED.match(f"{line} "):
        return Addition(line[named.end() :], named[1])
    return Addition(line)
