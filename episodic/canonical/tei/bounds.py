"""Where the cues of a witness begin in its text, read from either form of the documents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.tei.elements import OPEN, TEI, TURN, Element

_ANCHOR: Final = f"{TEI}anchor"
_READINGS: Final = frozenset({f"{TEI}lem", f"{TEI}rdg"})
_BOUNDS: Final = frozenset({f"{TEI}u", _ANCHOR})
_OFFSET: Final = re.compile(r"#string-range\([^,]+,(\d+),\d+\)")


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
    pointer = f"#{siglum}"
    base = transcript.get("source", "").partition(" ")[0]
    found: list[Bound] = []
    at, is_open = 0, False  # whether the last cue ends where the next begins
    for part in _parts(transcript, pointer):
        if isinstance(part, int):
            at += part
            continue
        is_anchor = part.tag == _ANCHOR
        if part.get("source", None if is_anchor else base) != pointer:
            continue
        if part.get("n") is not None:
            begins = _bound(part, at, "synch", "corresp") if is_anchor else _bound(part, at, "start", "who")
            if is_open:
                found[-1] = replace(found[-1], end=begins.start)
            found.append(begins)
            is_open = is_anchor and part.get("type") != OPEN
        elif is_anchor and found:
            found[-1] = replace(found[-1], end=part.get("synch"))
            is_open = False
    return found


def _bound(element: Element, offset: int, start: str, who: str) -> Bound:
    return Bound(
        offset,
        element.get("n"),
        element.get(who),
        element.get(start),
        element.get("end"),
        element.get("rend") == TURN,
    )


def _parts(element: Element, pointer: str) -> Iterator[int | Element]:
    """Yield the lengths of the texts that a witness has, and the elements that may be bounds."""
    if element.text:
        yield len(element.text)
    for inner in element:
        if inner.tag not in _READINGS or pointer in inner.get("wit", "").split():
            if inner.tag in _BOUNDS:
                yield inner
            yield from _parts(inner, pointer)
        if inner.tail:
            yield len(inner.tail)
