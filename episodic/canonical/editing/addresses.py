"""Addresses: how a place in an episode is named, to people and between revisions.

::

    title                       a field
    keyword: packaging          one of the values of a field that has several
    0:01:02/3f2a9c01            an entry of the transcript: time, and digest of the readings and their context
    0:01:02/loom weather        words of the transcript near that time, on which all witnesses may agree
    -/loom weather              the only such words of the transcript
    prose/3f2a9c01              a passage of prose
    speaker 0:00:12/3f2a9c01    who speaks, where sources contradict each other about it
    after 0:00:12/and then      what is put in there as a turn of its own; also ``before``
    speaker 0:00:12             who says what begins then, or is being said
    speaker 0:00:12-0:02:30     who says all that begins in that time
    speaker 0:00:12/and then    who says what begins with these words, to the end of the utterance
    speaker Speaker 1           whom a label means

A kind of decision is added here, in `kind_of`; its place is found in `resolution/editors`.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from episodic.canonical.sources import ClaimField
from episodic.canonical.text.patterns import pattern

_NO_ID: Final = pattern(r"[^a-z0-9]+")
_CLOCK: Final = pattern(r"(\d+):(\d\d):(\d\d)", re.ASCII)
_TIME: Final = r"(?:\d+:\d\d:\d\d)"
_SPAN: Final = pattern(rf"speaker (?P<first>{_TIME})(?:-(?P<last>{_TIME}))?", re.ASCII)
_CONTRADICTION: Final = pattern(rf"speaker (?:{_TIME}|-)/[0-9a-f]{{8}}(?:-\d+)?", re.ASCII)
_TURN: Final = pattern(rf"speaker (?P<place>(?:{_TIME}|-)/.*\S.*)", re.ASCII | re.DOTALL)
_BESIDE: Final = pattern(rf"(?P<side>after|before) (?P<place>(?:{_TIME}|-)/.*\S.*)", re.ASCII | re.DOTALL)
_NO_WORDS: Final = pattern(rf"speaker (?:{_TIME}|-)/\s*", re.ASCII)
_PLACE: Final = pattern(rf"(?:{_TIME}|-)/.*\S.*", re.ASCII | re.DOTALL)


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


def is_address(text: str) -> bool:
    """Whether a text can name a place at all; whether the place is there is another matter."""
    if kind_of(text) != "transcript":
        return text.strip() != "speaker" and _NO_WORDS.fullmatch(text) is None
    place = _PLACE.fullmatch(text) or _BESIDE.fullmatch(text)
    return text in set(ClaimField) or place is not None or text.startswith("witness ")


def span_of(address: str) -> tuple[int, int | None] | None:
    """Read the times of an address of speakers, the second where it is a range; ``None``: it has none."""
    match = _SPAN.fullmatch(address)
    first, last = (seconds_of(match[1]), seconds_of(match[2] or "")) if match else (None, None)
    return None if first is None else (first, last)


def turn_of(address: str) -> str | None:
    """Read the words, with their time, with which somebody begins to speak; ``None``: it is about others."""
    match = None if _CONTRADICTION.fullmatch(address) else _TURN.fullmatch(address)
    return match and match["place"]


def beside_of(address: str) -> tuple[str, str] | None:
    """Read the side, ``after`` or ``before``, and the place beside which something is put in."""
    match = _BESIDE.fullmatch(address)
    return match and (match["side"], match["place"])


def label_of(address: str) -> str | None:
    """Read the label that an address of speakers is about; ``None``: it is about a place."""
    if kind_of(address) != "speaker" or span_of(address) or _CONTRADICTION.fullmatch(address):
        return None
    if turn_of(address):
        return None
    return address.removeprefix("speaker ").strip()


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
