"""Renders utterances that were read back from TEI as plain text and as WebVTT."""

from collections.abc import Iterable, Sequence

from episodic.canonical.tei.readings import Spoken


def text(utterances: Iterable[Spoken]) -> str:
    """Render as plain text: a line an utterance, its speaker named where the speaker changes.

    Returns
    -------
    Text that ends in a line feed, or nothing when there are no utterances.
    """
    lines: list[str] = []
    speaker: str | None = None
    for spoken in utterances:
        changed = spoken.speaker is not None and spoken.speaker != speaker
        lines.append(f"{spoken.speaker}: {spoken.text}" if changed else spoken.text)
        speaker = spoken.speaker
    return "".join(f"{line}\n" for line in lines)


def webvtt(utterances: Sequence[Spoken]) -> str:
    """Render as WebVTT (https://www.w3.org/TR/webvtt1/), each utterance a cue.

    Utterances without times take the end of the one before them; where none has any, each lasts one
    second, so that the words are kept. A cue without an end lasts until the next starts.
    """
    cues = ["WEBVTT\n"]
    timed = any(spoken.start is not None for spoken in utterances)
    clock = 0.0
    for number, spoken in enumerate(utterances):
        start = spoken.start if spoken.start is not None else clock
        after = utterances[number + 1].start if number + 1 < len(utterances) else None
        end = spoken.end if spoken.end is not None else after
        if end is None or end <= start:
            end = start + (0.001 if timed else 1.0)
        clock = end
        voice = f"<v {_escape(spoken.speaker)}>" if spoken.speaker else ""
        cues.append(f"{_timestamp(start)} --> {_timestamp(end)}\n{voice}{_escape(spoken.text)}\n")
    return "\n".join(cues)


def _timestamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
