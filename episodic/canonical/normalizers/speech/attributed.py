"""Lines as who says what, and when.

Each is read as *time, name, words*, any of which may be missing: ``[00:05] Ada: Yes.``, ``Ada 0:05``, ``Ada:
00:05``, ``00:01 - 00:03 Ada: Yes.`` A row of a table is read by the head above it; of a name and a time that
have a line each, in either order above the words, one line is made. Whether times and names count is decided
on all lines (`turns`).
"""

import enum
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from episodic.canonical.normalizers.speech.labelling import DIRECTIONS, find_label
from episodic.canonical.normalizers.speech.lexicon import COLUMNS
from episodic.canonical.normalizers.speech.lines import Line
from episodic.canonical.normalizers.speech.names import Standing, standing
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import BRACKETED, CLOCK, seconds, stamp
from episodic.canonical.text.tokens import fold

_SPACE: Final = "[ \t\u00a0\u202f]"
_GAP: Final = f"{_SPACE}*"
_UNTIL: Final = f"{_GAP}(?:-{{1,2}}>?|[\u2013\u2014\u2192]){_GAP}"
# "Ada Lovelace  0:05", "Ada (00:05):", "[Ada] 00:05", "Ada | 0:05 | words", "Ada [00:05] words",
# "ADA 0:00:05 words", and with two times: "Ada [0:05 - 0:09]".
_BESIDE: Final = (  # long to compile, and most texts have no such line
    rf"(?P<name>[^\n|]{{1,60}}?)(?P<colon>{_GAP}[:\uff1a])?[\s,|\u00b7\u2022\u2013\u2014-]*?"
    rf"(?:(?<=[\s|])(?P<bare>{CLOCK})(?![:\d])(?:{_UNTIL}(?P<until>{CLOCK}))?"
    rf"(?P<day>{_SPACE}?[AaPp]\.?[Mm]\b\.?)?"
    rf"|[\[(](?P<bracketed>{CLOCK})(?:{_UNTIL}(?P<end>{CLOCK}))?[\])])"
    rf"(?P<after>{_GAP}[:\uff1a|])?(?:(?<=[:\uff1a|\])]){_GAP}(?P<words>\S.*)|{_SPACE}+(?P<open>\S.*)|{_GAP})"
)
# The cells of a row, or what a tab divides: who, when or not, and what. Plays and magazines have a dash
# there, or a stop and a dash.
_CELLS: Final = pattern(
    r"(?P<name>[^|\n\t]{1,60})(?: \| |[ ]?\t\s*+)(?:[-\u2013\u2014][ ])?(?P<words>\S[^|]*)"
    r"|(?P<dashed>[^|\n.\u2013\u2014]{1,40})(?: |\.[ ]?)[-\u2013\u2014][ ](?P<after>\S.*)"
)
_DIVIDERS: Final = ("|", "\t", "- ", "\u2013 ", "\u2014 ")  # of which they have one, and most texts none
# "Q." and "A.", as magazines have them.
_LETTER: Final = pattern(r"[^\W\d_]\.")
_DASH: Final = pattern(r"[-\u2013\u2014](?:[ \t]+|$)")
_YEAR: Final = pattern(r"\b(?:19|20)\d\d\b")
_OPENINGS: Final = frozenset("[(")
_UNSEEN: Final = pattern(rf"^[\s{DIRECTIONS}]+")
# Lines in which the head of a table is looked for.
_SAMPLE: Final = 40
_FEW_CLOCKS: Final = 3


class Form(enum.Enum):
    """How a name stands on its line."""

    COLON = "before a colon"
    BOLD = "in bold, before words"
    TIMED = "beside a time"
    STAMPED = "alone after a time"
    CELL = "in a cell"
    DASHED = "before a dash"
    ALONE = "alone"


class Attributed(NamedTuple):
    """A line as time, name and words; `said` is the line without its time."""

    line: Line
    start: float | None
    end: float | None
    kind: Form | None
    name: str
    words: str
    said: str
    called: bool = False
    bare: bool = False


def attribute(lines: Sequence[Line]) -> tuple[Sequence[Line], list[Attributed]]:
    """Read lines, and give those that are left below the head of a table beside what they were read as."""
    lines, head = _below_head(lines)
    rows = (_parse_row(line, head) if head else None for line in lines)
    return lines, _stacked(_clocked([row or _parse(line) for row, line in zip(rows, lines, strict=True)]))


