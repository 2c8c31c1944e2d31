"""Chapters: a title and the time at which it begins, in JSON, in captions, in feeds and in show notes."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.json_text import read_shape, strict_json
from episodic.canonical.sources import Claim, ClaimField, Passage, PassageKind, Signals, number_text
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import CLOCK, clock_seconds, duration_seconds
from episodic.canonical.text.tokens import fold

# "00:01:02 Title", "(01:02) - Title", "[1:02:03] Title", "00:00\u201301:02 Title", and "00:01:02.000 Title <https://...>"
# of mp4chaps.
_LINE: Final = pattern(
    rf"\W{{0,3}}(?P<time>{CLOCK})(?:[ \t]?[-\u2013\u2014][ \t]?{CLOCK})?[\])\uff09\u3011\uff3d]?[ \t]*"
    r"(?:[-\u2013\u2014\u2192\u00bb\u25ba\u25b6\u301c:|\u2022\u00b7=>~,]{1,2}[ \t]*)?(?P<title>\S.{0,300}?)"
    r"(?:[ \t]*<https?://[^<>\s]*>)?",
    re.ASCII,
)
# "Title (01:02)", "Title - 01:02".
_BEHIND: Final = pattern(
    rf"(?:[-*\u2022\u00b7][ \t]+)?(?P<title>\S.{{0,300}}?)(?:[ \t]*[-\u2013\u2014:|\u2022\u00b7.]+)?[ \t]+"
    rf"[\[(\uff08]?(?P<time>{CLOCK})[\])\uff09]?",
    re.ASCII,
)
# Where several stand in one paragraph, as line breaks of HTML leave them.
_TIMES: Final = pattern(rf"(?:(?<=\s)|^)[\[(]?{CLOCK}[\])]?(?=\s)", re.ASCII)
_FEWEST: Final = 3
# What an agenda is made of: quarters of an hour, and no beginning at nought.
_QUARTER_SECONDS: Final = 15


def chapter(start: float, title: str, where: str) -> Claim:
    """The claim of a chapter."""
    return Claim(ClaimField.CHAPTER, fold(title), where, number_text(start))


def noted_chapters(passages: Sequence[Passage]) -> tuple[Claim, ...]:
    """The chapters among the passages of show notes: times that rise, each with a title.

    Three or more make chapters; times of day of an agenda, which begin later and come at quarters, are none.
    Behind their titles, times begin at nought.
    """
    lines = [
        (text, passage.where)
        for passage in passages
        if passage.kind is not PassageKind.HEADING
        for text in _lines(passage.text)
    ]
    found = _timed(lines, _LINE)
    if found and (found[0][0] == 0 or any(start % _QUARTER_SECONDS for start, *_ in found)):
        return tuple(chapter(*each) for each in found)
    behind = () if found else _timed(lines, _BEHIND)
    return tuple(chapter(*each) for each in behind) if behind and behind[0][0] == 0 else ()


def _timed(lines: Iterable[tuple[str, str]], form: re.Pattern[str]) -> Sequence[tuple[float, str, str]]:
    """When each line of a form begins, its title and its place; none, if few do or times do not rise."""
    found = [
        (start, fold(line["title"]), where)
        for text, where in lines
        if (line := form.fullmatch(text)) and (start := clock_seconds(line["time"])) is not None
    ]
    starts = [start for start, *_ in found]
    rising = all(before < after for before, after in itertools.pairwise(starts))
    return found if rising and len(found) >= _FEWEST else ()


def _structure(claims: Iterable[Claim], signals: Signals) -> Structure:
    if not (claims := tuple(claims)):
        raise UnreadableError("has no chapter with a title; is it the right file?")
    return Structure(claims=claims, signals=signals)


def _lines(text: str) -> Iterable[str]:
    """The text, or its parts from one time to the next."""
    begins = [match.start() for match in _TIMES.finditer(text)]
    if len(begins) < 2 or begins[0] > 3:
        return [text]
    return [text[start:end].strip() for start, end in itertools.pairwise([*begins, len(text)])]


# FFmpeg's metadata (https://ffmpeg.org/ffmpeg-formats.html#Metadata-2), and what mkvmerge takes from Ogg.
_METADATA: Final = pattern(r";FFMETADATA\d")
_BASE: Final = pattern(r"^TIMEBASE=(\d{1,9})/(\d{1,9})[ \t]*$", re.MULTILINE | re.ASCII)
_OGG: Final = pattern(r"\s*CHAPTER\d{2,3}=\d\d:\d\d:\d\d")
_OGG_START: Final = pattern(r"^CHAPTER(\d{2,3})=(\S+)[ \t]*$", re.MULTILINE | re.ASCII)
_OGG_NAME: Final = pattern(r"^CHAPTER(\d{2,3})NAME=(.*)$", re.MULTILINE | re.ASCII)


class ChapterLists(Format):
    """Chapters as FFmpeg and tools for Ogg and Matroska have them, in text."""

    name = "chapter-list"
    title = "chapters of FFmpeg, Ogg or Matroska"
    suffixes = (".ffmetadata",)

    def recognizes(self, head: Head) -> bool:
        """By the first line."""
        return bool(_METADATA.match(head.text) or _OGG.match(head.text))

    def read(self, document: Document) -> Structure:
        """Read chapters, and FFmpeg's title of the whole."""
        decoded = document.decode()
        text = decoded.text
        return _structure(_metadata(text) if _METADATA.match(text) else _ogg(text), decoded.signals)


