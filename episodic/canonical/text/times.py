"""Times as sources write them, in seconds: one reader for every format.

1.  A *time* is ``S.fff``, ``M:SS`` or ``H:MM:SS``, with a point or a comma and any digits of a fraction or
    none, in the digits of any script. Sixty seconds, and a fraction of ``1000`` (milliseconds), carry over.
2.  A *timing line* has two times with an arrow of any kind or a dash between them: ``-->``, and what word
    processors and web pages make of it. What follows are settings, or speech.
3.  A *stamp* is a time or two in front of words: ``[00:01] words``, ``00:01 - 00:03 words``.

For example ``[0:58.98 —> 1:05,36] Good evening`` is ``Timing(58.98, 65.36, "Good evening")``.
"""

import re
from typing import Final, NamedTuple

from episodic.canonical.text.patterns import pattern

# Nought to five in the scripts that people write times in.
_TENS: Final = "[{}]".format(
    "".join(
        f"{zero}-{chr(ord(zero) + 5)}"
        for zero in (
            "0\u0660\u06f0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u0f20\u1040\u17e0\u1810\uff10"
        )
    )
)
# The time of a turn in a transcript: ``MM:SS``, ``HH:MM:SS``, with or without a fraction or frames.
_SIXTY: Final = rf"(?:{_TENS}\d|60)"  # and the sixtieth, which carries over
CLOCK: Final = rf"\d{{1,2}}[:\uff1a]{_SIXTY}(?:[:\uff1a]{_SIXTY}(?:[:;]\d\d(?![\d:]))?)?(?:[.,]\d{{1,9}})?"
# The same in brackets, in front of what is said.
BRACKETED: Final = pattern(rf"[\[(]({CLOCK})[\])]\s*", re.ASCII)
_DURATION: Final = pattern(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?", re.ASCII)

_COLON: Final = r"[ \t]?[:;\uff1a][ \t]?"  # translators put spaces around it
_CLOCK: Final = rf"(?:\d{{1,6}}{_COLON})?\d{{1,3}}{_COLON}\d{{1,2}}"
# The fraction may stand there twice (as Python's ``timedelta`` has it, and once more), or after a third
# colon; two digits there count frames.
_FRACTION: Final = r"(?:[ \t]?[.,\uff0c\uff0e][ \t]?\d+|:\d{3}(?!\d)|[:;]\d\d(?![\d:]))(?:[.,:]\d*)*"
_NUMBER: Final = r"\d{1,7}[.,]\d+[ \t]?s?\b|\d{1,7}[ \t]?s\b"
_ANY: Final = rf"-?(?:{_CLOCK}(?:{_FRACTION})?|{_NUMBER})"
_TIME: Final = pattern(
    rf"(?P<sign>-?)(?:(?:(?P<hours>\d{{1,6}}){_COLON})?(?P<minutes>\d{{1,3}}){_COLON})?(?P<seconds>\d{{1,7}})"
    r"(?:(?P<point>[ \t]?[.,:;\uff0c\uff0e][ \t]?)(?P<fraction>\d+)[.,:\d]*)?[ \t]?s?"
)
_DASH: Final = "[-\u2010-\u2015\u2212~\u301c\uff5e]"
# ``-->``, also in pieces or as a web page escapes it, and the arrows that Unicode has for it.
_ARROW: Final = (
    r"(?:[-=\u2010-\u2015\u2212~][ \t]?){1,4}(?:>|&gt;)"
    r"|[\u2192\u21d2\u21e8\u2794-\u27be\u27f6\u27f9\u2b95]\ufe0f?"
)
_RANGE: Final = rf"(?P<start>{_ANY})[ \t]*(?:{_ARROW}|{_DASH})[ \t]*(?P<end>{_ANY})"
_TIMING: Final = pattern(
    # Seconds alone are a time beside another that tells: "1.5 --> 3".
    rf"[\s\[(]*(?P<start>{_ANY}|\d{{1,7}})[ \t]*(?:{_ARROW})"
    rf"[ \t]*(?P<end>{_ANY}|\d{{1,7}}(?=[\])]?\s*$))[\])]?(?P<rest>.*)"
)
# Whether a text has lines that look like timing lines; one of it may have a time that is none.
ARROW: Final = pattern(_ARROW)
_INVISIBLE: Final = pattern("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNITS: Final = pattern(
    r"(?:PT)?(?:(\d{1,3}) ?h(?:ours?|rs?)?)?,? ?(?:(\d{1,4}) ?m(?:in(?:ute)?s?)?\.?)?,? ?"
    r"(?:(\d{1,5}) ?s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE | re.ASCII,
)
_SPELLED: Final = pattern(
    r"(?:(\d{1,3}) hours?)?(?:,? ?\b(\d{1,3}) minutes?)?(?:,? ?\b(\d{1,3}) seconds?)?", re.IGNORECASE
)
_STAMP: Final = pattern(
    rf"\s*(?P<open>[\[(])?(?:{_RANGE}|(?P<time>{CLOCK}|(?(open)\d{{1,6}}[.,]\d{{1,9}}[ \t]?s|(?!))))"
    r"(?(open)[\])]|(?![\w.,]|:\S))"
    rf"(?:[ \t]*(?:[:|\u2022\u00b7]|{_DASH})(?=\s|$))?(?:[ \t]+|(?<=[\])])|$)(?P<rest>.*)",
    re.DOTALL,
)
# Nearly every stamp is a clock before a word, for which `_STAMP` would look far.
_USUAL: Final = pattern(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?[ \t]+(?=[^\W\d_])")


class Timing(NamedTuple):
    """When something is said, in seconds, and what follows; without an `end`, there was one time."""

    start: float
    end: float | None
    rest: str


def seconds(text: str) -> float | None:
    """Seconds of a time in any of the forms above; ``None`` where `text` is none.

    Exact to the digit that is written: a fraction is divided once.
    """
    if (match := _TIME.fullmatch(text.strip())) is None:
        return None
    sign, hours, minutes, whole, point, fraction = match.groups()
    number = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(whole)
    if sign:
        return 0.0  # some programs count from the first word, and begin before it
    if fraction is None or (point in {":", ";"} and len(fraction) == 2):
        return float(number)  # how many frames a second has, nobody says
    if fraction == "1000":
        return number + 1.0
    fraction = fraction[:9]
    scale = 10 ** len(fraction)
    return (number * scale + int(fraction)) / scale


def _plain(line: str) -> str:
    """A line with plain spaces, and without marks of direction."""
    return _INVISIBLE.sub("", line.replace("\u00a0", " ").replace("\u202f", " "))


def timing(line: str) -> Timing | None:
    """Read a line that begins with two times and an arrow between them, as each cue of captions does."""
    match = _TIMING.match(line) or (_TIMING.match(_plain(line)) if not line.isascii() else None)
    if match is None or (match["start"] + match["end"]).isdecimal():
        return None
    start, end = seconds(match["start"]), seconds(match["end"])
    return None if start is None or end is None else Timing(start, end, match["rest"])


def stamp(line: str) -> Timing | None:
    """Read the time, or the two times, in front of words; chapters and agendas have them as well."""
    if usual := _USUAL.match(line):
        first, second, third = usual.groups()
        start = int(first) * 60 + int(second)
        start = start if third is None else start * 60 + int(third)
        return Timing(float(start), None, line[usual.end() :].strip())
    match = _STAMP.match(line) or (_STAMP.match(_plain(line)) if _INVISIBLE.match(line) else None)
    if match is None:
        return None
    rest = match["rest"].strip()
    if match["time"] is not None:
        start = seconds(match["time"])
        return None if start is None else Timing(start, None, rest)
    start, end = seconds(match["start"]), seconds(match["end"])
    return None if start is None or end is None else Timing(start, end, rest)


def spelled_seconds(text: str) -> int | None:
    """Seconds of "1 minute, 2 seconds", as YouTube reads its times out; ``None`` where `text` is none."""
    match = _SPELLED.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    hours, minutes, whole = (int(number or 0) for number in match.groups())
    return (hours * 60 + minutes) * 60 + whole


def clock_seconds(text: str) -> float | None:
    """Seconds of ``[HH:]MM:SS[.fff]``; ``None`` where `text` is something else, or no time of a day."""
    if (match := _DURATION.fullmatch(text.strip())) is None:
        return None
    hours, minutes, whole, _ = match.groups()
    if int(whole) > 59 or (hours is not None and int(minutes) > 59):
        return None
    found = seconds(text)
    return int(found) if found is not None and found == int(found) else found


def duration_seconds(text: str) -> float | None:
    """Seconds of a duration: a number of seconds, ``MM:SS``, ``HH:MM:SS``, ``1h 2m 3s`` or ``PT1H2M3S``."""
    text = text.strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text, re.ASCII):
        return float(text)
    if (match := _UNITS.fullmatch(text)) and any(match.groups()):
        hours, minutes, whole = (int(number or 0) for number in match.groups())
        return float((hours * 60 + minutes) * 60 + whole)
    return clock_seconds(text)
