"""TTML (https://www.w3.org/TR/ttml2/), with DFXP and iTT; and what YouTube has instead, srv1 to srv3."""

import html
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.captions.markup import webvtt_markup, word_stamp
from episodic.canonical.normalizers.captions.structure import caption_structure, without_times
from episodic.canonical.normalizers.format import LARGE, Document, Format, Head, Structure
from episodic.canonical.normalizers.statements import field_claims
from episodic.canonical.normalizers.xml import (
    PROLOG,
    Element,
    IllFormedXmlError,
    declared_encoding,
    local_name,
    parse_xml,
)
from episodic.canonical.sources import Claim, Utterance
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import clock_seconds
from episodic.canonical.text.tokens import fold

_PROLOG: Final = PROLOG + r"(?:<!DOCTYPE[^<>\[]*+>\s*+)?"
_ROOT: Final = pattern(_PROLOG + r"<(?:[\w.-]++:)?tt[\s>]", re.DOTALL)
_YOUTUBE_ROOT: Final = pattern(
    _PROLOG + r"<(?:timedtext[\s>]|transcript>\s*+<text\s|transcript\s[^<>]*+>\s*+<text\s)", re.DOTALL
)
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
# Without a unit, which the specification wants, Apple and others mean seconds.
_OFFSET: Final = pattern(r"(\d{1,12}(?:\.\d{1,9})?)(h|ms|m|s|f|t|)", re.ASCII)
_FRAMED: Final = pattern(r"(\d{2,4}:\d{2}:\d{2})[:;](\d{1,3})(?:\.\d+)?", re.ASCII)
_READINGS: Final = frozenset({"text", "textContainer", "delimiter"})  # of characters, above them
_SAID: Final = {"title": "title", "desc": "description"}
_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "": 1.0}