def _metadata(text: str) -> Iterator[Claim]:
    whole, *chapters = re.split(r"^\[CHAPTER\][ \t]*$", text, flags=re.MULTILINE)
    if title := _field(whole, "title"):
        yield Claim(ClaimField.TITLE, title, "title")
    for number, each in enumerate(chapters, 1):
        base = _BASE.search(each)
        unit = int(base[1]) / (int(base[2]) or 1) if base else 1e-9
        start, title = _field(each, "START"), _field(each, "title")
        if title and start.isdecimal() and len(start) < 19:
            yield chapter(round(int(start) * unit, 3), title, f"chapter {number}")


def _field(text: str, name: str) -> str:
    """The value of a field, in which a backslash escapes the next character."""
    found = re.search(rf"^{name}=(.*)$", text, re.MULTILINE | re.IGNORECASE)
    return fold(re.sub(r"\\(.)", r"\1", found[1])) if found else ""


def _ogg(text: str) -> Iterator[Claim]:
    titles: dict[str, str] = dict(_OGG_NAME.findall(text))
    for number, time in _OGG_START.findall(text):
        start, title = clock_seconds(time), fold(titles.get(number, ""))
        if start is not None and title:
            yield chapter(start, title, f"chapter {int(number)}")


class _Tags(msgspec.Struct):
    title: str | None = None


class _Chapter(msgspec.Struct, rename={"starts": "startTime"}):
    """A chapter of Podcasting 2.0, of ffprobe (`start_time`) or of Podlove (`start`); seconds or a clock."""

    starts: float | str | None = None
    start_time: float | str | None = None
    start: float | str | None = None
    title: str | None = None
    tags: _Tags | None = None
    toc: bool | None = True


class _Chapters(msgspec.Struct):
    chapters: list[_Chapter]
    title: str | None = None


class ChaptersJson(Format):
    """Podcasting 2.0 chapters (https://podcasting2.org/docs/podcast-namespace, chapters/jsonChapters.md).

    Also those of ``ffprobe -show_chapters -of json``, and the list that Podlove's player takes.
    """

    name = "chapters-json"
    title = "chapters of Podcasting 2.0, ffprobe or Podlove"

    def recognizes(self, head: Head) -> bool:
        """By the keys of its chapters."""
        keys = head.outline or frozenset()
        named = {"chapters[].startTime"} <= keys or {"chapters[].start_time", "chapters[].tags"} <= keys
        return named or ({"[].start", "[].title", "[].href"} <= keys and "[].text" not in keys)

    def read(self, document: Document) -> Structure:
        """Read chapters; those that are not in the table of contents only change the picture."""
        decoded = document.decode()
        value = strict_json(decoded.text)
        if bytes(memoryview(value)[:1]) == b"[":
            read = _Chapters(read_shape(value, list[_Chapter]))
        else:
            read = read_shape(value, _Chapters)
        return _structure(_claims(read), decoded.signals)


def _claims(read: _Chapters) -> Iterator[Claim]:
    if title := fold(read.title or ""):
        yield Claim(ClaimField.TITLE, title, "title")
    for number, each in enumerate(read.chapters, 1):
        title = fold(each.title or (each.tags and each.tags.title) or "")
        begins = (_seconds(time) for time in (each.starts, each.start_time, each.start))
        start = next((time for time in begins if time is not None), None)
        if title and start is not None and 0 <= start < 1e6 and each.toc is not False:
            yield chapter(start, title, f"chapter {number}")


def _seconds(time: float | str | None) -> float | None:
    return duration_seconds(time) if isinstance(time, str) else time
