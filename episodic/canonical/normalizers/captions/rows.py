"""Lines with seconds in front: what recognizers are tested with, and the labels of an audio editor.

CTM has a word a line, and how long it lasts, and STM a segment (NIST's SCTK, https://github.com/usnistgov/SCTK,
doc/infmts.htm). A label of Audacity says something of what lies between two moments, or of one: of chapters,
where it is too little for speech.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.captions.repetition import joined
from episodic.canonical.normalizers.captions.structure import caption_structure, left_out
from episodic.canonical.normalizers.chapters import chapter
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.speech.channels import in_order, named
from episodic.canonical.normalizers.units import is_too_slow
from episodic.canonical.sources import Utterance
from episodic.canonical.text.patterns import pattern

_SAMPLE: Final = 4000  # characters
_FEWEST: Final = 2
_ASIDE: Final = (";;", "\\")  # comments, and what Audacity says of frequencies
_UNSAID: Final = frozenset({"", "ignore_time_segment_in_scoring", "<eps>", "@"})


@dataclass(frozen=True, slots=True)
class Rows(Format):
    """A format of lines: `line` has the groups ``start``, ``end`` or ``lasting`` (of a word), and ``text``.

    Others are ``of`` (the recording), ``channel``, ``speaker`` and ``sure``.
    """

    name: str
    title: str
    line: re.Pattern[str]
    suffixes: tuple[str, ...] = ()

    def recognizes(self, head: Head) -> bool:
        """By all of the first lines."""
        lines = [line for _, line in _lines(head.lines(_SAMPLE))]
        return len(lines) >= _FEWEST and all(map(self.line.fullmatch, lines))

    def read(self, document: Document) -> Structure:
        """Read lines; each channel is put together by itself."""
        decoded = document.decode()
        lines = [(where, self.line.fullmatch(line) or line) for where, line in _lines(decoded.text)]
        rows = [(where, row.groupdict("")) for where, row in lines if not isinstance(row, str)]
        if len(recordings := {row.get("of") for _, row in rows}) > 1:
            raise UnreadableError(f"has lines of {len(recordings)} recordings; give a file for each")
        channels: dict[str | None, list[Utterance]] = {}
        for where, row in rows:
            if row["text"].strip() not in _UNSAID:
                channels.setdefault(row.get("channel"), []).append(_said(where, row))
        every = [each for said in channels.values() for each in said]
        if not any(map(str.isalpha, "".join(each.text for each in every))):
            raise UnreadableError("has no words beside its times; is it the right file?")
        spans = [(each.start, each.end, len(each.text)) for each in every]
        points = all(start == end for start, end, _ in spans)
        if "of" not in self.line.groupindex and (points or is_too_slow(spans, 1)):
            claims = (chapter(each.start or 0.0, each.text, each.where) for each in every)
            return Structure(claims=tuple(claims), signals=decoded.signals)
        spoken = enumerate(channels.values(), 1)
        words = "lasting" in self.line.groupindex
        said = in_order(
            (number, each) for number, some in spoken for each in (joined(some) if words else some)
        )
        others = " ".join(row for _, row in lines if isinstance(row, str))
        return caption_structure(decoded, said, signals=left_out(others, every))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith(_ASIDE):
            yield f"line {number}", line


def _said(where: str, row: dict[str, str]) -> Utterance:
    start, end = (float((row.get(key) or "0").replace(",", ".")) for key in ("start", "end"))
    end = max(start, end, round(start + float(row.get("lasting") or 0), 6))
    sure = min(1.0, float(row["sure"])) if row.get("sure") else None
    return Utterance(row["text"], where, named(row.get("speaker")), start, end, sure)


CTM: Final = Rows(
    "ctm",
    "CTM (words of a recognizer)",
    pattern(
        r"(?P<of>\S+)[ \t]+(?P<channel>\S{1,4})[ \t]+(?P<start>\d+\.\d+)[ \t]+(?P<lasting>\d+\.\d+)[ \t]+"
        r"(?P<text>\S+)(?:[ \t]+(?:(?P<sure>[01](?:\.\d+)?)|NA)(?:[ \t]+\S+)*)?[ \t]*",
        re.ASCII,
    ),
    (".ctm",),
)
STM: Final = Rows(
    "stm",
    "STM (segments of a recognizer's test)",
    pattern(
        r"(?!SP(?:EAKE|K)R|LEXEME)(?P<of>\S+)[ \t]+\S{1,4}[ \t]+(?P<speaker>\S+)[ \t]+"
        r"(?P<start>\d+\.\d+)[ \t]+(?P<end>\d+\.\d+)"
        # The set that it belongs to: <o,f0,male>, <NA> (TED-LIUM), <F0_M>; "<unk>" stands for a word.
        r"(?:[ \t]+<(?:[^<> ]*,[^<> ]*|NA|[A-Z]\d\w*|[a-z])>)?(?:[ \t]+(?P<text>.*))?",
        re.ASCII,
    ),
    (".stm",),
)
LABELS: Final = Rows(
    "labels",
    "a label track of Audacity",
    pattern(
        r"(?P<start>\d+[.,]\d+)\t(?P<end>\d+[.,]\d+)(?:\t(?:\[\[(?P<speaker>[^\[\]]+)\]\])?(?P<text>.*))?"
    ),
)
