"""Whisper's JSON: openai-whisper, faster-whisper and WhisperX, whisper-timestamped."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

import msgspec

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.dialogue import covered, fold
from episodic.canonical.normalizers.engines.json_text import finite, read_json
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.sources import Utterance, Word

_KEYS: Final = re.compile(r"\"(?:avg_logprob|no_speech_prob|compression_ratio|word_segments|tokens|seek)\"")
# What every segment has, in the order of whoever wrote it.
_START: Final = re.compile(r"\"start\"\s*:\s*\"?\d")
_TEXT: Final = re.compile(r"\"(?:text|words)\"\s*:")
_OBJECTS: Final = re.compile(r"\[\s*\{")
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


class _Word(msgspec.Struct):
    """A word: `word` and `probability` (openai-whisper), `score` (WhisperX), `text` and `confidence`."""

    word: str | None = None
    text: str | None = None
    start: float | None = None
    end: float | None = None
    probability: float | None = None
    score: float | None = None
    confidence: float | None = None

    @property
    def spelled(self) -> str:
        return self.word if self.word is not None else self.text or ""

    @property
    def certainty(self) -> float | None:
        for value in (self.probability, self.score, self.confidence):
            if (number := finite(value)) is not None:
                return min(1.0, max(0.0, number))
        return None


# The same as older versions of faster-whisper give it, a tuple whose names JSON does not keep.
type _WordRow = tuple[float | None, float | None, str, float | None]


class _Segment(msgspec.Struct):
    text: str | None = None
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    words: list[_Word | _WordRow] | None = None
    confidence: float | None = None
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    compression_ratio: float | None = None


class _Transcription(msgspec.Struct):
    segments: list[_Segment]
    language: str | None = None


class WhisperJson:
    """What Whisper and its kin write with ``--output_format json``."""

    name = "whisper-json"
    title = "Whisper JSON"
    suffixes = ()

    def recognizes(self, head: Head) -> bool:
        """By the keys of its segments."""
        text = head.text.lstrip()
        if text[:1] not in {"{", "["}:
            return False
        segments = '"segments"' in text if text[:1] == "{" else _OBJECTS.match(text) is not None
        return _KEYS.search(text) is not None or (
            segments and _START.search(text) is not None and _TEXT.search(text) is not None
        )

    def read(self, document: Document) -> Structure:
        """Read segments with their words and the engine's own judgement of them."""
        decoded = document.decode()
        if decoded.text.lstrip()[:1] == "[":
            transcription = _Transcription(read_json(document, decoded.text, list[_Segment]))
        else:
            transcription = read_json(document, decoded.text, _Transcription)
        utterances = tuple(_utterances(transcription.segments))
        if not utterances:
            raise SourceError(document.uri, "has no segment with text; is it the right file?")
        said = transcription.language or ""
        language = _tag(said)
        signals = covered(decoded.signals, utterances)
        if said and language is None:
            notes = (*signals.notes, f"language given as {said!r}, which is none that has a tag")
            signals = replace(signals, notes=notes)
        segments = transcription.segments
        return Structure(
            language=language,
            utterances=utterances,
            signals=replace(
                signals,
                avg_logprob=_mean(segments, [segment.avg_logprob for segment in segments]),
                no_speech_prob=_mean(segments, [segment.no_speech_prob for segment in segments]),
                compression_ratio=_mean(segments, [segment.compression_ratio for segment in segments]),
            ),
        )


def _tag(language: str) -> str | None:
    """The tag of a language, which OpenAI's API calls by its English name."""
    if _TAG.fullmatch(language):
        return language
    from babel import Locale

    names: Mapping[str, str] = cast("Any", Locale("en")).languages  # untyped
    called = language.lower()
    return next((tag for tag, name in names.items() if "_" not in tag and name.lower() == called), None)


def _utterances(segments: Sequence[_Segment]) -> Iterator[Utterance]:
    for number, segment in enumerate(segments, 1):
        spoken = [
            word
            if isinstance(word, _Word)
            else _Word(word[2], start=word[0], end=word[1], probability=word[3])
            for word in segment.words or ()
        ]
        text = fold(segment.text or _joined(spoken))
        words = tuple(_words(spoken, text))
        if not text:
            continue
        yield Utterance(
            text,
            f"segment {number}",
            segment.speaker or None,
            finite(segment.start),
            finite(segment.end),
            _confidence(segment, words),
            words,
        )


def _joined(words: Sequence[_Word]) -> str:
    """What words spell; those of openai-whisper begin with the space before them."""
    spelled = [word.spelled for word in words]
    return ("" if any(text[:1].isspace() for text in spelled) else " ").join(spelled)


def _words(words: Sequence[_Word], text: str) -> Iterator[Word]:
    """The words, when they spell the text: an engine that left some out has no times for it."""
    spelled = [fold(word.spelled) for word in words]
    if "".join(spelled) != text.replace(" ", ""):
        return
    for word, letters in zip(words, spelled, strict=True):
        if letters:
            yield Word(letters, finite(word.start), finite(word.end), word.certainty)


def _confidence(segment: _Segment, words: Sequence[Word]) -> float | None:
    if (stated := finite(segment.confidence)) is not None:
        return min(1.0, max(0.0, stated))
    certain = [word.confidence for word in words if word.confidence is not None]
    if certain:
        return math.fsum(certain) / len(certain)
    if (logprob := finite(segment.avg_logprob)) is not None:
        return math.exp(min(0.0, logprob))
    return None


def _mean(segments: Sequence[_Segment], values: Sequence[float | None]) -> float | None:
    """Mean of the values that there are, weighted by the segments' durations."""
    pairs = [
        (max((finite(segment.end) or 0.0) - (finite(segment.start) or 0.0), 0.0), number)
        for segment, value in zip(segments, values, strict=True)
        if (number := finite(value)) is not None
    ]
    if not pairs:
        return None
    total = math.fsum(duration for duration, _ in pairs)
    if not total:
        return math.fsum(value for _, value in pairs) / len(pairs)
    return math.fsum(duration * value for duration, value in pairs) / total
