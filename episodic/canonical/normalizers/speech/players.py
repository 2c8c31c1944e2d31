"""Transcripts copied from the page of a player or of a chat, with what these write around the words.

1.  *Glued*: ends of lines get lost, "0:00welcome to0:03the show", also with each time read out behind it,
    "0:000 secondswelcome". Of all that may be times, those are that rise, as many as can: what is said may
    have one as well, "at 10:30", or end with a number, "in 190:33the".
2.  *Read out*: a line below a time says it once more, in any language: "1 Minute, 5 Sekunden". In copies from
    Teams it is one above, "Ada 5 seconds", where "Ada" has a line of her own.
3.  *Dated*: chats have the day and the hour in front of each line, "[2/3/2026, 09:58] Ada: Yes.", or behind
    each name, "Ada - Today at 9:58 AM". That is no time of a recording, and is left out.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from episodic.canonical.normalizers.speech.lines import Line
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.rising import rising
from episodic.canonical.text.times import seconds
from episodic.canonical.text.tokens import fold

_FIRST: Final = 12  # lines that tell
_MANY: Final = 5  # times
_FEW: Final = 3
_SPELLED_OUT, _GLUED = 2, 1
_CLOCK: Final = pattern(r"(?<!:)\d{1,2}(?::[0-5]\d){1,2}(?![\d:]{0,2}[.,]\d)", re.ASCII)
_ALONE: Final = pattern(rf"\s*({_CLOCK.pattern})\s*", re.ASCII)
_TOUCHED: Final = pattern(r"[^\W_]|[\[(>\u266a\"'\u2018\u201c\u00ab\u00bf\u00a1]")
_ONE: Final = "hour|minute|second|heure|seconde|hora|minuto|segundo"
_SEVERAL: Final = (
    "hours|minutes|seconds|Stunden?|Minuten?|Sekunden?|heures|secondes|horas|minutos|segundos|ore|minuti"
    r"|secondi|uur|minuut|minuten|seconden?|часа?|часов|минут[аы]?|секунд[аы]?|時間|小[时時]|分[钟鐘]?"
    "|秒[钟鐘]?|시간|분|초"
)
_BLANK: Final = "[ \u00a0\u202f]?"
_SPELLED: Final = pattern(
    rf"(?:(?:\d{{1,2}}{_BLANK}(?:{_SEVERAL})|[01]{_BLANK}(?:{_ONE})),?(?: (?:et|y|e|und)(?= \d))?{_BLANK})+",
    re.ASCII,
)
_READ_OUT: Final = pattern(r"(.{1,60}?) ((?:\d+ hours? )?(?:\d+ minutes? )?\d+ seconds?)")
_MOST_WORDS: Final = 9  # of a time that is read out


_WHEN: Final = (  # "02.03.26, 09:58", "2026/3/2 at 9:58 AM", "Today at 9:58 AM"
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?\s(?:[^\W\d_]{1,4}\s){0,2}"
    r"|[^\W\d_]{3,12}\s(?:at|um|\u00e0|a las|\u00e0s|alle|om|kl|klo|\u0432|\u043e|o|v)\s)"
    r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:\s?[AaPp]\.?\s?[Mm]\b\.?)?"
)
_DATED: Final = (
    pattern(rf"^[\[\u200e\u200f]{{0,3}}(?:{_WHEN}|(?<=\[)\d{{1,2}}:\d\d\s[AP]M)(?:\]|\s[-\u2013])?\s(?=\S)"),
    pattern(rf"(?<=\S)(?:,|\s[-\u2013\u2014])?\s\[?{_WHEN}\]?\s*$"),
)


class _Mark(NamedTuple):
    """What may be a time, in a line, and where the words behind it begin."""

    line: int
    begin: int
    end: int
    seconds: int
    sure: int  # whether it touches words, or is spelled out


def uncopied(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines, cut where times are glued into them, and without what reads out a time or dates a line."""
    lines = _undated(lines)
    first = lines[:_FIRST]
    if sum(mark.sure > 0 or mark.begin > 0 for mark in _marks(first)) >= min(_MANY, len(first)):
        lines = _unglued(lines)
    return _once(lines) if any(map(_numbers, (line.text for line in first))) else lines


