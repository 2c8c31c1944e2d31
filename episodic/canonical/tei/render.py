"""Renders utterances that were read back from TEI as plain text and as WebVTT."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from episodic.canonical.tei.reader import Spoken

_SECOND: Final = 1.0


def text(utterances: Iterable[Spoken]) -> str:
    """Render as plain text: a line an utterance, its speaker named where the speaker changes.

    A dash begins the words of a speaker without a name.

    Returns
    -------
    Text that ends in a line feed, or nothing when there are no utterances.
    """
    lines: list[str] = []
    speaker: str | None = None
    for spoken in utterances:
        changed = spoken.speaker is not None and spoken.speaker != speaker
        lines.append(f"{spoken.speaker}: {spoken.text}" if changed else _dashed(spoken))
        speaker = spoken.speaker
    return "".join(f"{line}\n" for line in lines)


def webvtt(utterances: Sequence[Spoken]) -> str:
    """Render as WebVTT (https://www.w3.org/TR/webvtt1/), each utterance a cue.

    A cue without an end lasts until the next one that has a start; the utterances between that have no
    start share the time with it by the length of their texts. Where that leaves nothing (there is no later
    start, or no times at all) an utterance lasts a second, so that no words are lost.
    """
    cues = ["WEBVTT\n"]
    for spoken, start, end in zip(utterances, *_bounds(utterances), strict=True):
        voice = f"<v {_escape(spoken.speaker)}>" if spoken.speaker else ""
        cues.append(f"{_timestamp(start)} --> {_timestamp(end)}\n{voice}{_escape(_dashed(spoken))}\n")
    return "\n".join(cues)


def _dashed(spoken: Spoken) -> str:
    return f"- {spoken.text}" if spoken.turn else spoken.text


def _bounds(utterances: Sequence[Spoken]) -> tuple[list[float], list[float]]:
    """The starts and the ends of all utterances, in seconds."""
    starts: list[float] = []
    ends: list[float] = []
    clock = 0.0
    for first, following in pairwise([*_anchors(utterances), len(utterances)]):
        after = utterances[following].start if following < len(utterances) else None
        start = utterances[first].start
        clock = clock if start is None else start
        for number in range(first, following):
            left = [len(spoken.text) + 1 for spoken in utterances[number:following]]
            end = utterances[number].end
            if (end is None or end <= clock) and after is not None and after > clock:
                end = clock + (after - clock) * left[0] / sum(left)
            starts.append(clock)
            clock = end if end is not None and end > clock else clock + _SECOND
            ends.append(clock)
    return starts, ends


def _anchors(utterances: Sequence[Spoken]) -> Iterator[int]:
    """The first utterance, and all that have a start."""
    for number, spoken in enumerate(utterances):
        if number == 0 or spoken.start is not None:
            yield number


def _timestamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
