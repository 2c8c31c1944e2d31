"""Tables of speech: TSV and CSV with columns for text and times or speakers, Whisper's among them.

1. The header is the first of the first lines that has a column of text and one of starts or of speakers
   (`lexicon.COLUMNS`, in several languages), by one of tab, semicolon and comma. What stands above it is what
   programs write of the episode; a header there has a row of as many cells below it. Where no header is
   known, the columns are told by what is in them.
2. Each row is what one person says. Times are clocks, or numbers of the unit that the header names, that
   Whisper's own header means, or that `units` tells.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.captions.structure import caption_structure, left_out, without_times
from episodic.canonical.normalizers.decoding import Decoded
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.speech.channels import named
from episodic.canonical.normalizers.speech.dialogue import SENTENCE_END
from episodic.canonical.normalizers.speech.lexicon import COLUMNS
from episodic.canonical.normalizers.speech.timecodes import Timecodes
from episodic.canonical.normalizers.statements import claimed_date, labelled_claims
from episodic.canonical.normalizers.units import (
    MILLISECONDS,
    SECONDS,
    TimeUnit,
    is_too_slow,
    time_unit,
)
from episodic.canonical.sources import Claim, Doubt, Utterance, Word
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import CLOCK, seconds
from episodic.canonical.text.tokens import fold

_LONGEST_HEADER: Final = 1000  # characters
_MOST_LINES: Final = 50
_FEW_ROWS: Final = 3
# What may head a column, or be a key, of anything.
VAGUE: Final = frozenset({"name", "who", "person", "participant", "message", "content", "body", "line"})
_CLOCK: Final = pattern(rf"\s*{CLOCK}\s*")
_DIVIDER_SAID: Final = pattern(r"sep=.", re.IGNORECASE)  # to Excel
_DIVIDERS: Final = ("\t", ";", ",")
_WHISPER: Final = ("start", "end", "text")
# "Start (ms)", "start_time", "End [s]"
_HEADING: Final = pattern(
    r"(?P<name>[^()\[\]]+?)[ _]*[(\[]?"
    r"(?P<unit>ms|msec|millis|milliseconds|(?<=[ _(\[])(?:s|sec|seconds|hh?:mm:ss\S*))?[)\]]?"
)
_FIRST: Final = pattern(r"[/:*]")  # "Sprecher/in", "Sprecher:in"
_NUMBER: Final = pattern(r"-?\d{1,12}(?:[.,]\d{1,9})?", re.ASCII)


class _Header(NamedTuple):
    """Where the header stands, what divides it, and the columns by role."""

    line: int
    divider: str
    width: int
    columns: Mapping[str, int]
    unit: TimeUnit | None = None
    others: Sequence[str] = ()
    guessed: bool = False


class Row(NamedTuple):
    """A row's cells by role (`read_row`), and its words; numbers are not in seconds yet."""

    where: str
    start: float | None
    end: float | None
    duration: float | None
    speaker: str
    text: str
    numeric: bool
    framed: bool
    unread: bool
    words: tuple[Word, ...] = ()

    @property
    def until(self) -> float | None:
        """When it ends, as is said or as it lasts."""
        if self.end is not None or self.start is None or self.duration is None:
            return self.end
        return self.start + self.duration


