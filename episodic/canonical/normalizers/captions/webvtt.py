"""WebVTT, as https://www.w3.org/TR/webvtt1/ has it parsed (section 6), lenient where words would be lost."""

import html
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.captions.cues import MINUTES, POINTED, SECONDS, Captions, Cue, chunks
from episodic.canonical.normalizers.chapters import chapter
from episodic.canonical.normalizers.decoding import Decoded
from episodic.canonical.normalizers.dialogue import fold
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.sources import Signals

_SIGNATURE: Final = re.compile(r"WEBVTT(?=[ \t\n]|$)")
# The first cue of a file without it: an identifier or none, times without hours, and settings or none.
_HOURLESS: Final = re.compile(
    r"(?:[^\n]*\n)?[0-5]\d:[0-5]\d\.\d{3}[ \t]*-->[ \t]*[0-5]\d:[0-5]\d\.\d{3}(?:[ \t]+\w+:\S+)*[ \t]*$",
    re.MULTILINE | re.ASCII,
)
_TIMING: Final = re.compile(
    r"[ \t\f]*(?:(\d{1,6}):)?([0-5]\d):([0-5]\d)([.,])(\d{3})[ \t\f]*-->"
    r"[ \t\f]*(?:(\d{1,6}):)?([0-5]\d):([0-5]\d)[.,](\d{3})(?!\d)",
    re.ASCII,
)
# A "<" that begins no tag of the specification is text: "I <3 you" keeps its words.
# No "<" inside a tag: one that nothing closes must not be read to the end of the file from every "<".
_TAG: Final = re.compile(
    r"<(/?)([a-z]*)((?:\.[^\s<>.&]+)*)(?:[ \t\n]([^<>]*))?>|<\d+:[\d:.]*>|</?[A-Z][^<>]*>"
)
_ENDLESS: Final = re.compile(r"&#\d{8,};?")
# Tracks that are no speech, by the kinds of HTML (https://html.spec.whatwg.org/multipage/media.html#attr-track-kind).
_KIND: Final = re.compile(r"^Kind:[ \t]*(chapters|metadata)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_HEADER_LANGUAGE: Final = re.compile(
    r"^Language:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)[ \t]*$", re.MULTILINE
)


class WebVTT:
    """WebVTT captions: voices, classes, timestamps, notes, styles, regions, header."""

    name = "webvtt"
    title = "WebVTT"
    suffixes = (".vtt", ".webvtt")

    def recognizes(self, head: Head) -> bool:
        """By the signature, or by a first cue whose times have a point and no hours."""
        text = head.text.lstrip()
        return _SIGNATURE.match(text) is not None or _HOURLESS.match(text) is not None

    def read(self, document: Document) -> Structure:
        """Read cues; broken ones are left out and counted."""
        decoded = document.decode()
        text, notes = decoded.text, list(decoded.notes)
        well_formed = _SIGNATURE.match(text) is not None
        if not well_formed:
            notes.append("does not begin with its signature, WEBVTT")
        header = text[: text.find("\n\n")] if "\n\n" in text else text
        header = header.partition("-->")[0]
        cues = _Cues(text)
        if kind := _KIND.search(header):
            return _untold(document, decoded, kind[1].lower(), cues)
        captions = Captions(text, markup)
        utterances = captions.utterances(cues)
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
        speakers, times = captions.coverage(utterances)
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


def _untold(document: Document, decoded: Decoded, kind: str, cues: Iterable[Cue]) -> Structure:
    """The chapters of a track that says that its cues are none that anybody speaks."""
    if kind == "metadata":
        raise SourceError(document.uri, "is WebVTT for programs (Kind: metadata); give the captions")
    titled = [
        (start, "".join(text for _, text in markup(payload)), where) for where, start, _, payload in cues
    ]
    claims = tuple(chapter(start, title, where) for start, title, where in titled if title.strip())
    return Structure(claims=claims, signals=decoded.signals)


class _Cues:
    """The cues of a text, with what is wrong with them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.broken: list[str] = []
        self.commas = 0

    def __iter__(self) -> Iterator[Cue]:
        return itertools.chain.from_iterable(self._batches())

    def _batches(self) -> Iterator[list[Cue]]:
        """A list for each piece of the text: taking every cue out of a generator costs more than it."""
        number = 0
        stamp, end = "", 0.0  # where the cue before ended: most begin there
        for chunk in chunks(self._text):
            cues: list[Cue] = []
            for block in chunk.split("\n\n"):
                # Nearly every block is "HH:MM:SS.mmm --> HH:MM:SS.mmm", line end, text.
                if block[12:17] == " --> " and block[29:30] == "\n":
                    payload, began, ended = block[30:], block[:12], block[17:29]
                    try:
                        if began != stamp:
                            end = (MINUTES[began[:6]] + SECONDS[began[6:8]] + POINTED[began[8:]]) / 1000
                        start = end
                        end = (MINUTES[ended[:6]] + SECONDS[ended[6:8]] + POINTED[ended[8:]]) / 1000
                    except KeyError:
                        stamp = ""
                    else:
                        stamp = ended
                        if "-->" not in payload:
                            number += 1
                            cues.append((f"cue {number}", start, end, payload))
                            continue
                if "-->" not in block:
                    continue  # a note, a style sheet, a region, or nothing
                for timing, words in _timed(block.split("\n")):
                    number += 1
                    if (match := _TIMING.match(timing)) is None:
                        self.broken.append(f"cue {number}")
                        continue
                    self.commas += match[4] == ","
                    start, ends = _seconds(*match.group(1, 2, 3, 5)), _seconds(*match.group(6, 7, 8, 9))
                    cues.append((f"cue {number}", start, ends, words))
            yield cues


def _timed(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Timing lines with the lines after them; a line with an arrow begins a cue wherever it stands."""
    starts = [index for index, line in enumerate(lines) if "-->" in line]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start], "\n".join(lines[start + 1 : end])


def _seconds(hours: str | None, minutes: str, seconds: str, milliseconds: str) -> float:
    """Exact to the millisecond."""
    whole = int(hours or 0) * 3600000 + int(minutes) * 60000 + int(seconds) * 1000
    return (whole + int(milliseconds)) / 1000


def _unescaped(text: str) -> str:
    """Text with its character references resolved; a number that is no character's is U+FFFD."""
    try:
        return html.unescape(text)
    except ValueError:  # it has more digits than Python converts
        return html.unescape(_ENDLESS.sub("\ufffd", text))


def markup(payload: str) -> Sequence[tuple[str | None, str]]:
    """Take tags out of a payload and character references back in; a part for each voice (section 6.4)."""
    if "<" not in payload:
        return ((None, _unescaped(payload)),)
    parts: list[tuple[str | None, list[str]]] = []
    voices: list[str | None] = [None]  # the innermost last: a voice that nothing closed lasts to the next
    position = 0

    def close(end: int) -> None:
        text = _unescaped(payload[position:end])
        if parts and parts[-1][0] == voices[-1]:
            parts[-1][1].append(text)
        elif text:
            parts.append((voices[-1], [text]))

    for tag in _TAG.finditer(payload):
        close(tag.start())
        position = tag.end()
        if tag[2] == "v":
            if not tag[1]:
                voices.append(fold(_unescaped(tag[4] or "")) or None)
            elif len(voices) > 1:
                voices.pop()
    close(len(payload))
    return [(voice, "".join(texts)) for voice, texts in parts]
