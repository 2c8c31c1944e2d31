"""Captions, for players and platforms: WebVTT and SubRip."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

from episodic.canonical.text.patterns import pattern
from episodic.publishing.cues import Cue
from episodic.publishing.provenance import Provenance

# With what SubRip's markup, its timing and references to characters begin.
_TAKEN: Final = pattern(r"<(?=/?[A-Za-z])|\{(?=\\)|&(?=#?\w+;)|--(?=>)")


def webvtt(cues: Iterable[Cue], provenance: Provenance) -> str:
    """Render as WebVTT (https://www.w3.org/TR/webvtt1/), each cue with the voice that speaks in it."""
    return "\n".join(["WEBVTT\n", f"NOTE {provenance.mark}\n", *map(_webvtt_cue, cues)])


def _webvtt_cue(cue: Cue) -> str:
    voice = f"<v {escape(' '.join(cue.speaker.split()), quote=False)}>" if cue.speaker else ""
    return f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{voice}{escape(_block(cue), quote=False)}\n"


def subrip(cues: Iterable[Cue]) -> str:
    """Render as SubRip; it has no place but the text, so cues that name speakers do it there."""
    return "\n".join(_subrip_cues(cues))


def _subrip_cues(cues: Iterable[Cue]) -> Iterator[str]:
    for number, cue in enumerate(cues, 1):
        # Parted, no program takes for markup what was said, and each shows it as it is.
        text = _TAKEN.sub("\\g<0>\N{WORD JOINER}", _block(cue))
        yield f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{text}\n"


def _block(cue: Cue) -> str:
    return "\n".join(cue.lines)


def _clock(milliseconds: int, point: str) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
