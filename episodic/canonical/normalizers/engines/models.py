"""What speech models that people run themselves write: Parakeet, Hugging Face's pipelines, Vosk, NeMo."""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from episodic.canonical.normalizers.engines.spoken import (
    Reported,
    Timed,
    Transcription,
    finite,
    joined,
    listed,
    segments,
    summed,
)
from episodic.canonical.sources import Doubt, Word


class _Token(Timed):
    text: str


class ParakeetSentence(Timed):
    """A sentence; a token that begins with a space begins a word."""

    text: str
    tokens: list[_Token] | None = None


def parakeet(sentences: list[ParakeetSentence]) -> Transcription:
    """Each sentence an utterance."""
    return Transcription(
        segments(
            each.reported(each.text, joined(token.timed(token.text) for token in each.tokens or ()))
            for each in sentences
        )
    )


class _Chunk(msgspec.Struct):
    text: str
    timestamp: tuple[float | None, float | None] | None = None
    speaker: str | int | None = None

    @property
    def reported(self) -> Reported:
        """With its times, where it has some."""
        return Reported(self.text, *self.timestamp or (None, None), self.speaker)


class Pipeline(msgspec.Struct):
    """Chunks with pairs of seconds: sentences, or single words; with speakers, insanely-fast-whisper's."""

    chunks: list[_Chunk] | None = None
    speakers: list[_Chunk] | None = None

    def read(self) -> Transcription:
        """Each chunk an utterance; single words are put together."""
        chunks = self.speakers or self.chunks or []
        return Transcription(listed((each.reported for each in chunks), "chunk"))


class _VoskWord(msgspec.Struct):
    word: str
    start: float | None = None
    end: float | None = None
    conf: float | None = None

    @property
    def timed(self) -> Word:
        return Word(self.word, self.start, self.end, self.conf)


class _VoskAlternative(msgspec.Struct):
    text: str = ""
    result: list[_VoskWord] | None = None


class VoskResult(msgspec.Struct):
    """What a recognizer answers for one stretch of speech; a partial or an empty answer has no words."""

    text: str = ""
    result: list[_VoskWord] | None = None
    alternatives: list[_VoskAlternative] | None = None

    @property
    def best(self) -> _VoskAlternative:
        """Its likeliest reading."""
        if self.alternatives:
            return self.alternatives[0]
        return _VoskAlternative(self.text, self.result)


def vosk(results: list[VoskResult]) -> Transcription:
    """Each result an utterance."""
    best = (each.best for each in results)
    return Transcription(
        segments(Reported(b.text, words=[word.timed for word in b.result or ()]) for b in best)
    )


class NemoEntry(msgspec.Struct):
    """A line of a manifest: a recording, or a part of one, and what was understood."""

    audio_filepath: str
    text: str | None = None
    pred_text: str | None = None
    offset: float | None = None
    duration: float | None = None
    speaker: str | int | None = None


def nemo_manifest(entries: list[NemoEntry]) -> Transcription:
    """Each line an utterance; its times are the episode's where all lines are parts of one recording."""
    whole = len({entry.audio_filepath for entry in entries}) == 1
    unknown = (
        "times left out: the lines come from several recordings, whose order in the episode is not given"
    )
    doubts = () if whole else (Doubt.left_out(unknown),)
    return Transcription(segments(_nemo_segments(entries, timed=whole)), doubts=doubts)


def _nemo_segments(entries: Sequence[NemoEntry], *, timed: bool) -> Iterator[Reported]:
    for each in entries:
        start = each.offset if each.offset is not None or len(entries) > 1 else 0.0
        start = finite(start) if timed else None
        text = each.pred_text if each.pred_text is not None else each.text
        yield Reported(text or "", start, summed(start, each.duration), each.speaker)


class _NemoPart(Timed):
    segment: str = ""
    word: str = ""


class NemoTimestamps(msgspec.Struct):
    """The timestamps of a hypothesis: segments, and the words in them."""

    segment: list[_NemoPart]
    word: list[_NemoPart] | None = None

    def read(self) -> Transcription:
        """Each segment an utterance, with as many of the words as it has."""
        words = (each.timed(each.word) for each in self.word or ())
        return Transcription(
            segments(
                Reported(each.segment, each.start, each.end, words=islice(words, len(each.segment.split())))
                for each in self.segment
            )
        )
