"""What the speech services of Amazon, Google, IBM and Microsoft write."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from episodic.canonical.normalizers.engines.spoken import (
    Reported,
    Transcription,
    conversation,
    seconds,
    segments,
    share,
    summed,
)
from episodic.canonical.normalizers.speech.channels import in_order, named
from episodic.canonical.sources import Doubt, Word

_TICKS = 10_000_000.0  # of 100 nanoseconds
_MILLISECONDS = 1000.0


class _AmazonAlternative(msgspec.Struct):
    content: str = ""
    confidence: float | None = None


class _AmazonItem(msgspec.Struct):
    alternatives: list[_AmazonAlternative] | None = None
    type: str = "pronunciation"
    start_time: str | float | None = None
    end_time: str | float | None = None
    speaker_label: str | None = None
    channel_label: str | None = None

    @property
    def times(self) -> tuple[str | float | None, str | float | None]:
        return self.start_time, self.end_time

    def reported(self, speaker: str | None) -> Reported:
        best = self.alternatives[0] if self.alternatives else _AmazonAlternative()
        start, end = map(seconds, self.times)
        attached = self.type == "punctuation"
        return Reported(best.content, start, end, speaker, best.confidence, attached=attached)


class _AmazonSpeech(msgspec.Struct):
    """A segment of somebody's speech, or a channel, with the times of its items."""

    speaker_label: str | None = None
    channel_label: str | None = None
    items: list[_AmazonItem] | None = None


class _AmazonSpeakers(msgspec.Struct):
    segments: list[_AmazonSpeech] = []
    channels: list[_AmazonSpeech] = []


class _AmazonLanguage(msgspec.Struct):
    """One of several that were heard, the most first."""

    language_code: str | None = None


class Amazon(msgspec.Struct):
    """Words and punctuation; who spoke stands beside them, or in lists of their times."""

    items: list[_AmazonItem]
    speaker_labels: _AmazonSpeakers | None = None
    channel_labels: _AmazonSpeakers | None = None
    language_code: str | None = None
    language_codes: list[_AmazonLanguage] = []

    def read(self) -> Transcription:
        """Turns of its words, channel by channel, as what two say at once stands word by word."""
        labels = self.speaker_labels or self.channel_labels
        speakers = {
            item.times: item.speaker_label or speech.speaker_label or speech.channel_label
            for speech in ((*labels.segments, *labels.channels) if labels else ())
            for item in speech.items or ()
        }
        channels: dict[str | None, list[Reported]] = {}
        for item in self.items:
            own = item.speaker_label or (None if self.speaker_labels else item.channel_label)
            speaker = own or speakers.get(item.times) or item.channel_label
            channels.setdefault(item.channel_label, []).append(item.reported(speaker))
        said = (
            (number, each)
            for number, words in enumerate(channels.values())
            for each in conversation(words, "item")
        )
        language = next((each.language_code for each in self.language_codes), None)
        return Transcription(in_order(said), self.language_code or language)


class _Stamp(msgspec.Struct):
    """A duration of protocol buffers, as some clients write it."""

    seconds: int | str = 0
    nanos: int = 0


type _Moment = str | float | _Stamp | None


def _moment(value: _Moment) -> float | None:
    if isinstance(value, _Stamp):
        whole = seconds(str(value.seconds))
        return None if whole is None else whole + value.nanos / 1e9
    return seconds(value)


def _first(*moments: _Moment) -> float | None:
    """The one that is there."""
    return next((_moment(each) for each in moments if each is not None), None)


class _GoogleWord(msgspec.Struct, rename="camel"):
    """A word of the first version (``startTime``, ``speakerTag``) or the second (``startOffset``, …)."""

    word: str = ""
    start_time: _Moment = None
    end_time: _Moment = None
    start_offset: _Moment = None
    end_offset: _Moment = None
    speaker_tag: int | None = None
    speaker_label: str | None = None
    confidence: float | None = None

    @property
    def start(self) -> float | None:
        begin = _first(self.start_time, self.start_offset)
        return 0.0 if begin is None and self.end is not None else begin  # nought is left out

    @property
    def end(self) -> float | None:
        return _first(self.end_time, self.end_offset)

    @property
    def speaker(self) -> str | None:
        return named(self.speaker_label or self.speaker_tag or None)


