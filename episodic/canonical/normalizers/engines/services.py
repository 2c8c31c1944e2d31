"""What services for transcription answer: AssemblyAI, Deepgram, Rev, Speechmatics, Gladia and others."""

from collections.abc import Iterable, Iterator

import msgspec

from episodic.canonical.normalizers.engines.spoken import (
    Piece,
    Segment,
    Timed,
    Transcription,
    conversation,
    in_order,
    named,
    seconds,
    segments,
)
from episodic.canonical.sources import Utterance

_MILLISECONDS = 1000.0


class _AssemblyWord(Timed):
    """Times in milliseconds."""

    text: str
    words: list[_AssemblyWord] | None = None

    def whole(self, per_second: float) -> Segment:
        words = [word.timed(word.text, per_second) for word in self.words or ()]
        return self.segment(self.text, words, per_second)


class AssemblyAI(msgspec.Struct):
    """Utterances where speakers were asked for, sentences from their own address, words in any case."""

    utterances: list[_AssemblyWord] | None = None
    sentences: list[_AssemblyWord] | None = None
    paragraphs: list[_AssemblyWord] | None = None
    words: list[_AssemblyWord] | None = None
    language_code: str | None = None

    def read(self) -> Transcription:
        """The largest units that it has; times with a fraction are seconds, as its like have them."""
        units = self.utterances or self.sentences or self.paragraphs
        pieces = units or self.words or []
        per_second = _MILLISECONDS if all((each.start or 0.0).is_integer() for each in pieces) else 1.0
        words = (word.piece(word.text, per_second) for word in pieces)
        said = segments(each.whole(per_second) for each in units) if units else conversation(words)
        return Transcription(said, self.language_code)


class _DeepgramWord(Timed):
    word: str = ""
    punctuated_word: str | None = None

    @property
    def spelled(self) -> str:
        return self.punctuated_word or self.word


class _DeepgramSpeech(Timed):
    """An utterance, or an alternative of a channel."""

    transcript: str = ""
    words: list[_DeepgramWord] | None = None
    channel: int | None = None

    def whole(self) -> Segment:
        words = [word.timed(word.spelled) for word in self.words or ()]
        text = " ".join(word.text for word in words) or self.transcript
        return self.segment(text, words)._replace(channel=self.channel)

    def turns(self) -> Iterable[Utterance]:
        if not self.words:
            return segments([Segment(self.transcript, confidence=self.confidence)])
        return conversation(word.piece(word.spelled) for word in self.words)


class _DeepgramChannel(msgspec.Struct):
    alternatives: list[_DeepgramSpeech]
    detected_language: str | None = None


class Deepgram(msgspec.Struct):
    """Utterances where they were asked for, else the words of the best alternative of each channel."""

    channels: list[_DeepgramChannel]
    utterances: list[_DeepgramSpeech] | None = None

    def read(self) -> Transcription:
        """Each utterance, or each turn of its words."""
        language = next((each.detected_language for each in self.channels if each.detected_language), None)
        if self.utterances:
            return Transcription(segments(each.whole() for each in self.utterances), language)
        best = [channel.alternatives[0] for channel in self.channels if channel.alternatives]
        said = ((number, each) for number, speech in enumerate(best) for each in speech.turns())
        return Transcription(in_order(said), language)


class _RevElement(msgspec.Struct):
    type: str = "text"
    value: str = ""
    ts: float | str | None = None
    end_ts: float | str | None = None
    timestamp: float | str | None = None
    end_timestamp: float | str | None = None
    confidence: float | None = None


class _RevSpeaker(msgspec.Struct):
    id: str | int | None = None
    name: str | None = None
    display_name: str | None = None


class _RevMonologue(msgspec.Struct):
    elements: list[_RevElement]
    speaker: str | int | None = None
    speaker_info: _RevSpeaker | None = None


