"""What Whisper and its kin write: openai's, faster-whisper, WhisperX, whisper-timestamped, whisper.cpp."""

import contextlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import msgspec

from episodic.canonical.normalizers.engines.spoken import (
    Reported,
    Timed,
    Transcription,
    conversation,
    finite,
    joined,
    probability,
    seconds,
    segments,
    share,
    spelling,
)
from episodic.canonical.normalizers.speech.dialogue import SENTENCE_END
from episodic.canonical.normalizers.units import time_unit
from episodic.canonical.sources import Signals, Word
from episodic.canonical.text.patterns import pattern

_FEW_WORDS = 3  # of another speaker inside of a sentence
# Whisper's own tokens, ``<|en|>`` and ``<|0.50|>``, as WhisperKit leaves them.
_CONTROL = pattern(r"<\|[^<>|]{1,40}\|>")


class _Word(Timed):
    """A word: `word` and `probability` (openai-whisper), `score` (WhisperX), `text` and `confidence`."""

    word: str | None = None
    text: str | None = None
    probability: float | None = None
    score: float | None = None

    @property
    def spelled(self) -> str:
        return self.word if self.word is not None else self.text or ""

    def sure(self, unit: float) -> Word:
        """The word in seconds, with whichever confidence it has."""
        certain = (share(value) for value in (self.probability, self.score, self.confidence))
        found = next((value for value in certain if value is not None), None)
        return replace(self.timed(self.spelled, unit), confidence=found)


# The same as older versions of faster-whisper give it, a tuple whose names JSON does not keep.
type _WordRow = tuple[float | None, float | None, str, float | None]


class WhisperSegment(Timed):
    """A segment of any of them; `stop` and whole numbers are how some tools write other units."""

    text: str | None = None
    stop: float | None = None
    speaker_name: str | None = None
    speaker_label: str | None = None
    speaker_id: str | int | None = None
    words: list[_Word | _WordRow] | None = None
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    compression_ratio: float | None = None

    def __post_init__(self) -> None:
        """Take the speaker by whatever key, and control tokens out of the text."""
        if self.speaker is None:
            named = (self.speaker_name, self.speaker_label, self.speaker_id)
            self.speaker = next((each for each in named if each is not None), None)
        if self.text and "<|" in self.text:
            self.text = _CONTROL.sub("", self.text)

    @property
    def until(self) -> float | None:
        """Where it ends, in the document's unit."""
        return self.end if self.end is not None else self.stop

    def spoken(self) -> list[_Word]:
        """Its words, in one form."""
        return [
            word
            if isinstance(word, _Word)
            else _Word(word[2], start=word[0], end=word[1], probability=word[3])
            for word in self.words or ()
        ]


class Whisper(msgspec.Struct):
    """Segments with the engine's judgement of them."""

    segments: list[WhisperSegment]
    language: str | None = None
    detected_language: str | None = None
    # Beside them, as OpenAI's interface answers where it is asked for both.
    words: msgspec.Raw = msgspec.Raw(b"null")

    def read(self) -> Transcription:
        """Each segment an utterance."""
        whole = self.segments
        if not any(each.words for each in whole):
            whole = list(_parted(whole, self.words))
        unit = time_unit((finite(each.start), finite(each.until), len(each.text or "")) for each in whole)
        voices = [_voices(each) for each in whole]
        parted = sum(len(parts) > 1 for parts in voices)
        return Transcription(
            segments(_said(voices, unit.per_second)),
            self.language or self.detected_language,
            Signals(
                avg_logprob=_mean(whole, [each.avg_logprob for each in whole]),
                no_speech_prob=_mean(whole, [each.no_speech_prob for each in whole]),
                compression_ratio=_mean(whole, [each.compression_ratio for each in whole]),
            ),
            unit.doubts,
            (f"segments parted where their words change the speaker: {parted}",) if parted else (),
        )


def _parted(whole: Sequence[WhisperSegment], beside: msgspec.Raw) -> Iterator[WhisperSegment]:
    """The segments, each with its words: as many as spell it, or else those that begin before it ends."""
    words: list[_Word] = []
    with contextlib.suppress(msgspec.ValidationError):  # none, or not Whisper's
        words = msgspec.json.decode(beside, type=list[_Word])
    at = 0
    for each in whole:
        letters, spelled, first = spelling(each.text or ""), "", at
        while at < len(words) and len(spelled) < len(letters):
            spelled += spelling(words[at].spelled)
            at += 1
        if spelled == letters:
            yield msgspec.structs.replace(each, words=words[first:at])
            continue
        yield each
        at = first
        while at < len(words) and (words[at].start or 0.0) < (each.until or 0.0):
            at += 1


def segments_alone(segments: list[WhisperSegment]) -> Transcription:
    """Segments that nothing stands around, as people write them who call faster-whisper themselves."""
    return Whisper(segments).read()


class WhisperInfo(msgspec.Struct):
    """What faster-whisper's `transcribe` finds out of the whole, and gives beside segments."""

    language: str | None = None


def segments_beside(found: tuple[list[WhisperSegment], WhisperInfo]) -> Transcription:
    """Segments beside what the engine found out of the whole."""
    return Whisper(found[0], found[1].language).read()


