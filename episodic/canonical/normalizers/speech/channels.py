"""Whom a machine hears: speakers by number, signs for nobody, and channels."""

from collections.abc import Iterable, Sequence
from typing import Final

from episodic.canonical.sources import Utterance
from episodic.canonical.text.tokens import fold

_NOBODY: Final = frozenset({"", "?", "UU", "unknown", "none", "null"})


def named(speaker: str | int | None) -> str | None:
    """A speaker as people call them: engines number them, and have signs for nobody."""
    if isinstance(speaker, int):
        return f"Speaker {speaker}"
    name = fold(speaker or "")
    if name.lower() in _NOBODY or name in _NOBODY:
        return None
    return f"Speaker {name}" if name.isdecimal() else name


def in_order(said: Iterable[tuple[int | None, Utterance]]) -> Sequence[Utterance]:
    """What was said in channels, as it was said; a channel is who speaks in it where nobody is told apart."""
    every = list(said)
    if len({channel for channel, _ in every}) < 2:
        return [utterance for _, utterance in every]
    if not any(utterance.speaker for _, utterance in every):
        every = [(channel, each._replace(speaker=f"Channel {channel}")) for channel, each in every]
    return sorted((each for _, each in every), key=lambda utterance: utterance.start or 0.0)