class Ttml(Format):
    """TTML: paragraphs with times, and agents who say them."""

    name = "ttml"
    title = "TTML (DFXP, iTT)"
    suffixes = (".ttml", ".dfxp", ".itt")
    isolated_above = LARGE  # lxml takes twenty times its size

    def recognizes(self, head: Head) -> bool:
        """By the root element, whatever its prefix."""
        return _ROOT.match(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Read paragraphs, or the spans in them that have times of their own."""
        decoded = document.decode(declared_encoding(document.data))
        root = _parsed(document, decoded.text)
        rates = _rates(root)
        absolute = _is_absolute(root, rates)
        cues = list(_Reader(rates, _agents(root), absolute).cues(root))
        signals = without_times([cue for cue in cues if cue.start is None], cues)
        if absolute:
            signals = replace(signals, notes=("times inside of paragraphs count from the beginning",))
        return caption_structure(
            decoded,
            cues,
            language=root.get(f"{_XML}lang"),
            claims=tuple(_claims(root)),
            signals=signals,
        )


def _claims(root: Element) -> Iterator[Claim]:
    """What the head says of the whole."""
    for head in root:
        if local_name(head) == "head":
            for element in itertools.chain(head, *(each for each in head if local_name(each) == "metadata")):
                if label := _SAID.get(local_name(element)):
                    yield from field_claims(label, "".join(element.itertext()), "head")


def _parsed(document: Document, text: str) -> Element:
    try:
        return parse_xml(document, text).root
    except IllFormedXmlError as error:
        raise UnreadableError(f"is not well-formed XML: {error}; export it again") from error


def _attribute(element: Element, name: str) -> str | None:
    """An attribute, whatever its namespace; drafts and versions differ in it."""
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), None)


@dataclass(frozen=True, slots=True)
class _Rates:
    """Frames and ticks a second."""

    frames: float
    ticks: float

    def seconds(self, text: str | None) -> float | None:
        """A time expression (section 12.3); `None` where it is none."""
        text = (text or "").strip()
        if match := _OFFSET.fullmatch(text):
            if (unit := _UNITS.get(match[2])) is not None:
                return float(match[1]) * unit
            return float(match[1]) / (self.frames if match[2] == "f" else self.ticks)
        if match := _FRAMED.fullmatch(text):
            whole = clock_seconds(match[1])
            return None if whole is None else whole + int(match[2]) / self.frames
        return clock_seconds(text)


def _rates(root: Element) -> _Rates:
    frames = _number(_attribute(root, "frameRate")) or 30.0
    multiplier = (_attribute(root, "frameRateMultiplier") or "").replace(":", " ").split()
    if len(multiplier) == 2 and (below := _number(multiplier[1])):
        frames *= (_number(multiplier[0]) or 1.0) / below
    ticks = _number(_attribute(root, "tickRate"))
    return _Rates(frames, ticks or (frames if _attribute(root, "frameRate") else 1.0))


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"[1-9]\d{0,9}", text, re.ASCII) else None


def _is_absolute(root: Element, rates: _Rates) -> bool:
    """Whether times in something timed count from the beginning, as Apple and others write them.

    The specification (section 12.2.4) counts them from the beginning of what they stand in. One of the two
    has parts begin before what they are part of, or begin or end after it.
    """
    relative = absolute = 0  # what speaks against each
    for holder in root.iter():
        begin, end = rates.seconds(holder.get("begin")), rates.seconds(holder.get("end"))
        if begin is None or end is None:
            continue
        for child in holder:
            if (start := rates.seconds(child.get("begin"))) is not None:
                stop = rates.seconds(child.get("end")) or start
                relative += round(begin + max(start, stop) - end, 6) > 0
                absolute += not begin <= start <= end or stop > end
    return absolute < relative


def _agents(root: Element) -> dict[str, str]:
    """The names of the agents; one without a name is called as it is referred to."""
    agents: dict[str, str] = {}
    for element in root.iter():
        if local_name(element) == "agent" and (key := element.get(f"{_XML}id")):
            names = {
                _attribute(child, "type"): fold("".join(child.itertext()))
                for child in element
                if local_name(child) == "name"
            }
            agents[key] = names.get("full") or next(filter(None, names.values()), key)
    return agents


@dataclass(frozen=True, slots=True)
class _Reader:
    rates: _Rates
    agents: dict[str, str]
    absolute: bool

    def cues(self, root: Element) -> Iterator[Utterance]:
        """The cues, numbered by their paragraphs."""
        body = next((child for child in root if local_name(child) == "body"), None)
        if body is None:
            return
        paragraphs = self._paragraphs(body, 0.0, None, None)
        for number, (element, begin, end, agent) in enumerate(paragraphs, 1):
            where = f"paragraph {number}"
            for start, stop, speaker, text in self._said(element, begin, end, agent):
                if start is None:
                    yield Utterance(text, where, speaker)
                else:
                    until = round(start if stop is None else stop, 6)
                    yield Utterance(text, where, speaker, round(start, 6), until)

    def _paragraphs(
        self, holder: Element, base: float | None, until: float | None, agent: str | None
    ) -> Iterator[tuple[Element, float | None, float | None, str | None]]:
        """Paragraphs with their times: those of an element are counted from what it stands in."""
        begin, end = self._interval(holder, base, until)
        agent = self._agent(holder) or agent
        if local_name(holder) == "p":
            yield holder, begin, end, agent
            return
        for child in holder:
            if local_name(child) in {"div", "p"}:
                yield from self._paragraphs(child, begin, end, agent)

    def _interval(
        self, element: Element, base: float | None, until: float | None
    ) -> tuple[float | None, float | None]:
        """When an element begins and ends; `None` for a beginning that cannot be read."""
        begin = self.rates.seconds(element.get("begin"))
        end = self.rates.seconds(element.get("end"))
        lasting = self.rates.seconds(element.get("dur"))
        origin = 0.0 if self.absolute else base
        if element.get("begin") is None:
            start = base
        else:
            start = None if begin is None or origin is None else origin + begin
        if end is not None and origin is not None:
            return start, origin + end
        return start, until if lasting is None or start is None else start + lasting

    def _agent(self, element: Element) -> str | None:
        reference = (_attribute(element, "agent") or "").split()
        return ", ".join(self.agents.get(key, key) for key in reference) or None

    def _said(
        self, element: Element, begin: float | None, end: float | None, agent: str | None
    ) -> Iterator[tuple[float | None, float | None, str | None, str]]:
        """A paragraph as one cue, or as one for each span that has a time; one says a row."""
        timed = [child for child in element if child.get("begin") is not None]
        if (
            timed
            and all(not (child.tail or "").strip() for child in element)
            and not (element.text or "").strip()
        ):
            for child in element:
                start, stop = self._interval(child, begin, end)
                yield from self._said(child, start, stop, self._agent(child) or agent)
            return
        for speaker, parts in itertools.groupby(self._parts(element, agent), key=lambda part: part[0]):
            if (text := "".join(said for _, said in parts)).strip():
                yield begin, end, speaker, text

    def _parts(self, element: Element, agent: str | None) -> Iterator[tuple[str | None, str]]:
        yield agent, element.text or ""
        for child in element:
            if local_name(child) == "br":
                yield agent, "\n"
            elif local_name(child) == "span" and _attribute(child, "ruby") not in _READINGS:
                yield from self._parts(child, self._agent(child) or agent)
            yield agent, child.tail or ""


class YouTubeXml(Format):
    """YouTube's own XML: ``text`` with seconds (srv1), or ``p`` with milliseconds and parts (srv3)."""

    name = "youtube-xml"
    title = "YouTube XML (srv1, srv2, srv3)"
    suffixes = (".srv1", ".srv2", ".srv3")
    isolated_above = LARGE  # lxml takes twenty times its size

    def recognizes(self, head: Head) -> bool:
        """By the root element."""
        return _YOUTUBE_ROOT.match(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Read lines; those that only scroll have no words."""
        decoded = document.decode(declared_encoding(document.data))
        root = _parsed(document, decoded.text)
        lines = [element for element in root.iter() if local_name(element) in {"text", "p"}]
        cues = [cue for number, line in enumerate(lines, 1) if (cue := _line(line, number))]
        return caption_structure(decoded, cues, markup=webvtt_markup)


def _line(line: Element, number: int) -> Utterance | None:
    begin, length, per_second = ("start", "dur", 1) if line.get("t") is None else ("t", "d", 1000)
    start, lasting = _exact(line.get(begin)), _exact(line.get(length))
    if start is None or not "".join(line.itertext()).strip():
        return None
    end = round((start + (lasting or 0.0)) / per_second, 6)
    return Utterance("".join(_stamped(line, start)), f"line {number}", None, start / per_second, end)


def _stamped(line: Element, start: float) -> Iterator[str]:
    """The words of a line, before those of srv3 with their times; the text of srv1 is escaped twice."""
    for part in (line, *line):
        if offset := _exact(part.get("t")) if part is not line else None:
            yield word_stamp((start + offset) / 1000)
        said = part.text if part is line else "".join([*part.itertext(), part.tail or ""])
        yield html.escape(html.unescape(said or ""), quote=False)


def _exact(text: str | None) -> float | None:
    text = (text or "").strip()
    return float(text) if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text, re.ASCII) else None
