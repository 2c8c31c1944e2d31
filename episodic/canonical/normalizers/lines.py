"""Lines of a text, and what tools write in and around them that means the same, brought into one form.

1.  *Divided*: two or three cells with tabs between them are a row: ``0:05<tab>Ada<tab>Yes.``
2.  *Hashed*: f4 has the time in number signs, ``#00:01:02-3#``, in front or behind the paragraph before.
3.  *Spelled*: a line of its own that spells a time out, as YouTube reads it: "1 minute, 2 seconds".
4.  *Apart*: a time in square brackets within what is said begins a line.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from episodic.canonical.normalizers.names import Standing, standing
from episodic.canonical.times import CLOCK, spelled_seconds
from episodic.canonical.tokens import fold

_FEW: Final = 2
_FEW_ROWS: Final = 3
_TABS: Final = re.compile(r"\t+")
_HASHED: Final = re.compile(r"#(\d{1,2}:\d\d:\d\d)-(\d)#")
_INNER: Final = re.compile(rf"(?<=\S)\s+(?=\[{CLOCK}\]\s+\S)")


class Line(NamedTuple):
    """A line of a text, or a paragraph of a document.

    Parameters
    ----------
    bold
        What stands out at its start, or after a time there.
    level
        Of a heading; nought for what is none.
    begins
        Whether a paragraph begins with it.
    item
        Whether it is an item of a list, in which times are chapters' and names are no turns'.
    """

    where: str
    text: str
    bold: str = ""
    level: int = 0
    begins: bool = True
    item: bool = False

    @property
    def heading(self) -> bool:
        """Whether it is one."""
        return self.level > 0


def one_form(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with rows divided by bars, and times that begin a line."""
    return _with_clocks(_unhashed(_divided(lines)))


def apart(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, cut where a time stands in square brackets within what is said, and not beside a name."""
    for line in lines:
        first, *others = _INNER.split(line.text) if "[" in line.text else (line.text,)
        if others and standing(fold(first).strip(" *_:")) > Standing.NONE:
            first, *others = f"{first} {others[0]}", *others[1:]
        yield line._replace(text=first) if others else line
        yield from (Line(line.where, text, begins=False) for text in others)


def _divided(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines, as rows where nearly all have a tab or two that divide them, and as many."""
    if sum("\t" in line.text for line in lines) * 5 < len(lines) * 4:
        return lines
    parts = [_TABS.split(line.text.strip()) for line in lines]
    usual, times = Counter(map(len, parts)).most_common(1)[0] if lines else (1, 0)
    if usual not in {2, 3} or times < _FEW_ROWS or times * 5 < len(lines) * 4:
        return lines
    if any(cells[0].endswith(":") for cells in parts):
        return lines
    return [
        line._replace(text=" | ".join(map(str.strip, cells)))
        for line, cells in zip(lines, parts, strict=True)
    ]


def _unhashed(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines with f4's times in brackets, in front: what ends a paragraph begins the next."""
    if sum("#" in line.text and _HASHED.search(line.text) is not None for line in lines) < _FEW:
        return lines
    made: list[Line] = []
    before = ""
    for line in lines:
        times = list(_HASHED.finditer(line.text))
        text = fold(_HASHED.sub(" ", line.text))
        first = times[0] if times and not line.text[: times[0].start()].strip() else None
        start = f"[{first[1]}.{first[2]}] " if first else before
        before = f"[{times[-1][1]}.{times[-1][2]}] " if times and first is not times[-1] else ""
        made.append(line._replace(text=f"{start}{text}"))
    return made


def _with_clocks(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines, with clocks for those that spell a time out, where they do so in order."""
    spelled = [
        # Most that begin with a digit begin with a clock.
        spelled_seconds(line.text) if line.text[:1].isdigit() and ":" not in line.text[:4] else None
        for line in lines
    ]
    times = [time for time in spelled if time is not None]
    if len(times) < _FEW or times != sorted(set(times)):
        return lines
    return [
        line if time is None else line._replace(text=f"{time // 3600}:{time // 60 % 60:02}:{time % 60:02}")
        for line, time in zip(lines, spelled, strict=True)
    ]
