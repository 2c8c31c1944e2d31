"""What services for transcription answer: AssemblyAI, Deepgram, Rev, Speechmatics, Soniox and others."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from episodic.canonical.normalizers.engines.spoken import (
    Reported,
    Timed,
    Transcription,
    conversation,
    probability,
    seconds,
    segments,
    spelling,
    summed,
)
from episodic.canonical.normalizers.speech.channels import in_order, named
from episodic.canonical.sources import Doubt, Utterance
from episodic.canonical.text.tokens import are_unspaced

_MILLISECONDS = 1000.0


class _AssemblyWord(Timed):
    """Times in milliseconds."""

    text: str
    words: list[_AssemblyWord] | None = None

    def whole(self, per_second: float) -> Reported:
        words = [word.timed(word.text, per_second) for word in self.words or ()]
        return self.reported(self.text, words, per_second)


class _Chapter(msgspec.Struct):
    """A chapter that an engine found, whose headline is shorter than its summary."""

    headline: str | None = None
    gist: str | None = None
    title: str | None = None
    start: float | None = None
    start_time: float | None = None

    def titled(self, per_second: float = 1.0) -> tuple[float | None, str]:
        begins = self.start if self.start is not None else self.start_time
        return seconds(begins, per_second), self.headline or self.gist or self.title or ""


class AssemblyAI(msgspec.Struct):
    """Utterances where speakers were asked for, sentences from their own address, words in any case."""

    utterances: list[_AssemblyWord] | None = None
    sentences: list[_AssemblyWord] | None = None
    paragraphs: list[_AssemblyWord] | None = None
    words: list[_AssemblyWord] | None = None
    language_code: str | None = None
    chapters: list[_Chapter] | None = None

    def read(self) -> Transcription:
        """The largest units that it has; times with a fraction are seconds, as its like have them."""
        units = self.utterances or self.sentences or self.paragraphs
        pieces = units or self.words or []
        times = [time for each in pieces for time in (each.start, each.end) if time is not None]
        per_second = _MILLISECONDS if all(map(float.is_integer, times)) else 1.0
        words = (word.reported(word.text, (), per_second) for word in pieces)
        said = segments(each.whole(per_second) for each in units) if units else conversation(words)
        chapters = tuple(each.titled(per_second) for each in self.chapters or ())
        return Transcription(said, self.language_code, chapters=chapters)


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
    languages: list[str] | None = None

    def whole(self) -> Reported:
        words = [word.timed(word.spelled) for word in self.words or ()]
        text = " ".join(word.text for word in words) or self.transcript
        return self.reported(text, words)._replace(channel=self.channel)

    def turns(self) -> Iterable[Utterance]:
        if not self.words:
            return segments([Reported(self.transcript, confidence=self.confidence)])
        return conversation(word.reported(word.spelled) for word in self.words)


class _DeepgramChannel(msgspec.Struct):
    alternatives: list[_DeepgramSpeech]
    detected_language: str | None = None


class Deepgram(msgspec.Struct):
    """Utterances where they were asked for, else the words of the best alternative of each channel."""

    channels: list[_DeepgramChannel]
    utterances: list[_DeepgramSpeech] | None = None

    def read(self) -> Transcription:
        """Each utterance, or each turn of its words."""
        best = [channel.alternatives[0] for channel in self.channels if channel.alternatives]
        told = (
            *(each.detected_language for each in self.channels),
            *(next(iter(each.languages or ()), None) for each in best),
        )
        language = next(filter(None, told), None)
        if self.utterances:
            return Transcription(segments(each.whole() for each in self.utterances), language)
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
            for utterance in conversation(_rev_words(monologue.elements, name), "element"):
                yield utterance._replace(where=f"monologue {number}, {utterance.where}")


def _rev_words(elements: Iterable[_RevElement], speaker: str | None) -> Iterator[Reported]:
    for element in elements:
        yield Reported(
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
    chapters: list[_Chapter] | None = None

    def read(self) -> Transcription:
        """Turns of its words."""
        config = self.metadata and self.metadata.transcription_config
        language = config.language if config else None
        best = [result.alternatives[0] for result in self.results if result.alternatives]
        if language in {None, "auto"}:
            language = next((each.language for each in best if each.language), None)
        chapters = tuple(each.titled() for each in self.chapters or ())
        return Transcription(conversation(self._words(), "result"), language, chapters=chapters)

    def _words(self) -> Iterator[Reported]:
        speaker: str | None = None
        for result in self.results:
            if not result.alternatives:
                yield Reported("")
                continue
            best = result.alternatives[0]
            attached = result.type == "punctuation" and result.attaches_to not in {"next", "none"}
            if not attached:
                speaker = named(best.speaker) or named(result.channel)
            yield Reported(
                best.content, result.start_time, result.end_time, speaker, best.confidence, attached=attached
            )


class _OldSpeechmaticsWord(msgspec.Struct):
    name: str
    time: float | None = None
    duration: float | None = None
    confidence: float | None = None


class OldSpeechmatics(msgspec.Struct):
    """Words and punctuation of version 1, beside which turns stand."""

    words: list[_OldSpeechmaticsWord]

    def read(self) -> Transcription:
        """Turns of its words."""
        said = (
            Reported(
                word.name,
                word.time,
                summed(word.time, word.duration),
                confidence=word.confidence,
                attached=not spelling(word.name),
            )
            for word in self.words
        )
        return Transcription(conversation(said))


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
            each.reported(each.text, [word.timed(word.word) for word in each.words or ()])._replace(
                channel=each.channel
            )
            for each in self.utterances
        )
        return Transcription(segments(said), self.languages[0] if self.languages else None)


class _GladiaChapters(msgspec.Struct):
    results: list[_Chapter] | None = None


class GladiaAnswer(msgspec.Struct):
    """Utterances, and the chapters that were found beside them."""

    transcription: Gladia
    chapterization: _GladiaChapters | None = None

    def read(self) -> Transcription:
        """Each utterance, and each chapter."""
        chapters = (self.chapterization and self.chapterization.results) or ()
        return replace(self.transcription.read(), chapters=tuple(each.titled() for each in chapters))


class _ScribeWord(msgspec.Struct):
    text: str
    type: str = "word"
    start: float | None = None
    end: float | None = None
    speaker_id: str | int | None = None
    logprob: float | None = None


class Scribe(msgspec.Struct):
    """Words, and the spaces between them; sounds are words in brackets."""

    words: list[_ScribeWord]
    language_code: str | None = None

    def read(self) -> Transcription:
        """Turns of its words."""
        return Transcription(conversation(self._words()), self.language_code)

    def _words(self) -> Iterator[Reported]:
        apart = True
        for word in self.words:
            text = "" if word.type == "spacing" else word.text
            mark = not apart and not spelling(text)  # scripts without spaces have their marks as words
            yield Reported(
                text, word.start, word.end, word.speaker_id, probability(word.logprob), attached=mark
            )
            apart = word.type != "word"


class ScribeChannels(msgspec.Struct):
    """A transcript for each channel."""

    transcripts: list[Scribe]

    def read(self) -> Transcription:
        """What was said in all of them, as it was said."""
        channels = [transcript.read() for transcript in self.transcripts]
        return Transcription(
            in_order(
                (number, each) for number, channel in enumerate(channels) for each in channel.utterances
            ),
            next((channel.language for channel in channels if channel.language), None),
        )


class _SonioxToken(msgspec.Struct):
    """A word or a part of one: a space begins a word."""

    text: str = ""
    start_ms: float | None = None
    end_ms: float | None = None
    confidence: float | None = None
    speaker: str | int | None = None
    language: str | None = None
    translation_status: str | None = None


class Soniox(msgspec.Struct):
    """Tokens in milliseconds; those of a translation and of the end of a turn are none that anybody said."""

    tokens: list[_SonioxToken]

    def read(self) -> Transcription:
        """Turns of the words that tokens make."""
        said = [
            token
            for token in self.tokens
            if token.translation_status != "translation" and token.text not in {"<end>", "<fin>"}
        ]
        translated = sum(token.translation_status == "translation" for token in self.tokens)
        language = next((token.language for token in said if token.language), None)
        doubts = (Doubt.left_out(f"tokens of a translation left out: {translated:,}"),) if translated else ()
        return Transcription(conversation(_soniox_words(said)), language, doubts=doubts)


def _soniox_words(tokens: Iterable[_SonioxToken]) -> Iterator[Reported]:
    word: Reported | None = None
    for token in tokens:
        speaker = named(token.speaker)
        goes_on = word is not None and not token.text[:1].isspace() and speaker == word.speaker
        if word is not None and goes_on and not are_unspaced(word.text, token.text):
            sure = None if word.confidence is None else min(word.confidence, token.confidence or 0.0)
            end = seconds(token.end_ms, 1000)
            word = word._replace(text=word.text + token.text, end=end, confidence=sure)
            continue
        if word is not None:
            yield word
        start, end = seconds(token.start_ms, 1000), seconds(token.end_ms, 1000)
        word = Reported(token.text, start, end, speaker, token.confidence)
    if word is not None:
        yield word