class _GoogleAlternative(msgspec.Struct):
    transcript: str = ""
    confidence: float | None = None
    words: list[_GoogleWord] | None = None


class _GoogleResult(msgspec.Struct, rename="camel"):
    alternatives: list[_GoogleAlternative] | None = None
    language_code: str | None = None
    result_end_time: _Moment = None
    result_end_offset: _Moment = None
    channel_tag: int | None = None

    @property
    def end(self) -> float | None:
        return _first(self.result_end_time, self.result_end_offset)


class Google(msgspec.Struct):
    """Results with their best alternative; with speakers, the last of version 1 has all words again."""

    results: list[_GoogleResult]

    def read(self) -> Transcription:
        """Turns of the words that have speakers, or else each result an utterance."""
        language = next((result.language_code for result in self.results if result.language_code), None)
        best = [result.alternatives[0] for result in self.results if result.alternatives]
        spoken = [each for each in best if any(word.speaker for word in each.words or ())]
        if spoken:
            words = (word for each in spoken for word in each.words or ())
            pieces = (Reported(word.word, word.start, word.end, word.speaker, _known(word)) for word in words)
            return Transcription(conversation(pieces), language)
        return Transcription(segments(self._said()), language)

    def _said(self) -> Iterator[Reported]:
        until: float | None = None
        for result in self.results:
            begin, until = until, result.end
            best = result.alternatives[0] if result.alternatives else _GoogleAlternative()
            words = [Word(word.word, word.start, word.end, _known(word)) for word in best.words or ()]
            start, stop = (words[0].start, words[-1].end) if words else (begin, until)
            sure = best.confidence or None
            yield Reported(best.transcript, start, stop, None, sure, words, channel=result.channel_tag)


class _GoogleInline(msgspec.Struct):
    transcript: Google | None = None


class _GoogleFile(msgspec.Struct, rename="camel"):
    inline_result: _GoogleInline | None = None
    transcript: Google | None = None

    @property
    def said(self) -> Google | None:
        """What was said in it; nothing where it failed, or was written elsewhere."""
        return (self.inline_result and self.inline_result.transcript) or self.transcript


class GoogleBatch(msgspec.Struct):
    """What a batch of version 2 answers inline: results by the recordings' addresses."""

    results: dict[str, _GoogleFile]

    def read(self) -> Transcription:
        """What was said in the first recording."""
        first, *others = [said for file in self.results.values() if (said := file.said)] or [Google([])]
        doubt = Doubt.left_out(f"transcripts of other recordings left out: {len(others)}")
        return replace(first.read(), doubts=(doubt,) if others else ())


def _known(word: _GoogleWord) -> float | None:
    """A confidence of nought is how Google says that there is none."""
    return share(word.confidence) or None


class _WatsonAlternative(msgspec.Struct):
    """A reading, with rows of a word and its times, and rows of a word and its confidence."""

    transcript: str = ""
    confidence: float | None = None
    timestamps: list[tuple[str, float, float]] | None = None
    word_confidence: list[tuple[str, float]] | None = None


class _WatsonResult(msgspec.Struct):
    alternatives: list[_WatsonAlternative] | None = None
    final: bool = True


class _WatsonLabel(msgspec.Struct, rename={"start": "from"}):
    """Who speaks from a moment, at which a word begins."""

    start: float | None = None
    speaker: int | None = None


