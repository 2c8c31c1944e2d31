"""Transcripts of programs for publishing, editing and meetings: Podlove, Premiere, YouTube, Otter, …."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import msgspec

from episodic.canonical.normalizers.captions.cues import told
from episodic.canonical.normalizers.captions.markup import webvtt_markup
from episodic.canonical.normalizers.engines.spoken import (
    Reported,
    Transcription,
    conversation,
    finite,
    listed,
    seconds,
    segments,
    summed,
)
from episodic.canonical.normalizers.units import time_unit
from episodic.canonical.sources import Doubt, Utterance, Word


class _PodcastSegment(msgspec.Struct, rename="camel"):
    body: str | None = None
    start_time: float | str | None = None
    end_time: float | str | None = None
    speaker: str | int | None = None


class Podcasting(msgspec.Struct):
    """Segments that are sentences or single words."""

    segments: list[_PodcastSegment]
    language: str | None = None

    def read(self) -> Transcription:
        """Each segment an utterance; single words of one speaker are put together."""
        said = (
            Reported(each.body or "", seconds(each.start_time), seconds(each.end_time), each.speaker)
            for each in self.segments
        )
        return Transcription(listed(said, "segment"), self.language)


class PodloveSegment(msgspec.Struct):
    """A line of a transcript, or with `items` the lines that one voice says."""

    text: str = ""
    start: str | None = None
    start_ms: float | None = None
    end: str | None = None
    end_ms: float | None = None
    speaker: str | int | None = None
    voice: str | None = None
    items: list[PodloveSegment] | None = None


def podlove(spoken: list[PodloveSegment]) -> Transcription:
    """Each line an utterance; its voice is the person's name, its speaker a key."""
    lines = [
        (item, each.voice or item.voice or each.speaker or item.speaker)
        for each in spoken
        for item in each.items or (each,)
    ]
    return Transcription(
        segments(
            Reported(
                line.text,
                seconds(line.start_ms, 1000) if line.start_ms is not None else seconds(line.start),
                seconds(line.end_ms, 1000) if line.end_ms is not None else seconds(line.end),
                speaker,
            )
            for line, speaker in lines
        )
    )


class _PremiereWord(msgspec.Struct):
    text: str
    start: float | None = None
    duration: float | None = None
    confidence: float | None = None
    type: str = "word"


class _PremiereSegment(msgspec.Struct):
    words: list[_PremiereWord]
    speaker: str | None = None
    start: float | None = None
    duration: float | None = None


class _PremiereSpeaker(msgspec.Struct):
    id: str
    name: str = ""


class Premiere(msgspec.Struct):
    """Segments of words, and the speakers whose keys they have."""

    segments: list[_PremiereSegment]
    speakers: list[_PremiereSpeaker]
    language: str | None = None

    def read(self) -> Transcription:
        """Each segment an utterance."""
        return Transcription(segments(self._said()), self.language)

    def _said(self) -> Iterator[Reported]:
        names = {speaker.id: speaker.name for speaker in self.speakers}
        for each in self.segments:
            words = _premiere_words(each.words)
            text, end = " ".join(word.text for word in words), summed(each.start, each.duration)
            yield Reported(text, each.start, end, names.get(each.speaker or "", each.speaker), words=words)


def _premiere_words(words: Iterable[_PremiereWord]) -> Sequence[Word]:
    """The words; punctuation belongs to the one before it."""
    made: list[Word] = []
    for each in words:
        if each.type == "punctuation" and made:
            made[-1] = replace(made[-1], text=made[-1].text + each.text)
        else:
            made.append(Word(each.text, each.start, summed(each.start, each.duration), each.confidence))
    return made


class _TrintWord(msgspec.Struct):
    value: str
    time: float | None = None
    duration: float | None = None
    speaker: str | int | None = None
    strikethrough: bool = False


class Trint(msgspec.Struct):
    """Words in milliseconds; those that somebody struck out are to be left out."""

    words: list[_TrintWord]

    def read(self) -> Transcription:
        """Turns of its words."""
        kept = [word for word in self.words if not word.strikethrough]
        said = (
            Reported(
                word.value,
                seconds(word.time, 1000),
                seconds(summed(word.time, word.duration), 1000),
                word.speaker,
            )
            for word in kept
        )
        struck = len(self.words) - len(kept)
        doubts = (Doubt.left_out(f"words that are struck out: {struck:,}"),) if struck else ()
        return Transcription(conversation(said), doubts=doubts)


class _IndexedSpan(msgspec.Struct):
    start: str | None = None
    end: str | None = None


class _IndexedLine(msgspec.Struct, rename="camel"):
    text: str = ""
    confidence: float | None = None
    speaker_id: int | None = None
    instances: list[_IndexedSpan] = []


class _IndexedSpeaker(msgspec.Struct):
    id: int | None = None
    name: str = ""


class _Insights(msgspec.Struct):
    transcript: list[_IndexedLine] = []
    speakers: list[_IndexedSpeaker] = []
    language: str | None = None


class _IndexedVideo(msgspec.Struct):
    insights: _Insights


