"""SubRip (.srt), which has no specification: read as it is found, with everything that goes wrong in it."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.ingestion import Signals
from episodic.canonical.normalizers.captions import Captions, Cue
from episodic.canonical.normalizers.dialogue import coverage
from episodic.canonical.normalizers.format import Document, Head, Structure

_STAMP: Final = r"(\d{1,3}):(\d{1,2}):(\d{1,2})(?:[,.:](\d{1,3}))?"
# A timing line, and before it the number, where there is one: with blank lines between the cues or without.
_TIMING: Final = re.compile(
    rf"^(?:[ \t]*(\d+)[ \t]*\n)?[ \t]*{_STAMP}[ \t]*-+>[ \t]*{_STAMP}[^\n]*$", re.MULTILINE | re.ASCII
)
_TAG: Final = re.compile(r"</?[A-Za-z][^<>\n]*>|\{\\[^{}\n]*\}|\{/?[biuBIUyY](?::[^{}\n]*)?\}")
_REFERENCE: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


class SubRip:
    """SubRip captions: numbers, times with commas, text with a little HTML."""

    name = "subrip"
    title = "SubRip (SRT)"
    suffixes = (".srt",)

    def recognizes(self, head: Head) -> bool:
        """By a timing line near the beginning."""
        return _TIMING.search(head.text, 0, 2000) is not None

    def read(self, document: Document) -> Structure:
        """Read cues by their timing lines; numbers count for nothing."""
        decoded = document.decode()
        cues = _Cues(decoded.text)
        captions = Captions(decoded.text, markup)
        utterances = tuple(captions.utterances(cues))
        if not utterances:
            raise SourceError(document.uri, "has no cue with text; is it the right file?")
        speakers, times = coverage(utterances)
        return Structure(
            utterances=utterances,
            signals=Signals(
                speaker_coverage=speakers,
                timing_coverage=times,
                damage=decoded.damage,
                well_formed=not cues.faults,
                notes=(*decoded.notes, *sorted(cues.faults), *captions.notes()),
            ),
        )


class _Cues:
    """The cues of a text, and the rules that they break."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.faults: set[str] = set()

    def __iter__(self) -> Iterator[Cue]:
        text, faults = self._text, self.faults
        cue: tuple[float, float, int] | None = None
        number = 0
        for timing in _TIMING.finditer(text):
            begin = timing.start()
            if cue is not None:
                yield Cue(number, cue[0], cue[1], text[cue[2] : begin])
                if text[begin - 2 : begin] != "\n\n":
                    faults.add("lacks blank lines between cues")
            label, h1, m1, s1, f1, h2, m2, s2, f2 = timing.groups()
            number += 1
            if label is None:
                faults.add("lacks cue numbers")
            elif int(label[-9:]) != number:
                faults.add("cue numbers do not count up by one")
            cue = (_seconds(h1, m1, s1, f1), _seconds(h2, m2, s2, f2), timing.end() + 1)
        if cue is not None:
            yield Cue(number, cue[0], cue[1], text[cue[2] :])


def _seconds(hours: str, minutes: str, seconds: str, fraction: str | None) -> float:
    """Exact to the millisecond; a fraction of one or two digits is a decimal fraction."""
    whole = int(hours) * 3600000 + int(minutes) * 60000 + int(seconds) * 1000
    return (whole + int(f"{fraction or 0:0<3}")) / 1000


def markup(payload: str) -> Sequence[tuple[str | None, str]]:
    """Take tags and overrides out of a payload, and the character references that web tools leave in it."""
    text = _TAG.sub("", payload)
    if "&" in text:
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    return ((None, text),)
