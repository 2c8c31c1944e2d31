"""Transcripts of the podcast namespace in HTML: ``cite`` is who speaks, ``time`` when, ``p`` what."""

import re
from collections.abc import Iterator
from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.documents.html_text import BLOCKS, HEADINGS
from episodic.canonical.normalizers.format import LARGE, Document, Format, Head, Structure
from episodic.canonical.normalizers.speech.dialogue import covered
from episodic.canonical.normalizers.xml import Element, check_depth, parse_page, walk
from episodic.canonical.sources import Utterance
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import clock_seconds
from episodic.canonical.text.tokens import fold

_CITE: Final = r"<cite\b[^<>]{0,200}>(?:[^<]|</?(?:b|strong|em|i|span)\b[^<>]{0,200}>){0,200}</cite>"
_TIME: Final = r"<time\b[^<>]{0,200}>\s{0,9}[\[(]?\d{1,3}:\d\d[\d:.,]{0,9}[\])]?\s{0,9}</time>"
_TURN: Final = pattern(rf"{_CITE}\s*{_TIME}", re.IGNORECASE)
# The specification wants names and times where they are available only; one alone is a mention of something.
_PARAGRAPH: Final = pattern(rf"(?:{_CITE}|{_TIME})\s*<p\b", re.IGNORECASE)
_MARKS: Final = frozenset({"cite", "time"})
_SILENT: Final = frozenset({"head", "script", "style", "template", *HEADINGS})


class PodcastHtml(Format):
    """``cite``, ``time`` and ``p`` in turn."""

    name = "podcast-html"
    title = "Podcasting 2.0 HTML"
    isolated_above = LARGE  # lxml takes twenty times its size

    def recognizes(self, head: Head) -> bool:
        """By a speaker followed by a time, or several paragraphs after a speaker or a time."""
        return _TURN.search(head.text) is not None or len(_PARAGRAPH.findall(head.text)) >= 2

    def read(self, document: Document) -> Structure:
        """Read paragraphs; a name holds until the next."""
        decoded = document.decode()
        utterances: tuple[Utterance, ...] = ()
        if (page := parse_page(decoded.text)) is not None:
            check_depth(document, page)
            utterances = tuple(_utterances(page))
        if not utterances:
            raise UnreadableError("has no paragraph with text; is it the right file?")
        return Structure(utterances=utterances, signals=covered(decoded.signals, utterances))


def _utterances(root: Element) -> Iterator[Utterance]:
    """A block of text an utterance, outside of names, times and headings; a name holds until the next."""
    speaker: str | None = None
    start: float | None = None
    number = paragraphs = 0
    words: list[str] = []
    silent: Element | None = None  # what is no speech, with all that is in it

    def finished() -> Iterator[Utterance]:
        nonlocal number, start
        if text := fold("".join(words)):
            number += 1
            yield Utterance(text, f"paragraph {number}", speaker, start)
            start = None
        words.clear()

    def hear(text: str | None) -> None:
        if text and (words or not text.isspace()):
            words.append(text)

    for starts, element in walk(root):
        tag = element.tag
        if starts and silent is None:
            if tag in BLOCKS or (tag in _MARKS and not paragraphs):
                yield from finished()
            paragraphs += tag == "p"
            if tag in _SILENT:
                silent = element
            elif tag in _MARKS and not words and (not paragraphs or _leads(element)):
                silent = element
                text = fold("".join(element.itertext()))
                if tag == "cite":
                    speaker = text.removesuffix(":").rstrip() or None
                else:
                    start = clock_seconds(text.strip("[]()"))
            else:
                hear("\n" if tag == "br" else element.text)
        elif not starts:
            if silent is element:
                silent = None
            elif silent is None:
                if tag in BLOCKS:
                    yield from finished()
                paragraphs -= tag == "p"
            if silent is None and element is not root:
                hear(element.tail)
    yield from finished()


def _leads(mark: Element) -> bool:
    """Whether a name or a time at the beginning of a paragraph is none of its words."""
    text = "".join(mark.itertext()).strip()
    if mark.tag == "time":
        return clock_seconds(text.strip("[]()")) is not None
    follows = None if (mark.tail or "").strip() else mark.getnext()
    return text.endswith(":") or (follows is not None and follows.tag == "time")