class SpeechTable(Format):
    """TSV and CSV whose columns say what was said, and when or by whom."""

    name = "table"
    title = "a table of speech (TSV, CSV)"

    def recognizes(self, head: Head) -> bool:
        """By its header."""
        return _header(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Read rows; those without text are left out."""
        decoded = document.decode()
        header = _header(decoded.text)
        if header is None:
            raise UnreadableError("has no header with columns for start or speaker, and text")
        lines = decoded.text.split("\n")
        body = "\n".join(lines[header.line + 1 :])
        timecodes = Timecodes.found_in(body)
        try:
            rows = [
                row
                for number, cells in _cells(body, header.divider)
                if (row := _row(cells, header, f"line {header.line + 1 + number}", timecodes)).text
            ]
        except csv.Error as error:
            raise UnreadableError(f"cannot be read as a table: {error}; save it again") from error
        structure = read_rows(document, decoded, rows, header.unit, timecodes)
        claims, others = _head(lines[: max(0, header.line)], header.divider)
        above = left_out(others, structure.utterances)
        doubts = (*above.doubts, *_guesses(header), *structure.signals.doubts)
        notes = (f"columns left out: {', '.join(header.others)}",) if header.others else ()
        signals = replace(
            structure.signals, lost=above.lost, doubts=doubts, notes=(*notes, *structure.signals.notes)
        )
        return replace(structure, claims=tuple(claims), dated=claimed_date(claims), signals=signals)


def _header(text: str) -> _Header | None:
    lines = text.split("\n", _MOST_LINES)[:_MOST_LINES]
    for number, line in enumerate(lines):
        if len(line) > _LONGEST_HEADER:
            return None
        for divider in _DIVIDERS:
            if divider in line and (found := _columns(line, divider)):
                if any(map(str.strip, lines[:number])) and _width(lines[number + 1 :], divider) < found[0]:
                    return None
                return _Header(number, divider, *found)
    return next(filter(None, (_shaped(lines, divider) for divider in ",;")), None)


def _width(lines: Sequence[str], divider: str) -> int:
    """How many cells the first row has."""
    try:
        return len(next(csv.reader(filter(str.strip, lines), delimiter=divider), ()))
    except csv.Error:
        return 0


def _shaped(lines: Sequence[str], divider: str) -> _Header | None:
    """The columns by what is in them, where the header is in a language that is not known or there is none.

    Times, sentences, and names or more times: lists of chapters or of goods have no such rows.
    """
    try:
        rows = [row for row in csv.reader(lines, delimiter=divider) if any(row)]
    except csv.Error:
        return None
    width = max(map(len, rows), default=0)
    if len(rows) < _FEW_ROWS or any(len(row) != width for row in rows):
        return None
    columns = list(zip(*rows[1:], strict=True))
    times = [at for at, cells in enumerate(columns) if all(map(_CLOCK.fullmatch, cells))]
    words = [at for at, cells in enumerate(columns) if at not in times and any(map(str.isalpha, cells[0]))]
    if not times or not words:
        return None
    text = max(words, key=lambda at: sum(map(len, columns[at])))
    speaker = [at for at in words if at != text][:1]
    sentences = sum(SENTENCE_END.search(cell) is not None for cell in columns[text])
    if sentences * 2 < len(rows) - 1 or not (speaker or len(times) > 1):
        return None
    found = (("start", times[:1]), ("end", times[1:2]), ("speaker", speaker), ("text", [text]))
    begins = -1 if _CLOCK.fullmatch(rows[0][times[0]]) else lines.index(next(filter(str.strip, lines)))
    return _Header(begins, divider, width, {role: at for role, place in found for at in place}, guessed=True)


def _guesses(header: _Header) -> Iterator[Doubt]:
    if header.guessed:
        told = ", ".join(f"{role} {column + 1}" for role, column in header.columns.items())
        yield Doubt.guessed(f"columns told by what is in them: {told}")


def _head(lines: Sequence[str], divider: str) -> tuple[Sequence[Claim], str]:
    """What the lines above the header claim, and those that claim nothing."""
    claims: list[Claim] = []
    others: list[str] = []
    for number, cells in enumerate(csv.reader(lines, delimiter=divider), 1):
        label, *values = [cell.strip() for cell in cells if cell.strip()] or [""]
        said = ", ".join([label, *values]) if ": " in label else ": ".join([label.rstrip(":"), *values])
        found = [*labelled_claims((said,), f"line {number}")]
        claims += found
        others += [] if found or _DIVIDER_SAID.fullmatch(lines[number - 1].strip()) else [said]
    return claims, " ".join(others)


def _columns(line: str, divider: str) -> tuple[int, Mapping[str, int], TimeUnit | None, Sequence[str]] | None:
    """How many columns a header has and which, if it has text and something that only speech has."""
    try:
        cells = [fold(cell) for cell in next(csv.reader([line], delimiter=divider))]
    except csv.Error, StopIteration:
        return None
    columns, unit = told_columns(cells)
    if "text" not in columns or not {"start", "speaker"} & columns.keys():
        return None
    if divider == "\t" and tuple(cell.lower() for cell in cells) == _WHISPER:
        unit = MILLISECONDS  # openai-whisper, whisper/utils.py, WriteTSV
    others = [cell for at, cell in enumerate(cells) if cell and at not in columns.values()]
    if others and "start" not in columns and all(cells[at].lower() in VAGUE for at in columns.values()):
        return None  # of goods, or of mail
    return len(cells), columns, unit, others


def told_columns(headings: Sequence[str]) -> tuple[Mapping[str, int], TimeUnit | None]:
    """Which column has what (`lexicon.COLUMNS`), and the unit of times if a heading names it."""
    columns: dict[str, int] = {}
    unit: TimeUnit | None = None
    for index, heading in enumerate(headings):
        known = heading.lower().replace("_", " ")
        match = _HEADING.fullmatch(known)
        names = (known, match["name"].strip() if match else "", _FIRST.split(known)[0])
        role = next(filter(None, map(COLUMNS.get, names)), None)
        if role and role not in columns:
            columns[role] = index
            if match and (said := match["unit"]):
                unit = MILLISECONDS if said.startswith("m") else SECONDS
    return columns, unit


def _cells(body: str, divider: str) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(body), delimiter=divider, quoting=_quoting(body, divider))
    for cells in reader:
        yield reader.line_num, cells


def _quoting(body: str, divider: str) -> Literal[0, 3]:
    """Whether quotation marks enclose cells: Whisper's TSV has them as what they are."""
    enclosed = re.search(
        rf"(?:^|{re.escape(divider)})\"(?:[^\"]|\"\")*\"(?:{re.escape(divider)}|$)", body, re.MULTILINE
    )
    return csv.QUOTE_MINIMAL if enclosed or divider != "\t" else csv.QUOTE_NONE


def _row(cells: Sequence[str], header: _Header, where: str, timecodes: Timecodes | None) -> Row:
    columns = header.columns
    found = {role: cells[index] for role, index in columns.items() if index < len(cells)}
    last = header.width - 1
    if columns["text"] == last and len(cells) > header.width:  # a divider in text that nobody enclosed
        found["text"] = header.divider.join(cells[last:])
    return read_row(found, where, timecodes)


def read_row(cells: Mapping[str, str], where: str, timecodes: Timecodes | None) -> Row:
    """Read the cells of a row by their roles."""

    def time(role: str) -> float | None:
        cell = cells.get(role, "").strip("[]() ")
        return seconds(timecodes.in_front(cell) if timecodes else cell)

    begins = cells.get("start", "").strip()
    start = time("start")
    return Row(
        where,
        start,
        time("end"),
        time("duration"),
        cells.get("speaker", ""),
        cells.get("text", "").strip(),
        numeric=_NUMBER.fullmatch(begins) is not None,
        framed=timecodes is not None and timecodes.in_front(begins) != begins,
        unread=start is None and begins != "",
    )


def read_rows(
    document: Document,
    decoded: Decoded,
    rows: Sequence[Row],
    named: TimeUnit | None,
    timecodes: Timecodes | None,
) -> Structure:
    """The structure of rows whose numbers are in the unit that is named, or else in the one that they tell.

    Raises
    ------
    UnreadableError
        When there are none, or their unit cannot be told.
    """
    if not rows:
        raise UnreadableError("has no row with text; is it the right file?")
    unit = named or time_unit((row.start, row.until, len(row.text)) for row in rows if row.numeric)
    cues = list(_cues(rows, unit))
    if document.source_type is None and is_too_slow((cue.start, cue.end, len(cue.text)) for cue in cues):
        raise UnreadableError(
            "has times between which too little is said, as a programme of events has; "
            f"--source transcript={document.uri} reads it as a transcript",
        )
    unread = {row.where for row in rows if row.unread}
    signals = without_times([cue for cue in cues if cue.where in unread], cues)
    doubts = [*signals.doubts, *(() if named else unit.doubts)]
    if timecodes and any(row.framed for row in rows):
        doubts += timecodes.doubts
    return caption_structure(decoded, cues, signals=replace(signals, doubts=tuple(doubts)))


def _span(row: Row, unit: TimeUnit) -> tuple[float | None, float | None]:
    per = unit.per_second if row.numeric else 1
    start = None if row.start is None else row.start / per
    return start, None if row.until is None else row.until / per


def _cues(rows: Sequence[Row], unit: TimeUnit) -> Iterator[Utterance]:
    """Rows as cues; one without an end lasts to the next."""
    spans = [_span(row, unit) for row in rows]
    following = [start for start, _ in spans[1:]]
    for row, (start, end), until in zip(rows, spans, [*following, None], strict=False):
        stop = end
        if start is not None and end is None:
            stop = until if until is not None and until > start else start
        words = tuple(_in_seconds(word, unit.per_second if row.numeric else 1) for word in row.words)
        yield Utterance(row.text, row.where, named(row.speaker), start, stop, None, words)


def _in_seconds(word: Word, per: int) -> Word:
    start, end = (None if time is None else time / per for time in (word.start, word.end))
    return replace(word, start=start, end=end)