class Rev(msgspec.Struct):
    """Monologues of elements: words with times, and what stands between them."""

    monologues: list[_RevMonologue]
    speakers: list[_RevSpeaker] | None = None
    language: str | None = None

    def read(self) -> Transcription:
        """Each monologue an utterance, more where it is long or pauses."""
        return Transcription(self._utterances(), self.language)

    def _utterances(self) -> Iterator[Utterance]:
        names = {each.id: each.name for each in self.speakers or () if each.name}
        for number, monologue in enumerate(self.monologues, 1):
            info = monologue.speaker_info
            name = names.get(monologue.speaker) or (info and info.display_name) or named(monologue.speaker)
            for utterance in conversation(_rev_pieces(monologue.elements, name), "element"):
                yield utterance._replace(where=f"monologue {number}, {utterance.where}")


def _rev_pieces(elements: Iterable[_RevElement], speaker: str | None) -> Iterator[Piece]:
    for element in elements:
        yield Piece(
            element.value,
            seconds(element.ts if element.ts is not None else element.timestamp),
            seconds(element.end_ts if element.end_ts is not None else element.end_timestamp),
            speaker,
            element.confidence,
            attached=element.type == "punct",
        )


class _SpeechmaticsAlternative(msgspec.Struct):
    content: str
    confidence: float | None = None
    language: str | None = None
    speaker: str | None = None


class _SpeechmaticsResult(msgspec.Struct):
    alternatives: list[_SpeechmaticsAlternative] | None = None
    type: str = "word"
    start_time: float | None = None
    end_time: float | None = None
    attaches_to: str | None = None
    channel: str | None = None


class _SpeechmaticsConfig(msgspec.Struct):
    language: str | None = None


class _SpeechmaticsMetadata(msgspec.Struct):
    transcription_config: _SpeechmaticsConfig | None = None


class Speechmatics(msgspec.Struct):
    """Words and punctuation, the best alternative of each."""

    results: list[_SpeechmaticsResult]
    metadata: _SpeechmaticsMetadata | None = None

    def read(self) -> Transcription:
        """Turns of its words."""
        config = self.metadata and self.metadata.transcription_config
        language = config.language if config else None
        best = [result.alternatives[0] for result in self.results if result.alternatives]
        if language in {None, "auto"}:
            language = next((each.language for each in best if each.language), None)
        return Transcription(conversation(self._pieces(), "result"), language)

    def _pieces(self) -> Iterator[Piece]:
        speaker: str | None = None
        for result in self.results:
            if not result.alternatives:
                yield Piece("")
                continue
            best = result.alternatives[0]
            attached = result.type == "punctuation" and result.attaches_to not in {"next", "none"}
            if not attached:
                speaker = named(best.speaker) or named(result.channel)
            yield Piece(
                best.content, result.start_time, result.end_time, speaker, best.confidence, attached=attached
            )


class _GladiaWord(Timed):
    word: str


class _GladiaUtterance(Timed):
    text: str = ""
    language: str | None = None
    words: list[_GladiaWord] | None = None
    channel: int | None = None


class Gladia(msgspec.Struct):
    """Utterances with words."""

    utterances: list[_GladiaUtterance]
    languages: list[str] | None = None

    def read(self) -> Transcription:
        """Each utterance."""
        said = (
            each.segment(each.text, [word.timed(word.word) for word in each.words or ()])._replace(
                channel=each.channel
            )
            for each in self.utterances
        )
        return Transcription(segments(said), self.languages[0] if self.languages else None)


class FirefliesSentence(msgspec.Struct):
    """A sentence with a name and seconds."""

    text: str | None = None
    raw_text: str | None = None
    speaker_name: str | None = None
    speaker_id: str | int | None = None
    start_time: float | str | None = None
    end_time: float | str | None = None


def fireflies(sentences: list[FirefliesSentence]) -> Transcription:
    """Each sentence an utterance."""
    return Transcription(
        segments(
            Segment(
                each.text or each.raw_text or "",
                seconds(each.start_time),
                seconds(each.end_time),
                each.speaker_name or each.speaker_id,
            )
            for each in sentences
        )
    )