class VideoIndexer(msgspec.Struct):
    """What was found in videos, the lines of the transcript and who speaks them among it."""

    videos: list[_IndexedVideo]

    def read(self) -> Transcription:
        """Each line an utterance."""
        language = next((each.insights.language for each in self.videos if each.insights.language), None)
        return Transcription(segments(self._said()), language)

    def _said(self) -> Iterator[Reported]:
        for video in self.videos:
            # "Speaker #1" is who has no name yet.
            names = {
                each.id: each.name
                for each in video.insights.speakers
                if not each.name.startswith("Speaker #")
            }
            for line in video.insights.transcript:
                span = line.instances[0] if line.instances else _IndexedSpan()
                speaker = names.get(line.speaker_id) or line.speaker_id
                yield Reported(line.text, seconds(span.start), seconds(span.end), speaker, line.confidence)


_OTTER = 16_000  # samples a second, in which it counts


class _OtterLine(msgspec.Struct):
    transcript: str | None = None
    start_offset: float | None = None
    end_offset: float | None = None
    speaker_id: str | int | None = None


class _OtterSpeaker(msgspec.Struct):
    id: str | int | None = None
    speaker_name: str | None = None


class Otter(msgspec.Struct):
    """Lines in samples, and the speakers whose keys they have."""

    transcripts: list[_OtterLine]
    speakers: list[_OtterSpeaker] = []

    def read(self) -> Transcription:
        """Each line an utterance."""
        names = {each.id: each.speaker_name for each in self.speakers}
        return Transcription(
            segments(
                Reported(
                    each.transcript or "",
                    seconds(each.start_offset, _OTTER),
                    seconds(each.end_offset, _OTTER),
                    names.get(each.speaker_id) or each.speaker_id,
                )
                for each in self.transcripts
            )
        )


class YouTubeLine(msgspec.Struct):
    """A line of YouTube's captions."""

    text: str
    start: float | None = None
    duration: float | None = None
    offset: float | None = None

    def __post_init__(self) -> None:
        """Take the moment by either name."""
        self.start = finite(self.offset if self.start is None else self.start)


def youtube_lines(lines: list[YouTubeLine]) -> Transcription:
    """Each line an utterance, with labels and changes of speaker as captions have them."""
    unit = time_unit(
        (each.start, _lasting(each.start, each.duration), len(each.text))
        for each in lines
        if each.start is not None
    )
    cues: list[Utterance] = []
    per, untimed = unit.per_second, 0
    for number, each in enumerate(lines, 1):
        if each.start is None:
            untimed += len(each.text.split())
            cues.append(Utterance(each.text, f"line {number}"))
        else:
            start, end = each.start / per, _lasting(each.start, each.duration) / per
            cues.append(Utterance(each.text, f"line {number}", None, start, end))
    doubts = (Doubt.left_out(f"{untimed:,} words without times: theirs cannot be"),) if untimed else ()
    return _captioned(cues, (*unit.doubts, *doubts))


class YouTubeSnippets(msgspec.Struct):
    """What youtube-transcript-api fetches, as it is."""

    snippets: list[YouTubeLine]
    language_code: str | None = None

    def read(self) -> Transcription:
        """Each snippet an utterance."""
        return replace(youtube_lines(self.snippets), language=self.language_code)


class _YouTubePart(msgspec.Struct, rename={"text": "utf8", "offset": "tOffsetMs"}):
    text: str = ""
    offset: float | None = None


class YouTubeEvent(
    msgspec.Struct,
    rename={"start": "tStartMs", "duration": "dDurationMs", "parts": "segs", "append": "aAppend"},
):
    """An event, in milliseconds; those of automatic captions have words, and their times after its start."""

    start: float | None = None
    duration: float | None = None
    parts: list[_YouTubePart] | None = None
    append: int | None = None


def youtube(events: list[YouTubeEvent]) -> Transcription:
    """Each event an utterance; words with times of their own keep them."""
    spoken = [
        event
        for event in events
        if finite(event.start) is not None and any(part.text.strip() for part in event.parts or ())
    ]
    if any(part.offset for event in spoken for part in event.parts or ()):
        return Transcription(conversation(_youtube_words(spoken), "word"))
    return _captioned(
        [
            Utterance(
                "".join(part.text for part in event.parts or ()),
                f"event {number}",
                None,
                (event.start or 0.0) / 1000,
                _lasting((event.start or 0.0) / 1000, (event.duration or 0.0) / 1000),
            )
            for number, event in enumerate(spoken, 1)
        ]
    )


def _youtube_words(events: Sequence[YouTubeEvent]) -> Iterator[Reported]:
    """The words; each lasts to the next, or to the end of its line."""
    timed: list[tuple[str, float]] = []
    ends: list[float] = []
    for event in events:
        start = event.start or 0.0
        for part in event.parts or ():
            if part.text.strip():
                timed.append((part.text, start + (part.offset or 0.0)))
                ends.append(start + (event.duration or 0.0))
    for index, (text, start) in enumerate(timed):
        following = timed[index + 1][1] if index + 1 < len(timed) else ends[index]
        end = min(ends[index], following)
        yield Reported(text, start / 1000, max(start, end) / 1000)


def _lasting(start: float, duration: float | None) -> float:
    end = summed(start, duration)
    return start if end is None else end


def _captioned(cues: Sequence[Utterance], doubts: tuple[Doubt, ...] = ()) -> Transcription:
    # Signs of some tools are escaped twice.
    said = told([cue._replace(text=cue.text.replace("&amp;#", "&#")) for cue in cues], webvtt_markup)
    return Transcription(said.utterances, doubts=doubts, notes=said.notes)
