"""Where each reading comes from: the cue of its source in which its words begin."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from episodic.canonical.tei.elements import TEI, Element
from episodic.canonical.tei.parts import divisions, is_transcript
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
    found: dict[str, dict[str, CuePlace]] = {}
    known = {siglum: _Cues(document, siglum, uris[siglum]) for siglum in document.transcripts}
    for division in filter(is_transcript, divisions(document.root)):
        offsets = dict.fromkeys(document.transcripts, 0)
        for app in _entries(division, frozenset(offsets), offsets):
            address = app.get("n", "")
            found[address] = {siglum: known[siglum].at(offset) for siglum, offset in offsets.items()}
    return found


def media_link(document: TeiDocument, seconds: float) -> str | None:
    """Link to a time of the recording (W3C Media Fragments); ``None`` when no source names one."""
    media = next(iter(document.root.iter(f"{TEI}media")), None)
    return None if media is None else f"{media.attrib['url'].partition('#')[0]}#t={seconds:g}"


class _Cues:
    """The cues of a witness by where they begin in its text."""

    def __init__(self, document: TeiDocument, siglum: str, uri: str) -> None:
        bounds = document.bounds(siglum)
        self._offsets = [bound.offset for bound in bounds]
        self._cues = [CuePlace(uri, bound.where, document.times.get(bound.start or "")) for bound in bounds]

    def at(self, offset: int) -> CuePlace:
        """Find the cue of a character."""
        return self._cues[max(0, bisect_right(self._offsets, offset) - 1)]


def _entries(element: Element, sigla: frozenset[str], offsets: dict[str, int]) -> Iterator[Element]:
    """Yield the entries while `offsets` say how many characters each witness has had before them."""
    _advance(element.text, sigla, offsets)
    for inner in element:
        if inner.tag == f"{TEI}timeline":
            continue  # it is long, and holds no words
        if inner.tag == f"{TEI}app":
            yield inner
        readers = sigla
        if inner.tag in {f"{TEI}lem", f"{TEI}rdg"}:
            readers = sigla & {pointer.removeprefix("#") for pointer in inner.get("wit", "").split()}
        yield from _entries(inner, readers, offsets)
        _advance(inner.tail, sigla, offsets)


def _advance(text: str | None, sigla: frozenset[str], offsets: dict[str, int]) -> None:
    for siglum in sigla if text else ():
        offsets[siglum] += len(text or "")
