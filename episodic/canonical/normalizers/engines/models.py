"""What speech models that people run themselves write: Parakeet, Hugging Face's pipelines, Vosk, NeMo."""

from collections.abc import Iterator, Sequence

import msgspec

from episodic.canonical.normalizers.engines.spoken import (
    Piece,
    Timed,
    Transcription,
    finite,
    joined,
    listed,
    named,
    segment,
    summed,
)
from episodic.canonical.sources import Doubt, Utterance, Word


class _Token(Timed):
    text: str


class ParakeetSentence(Timed):
    """A sentence; a token that begins with a space begins a word."""

    text: str
    tokens: list[_Token] | None = None


def parakeet(sentences: list[ParakeetSentence]) -> Transcription:
    """Each sentence an utterance."""
    return Transcription(
        utterance
        for number, each in enumerate(sentences, 1)
        for utterance in each.said(
            number, each.text, list(joined(token.timed(token.text) for token in each.tokens or ()))
        )
    )


class _Chunk(msgspec.Struct):
    text: str
    timestamp: tuple[float | None, float | None] | None = None
    speaker: str | int | None = None

    @property
    def piece(self) -> Piece:
        """With its times, where it has some."""
        return Piece(self.text, *self.timestamp or (None, None), named(self.speaker))


class Pipeline(msgspec.Struct):
    """Chunks with pairs of seconds: sentences, or single words; with speakers, insanely-fast-whisper's."""

    chunks: list[_Chunk] | None = None
    speakers: list[_Chunk] | None = None

    def read(self) -> Transcription:
        """Each chunk an utterance; single words are put together."""
        chunks = self.speakers or self.chunks or []
        return Transcription(listed((each.piece for each in chunks), "chunk"))


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
    return Transcription(
        utterance
        for number, each in enumerate(results, 1)
        for utterance in segment(
            number, each.best.text, words=[word.timed for word in each.best.result or ()]
        )
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
    return Transcription(_nemo_utterances(entries, timed=whole), doubts=doubts)


def _nemo_utterances(entries: Sequence[NemoEntry], *, timed: bool) -> Iterator[Utterance]:
    for number, each in enumerate(entries, 1):
        start = each.offset if each.offset is not None or len(entries) > 1 else 0.0
        start = finite(start) if timed else None
        text = each.pred_text if each.pred_text is not None else each.text
        yield from segment(number, text or "", start, summed(start, each.duration), speaker=each.speaker)


class _NemoSegment(msgspec.Struct):
    segment: str
    start: float | None = None
    end: float | None = None


class _NemoWord(msgspec.Struct):
    word: str
    start: float | None = None
    end: float | None = None


class NemoTimestamps(msgspec.Struct):
    """The timestamps of a hypothesis: segments, and the words in them."""

    segment: list[_NemoSegment]
    word: list[_NemoWord] | None = None

    def read(self) -> Transcription:
        """Each segment an utterance, with as many of the words as it has."""
        return Transcription(self._utterances())

    def _utterances(self) -> Iterator[Utterance]:
        words = iter(self.word or ())
        for number, each in enumerate(self.segment, 1):
            own = [word for _, word in zip(each.segment.split(), words, strict=False)]
            yield from segment(
                number,
                each.segment,
                each.start,
                each.end,
                words=[Word(word.word, word.start, word.end) for word in own],
            )