def _undated(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines without the day and the hour in front, or behind, that a third of the first have."""
    first = lines[: _FIRST * _FEW]
    for expression in _DATED:
        found = sum(expression.search(line.text) is not None for line in first)
        if found >= _FEW and found * 3 >= len(first):
            return [line._replace(text=expression.sub("", line.text)) for line in lines]
    return lines


def _unglued(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with one of its own from each time that rises, where these touch words or share a line."""
    marks = list(_marks(lines))
    for surest in (_SPELLED_OUT, _GLUED):
        sure = [mark for mark in marks if mark.sure >= surest]
        marks = sure if len(sure) * 2 >= len(marks) else marks
    marks = [marks[at] for at in rising([mark.seconds for mark in marks])]
    of_line = {at: list(found) for at, found in groupby(marks, key=lambda mark: mark.line)}
    glued = sum(mark.sure > 0 or len(of_line[mark.line]) >= _MANY for mark in marks)
    if len(marks) < _MANY or glued * 2 < len(marks) or lines[marks[0].line].text[: marks[0].begin].strip():
        return lines
    made: list[Line] = []
    for at, line in enumerate(lines):
        found = of_line.get(at, [])
        begins = [*(mark.begin for mark in found), len(line.text)]
        if line.text[: begins[0]].strip():
            made.append(line._replace(text=line.text[: begins[0]]))
        for mark, end in zip(found, begins[1:], strict=True):
            clock = f"[{mark.seconds // 3600}:{mark.seconds // 60 % 60:02}:{mark.seconds % 60:02}]"
            made.append(Line(line.where, f"{clock} {line.text[mark.end : end]}"))
    return made


def _marks(lines: Sequence[Line]) -> Iterator[_Mark]:
    """All that may be a time in what is no heading; of two that end at one place, the later first."""
    padded = any(line.text.startswith("0") and line.text[1:2].isdecimal() for line in lines[:_FIRST])
    for at, line in enumerate(lines):
        if line.heading:
            continue
        text = line.text
        for found in _CLOCK.finditer(text):
            begin, end = found.span()
            begins = [begin]
            if begin and found[0][1] != ":":  # its first figure may end the words before
                begins = [begin + 1] if found[0][0] == "0" and not padded else [begin, begin + 1]
            marks = [_mark(text, at, each, end) for each in begins]
            surest = max(mark.sure for mark in marks)
            yield from (mark for mark in marks if mark.sure == surest and (surest or mark.begin == begin))


def _mark(text: str, at: int, begin: int, end: int) -> _Mark:
    """What may be a time in a text, with what reads it out behind it."""
    clock = text[begin:end]
    whole = int(seconds(clock) or 0)
    spelled = _SPELLED.match(text, end)
    if spelled is not None and _value(spelled[0]) == _value(clock):
        return _Mark(at, begin, spelled.end(), whole, _SPELLED_OUT)
    touched = text[begin - 1 : begin].isalpha() or _TOUCHED.match(text, end) is not None
    return _Mark(at, begin, end, whole, _GLUED if touched else 0)


def _once(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with a clock for what reads it out, and without those that read out who speaks and when."""
    texts = [fold(line.text) for line in lines]
    alone = set(texts)
    clocks = [_ALONE.fullmatch(text) for text in texts]
    again = {
        at
        for at, (clock, text) in enumerate(zip(clocks, texts[1:], strict=False), 1)
        if clock is not None and _numbers(text) and _value(text) == _value(clock[1])
    }
    if len(again) * 2 < sum(clock is not None for clock in clocks):
        again = set[int]()
    named = [_READ_OUT.fullmatch(text) if "second" in text else None for text in texts]
    return [
        line._replace(text=lines[at - 1].text) if at in again else line
        for at, (line, name) in enumerate(zip(lines, named, strict=True))
        if name is None or name[1] not in alone
    ]


def _numbers(text: str) -> bool:
    """Whether a line may read out a time: a few words with a number, and no clock."""
    return ":" not in text and any(map(str.isdecimal, text)) and len(text.split()) <= _MOST_WORDS


def _value(text: str) -> Sequence[int]:
    """The numbers of a time, from the first that is none of nothing."""
    return [number for number in map(int, re.findall(r"\d+", text)) if number]
