"""Where the cues of a witness begin in its text, read from either form of the documents."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.patterns import pattern
from episodic.canonical.tei.elements import OPEN, TEI, TURN, Element
from episodic.canonical.tei.parts import owner

_ANCHOR: Final = f"{TEI}anchor"
_READINGS: Final = frozenset({f"{TEI}lem", f"{TEI}rdg"})
_UTTERANCE: Final = f"{TEI}u"
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


def bounds(transcript: Element, siglum: str) -> list[Bound]:
    """Read the bounds of a witness from the text; the rules are `episodic.canonical.tei.transcript`'s."""
    reading = _Reading(f"#{siglum}", transcript.get("source", "").partition(" ")[0])
    reading.go_through(transcript)
    return reading.bounds


class _Reading:
    """Reads the text as one witness has it; no generators, which take twice as long here."""

    def __init__(self, pointer: str, base: str) -> None:
        self._pointer = pointer
        self._base = base
        self._at = 0
        self._is_open = False  # whether the last cue ends where the next begins
        self.bounds: list[Bound] = []

    def go_through(self, element: Element) -> None:
        """Read what stands in an element."""
        if element.text:
            self._at += len(element.text)
        for inner in element:
            tag = inner.tag
            if tag == _ANCHOR:
                self._meet(inner)
            elif tag == _UTTERANCE:
                self._meet(inner)
                self.go_through(inner)
            elif tag in _READINGS:
                if self._pointer in inner.get("wit", "").split():
                    self.go_through(inner)
            elif tag != _TIMELINE:  # which is long, and holds no words
                self.go_through(inner)
            if tail := inner.tail:
                self._at += len(tail)

    def _meet(self, element: Element) -> None:
        """Read an anchor, or an utterance that is a cue."""
        is_anchor = element.tag == _ANCHOR
        if (owner(element) if is_anchor else element.get("source", self._base)) != self._pointer:
            return
        if element.get("n") is None:
            if is_anchor and self.bounds:
                self.bounds[-1] = replace(self.bounds[-1], end=element.get("synch"))
                self._is_open = False
            return
        names = ("synch", "corresp") if is_anchor else ("start", "who")
        begun = _bound(element, self._at, *names)
        if self._is_open:
            self.bounds[-1] = replace(self.bounds[-1], end=begun.start)
        self.bounds.append(begun)
        self._is_open = is_anchor and element.get("type") != OPEN


def _bound(element: Element, offset: int, start: str, who: str) -> Bound:
    return Bound(
        offset,
        element.get("n"),
        element.get(who),
        element.get(start),
        element.get("end"),
        element.get("rend") == TURN,
    )
