"""Captions that are lines with times: SBV, LRC, MicroDVD and SubStation Alpha.

Each has its regular expressions and makes cues; labels, changes of speaker and rolling lines are what they
are in WebVTT and SubRip. pysubs2 reads the last two as well, but takes the fields of SubStation Alpha for
granted, which the file itself names.
"""

import html
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.captions.cues import CueReader
from episodic.canonical.normalizers.captions.markup import webvtt_markup, word_stamp
from episodic.canonical.normalizers.captions.structure import (
    caption_structure,
    left_out,
    reading,
    without_times,
)
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.statements import field_claims
from episodic.canonical.sources import Claim, Utterance
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import clock_seconds
from episodic.canonical.text.tokens import fold

_SBV_TIMES: Final = pattern(
    r"^[ \t]*(\d{1,3}:\d{2}:\d{2}[.,]\d{1,3})[ \t]*,[ \t]*(\d{1,3}:\d{2}:\d{2}[.,]\d{1,3})[ \t]*$",
    re.MULTILINE | re.ASCII,
)


class SubViewer(Format):
    """SBV, as YouTube and Google Meet write it, and the older SubViewer: two times above the words."""

    name = "sbv"
    title = "SBV (SubViewer)"
    suffixes = (".sbv",)

    def recognizes(self, head: Head) -> bool:
        """By two times with a comma on a line near the beginning."""
        return _SBV_TIMES.search(head.lines(2000)) is not None

    def read(self, document: Document) -> Structure:
        """Read cues by their lines of times."""
        decoded = document.decode()
        reader = CueReader()
        cues = reader.read(_SBV_TIMES.sub(r"\1 --> \2", decoded.text).replace("[br]", "\n"))
        return caption_structure(decoded, cues, signals=reading(reader, cues))


_LRC_LINE: Final = pattern(r"[ \t]*((?:\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\][ \t]*)+)(.*)", re.ASCII)
_LRC_TIME: Final = pattern(r"\[(\d{1,3}):(\d{2})(?:[.:](\d{1,3}))?\]", re.ASCII)
_LRC_TAG: Final = pattern(
    r"[ \t]*\[(ti|ar|al|au|by|length|offset|la|re|ve|tool|lang)[ \t]*:(.*)\][ \t]*", re.IGNORECASE
)
_LRC_WORD: Final = pattern(r"(?:<|&lt;|\[)(\d{1,3}):(\d{2})(?:[.:](\d{1,3}))?(?:>|&gt;|\])", re.ASCII)
_LRC_LONGEST: Final = 30.0  # seconds that the words of a line may take, if the next one is no later
# With tags, one line will do: they are of LRC and of nothing else. Without, minutes of three lines in a row.
_LRC_LINES: Final = 3


class Lyrics(Format):
    """LRC: lines that begin with minutes and hundredths in square brackets, and tags."""

    name = "lrc"
    title = "LRC"
    suffixes = (".lrc",)

    def recognizes(self, head: Head) -> bool:
        """By a tag and a time; without tags, by hundredths of a second in each of the first lines."""
        lines = [line for line in head.text.split("\n")[:40] if line.strip()]
        if not lines:
            return False
        if _LRC_TAG.fullmatch(lines[0]):
            return any(_LRC_LINE.fullmatch(line) for line in lines)
        hundredths = [re.match(r"\[\d{2}:\d{2}\.\d{2}\]", line) is not None for line in lines]
        return len(lines) >= _LRC_LINES and all(hundredths)

    def read(self, document: Document) -> Structure:
        """Read lines; each lasts to the next one, and one with several times is sung again."""
        decoded = document.decode()
        tags: dict[str, tuple[str, str]] = {}
        lines: list[tuple[float, float, str, list[str]]] = []
        before: list[str] = []
        for number, line in enumerate(decoded.text.split("\n"), 1):
            if tag := _LRC_TAG.fullmatch(line):
                tags[tag[1].lower()] = tag[2].strip(), f"line {number}"
            elif timed := _LRC_LINE.fullmatch(line):
                starts = [_lrc_seconds(found) for found in _LRC_TIME.finditer(timed[1])]
                lines += [(start, starts[0], f"line {number}", [timed[2]]) for start in starts]
            elif lines:  # a line without a time goes on with the one before
                lines[-1][-1].append(line)
            else:
                before.append(line)
        offset = tags.get("offset", ("", ""))[0]
        moved = int(offset) / 1000 if re.fullmatch(r"[+-]?\d{1,7}", offset) else 0.0
        lines.sort(key=lambda line: line[0])
        ends = [start for start, *_ in [*lines[1:], *lines[-1:]]]
        cues = [
            _sung("\n".join(words), where, start, end, first=first, moved=moved)
            for (start, first, where, words), end in zip(lines, ends, strict=True)
        ]
        return caption_structure(
            decoded,
            cues,
            markup=webvtt_markup,
            language=tags.get("la", tags.get("lang", ("", "")))[0],
            claims=tuple(_lrc_claims(tags)),
            signals=left_out(" ".join(before), cues),
        )