class Watson(msgspec.Struct):
    """Results with their best alternative; who spoke stands beside them, by the times of words."""

    results: list[_WatsonResult]
    speaker_labels: list[_WatsonLabel] | None = None

    def read(self) -> Transcription:
        """Turns of the words that have speakers, or else each result an utterance."""
        best = [each.alternatives[0] for each in self.results if each.alternatives and each.final]
        speakers = {label.start: label.speaker for label in self.speaker_labels or ()}
        if speakers and all(each.timestamps for each in best):
            words = (word for each in best for word in _watson_words(each))
            return Transcription(
                conversation(
                    Reported(word.text, word.start, word.end, speakers.get(word.start), word.confidence)
                    for word in words
                )
            )
        return Transcription(
            segments(
                Reported(each.transcript, confidence=each.confidence, words=_watson_words(each))
                for each in best
            )
        )


def _watson_words(reading: _WatsonAlternative) -> Iterator[Word]:
    sure = [confidence for _, confidence in reading.word_confidence or ()]
    for number, (text, start, end) in enumerate(reading.timestamps or ()):
        yield Word(text, start, end, sure[number] if number < len(sure) else reading.confidence)


class _AzureSpan(msgspec.Struct, rename="camel"):
    """When something is said, in ticks or milliseconds."""

    offset: float | str | None = None
    duration: float | str | None = None
    offset_in_ticks: float | None = None
    duration_in_ticks: float | None = None
    offset_milliseconds: float | None = None
    duration_milliseconds: float | None = None

    @property
    def start(self) -> float | None:
        return _azure_seconds(_ticks(self.offset_in_ticks, self.offset), self.offset_milliseconds)

    @property
    def end(self) -> float | None:
        length = _azure_seconds(_ticks(self.duration_in_ticks, self.duration), self.duration_milliseconds)
        return summed(self.start, length)


class _AzureWord(_AzureSpan, rename="camel"):
    word: str | None = None
    text: str | None = None
    display_text: str | None = None
    confidence: float | None = None

    def timed(self) -> Word:
        spelled = self.display_text or self.word or self.text or ""
        return Word(spelled, self.start, self.end, share(self.confidence))


class _AzureBest(msgspec.Struct, rename="camel"):
    display: str = ""
    lexical: str = ""
    confidence: float | None = None
    words: list[_AzureWord] | None = None
    display_words: list[_AzureWord] | None = None


class AzurePhrase(_AzureSpan, rename="camel"):
    """A phrase of a batch, with its best readings, or of a fast transcription, with its text."""

    n_best: list[_AzureBest] | None = None
    text: str = ""
    words: list[_AzureWord] | None = None
    display_text: str = ""
    speaker: str | int | None = None
    speaker_id: str | int | None = None
    channel: int | None = None
    locale: str | None = None
    confidence: float | None = None

    def reported(self) -> Reported:
        """With its best reading, where it has several."""
        best = self.n_best[0] if self.n_best else None
        words = (best.display_words or best.words) if best else self.words
        return Reported(
            (best.display or best.lexical) if best else self.text or self.display_text,
            self.start,
            self.end,
            self.speaker if self.speaker is not None else self.speaker_id,
            best.confidence if best else self.confidence,
            [word.timed() for word in words or ()],
            channel=self.channel,
        )


def _ticks(known: float | None, other: float | str | None) -> float | None:
    """Ticks, as older answers have them in a number; in newer ones, a text says the same as them."""
    return other if known is None and not isinstance(other, str) else known


def _azure_seconds(ticks: float | None, milliseconds: float | None) -> float | None:
    return seconds(ticks, _TICKS) if ticks is not None else seconds(milliseconds, _MILLISECONDS)


def azure(phrases: Iterable[AzurePhrase]) -> Transcription:
    """Each phrase an utterance, as they were said."""
    listed = sorted(phrases, key=lambda each: each.start or 0.0)
    language = next((phrase.locale for phrase in listed if phrase.locale), None)
    return Transcription(segments(phrase.reported() for phrase in listed), language)


class AzureFile(msgspec.Struct, rename="camel"):
    """What batches of version 2 answer for a channel: phrases in ticks."""

    segment_results: list[AzurePhrase]


def azure_files(files: list[AzureFile]) -> Transcription:
    """The phrases of all channels."""
    return azure(phrase for file in files for phrase in file.segment_results)
