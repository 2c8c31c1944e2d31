"""Where each reading comes from: the cue of its source in which its words begin."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from episodic.canonical.tei.bounds import Bound
from episodic.canonical.tei.elements import TEI
from episodic.canonical.tei.reader import TeiDocument


@dataclass(frozen=True, slots=True)
class CuePlace:
    """A place in a source.

    Parameters
    ----------
    where
        Cue or line, as the normalizer names it.
    start
        Seconds, on the source's own clock.
    """

    uri: str
    where: str | None
    start: float | None


def cues(document: TeiDocument, uris: Mapping[str, str]) -> dict[str, dict[str, CuePlace]]:
    """Find the cues of all readings in the transcript, by address and siglum; `uris` are by siglum too.

    Of a witness that lacks the words, it is the cue that is being said where the others have them.
    """
    begins = document.beginnings(document.transcripts)
    known = {siglum: _Cues(document, bounds, uris[siglum]) for siglum, bounds in begins.bounds.items()}
    return {
        address: {siglum: known[siglum].at(offset) for siglum, offset in offsets.items()}
        for address, offsets in begins.entries.items()
    }


def media_link(document: TeiDocument, seconds: float) -> str | None:
    """Link to a time of the recording (W3C Media Fragments); ``None`` when no source names one."""
    media = next(iter(document.root.iter(f"{TEI}media")), None)
    return None if media is None else f"{media.attrib['url'].partition('#')[0]}#t={seconds:g}"


class _Cues:
    """The cues of a witness by where they begin in its text."""

    def __init__(self, document: TeiDocument, bounds: Sequence[Bound], uri: str) -> None:
        self._offsets = [bound.offset for bound in bounds]
        self._cues = [CuePlace(uri, bound.where, document.times.get(bound.start or "")) for bound in bounds]

    def at(self, offset: int) -> CuePlace:
        """Find the cue of a character."""
        return self._cues[max(0, bisect_right(self._offsets, offset) - 1)]
