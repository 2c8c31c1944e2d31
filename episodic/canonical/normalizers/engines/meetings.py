"""What those who take notes of meetings write: Fireflies, Otter."""

import msgspec

from episodic.canonical.normalizers.engines.spoken import Reported, Transcription, seconds, segments

_OTTER = 16_000  # samples a second, in which it counts


class FirefliesSentence(msgspec.Struct):
    """A sentence with a name and seconds."""

    text: str | None = None
    raw_text: str | None = None
    speaker_name: str | None = None
    speaker: str | int | None = None
    speaker_id: str | int | None = None
    start_time: float | str | None = None
    end_time: float | str | None = None


def fireflies(sentences: list[FirefliesSentence]) -> Transcription:
    """Each sentence an utterance."""
    return Transcription(
        segments(
            Reported(
                each.text or each.raw_text or "",
                seconds(each.start_time),
                seconds(each.end_time),
                each.speaker_name or (each.speaker_id if each.speaker is None else each.speaker),
            )
            for each in sentences
        )
    )


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