def _sung(text: str, where: str, start: float, end: float, *, first: float, moved: float) -> Utterance:
    """A line with the times of its words as WebVTT has them; a time behind the last is where it ends.

    They are those of when it is sung first, and one that is far from that is said in the line.
    """
    times: list[float] = []

    def stamp(found: re.Match[str]) -> str:
        time = _lrc_seconds(found)
        if not -1 <= time - first <= max(end - start, _LRC_LONGEST):
            return found[0]
        if start != first:
            return ""
        times.append(max(0.0, time - moved))
        return word_stamp(times[-1])

    shown = _LRC_WORD.sub(stamp, html.escape(text, quote=False)).rstrip()
    until = times[-1] if times and shown.endswith(">") else max(0.0, end - moved)
    return Utterance(shown, where, None, max(0.0, start - moved), until)


def _lrc_seconds(found: re.Match[str]) -> float:
    return int(found[1]) * 60 + float(f"{found[2]}.{found[3] or 0}")


def _lrc_claims(tags: dict[str, tuple[str, str]]) -> Iterator[Claim]:
    for tag, label in (("ti", "title"), ("al", "series"), ("length", "duration")):
        if tag in tags:
            yield from field_claims(label, *tags[tag])


_FRAMES: Final = pattern(r"^\{(\d{1,9})\}\{(\d{0,9})\}(.*)$", re.MULTILINE | re.ASCII)
_CONTROL: Final = pattern(r"\{[a-zA-Z]:[^{}\n]*\}")
_RATE: Final = pattern(r"\d{2,3}(?:[.,]\d{1,3})?")


class MicroDVD(Format):
    """MicroDVD: two frame numbers in braces, and lines divided by bars."""

    name = "microdvd"
    title = "MicroDVD"

    def recognizes(self, head: Head) -> bool:
        """By its frame numbers."""
        return _FRAMES.match(head.text.lstrip()) is not None

    def read(self, document: Document) -> Structure:
        """Read lines; the first says how many frames a second has."""
        decoded = document.decode()
        found = list(_FRAMES.finditer(decoded.text))
        said = found[0][3].strip() if found else ""
        lines = found[1:]
        rate = float(said.replace(",", ".")) if _RATE.fullmatch(said) else 0.0
        if not rate:
            raise UnreadableError("is MicroDVD without a frame rate; write {1}{1}25 above its lines")
        cues: list[Utterance] = []
        ends = [*(line.start() for line in lines[1:]), len(decoded.text)]
        for number, (line, until) in enumerate(zip(lines, ends, strict=False), 1):
            start, end = int(line[1]) / rate, int(line[2] or line[1]) / rate
            # A line without frames goes on with this one.
            below = decoded.text[line.end() : until].strip("\n")
            said = f"{line[3]}\n{below}" if below else line[3]
            words = _CONTROL.sub("", said).replace("|", "\n")
            cues.append(Utterance(words, f"cue {number}", None, round(start, 3), round(end, 3)))
        return caption_structure(decoded, cues)


