"""SubRip (.srt), which has no specification: read as it is found, with everything that goes wrong in it."""

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.captions.cues import COMMAED, MINUTES, SECONDS, Captions, Cue, chunks
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.sources import Signals

# Hours may be missing where there is a fraction: "10:30 -> 11:00" is no cue, but a line of an agenda.
_STAMP: Final = r"(?=\d+:\d+[:,.]\d)(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.:](\d{1,3}))?"
# A timing line, and before it the number, where there is one: with blank lines between the cues or without.
_TIMING: Final = re.compile(
    rf"^(?:[ \t]*(\d+)[ \t]*\n)?[ \t]*{_STAMP}[ \t]*-+>[ \t]*{_STAMP}[^\n]*$", re.MULTILINE | re.ASCII
)
_SPACED: Final = re.compile(r"-->[^\n]*\n\n")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>\n]*>|\{\\[^{}\n]*\}|\{/?[biuBIUyY](?::[^{}\n]*)?\}")
_REFERENCE: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


class SubRip:
    """SubRip captions: numbers, times with commas, text with a little HTML."""

    name = "subrip"
    title = "SubRip (SRT)"
    suffixes = (".srt",)

    def recognizes(self, head: Head) -> bool:
        """By a timing line near the beginning; at the very beginning, if its times have no hours."""
        timing = _TIMING.search(head.text.lstrip(), 0, 2000)
        return timing is not None and (timing[2] is not None or timing.start() == 0)

    def read(self, document: Document) -> Structure:
        """Read cues by their timing lines; numbers count for nothing."""
        decoded = document.decode()
        text = _single_spaced(decoded.text)
        cues = _Cues(text)
        captions = Captions(text, markup)
        utterances = captions.utterances(cues)
        if not utterances:
            raise SourceError(document.uri, "has no cue with text; is it the right file?")
        speakers, times = captions.coverage(utterances)
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
        return itertools.chain.from_iterable(self._batches())

    def _batches(self) -> Iterator[list[Cue]]:
        """A list for each piece of the text: taking every cue out of a generator costs more than it."""
        number = 0
        where, start, end = "", 0.0, 0.0
        payload: str | None = None  # of the cue that is open: what follows a blank line may belong to it
        more: list[str] = []  # and does, unless it is a cue; joined at once, as there may be a million
        for chunk in chunks(self._text):
            cues: list[Cue] = []
            for block in chunk.split("\n\n"):
                # Nearly every block is a number, "HH:MM:SS,mmm --> HH:MM:SS,mmm" and text, a line each.
                try:
                    label, times, words = block.split("\n", 2)
                    begins = MINUTES[times[:6]] + SECONDS[times[6:8]] + COMMAED[times[8:12]]
                    ends = MINUTES[times[17:23]] + SECONDS[times[23:25]] + COMMAED[times[25:]]
                except ValueError, KeyError:
                    pass  # no usual one
                else:
                    expected = f"{number + 1}"
                    counted = label == expected
                    if times[12:17] == " --> " and "->" not in words and (counted or label.isdecimal()):
                        if more:
                            cues.append((where, start, end, "\n".join((payload or "", *more))))
                            more.clear()
                        elif payload is not None:
                            cues.append((where, start, end, payload))
                        number += 1
                        if not counted:
                            self._count(label, number)
                        where, start, end, payload = "cue " + expected, begins / 1000, ends / 1000, words
                        continue
                position = 0
                for timing in _timings(block):
                    before = block[position : timing.start()]
                    if payload is not None:
                        parts = (payload, *more, before) if position == 0 else (before,)
                        cues.append((where, start, end, "\n".join(parts)))
                        more.clear()
                        if before:
                            self.faults.add("lacks blank lines between cues")
                    label, *times = timing.groups()
                    number += 1
                    self._count(label, number)
                    where, payload = f"cue {number}", ""
                    start, end = _seconds(*times[:4]), _seconds(*times[4:])
                    position = timing.end() + 1
                if payload is not None and position == 0:
                    more.append(block)
                elif payload is not None:
                    payload = block[position:]
            yield cues
        if payload is not None:
            yield [(where, start, end, "\n".join((payload, *more)))]

    def _count(self, label: str | None, number: int) -> None:
        if label is None:
            self.faults.add("lacks cue numbers")
        elif int(label[-9:]) != number:
            self.faults.add("cue numbers do not count up by one")


def _timings(block: str) -> Iterator[re.Match[str]]:
    return _TIMING.finditer(block) if "->" in block else iter(())


def _single_spaced(text: str) -> str:
    """Text without the blank line after each line that editors of documents leave behind.

    A cue without text is followed by a blank line, too, but most have some.
    """
    arrow = text.find("-->")
    if not _SPACED.match(text, arrow) or len(_SPACED.findall(text)) * 2 <= text.count("-->"):
        return text
    return text.replace("\n\n", "\n")


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str | None = None) -> float:
    """Exact to the millisecond; a fraction of one or two digits is a decimal fraction."""
    whole = int(hours or 0) * 3600000 + int(minutes) * 60000 + int(seconds) * 1000
    return (whole + int(f"{fraction or 0:0<3}")) / 1000


def markup(payload: str) -> Sequence[tuple[str | None, str]]:
    """Take tags and overrides out of a payload, and the character references that web tools leave in it."""
    text = _TAG.sub("", payload)
    if "&" in text:
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    return ((None, text),)