class WhisperWords(msgspec.Struct):
    """Bare words beside a text: what OpenAI's interface answers where it is asked for times of words."""

    words: list[_Word]
    text: str
    language: str | None = None

    def read(self) -> Transcription:
        """Turns of the words, spelled as the text has them."""
        tokens = self.text.split()
        bare = [word for word in self.words if word.spelled.strip()]
        if len(tokens) != len(bare):
            tokens = [word.spelled for word in bare]
        pieces = (
            Reported(token, word.start, word.end, word.speaker, word.probability)
            for token, word in zip(tokens, bare, strict=True)
        )
        return Transcription(conversation(pieces), self.language)


class WhisperText(msgspec.Struct):
    """A text and nothing else: what OpenAI's interface answers where it is asked for no times."""

    text: str
    language: str | None = None

    def read(self) -> Transcription:
        """Each paragraph an utterance."""
        said = segments(map(Reported, self.text.split("\n")))
        return Transcription(said, self.language, notes=("has no times, and no speakers",))


def _said(voices: Iterable[Sequence[WhisperSegment]], unit: float) -> Iterator[Reported]:
    for parts in voices:
        for at, each in enumerate(parts):
            spoken = each.spoken()
            yield Reported(
                each.text or _joined(spoken),
                seconds(each.start, unit),
                seconds(each.until, unit),
                each.speaker,
                each.confidence,
                [word.sure(unit) for word in spoken],
                probability(each.avg_logprob),
                goes_on=at > 0,
            )


def _voices(whole: WhisperSegment) -> Sequence[WhisperSegment]:
    """The segment, or its parts where WhisperX hears several speakers in its words.

    A word or two inside of a sentence are where its clocks disagree, and go with those before.
    """
    runs: list[tuple[str | int | None, list[_Word]]] = []
    spoken = whole.spoken()
    speakers = {word.speaker for word in spoken if word.speaker is not None}
    if len(speakers) < 2:
        alone = next(iter(speakers), None) if whole.speaker is None else whole.speaker
        return (msgspec.structs.replace(whole, speaker=alone),)
    for at, word in enumerate(spoken):
        follow = [later.speaker for later in spoken[at : at + _FEW_WORDS] if later.speaker is not None]
        begins = not runs or SENTENCE_END.search(runs[-1][1][-1].spelled) is not None
        if not runs or (
            word.speaker not in {None, runs[-1][0]}
            and (begins or (len(follow) == _FEW_WORDS and len(set(follow)) == 1))
        ):
            runs.append((word.speaker, []))
        runs[-1][1].append(word)
    parts = [
        WhisperSegment(
            text=_joined(words),
            start=words[0].start,
            end=words[-1].end,
            speaker=speaker,
            words=[*words],
            confidence=whole.confidence,
        )
        for speaker, words in runs
    ]
    parts[0].start, parts[-1].end = whole.start, whole.until
    spelled = "".join(part.text or "" for part in parts)
    return parts if "".join(spelled.split()) == "".join((whole.text or spelled).split()) else (whole,)


def _joined(words: Sequence[_Word]) -> str:
    """What words spell; those of openai-whisper begin with the space before them."""
    spelled = [word.spelled for word in words]
    return ("" if any(text[:1].isspace() for text in spelled) else " ").join(spelled)


def _mean(segments: Sequence[WhisperSegment], values: Sequence[float | None]) -> float | None:
    """Mean of the values that there are, weighted by the segments' durations."""
    pairs = [
        (max((finite(each.end) or 0.0) - (finite(each.start) or 0.0), 0.0), number)
        for each, value in zip(segments, values, strict=True)
        if (number := finite(value)) is not None
    ]
    if not pairs:
        return None
    total = math.fsum(duration for duration, _ in pairs)
    if not total:
        return math.fsum(value for _, value in pairs) / len(pairs)
    return math.fsum(duration * value for duration, value in pairs) / total


class _Offsets(msgspec.Struct, rename={"begin": "from", "end": "to"}):
    """Milliseconds."""

    begin: float | None = None
    end: float | None = None

    @property
    def seconds(self) -> tuple[float | None, float | None]:
        return seconds(self.begin, 1000), seconds(self.end, 1000)


class _Token(msgspec.Struct):
    text: str = ""
    offsets: _Offsets | None = None
    p: float | None = None

    @property
    def timed(self) -> Word:
        return Word(self.text, *(self.offsets or _Offsets()).seconds, share(self.p))


class _CppSegment(msgspec.Struct):
    text: str = ""
    offsets: _Offsets | None = None
    speaker: str | int | None = None
    speaker_turn_next: bool = False
    tokens: list[_Token] | None = None


class _CppResult(msgspec.Struct):
    language: str | None = None


class WhisperCpp(msgspec.Struct):
    """Segments with offsets in milliseconds, and with ``-ojf`` the tokens that words are made of."""

    transcription: list[_CppSegment]
    result: _CppResult | None = None

    def read(self) -> Transcription:
        """Each segment an utterance; tokens put together to words."""
        return Transcription(segments(self._said()), self.result and self.result.language)

    def _said(self) -> Iterator[Reported]:
        turn = False
        for each in self.transcription:
            start, end = (each.offsets or _Offsets()).seconds
            text = each.text.replace("[SPEAKER_TURN]", "")
            yield Reported(text, start, end, each.speaker, words=_cpp_words(each.tokens or ()), turn=turn)
            turn = each.speaker_turn_next or (turn and not text.strip())


def _cpp_words(tokens: Iterable[_Token]) -> Iterator[Word]:
    """Words of tokens; those in brackets with an underscore are none, but Whisper's own."""
    said = (each for each in tokens if not each.text.startswith("[_") and each.text != "[SPEAKER_TURN]")
    return joined(each.timed for each in said)