@lru_cache(2048)  # a text is recognized, and then read
def _parse(line: Line) -> Attributed:
    """Read a line as time, name and words."""
    text = line.text.strip() if line.text.isascii() else _UNSEEN.sub("", line.text).rstrip()
    text = text.removeprefix(": ").removeprefix("| ")  # a definition, or a cell, below who says it
    start = end = None
    said = text
    if (time := stamp(text)) is not None and (not line.heading or BRACKETED.match(text)):
        start, end, said = time.start, time.end, time.rest.removeprefix("| ")
    plain = Attributed(line, start, end, None, "", said, said)
    if line.item and start is not None:
        return plain
    bold = _in_bold(line)
    if bold is not None:
        kind, name, beside, words = bold
    elif (
        ":" in said  # or the pattern would look far for a clock
        and (found := re.fullmatch(_BESIDE, said, re.DOTALL))
        and _may_stand_beside(found)
    ):
        time, until = found["bare"] or found["bracketed"], found["until"] or found["end"] or ""
        # What a clock on the wall shows is no time of the recording.
        beside = None if found["day"] else seconds(time)
        end = end if beside is None else seconds(until) or end
        kind, name, words = Form.TIMED, found["name"].strip("[] "), found["words"] or found["open"] or ""
    elif (label := find_label(said)) is not None:
        kind, name, beside, words = Form.COLON, label.name, None, said[label.end :]
        words = words.removeprefix("| ")  # in a row, the name has a cell of its own
        at = said.find("[", 1, label.end)  # "SPEAKER_00 [0.5 - 2.5]: words"
        if at > 0 and (time := stamp(said[at : label.end].rstrip(": "))) is not None:
            start, end = time.start, time.end
        if start is None and words[:1] in _OPENINGS and (time := stamp(words)) is not None:
            start, end, words = time.start, time.end, time.rest
        return plain._replace(
            kind=kind, name=name, words=words, start=start, end=end, called=label.called, bare=label.bare
        )
    elif (
        any(map(said.__contains__, _DIVIDERS))
        and (row := _CELLS.fullmatch(said))
        and standing(row["name"] or row["dashed"]) >= (Standing.NICKNAME if row["name"] else Standing.WORD)
    ):
        kind, beside = Form.CELL if row["name"] else Form.DASHED, None
        name, words = row["name"] or row["dashed"], row["words"] or row["after"]
    elif standing(said) >= Standing.WORD:
        kind, name, beside, words = Form.ALONE if start is None else Form.STAMPED, said, None, ""
    else:
        return plain
    start = start if beside is None else beside
    return plain._replace(kind=kind, name=fold(name).strip(" :*_|,-"), words=words, start=start, end=end)


def _clocked(parsed: list[Attributed]) -> list[Attributed]:
    """Lines whose words begin with a time without brackets, ``Ada: 00:05 Yes.``, where nearly all do."""
    labelled = [at for at, each in enumerate(parsed) if each.kind is Form.COLON and each.start is None]
    times = {at: time for at in labelled if (time := stamp(parsed[at].words)) is not None}
    starts = [time.start for time in times.values()]
    if len(times) < _FEW_CLOCKS or len(times) * 5 < len(labelled) * 4 or starts != sorted(starts):
        return parsed
    return [
        each._replace(start=time.start, end=time.end, words=time.rest) if (time := times.get(at)) else each
        for at, each in enumerate(parsed)
    ]


def _below_head(lines: Sequence[Line]) -> tuple[Sequence[Line], Sequence[str] | None]:
    """The lines without the head of a table of speech, and what its columns have."""
    for at, line in enumerate(lines[:_SAMPLE]):
        columns = [COLUMNS.get(fold(cell).lower().strip("*_:"), "") for cell in line.text.split("|")]
        if "text" in columns and {"start", "speaker"} & set(columns):
            return [*lines[:at], *lines[at + 1 :]], columns
    return lines, None


def _parse_row(line: Line, columns: Sequence[str]) -> Attributed | None:
    """Read a row of a table by its columns; ``None`` for a line that is none."""
    cells = dict(zip(columns, map(str.strip, line.text.split("|", len(columns) - 1)), strict=False))
    if len(cells) < len(set(columns)):
        return None
    time = stamp(cells.get("start", ""))
    start, end = (time.start, time.end) if time else (seconds(cells.get("start", "")), None)
    end = seconds(cells.get("end", "")) if end is None else end
    name, words = cells.get("speaker", ""), cells["text"]
    return Attributed(line, start, end, Form.CELL if name else None, name, words, words, called=bool(name))