_SECTION: Final = pattern(
    r"^[ \t]*\[(Script Info|V4\+? Styles|Events)\][ \t]*$", re.MULTILINE | re.IGNORECASE
)
_SCRIPT_TITLE: Final = pattern(r"^[ \t]*Title:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_UNTITLED: Final = frozenset({"default aegisub file", "<untitled>", "untitled", "[untitled]", "default file"})
_OVERRIDE: Final = pattern(r"\{[^{}\n]*\}")
# One stretch between two overrides, as stable-ts has the word that is said now: ``{\\1c&H00ff00&}now{\\r}``.
_MARKED: Final = pattern(r"\{\\[^{}\n]*\}([^{}\n]+)\{\\[^{}\n]*\}")
# How long a syllable is sung, in hundredths of a second.
_SUNG: Final = pattern(r"\{[^{}]*\\[kK][fo]?(\d{1,6})[^{}]*\}")
_DRAWING: Final = pattern(r"\{[^{}]*\\p[1-9][^{}]*\}")
_BREAK: Final = pattern(r"\\[Nn]")
_EVENT_FIELDS: Final = (
    "Layer", "Start", "End", "Style", "Name", "MarginL", "MarginR", "MarginV", "Effect", "Text",
)  # fmt: skip


class SubStation(Format):
    """SubStation Alpha, ASS and SSA: events whose fields the file names, with who speaks among them."""

    name = "ass"
    title = "SubStation Alpha (ASS, SSA)"
    suffixes = (".ass", ".ssa")

    def recognizes(self, head: Head) -> bool:
        """By a section of it near the beginning."""
        return _SECTION.search(head.lines(4000)) is not None

    def read(self, document: Document) -> Structure:
        """Read dialogue; comments, drawings and what has no words are none."""
        decoded = document.decode()
        cues = list(self._cues(decoded.text))
        untimed = [cue for cue in cues if cue.start is None]
        # What has no time stays behind what stands above it.
        last = 0.0
        placed: list[tuple[float, Utterance]] = []
        for cue in cues:
            last = last if cue.start is None else cue.start
            placed.append((last, cue))
        ordered = [cue for _, cue in sorted(placed, key=lambda pair: pair[0])]
        signals = without_times(untimed, cues)
        claims = [
            claim
            for said in _SCRIPT_TITLE.finditer(decoded.text)
            if said[1].casefold() not in _UNTITLED
            for claim in field_claims("title", said[1], "Script Info")
        ]
        return caption_structure(
            decoded, ordered, markup=webvtt_markup, claims=tuple(claims[:1]), signals=signals
        )

    def _cues(self, text: str) -> Iterator[Utterance]:
        fields: Sequence[str] = [field.lower() for field in _EVENT_FIELDS]
        for number, line in enumerate(text.split("\n"), 1):
            kind, colon, rest = line.partition(":")
            if not colon:
                continue
            if kind.strip().lower() == "format" and "text" in rest.lower():
                fields = [field.strip().lower() for field in rest.split(",")]
            elif kind.strip().lower() == "dialogue":
                event = dict(zip(fields, rest.strip().split(",", len(fields) - 1), strict=False))
                start, end = clock_seconds(event.get("start", "")), clock_seconds(event.get("end", ""))
                words = event.get("text", "")
                if _DRAWING.search(words):
                    continue
                if start is None or end is None:
                    start = end = None
                speaker = event.get("name", event.get("actor", ""))
                shown = html.escape(_BREAK.sub("\n", words).replace("\\h", " "), quote=False)
                if start is not None:
                    shown = _syllables(shown, start)
                marked = _OVERRIDE.sub("", _MARKED.sub(r"<c>\1</c>", shown))
                yield Utterance(marked, f"line {number}", fold(speaker) or None, start, end)


def _syllables(shown: str, start: float) -> str:
    """A line with the times at which syllables begin for how long they last."""
    lasting = [int(found) / 100 for found in _SUNG.findall(shown)]
    begins = itertools.accumulate(lasting, initial=start)
    return _SUNG.sub(lambda _: word_stamp(next(begins)), shown)
