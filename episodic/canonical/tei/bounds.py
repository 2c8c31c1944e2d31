"""Where the cues of a witness begin in its text, read from either form of the documents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.tei.elements import OPEN, TEI, TURN, Element
from episodic.canonical.tei.parts import owner, sigla
from episodic.canonical.text.patterns import pattern

_ANCHOR: Final = f"{TEI}anchor"
_READINGS: Final = frozenset({f"{TEI}lem", f"{TEI}rdg"})
_APP: Final = f"{TEI}app"
_CUES: Final = frozenset({_ANCHOR, f"{TEI}u"})
_TIMELINE: Final = f"{TEI}timeline"
_OFFSET: Final = pattern(r"#string-range\([^,]+,(\d+),\d+\)")


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a cue begins.

    Parameters
    ----------
    offset
        Characters of its witness before it.
    where
        Its place in its source.
    who, start, end
        Pointers.
    """

    offset: int
    where: str | None
    who: str | None
    start: str | None
    end: str | None
    turn: bool


def former_lists(root: Element) -> Iterator[Element]:
    """Yield the lists of cues, one a witness, of a document that holds them apart from the text."""
    listed = root.iterfind(f"{TEI}standOff/{TEI}listAnnotation")
    return (each for each in listed if each.get("type") == "utterances")


def former_bounds(listed: Element) -> list[Bound]:
    """Read the bounds of a witness from such a list."""
    places = [_OFFSET.fullmatch(block.get("corresp", "")) for block in listed]
    return [
        _bound(block, int(place[1]) if place else 0, "start", "who")
        for block, place in zip(listed, places, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Where cues and entries begin in the text of each witness, by siglum.

    Parameters
    ----------
    entries
        By address: how many characters each witness has before it.
    """

    bounds: Mapping[str, Sequence[Bound]]
    entries: Mapping[str, Mapping[str, int]]


def beginnings(transcript: Element, witnesses: Iterable[str]) -> Beginnings:
    """Read the bounds of witnesses from the text; the rules are `episodic.canonical.tei.transcript`'s."""
    reading = _Reading(transcript.get("source", "").partition(" ")[0], witnesses)
    reading.go_through(transcript, frozenset(reading.bounds))
    return Beginnings(reading.bounds, reading.entries)


class _Reading:
    """Reads the text as some witnesses have it; no generators, which take twice as long here."""

    def __init__(self, base: str, witnesses: Iterable[str]) -> None:
        self._base = base
        self._at = dict.fromkeys(witnesses, 0)
        self._open: set[str] = set()  # whose last cue ends where the next begins
        self.bounds: dict[str, list[Bound]] = {siglum: [] for siglum in self._at}
        self.entries: dict[str, dict[str, int]] = {}

    def go_through(self, element: Element, readers: frozenset[str]) -> None:
        """Read what stands in an element that some of the witnesses have."""
        self._pass_by(element.text, readers)
        for inner in element:
            tag = inner.tag
            if tag in _READINGS:
                self.go_through(inner, readers.intersection(sigla(inner.get("wit"))))
            elif tag != _TIMELINE:  # which is long, and holds no words
                if tag == _APP:
                    self.entries[inner.get("n", "")] = self._at.copy()
                elif tag in _CUES:
                    self._meet(inner, readers)
                self.go_through(inner, readers)
            self._pass_by(inner.tail, readers)

    def _pass_by(self, text: str | None, readers: frozenset[str]) -> None:
        if text:
            for siglum in readers:
                self._at[siglum] += len(text)

    def _meet(self, element: Element, readers: frozenset[str]) -> None:
        """Read an anchor, or an utterance that is a cue."""
        is_anchor = element.tag == _ANCHOR
        siglum = ((owner(element) if is_anchor else element.get("source", self._base)) or "")[1:]
        if siglum not in readers:
            return
        bounds = self.bounds[siglum]
        if element.get("n") is None:
            if is_anchor and bounds:
                bounds[-1] = replace(bounds[-1], end=element.get("synch"))
                self._open.discard(siglum)
            return
        names = ("synch", "corresp") if is_anchor else ("start", "who")
        begun = _bound(element, self._at[siglum], *names)
        if siglum in self._open:
            bounds[-1] = replace(bounds[-1], end=begun.start)
            self._open.discard(siglum)
        bounds.append(begun)
        if is_anchor and element.get("type") != OPEN:
            self._open.add(siglum)


def _bound(element: Element, offset: int, start: str, who: str) -> Bound:
    return Bound(
        offset,
        element.get("n"),
        element.get(who),
        element.get(start),
        element.get("end"),
        element.get("rend") == TURN,
    )