def _may_stand_beside(found: re.Match[str]) -> bool:
    """Whether the time beside a name may be when somebody speaks; behind a colon, two are when it is open."""
    name = fold(found["name"]).strip(" ,-\u2013\u2014[]")
    if (found["until"] or found["end"]) and (found["colon"] or name.endswith(":")):
        return False
    name = name.strip(" :,-\u2013\u2014[]")
    least = Standing.WORD if found["open"] else Standing.NICKNAME
    return standing(name) >= least and _YEAR.search(name) is None


def _in_bold(line: Line) -> tuple[Form, str, float | None, str] | None:
    """What bold text at the start of a line names, with a time beside it, and the rest."""
    if not line.bold or len(line.bold) > 80 or line.bold not in line.text:
        return None
    rest = line.text.partition(line.bold)[2]
    name, beside, colon = line.bold, None, False
    if inside := re.search(rf"[\[(]({CLOCK})[\])]|(?<=\s)({CLOCK})(?=:?$)", name):
        beside, name = seconds(inside[1] or inside[2]), name[: inside.start()] + name[inside.end() :]
    after = re.match(
        rf"\s*([:\uff1a]?)\s*(?:[\[(]({CLOCK})[\])]|({CLOCK})(?=:?(?:\s|$)|\uff1a))?\s*([:\uff1a]?)\s*", rest
    )
    assert after is not None
    beside = seconds(after[2] or after[3]) if after[2] or after[3] else beside
    name = name.strip()
    colon = (
        bool(after[1] or after[4]) or name.endswith((":", "\uff1a")) or _LETTER.fullmatch(name) is not None
    )
    name = name.rstrip(" :\uff1a.") if _LETTER.fullmatch(name) else name.rstrip(" :\uff1a")
    again = find_label(name)
    if again is not None and fold(name[again.end :]) == again.name:
        name = again.name  # "**Ada: Ada:**"
    words = rest[after.end() :]
    if not name or standing(name) is Standing.NONE:
        return None
    if colon:
        return Form.COLON, name, beside, words
    if beside is not None:
        return Form.TIMED, name, beside, words
    words = _DASH.sub("", words)  # "*Nora* - Welcome."
    return (Form.BOLD, name, None, words) if words else (Form.ALONE, name, None, "")


def without_time(parsed: Attributed) -> Attributed:
    """A line whose leading time is one of its words, unless it stands in brackets or beside a name."""
    if parsed.start is None or parsed.kind is Form.TIMED or parsed.line.text.lstrip()[:1] in _OPENINGS:
        return parsed
    if not parsed.said or stamp(parsed.line.text) is None:  # alone on its line, or after a name
        return parsed
    text = parsed.line.text.strip()
    if parsed.line.bold:
        return parsed
    label = find_label(text)
    bare = parsed._replace(start=None, end=None, kind=None, name="", words=text, said=text)
    return bare if label is None else bare._replace(kind=Form.COLON, name=label.name, words=text[label.end :])


def _stacked(parsed: list[Attributed]) -> list[Attributed]:
    """Lines in which a time and a name that have a line each are one."""
    alone = [each.start is not None and not each.said for each in parsed]
    named = [each.kind is Form.ALONE and each.start is None and not each.words for each in parsed]
    if not any(alone):
        return parsed
    above = [at for at in range(1, len(parsed)) if alone[at] and named[at - 1]]
    below = [at for at in range(len(parsed) - 1) if alone[at] and named[at + 1]]
    stacks, step = (above, -1) if len(above) >= len(below) else (below, 1)
    names = Counter(parsed[at + step].name for at in stacks)
    once = len(names) == names.total()
    if not (names and all(map(is_numbered, names))) and (
        len(stacks) * 2 < sum(alone) or (once and len(stacks) * 3 < len(parsed))
    ):
        return parsed
    taken = {at + step for at in stacks}
    merged = dict.fromkeys(stacks, 0)
    made: list[Attributed] = []
    for at, each in enumerate(parsed):
        if at in merged:
            made.append(each._replace(kind=Form.TIMED, name=parsed[at + step].name, words=""))
        elif at not in taken:
            made.append(each)
    return made


def is_numbered(name: str) -> bool:
    """Whether a name is a speaker's of a program's, "Speaker 1", which is none of a chapter."""
    return name[-1:].isdigit() and standing(name) is Standing.NAME
