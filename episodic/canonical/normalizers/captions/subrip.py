"""SubRip (.srt), which has no specification: read as it is found, with everything that goes wrong in it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from episodic.canonical.normalizers.captions.cues import CueReader
from episodic.canonical.normalizers.captions.markup import subrip_markup
from episodic.canonical.normalizers.captions.structure import caption_structure, reading
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import ARROW, timing

_BEFORE: Final = r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069]*"  # also marks of direction
# Minutes and seconds alone are the times of an agenda: "10:30 -> 11:00".
_EXACT: Final = pattern(rf"{_BEFORE}-?\d+[ \t]?:[ \t]?\d+[ \t]?[:.,]", re.ASCII)
_HOURS: Final = pattern(rf"{_BEFORE}-?\d+[ \t]?:[ \t]?\d+[ \t]?:", re.ASCII)
# What some programs write after the times: where the text stands.
_SETTINGS: Final = pattern(r"(?:\s*[A-Za-z]\w*:\S*)*\s*")


class SubRip(Format):
    """SubRip captions: numbers, times with commas, text with a little HTML."""

    name = "subrip"
    title = "SubRip (SRT)"
    suffixes = (".srt",)

    def recognizes(self, head: Head) -> bool:
        """By a timing line near the beginning; at the very beginning, if its times have no hours."""
        above = ""
        for at, line in enumerate(filter(str.strip, head.text[:2000].split("\n"))):
            if ARROW.search(line) and (times := timing(line)) is not None:
                first = at == 0 or (at == 1 and above.strip("\ufeff \t").isdecimal())
                plain = line.lstrip()[:1] not in {"[", "("} and _SETTINGS.fullmatch(times.rest) is not None
                return plain and _EXACT.match(line) is not None and (first or _HOURS.match(line) is not None)
            above = line
        return False

    def read(self, document: Document) -> Structure:
        """Read cues by their timing lines; numbers count for nothing."""
        decoded = document.decode()
        reader = CueReader()
        cues = reader.read(decoded.text)
        faults = tuple(_faults(reader))
        signals = reading(reader, cues)
        return caption_structure(
            decoded,
            cues,
            markup=subrip_markup,
            signals=replace(signals, notes=faults, well_formed=signals.well_formed and not faults),
        )


def _faults(reader: CueReader) -> Iterator[str]:
    """The rules of the format that a file breaks without harm."""
    numbers = map(str, range(1, len(reader.labels) + 1))
    if any(label and label != number for number, label in zip(numbers, reader.labels, strict=True)):
        yield "cue numbers do not count up by one"
    if reader.crowded:
        yield "lacks blank lines between cues"
    if "" in reader.labels:
        yield "lacks cue numbers"
