"""Addresses: how a place in an episode is named, to people and between revisions.

::

    title                       a field
    keyword: packaging          one of the values of a field that has several
    0:01:02/3f2a9c01            an entry of the transcript: time, and digest of the readings and their context
    0:01:02/loom weather        words of the transcript near that time, on which all witnesses may agree
    -/loom weather              the only such words of the transcript
    prose/3f2a9c01              a passage of prose
    speaker 0:00:12/3f2a9c01    who speaks

A kind of decision is added here, in `kind_of`; its place is found in `resolution/editors`.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from episodic.canonical.sources import ClaimField

_NO_ID: Final = re.compile(r"[^a-z0-9]+")
_CLOCK: Final = re.compile(r"(\d+):(\d\d):(\d\d)", re.ASCII)


def kind_of(address: str) -> str:
    """Tell what an address is about: ``claim``, ``prose``, ``speaker`` or ``transcript``."""
    if address.partition(": ")[0] in set(ClaimField):
        return "claim"
    if address.startswith("prose/"):
        return "prose"
    return "speaker" if address.startswith("speaker ") else "transcript"


def xml_id(kind: str, name: str) -> str:
    """Make an ``xml:id`` of a case-folded name: its kind, and what of it may stand there."""
    return f"{kind}-{_NO_ID.sub('-', name).strip('-') or 'x'}"


def fingerprint(parts: Iterable[str]) -> str:
    """Digest texts into eight hexadecimal digits."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=4).hexdigest()


class Names:
    """Tells apart what has one name: all but the first are numbered."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """Give the name, with a number where it or the numbered name was given before."""
        made, number = name, self._given.get(name, 0) + 1
        if number > 1:
            made = f"{name}-{number}"
            while made in self._given:
                number += 1
                made = f"{name}-{number}"
        self._given[name] = number
        self._given.setdefault(made, 1)
        return made


def seconds_of(clock: str) -> int | None:
    """Read the time of an address, ``H:MM:SS``; ``None`` when it is none."""
    match = _CLOCK.fullmatch(clock)
    return match and (int(match[1]) * 60 + int(match[2])) * 60 + int(match[3])


def clock(time: float | None) -> str:
    """Write a time as addresses have it, ``H:MM:SS``; ``-`` for none."""
    if time is None:
        return "-"
    minutes, seconds = divmod(int(time), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
