"""Transcripts in JSON, as https://podcasting2.org/docs/podcast-namespace has them."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.dialogue import covered, fold
from episodic.canonical.normalizers.engines.json_text import finite, read_json
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.sources import Utterance, Word

_SEGMENT: Final = re.compile(r"\"(?:startTime|body)\"\s*:")
# A silence after which words begin an utterance of their own.
_PAUSE_SECONDS: Final = 2.0


class _Segment(msgspec.Struct, rename="camel"):
    body: str | None = None
    start_time: float | None = None
    end_time: float | None = None
    speaker: str | None = None


class _Transcript(msgspec.Struct):
    segments: list[_Segment]


class PodcastJson:
    """Segments with ``startTime``, ``endTime``, ``speaker`` and ``body``: sentences or single words."""

    name = "podcast-json"
    title = "Podcasting 2.0 JSON"
    suffixes = ()

    def recognizes(self, head: Head) -> bool:
        """By the keys of its segments."""
        text = head.text.lstrip()
        return text[:1] == "{" and '"segments"' in text and _SEGMENT.search(text) is not None

    def read(self, document: Document) -> Structure:
        """Read segments; single words of one speaker are put together."""
        decoded = document.decode()
        segments = read_json(document, decoded.text, _Transcript).segments
        bodies = [body for segment in segments if (body := (segment.body or "").strip())]
        single = sum(1 for body in bodies if len(body.split()) == 1)
        read = _by_word if single * 2 > len(bodies) and len(bodies) > 1 else _by_segment
        utterances = tuple(read(segments))
        if not utterances:
            raise SourceError(document.uri, "has no segment with text; is it the right file?")
        return Structure(utterances=utterances, signals=covered(decoded.signals, utterances))


def _by_segment(segments: Sequence[_Segment]) -> Iterator[Utterance]:
    for number, segment in enumerate(segments, 1):
        if text := fold(segment.body or ""):
            yield Utterance(
                text,
                f"segment {number}",
                segment.speaker or None,
                finite(segment.start_time),
                finite(segment.end_time),
            )


def _by_word(segments: Sequence[_Segment]) -> Iterator[Utterance]:
    """Words put together until the speaker changes or falls silent."""
    words: list[Word] = []
    where, speaker = "", None
    for number, segment in enumerate(segments, 1):
        start, end = finite(segment.start_time), finite(segment.end_time)
        if not (text := fold(segment.body or "")):
            continue
        previous = words[-1].end if words else None
        paused = previous is not None and start is not None and start - previous > _PAUSE_SECONDS
        if (words and (segment.speaker or None) != speaker) or paused:
            yield _joined(words, where, speaker)
            words = []
        if not words:
            where, speaker = f"segment {number}", segment.speaker or None
        words.append(Word(text, start, end))
    if words:
        yield _joined(words, where, speaker)


def _joined(words: Sequence[Word], where: str, speaker: str | None) -> Utterance:
    text = " ".join(word.text for word in words)
    return Utterance(text, where, speaker, words[0].start, words[-1].end, None, tuple(words))
