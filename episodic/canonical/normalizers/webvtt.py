"""WebVTT, as https://www.w3.org/TR/webvtt1/ has it parsed (section 6), lenient where words would be lost."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.ingestion import Signals
from episodic.canonical.normalizers.captions import Captions, Cue
from episodic.canonical.normalizers.dialogue import coverage, fold
from episodic.canonical.normalizers.format import Document, Head, Structure

_SIGNATURE: Final = re.compile(r"WEBVTT(?=[ \t\n]|$)")
_TIMING: Final = re.compile(
    r"[ \t\f]*(?:(\d{1,6}):)?([0-5]\d):([0-5]\d)([.,])(\d{3})[ \t\f]*-->"
    r"[ \t\f]*(?:(\d{1,6}):)?([0-5]\d):([0-5]\d)[.,](\d{3})(?!\d)",
    re.ASCII,
)
# A "<" that begins no tag of the specification is text: "I <3 you" keeps its words.
_TAG: Final = re.compile(r"<(/?)([a-z]*)((?:\.[^\s<>.&]+)*)(?:[ \t\n]([^>]*))?>|<\d+:[\d:.]*>|</?[A-Z][^>]*>")
_HEADER_LANGUAGE: Final = re.compile(
    r"^Language:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)[ \t]*$", re.MULTILINE
)
# Blocks are split off a megabyte at a time, so that a large file is never there twice.
_CHUNK: Final = 2**20

_SECONDS: Final = {f"{second:02}.": second * 1000 for second in range(60)}
_MILLISECONDS: Final = {f"{millisecond:03}": millisecond for millisecond in range(1000)}


class WebVTT:
    """WebVTT captions: voices, classes, timestamps, notes, styles, regions, header."""

    name = "webvtt"
    title = "WebVTT"
    suffixes = (".vtt", ".webvtt")

    def recognizes(self, head: Head) -> bool:
        """By the signature."""
        return _SIGNATURE.match(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Read cues; broken ones are left out and counted."""
        decoded = document.decode()
        text, notes = decoded.text, list(decoded.notes)
        well_formed = _SIGNATURE.match(text) is not None
        if not well_formed:
            notes.append("has no WEBVTT signature")
        header = text[: text.find("\n\n")] if "\n\n" in text else text
        header = header.partition("-->")[0]
        cues = _Cues(text)
        captions = Captions(text, markup)
        utterances = tuple(captions.utterances(cues))
        if not utterances:
            raise SourceError(
                document.uri,
                "has no cue with text; is it the right file?",
                cues.broken[0] if cues.broken else None,
            )
        if cues.broken:
            well_formed = False
            notes.append(
                f"cues left out because their times are none: {len(cues.broken)}, first {cues.broken[0]}"
            )
        if cues.commas:
            well_formed = False
            notes.append(f"cues with a comma in their times: {cues.commas}")
        notes.extend(captions.notes())
        speakers, times = coverage(utterances)
        language = _HEADER_LANGUAGE.search(header)
        return Structure(
            language=language[1] if language else None,
            utterances=utterances,
            signals=Signals(
                speaker_coverage=speakers,
                timing_coverage=times,
                damage=decoded.damage,
                well_formed=well_formed,
                notes=tuple(notes),
            ),
        )


class _Cues:
    """The cues of a text, with what is wrong with them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.broken: list[str] = []
        self.commas = 0

    def __iter__(self) -> Iterator[Cue]:
        number = 0
        hours: dict[str, int] = {}  # "HH:MM:" -> milliseconds
        for block in _blocks(self._text):
            # Nearly every block is "HH:MM:SS.mmm --> HH:MM:SS.mmm", line end, text.
            if block[12:17] == " --> " and block[29:30] == "\n" and "-->" not in block[30:]:
                try:
                    start = hours[block[:6]] + _SECONDS[block[6:9]] + _MILLISECONDS[block[9:12]]
                    end = hours[block[17:23]] + _SECONDS[block[23:26]] + _MILLISECONDS[block[26:29]]
                except KeyError:
                    pass
                else:
                    number += 1
                    yield Cue(number, start / 1000, end / 1000, block[30:])
                    continue
            if "-->" not in block:
                continue  # a note, a style sheet, a region, or nothing
            for timing, payload in _timed(block.split("\n")):
                number += 1
                if (match := _TIMING.match(timing)) is None:
                    self.broken.append(f"cue {number}")
                    continue
                self.commas += match[4] == ","
                start = _milliseconds(match[1], match[2], match[3], match[5])
                end = _milliseconds(match[6], match[7], match[8], match[9])
                if match[1] and len(match[1]) == 2:
                    hours[f"{match[1]}:{match[2]}:"] = start - start % 60000
                if match[6] and len(match[6]) == 2:
                    hours[f"{match[6]}:{match[7]}:"] = end - end % 60000
                yield Cue(number, start / 1000, end / 1000, payload)


def _blocks(text: str) -> Iterator[str]:
    """What blank lines separate."""
    start, length = 0, len(text)
    while start < length:
        end = text.find("\n\n", start + _CHUNK)
        end = length if end < 0 else end
        for block in text[start:end].split("\n\n"):
            yield block.lstrip("\n") if block[:1] == "\n" else block
        start = end + 2


def _timed(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Timing lines with the lines after them; a line with an arrow begins a cue wherever it stands."""
    starts = [index for index, line in enumerate(lines) if "-->" in line]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start], "\n".join(lines[start + 1 : end])


def _milliseconds(hours: str | None, minutes: str, seconds: str, milliseconds: str) -> int:
    return int(hours or 0) * 3600000 + int(minutes) * 60000 + int(seconds) * 1000 + int(milliseconds)


def markup(payload: str) -> Sequence[tuple[str | None, str]]:
    """Take tags out of a payload and character references back in; a part for each voice (section 6.4)."""
    if "<" not in payload:
        return ((None, html.unescape(payload)),)
    parts: list[tuple[str | None, str]] = []
    voices: list[str | None] = [None]
    position = 0

    def close(end: int) -> None:
        text = html.unescape(payload[position:end])
        if parts and parts[-1][0] == voices[-1]:
            parts[-1] = (voices[-1], parts[-1][1] + text)
        elif text:
            parts.append((voices[-1], text))

    for tag in _TAG.finditer(payload):
        close(tag.start())
        position = tag.end()
        if tag[2] == "v":
            if tag[1]:
                voices[1:] = []
            else:
                # A voice that nothing closed ends where the next begins.
                voices[1:] = [fold(html.unescape(tag[4] or "")) or None]
    close(len(payload))
    return parts
