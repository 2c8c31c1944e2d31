"""Transcripts of the podcast namespace in HTML: ``cite`` is who speaks, ``time`` when, ``p`` what."""

import re
from collections.abc import Iterator
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.ingestion import Signals, Utterance
from episodic.canonical.normalizers.clock import clock_seconds
from episodic.canonical.normalizers.dialogue import coverage, fold
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.normalizers.xml import Element, check_depth, parse_page, walk

_PATTERN: Final = re.compile(r"<cite>[^<]{0,200}</cite>\s*<time>[\d:.,\s]{1,20}</time>", re.IGNORECASE)


class PodcastHtml:
    """``cite``, ``time`` and ``p`` in turn."""

    name = "podcast-html"
    title = "Podcasting 2.0 HTML"
    suffixes = ()

    def recognizes(self, head: Head) -> bool:
        """By a speaker followed by a time."""
        return _PATTERN.search(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Read paragraphs; a name holds until the next."""
        decoded = document.decode()
        utterances: tuple[Utterance, ...] = ()
        if (page := parse_page(decoded.text)) is not None:
            check_depth(document, page)
            utterances = tuple(_utterances(page))
        if not utterances:
            raise SourceError(document.uri, "has no paragraph with text; is it the right file?")
        speakers, times = coverage(utterances)
        return Structure(
            utterances=utterances,
            signals=Signals(
                speaker_coverage=speakers,
                timing_coverage=times,
                damage=decoded.damage,
                notes=decoded.notes,
            ),
        )


def _utterances(root: Element) -> Iterator[Utterance]:
    speaker: str | None = None
    start: float | None = None
    number = 0
    within = dict.fromkeys(("cite", "time", "p"), 0)
    for starts, element in walk(root):
        if element.tag not in within:
            continue
        within[element.tag] += 1 if starts else -1
        if within[element.tag]:
            continue  # what stands inside its like is read with it, and not again
        text = fold("".join(element.itertext()))
        if element.tag == "cite":
            speaker = text.removesuffix(":").rstrip() or None
        elif element.tag == "time":
            start = clock_seconds(text)
        elif text:
            number += 1
            yield Utterance(text, f"paragraph {number}", speaker, start)
            start = None
