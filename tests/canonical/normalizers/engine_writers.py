"""Conversations as speech engines write them in JSON, for `conversations`: a shape an entry, as in the table.

Each gets who says what from when to when, and gives the document as Python objects. An engine of words gets
its words from `_words`, with times that share out those of the turn.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple


class Said(NamedTuple):
    """A turn with its times."""

    start: float
    end: float
    speaker: str | None
    text: str


type Json = dict[str, Any] | list[Any]
type EngineWriter = Callable[[Sequence[Said]], Json]


def _words(said: Said) -> Iterator[tuple[str, float, float]]:
    words = said.text.split()
    each = (said.end - said.start) / len(words)
    for at, word in enumerate(words):
        yield word, round(said.start + each * at, 3), round(said.start + each * (at + 1), 3)


def _by(speaker: str | None, key: str = "speaker") -> dict[str, str]:
    return {} if speaker is None else {key: speaker}


def _milliseconds(moment: float) -> int:
    return round(moment * 1000)


def deepgram(talk: Sequence[Said]) -> Json:
    words = [
        {"word": word, "punctuated_word": word, "start": start, "end": end, "confidence": 0.9}
        | _by(said.speaker)
        for said in talk
        for word, start, end in _words(said)
    ]
    alternative = {"transcript": " ".join(said.text for said in talk), "confidence": 0.9, "words": words}
    return {"metadata": {}, "results": {"channels": [{"alternatives": [alternative]}]}}


def assemblyai(talk: Sequence[Said]) -> Json:
    utterances = [
        {
            "text": said.text,
            "start": _milliseconds(said.start),
            "end": _milliseconds(said.end),
            "words": [
                {"text": word, "start": _milliseconds(start), "end": _milliseconds(end)}
                for word, start, end in _words(said)
            ],
        }
        | _by(said.speaker)
        for said in talk
    ]
    return {"status": "completed", "audio_duration": 100, "utterances": utterances}


def amazon(talk: Sequence[Said]) -> Json:
    items = [
        {
            "type": "pronunciation",
            "start_time": f"{start}",
            "end_time": f"{end}",
            "alternatives": [{"content": word, "confidence": "0.9"}],
        }
        | _by(said.speaker, "speaker_label")
        for said in talk
        for word, start, end in _words(said)
    ]
    return {"jobName": "talk", "results": {"transcripts": [], "items": items}}


def google(talk: Sequence[Said]) -> Json:
    results = [
        {
            "alternatives": [
                {
                    "transcript": said.text,
                    "words": [
                        {"word": word, "startOffset": f"{start}s", "endOffset": f"{end}s"}
                        | _by(said.speaker, "speakerLabel")
                        for word, start, end in _words(said)
                    ],
                }
            ],
            "resultEndOffset": f"{said.end}s",
        }
        for said in talk
    ]
    return {"results": results}


def azure(talk: Sequence[Said]) -> Json:
    phrases = [
        {
            "offsetInTicks": said.start * 1e7,
            "durationInTicks": (said.end - said.start) * 1e7,
            "nBest": [{"confidence": 0.9, "display": said.text, "lexical": said.text.lower()}],
        }
        | _by(said.speaker)
        for said in talk
    ]
    return {"recognizedPhrases": phrases}


def rev(talk: Sequence[Said]) -> Json:
    monologues: list[Any] = []
    names = list(dict.fromkeys(said.speaker for said in talk if said.speaker))
    for said in talk:
        elements: list[Any] = []
        for word, start, end in _words(said):
            elements.append({"type": "text", "value": word, "ts": start, "end_ts": end})
            elements.append({"type": "punct", "value": " "})
        number = names.index(said.speaker) if said.speaker else None
        monologues.append({"elements": elements} | ({} if number is None else {"speaker": number}))
    return {"speakers": [{"id": at, "name": name} for at, name in enumerate(names)], "monologues": monologues}


def speechmatics(talk: Sequence[Said]) -> Json:
    results = [
        {
            "type": "word",
            "start_time": start,
            "end_time": end,
            "alternatives": [{"content": word, "confidence": 0.9} | _by(said.speaker)],
        }
        for said in talk
        for word, start, end in _words(said)
    ]
    return {"format": "2.9", "metadata": {}, "results": results}


def gladia(talk: Sequence[Said]) -> Json:
    utterances = [
        {"text": said.text, "start": said.start, "end": said.end} | _by(said.speaker) for said in talk
    ]
    return {"result": {"transcription": {"full_transcript": "", "utterances": utterances}}}


def elevenlabs(talk: Sequence[Said]) -> Json:
    words = [
        each
        for said in talk
        for word, start, end in _words(said)
        for each in (
            {"text": word, "type": "word", "start": start, "end": end} | _by(said.speaker, "speaker_id"),
            {"text": " ", "type": "spacing", "start": end, "end": end} | _by(said.speaker, "speaker_id"),
        )
    ]
    return {"language_code": "eng", "text": "", "words": words}


def soniox(talk: Sequence[Said]) -> Json:
    tokens = [
        {"text": part, "start_ms": _milliseconds(start), "end_ms": _milliseconds(end), "confidence": 0.9}
        | _by(said.speaker)
        for said in talk
        for word, start, end in _words(said)
        for part in filter(None, (f" {word[:2]}", word[2:]))
    ]
    return {"text": "", "tokens": tokens}


def fireflies(talk: Sequence[Said]) -> Json:
    sentences = [
        {"text": said.text, "start_time": said.start, "end_time": said.end}
        | _by(said.speaker, "speaker_name")
        for said in talk
    ]
    return {"data": {"transcript": {"sentences": sentences}}}


def podlove(talk: Sequence[Said]) -> Json:
    return [
        {"start_ms": _milliseconds(said.start), "end_ms": _milliseconds(said.end), "text": said.text}
        | _by(said.speaker, "voice")
        for said in talk
    ]


def whisper_cpp(talk: Sequence[Said]) -> Json:
    segments = [
        {
            "offsets": {"from": _milliseconds(said.start), "to": _milliseconds(said.end)},
            "text": f" {said.speaker}: {said.text}" if said.speaker else f" {said.text}",
        }
        for said in talk
    ]
    return {"result": {"language": "en"}, "transcription": segments}


def whisperx(talk: Sequence[Said]) -> Json:
    segments = [
        {
            "start": said.start,
            "end": said.end,
            "text": said.text,
            "words": [{"word": word, "start": start, "end": end} for word, start, end in _words(said)],
        }
        | _by(said.speaker)
        for said in talk
    ]
    return {"segments": segments, "word_segments": []}


def pipeline(talk: Sequence[Said]) -> Json:
    spoken = [{"timestamp": [said.start, said.end], "text": f" {said.text}"} for said in talk]
    named = [each | _by(said.speaker) for each, said in zip(spoken, talk, strict=True)]
    return {"text": "", "chunks": spoken, "speakers": named if any(said.speaker for said in talk) else []}


def vosk(talk: Sequence[Said]) -> Json:
    return [
        {
            "result": [
                {"word": word, "start": start, "end": end, "conf": 0.9} for word, start, end in _words(said)
            ],
            "text": said.text,
        }
        for said in talk
    ]


def parakeet(talk: Sequence[Said]) -> Json:
    sentences = [
        {
            "text": said.text,
            "start": said.start,
            "end": said.end,
            "duration": said.end - said.start,
            "tokens": [
                {"text": f" {word}", "start": start, "end": end, "duration": end - start}
                for word, start, end in _words(said)
            ],
        }
        for said in talk
    ]
    return {"text": "", "sentences": sentences}


def youtube_events(talk: Sequence[Said]) -> Json:
    events = [
        {
            "tStartMs": _milliseconds(said.start),
            "dDurationMs": _milliseconds(said.end - said.start),
            "segs": [{"utf8": f"{said.speaker}: {said.text}" if said.speaker else said.text}],
        }
        for said in talk
    ]
    return {"wireMagic": "pb3", "events": events}


def youtube_api(talk: Sequence[Said]) -> Json:
    return [
        {
            "text": f"{said.speaker}: {said.text}" if said.speaker else said.text,
            "start": said.start,
            "duration": said.end - said.start,
        }
        for said in talk
    ]


# Those that tell speakers, and those that do not.
ENGINE_WRITERS: Final[Sequence[EngineWriter]] = (
    deepgram, assemblyai, amazon, google, azure, rev, speechmatics, gladia, elevenlabs, soniox, fireflies,
    podlove, whisper_cpp, whisperx, pipeline, youtube_events, youtube_api,
)  # fmt: skip
NAMELESS_ENGINES: Final[Sequence[EngineWriter]] = (vosk, parakeet)
