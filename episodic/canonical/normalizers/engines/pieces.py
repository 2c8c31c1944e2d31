"""What services write whose words come in pieces: ElevenLabs (spaces, events), Soniox (parts of words)."""

from collections.abc import Iterable, Iterator

import msgspec

from episodic.canonical.normalizers.engines.spoken import (
    Piece,
    Transcription,
    conversation,
    in_order,
    named,
    probability,
    seconds,
)
from episodic.canonical.sources import Doubt
from episodic.canonical.tokens import is_unspaced


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
        return Transcription(conversation(self._pieces()), self.language_code)

    def _pieces(self) -> Iterator[Piece]:
        for word in self.words:
            text = "" if word.type == "spacing" else word.text
            yield Piece(text, word.start, word.end, named(word.speaker_id), probability(word.logprob))


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


def _soniox_words(tokens: Iterable[_SonioxToken]) -> Iterator[Piece]:
    word: Piece | None = None
    for token in tokens:
        speaker = named(token.speaker)
        goes_on = word is not None and not token.text[:1].isspace() and speaker == word.speaker
        if word is not None and goes_on and not _are_unspaced(word.text, token.text):
            sure = None if word.confidence is None else min(word.confidence, token.confidence or 0.0)
            end = seconds(token.end_ms, 1000)
            word = word._replace(text=word.text + token.text, end=end, confidence=sure)
            continue
        if word is not None:
            yield word
        start, end = seconds(token.start_ms, 1000), seconds(token.end_ms, 1000)
        word = Piece(token.text, start, end, speaker, token.confidence)
    if word is not None:
        yield word


def _are_unspaced(before: str, after: str) -> bool:
    """Whether two tokens are words of a script that has nothing between words."""
    return bool(before and after) and is_unspaced(before[-1]) and is_unspaced(after[0])
