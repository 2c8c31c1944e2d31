"""Places in a transcript, named by the words of its witnesses and found again among others.

A place is quoted from every witness that has it, each time with so much around it that the quotation
occurs only once in that witness. Where a quoted witness is still there, the place is found exactly; where
none is, it is looked for in the words of the others, with less and less around it.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from episodic.canonical.resolution.transcripts.collation import Collation, Voice
from episodic.canonical.resolved import Quotation

# Keys that stand before the first token of a witness and after its last.
START: Final = "\x02"
END: Final = "\x03"
# What they are interned as; no key is.
_START: Final = 0xFFFF_FFFE
_END: Final = 0xFFFF_FFFF
_SIZE: Final = array("I").itemsize
# Tokens on each side of a place, at least; a place is looked for with that many, and found with so few.
_CONTEXT: Final = 6
_LEAST: Final = 3
# Readings of one place that lie farther apart than this many columns are no longer readings of one place.
_NEAR: Final = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A range of columns.

    Parameters
    ----------
    start, end
        The first column, and the one after the last; equal where no witness has a word.
    most
        The columns between the words before and after it in the witnesses that have it: what stands
        there beside it has come in since.
    """

    start: int
    end: int
    most: tuple[int, int]


class LostPlaceError(Exception):
    """A place is not in a transcript, or it cannot be told which of several it is."""


def quote(collation: Collation, start: int, end: int) -> tuple[Quotation, ...]:
    """Quote the columns from every witness that reaches them, the heaviest first."""
    return tuple(
        _quotation(collation.voices[index], *_between(collation, index, start, end))
        for index in range(collation.witnesses)
        if index not in collation.apart
        and (
            collation.hears(index, start, end)
            or max(collation.rows[index][max(0, start - 1) : end + 1], default=-1) >= 0
        )
    )


def settle(collation: Collation, start: int, end: int) -> Place:
    """Make a place of columns, as it will be found again; raises `LostPlaceError`."""
    return find(collation, quote(collation, start, end))


def find(collation: Collation, quotations: Sequence[Quotation]) -> Place:
    """Find a quoted place.

    Raises
    ------
    LostPlaceError
        With the reason, for a person.
    """
    numbers = collation.interner
    exact: list[Place] = []
    for quotation in quotations:
        for index, voice in enumerate(collation.voices[: collation.witnesses]):
            if index not in collation.apart and _sha256(voice) == quotation.sha256:
                found = list(_occurrences(collation, index, quotation, numbers, len(voice.interned) + 1))
                exact += found[:1]
    if exact:
        return _together(exact)
    if not quotations:
        raise LostPlaceError("no witness had it")
    most = max(max(len(q.before), len(q.after)) for q in quotations)
    inside = [
        short
        for short in map(_without_bounds, quotations)
        if len(short.before) + len(short.words) + len(short.after) >= 2 * _LEAST
    ]
    for context, quoted in (
        *((context, quotations) for context in dict.fromkeys((most, 2 * _CONTEXT, _CONTEXT, _LEAST))),
        (_LEAST, inside),
    ):
        places = {
            (place.start, place.end): place
            for quotation in quoted
            for index in range(collation.witnesses)
            if index not in collation.apart
            for place in _occurrences(collation, index, quotation, numbers, context)
        }
        if places:
            return _only(sorted(places.values(), key=lambda place: (place.start, place.end)))
    raise LostPlaceError("no witness has these words, or the words around them, any more")


def _without_bounds(quotation: Quotation) -> Quotation:
    """Let a witness begin before the words around a place, and end after them."""
    before = quotation.before[quotation.before[:1] == (START,) :]
    after = quotation.after[: len(quotation.after) - (quotation.after[-1:] == (END,))]
    return replace(quotation, before=before, after=after)


def _only(places: Sequence[Place]) -> Place:
    """Take the one place that all are; several readings of it overlap."""
    for before, after in pairwise(places):
        if after.most[0] >= before.most[1]:
            raise LostPlaceError("its words now stand in several places")
    return _together(places)


def _together(places: Sequence[Place]) -> Place:
    """Make one place of what several witnesses have there; the first counts where they disagree."""
    spoken = [place for place in places if place.end > place.start]
    first, *rest = spoken or places
    start, end = first.start, first.end
    low, high = first.most
    for place in rest:
        if place.start <= end + _NEAR and place.end >= start - _NEAR:
            start, end = min(start, place.start), max(end, place.end)
    for place in places:
        if place.most[0] <= end and place.most[1] >= start:
            low, high = max(low, place.most[0]), min(high, place.most[1])
    if spoken:
        return Place(start, end, (min(low, start), max(high, end)))
    low, high = (low, high) if low <= high else first.most
    return Place(low, low, (low, high))


def _between(collation: Collation, index: int, start: int, end: int) -> tuple[int, int]:
    """Give the tokens that a voice has in a range of columns."""
    columns = collation.columns[index]
    return bisect_left(columns, start), bisect_left(columns, end)


def _text(voice: Voice) -> bytes:
    """Give what a voice says as numbers, between its bounds."""
    return array("I", [_START]).tobytes() + voice.interned.tobytes() + array("I", [_END]).tobytes()


def _quotation(voice: Voice, first: int, after: int) -> Quotation:
    """Quote a range of tokens with as much around it as makes it unique."""
    text = _text(voice)
    context = _CONTEXT
    while context <= len(voice.interned) + 2:
        pattern = text[_SIZE * max(0, first + 1 - context) : _SIZE * (after + 1 + context)]
        found = _places(text, pattern)
        next(found)
        if next(found, None) is None:
            break
        context *= 2
    keys = voice.tokens.keys
    since, until = first - context, after + context
    return Quotation(
        _sha256(voice),
        ((START,) if since < 0 else ()) + keys[max(0, since) : first],
        keys[first:after],
        keys[after:until] + ((END,) if until > len(keys) else ()),
    )


def _occurrences(
    collation: Collation, index: int, quotation: Quotation, numbers: Mapping[str, int], context: int
) -> Iterator[Place]:
    """Yield the places where a voice has the words of a quotation, with so much of what is around them."""
    before, after = quotation.before[-context:], quotation.after[:context]
    bounds = {START: _START, END: _END}
    spelled = [
        bounds[key] if key in bounds else numbers.get(key) for key in (*before, *quotation.words, *after)
    ]
    pattern = array("I", [number for number in spelled if number is not None])
    if len(pattern) < len(spelled):
        return
    columns = collation.columns[index]
    for at in _places(_text(collation.voices[index]), pattern.tobytes()):
        first = at + len(before) - 1
        end = first + len(quotation.words)
        low = columns[first - 1] + 1 if first > 0 else collation.spans[index][0][0]
        high = columns[end] if end < len(columns) else collation.spans[index][-1][1]
        yield _place(columns[first:end], low, high)


def _places(text: bytes, pattern: bytes) -> Iterator[int]:
    """Yield where a pattern stands in a text."""
    at = text.find(pattern)
    while at >= 0:
        if at % _SIZE == 0:
            yield at // _SIZE
        at = text.find(pattern, at + 1)


def _place(columns: Sequence[int], low: int, high: int) -> Place:
    """Make a place of a voice's columns there; a passage that came in beside it is no part of it."""
    if not columns:
        high = max(low, high)
        return Place(low, low, (low, high if high - low <= _NEAR else low))
    start, end = columns[0], columns[-1] + 1
    low = low if start - _NEAR <= low <= start else start
    high = high if end <= high <= end + _NEAR else end
    return Place(start, end, (low, high))


def _sha256(voice: Voice) -> str:
    return voice.witness.weighted.source.content.sha256
