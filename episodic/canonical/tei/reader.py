"""A TEI document, read back from its bytes alone: texts, utterances, witnesses, and all values.

Wherever a siglum is asked for, ``None`` stands for the lemma, the canonical text itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Final

from episodic.canonical.document import (
    CanonicalDocument,
    CanonicalUtterance,
    PassageVariation,
    Text,
    Variation,
    accepted,
)
from episodic.canonical.errors import DocumentError, NotFoundError
from episodic.canonical.sources import Factor
from episodic.canonical.tei.bounds import Beginnings, beginnings, former_bounds, former_lists
from episodic.canonical.tei.elements import ID, TEI, Element, etree, local_name, parse
from episodic.canonical.tei.parts import divisions, is_transcript, sigla, timelines
from episodic.canonical.tei.values import read_values
from episodic.canonical.text.tokens import fold

_HEADER: Final = f"{TEI}teiHeader/"


@dataclass(frozen=True, slots=True)
class Spoken:
    """An utterance as it was read back.

    Parameters
    ----------
    start, end
        Seconds.
    where
        Its cue or line in its source.
    turn
        Whether another speaker begins with it, who is not named.
    moments
        When words inside of it begin: after how many characters, and seconds; between two time follows
        letters.
    decided
        Where words begin and end that were not voted but decided: in characters, a pair for each decision.
    added
        Whether an editor put it in, as a turn of its own.
    """

    text: str
    speaker: str | None = None
    start: float | None = None
    end: float | None = None
    where: str | None = None
    turn: bool = False
    moments: tuple[tuple[int, float], ...] = ()
    decided: tuple[tuple[int, int], ...] = ()
    added: bool = False


@dataclass(frozen=True, slots=True)
class WitnessRecord:
    """A witness as the document records it; `weight` in thousandths."""

    siglum: str
    source_type: str
    uri: str
    sha256: str
    format: str
    weight: int
    factors: tuple[Factor, ...]
    language: str | None = None
    dated: str | None = None
    notes: tuple[str, ...] = ()


def read(document: bytes) -> TeiDocument:
    """Parse a document that `episodic.canonical.tei.writer.write` has written.

    Raises
    ------
    DocumentError
        When it is not well-formed.
    """
    try:
        return TeiDocument(parse(document))
    except etree.XMLSyntaxError as error:
        raise DocumentError(f"not a TEI document: {error}; ingest the episode again") from error


@dataclass(frozen=True)
class TeiDocument:
    """A parsed document."""

    root: Element = field(repr=False)

    @property
    def title(self) -> str:
        """The main title."""
        title = self.root.find(f"{_HEADER}{TEI}fileDesc/{TEI}titleStmt/{TEI}title")
        return "" if title is None else "".join(_lemma(title))

    @cached_property
    def witnesses(self) -> tuple[WitnessRecord, ...]:
        """The witnesses, by falling weight."""
        return tuple(_witness(element) for element in self.root.iter(f"{TEI}witness"))

    @property
    def transcripts(self) -> tuple[str, ...]:
        """The sigla of the transcript witnesses, by falling weight."""
        transcript = self._transcript
        listed = () if transcript is None else sigla(transcript.get("source"))
        heard = set(self._former or listed)
        return tuple(witness.siglum for witness in self.witnesses if witness.siglum in heard)

    def text(self, siglum: str | None = None) -> str:
        """Give the transcript as one text; empty when the witness has no words in one.

        Raises
        ------
        NotFoundError
            When no witness has this siglum.
        """
        transcript = self._transcript
        if siglum is not None and siglum not in {witness.siglum for witness in self.witnesses}:
            raise NotFoundError("witness", siglum, [witness.siglum for witness in self.witnesses])
        if transcript is None or not (siglum is None or siglum in self.transcripts):
            return ""
        return "".join(_lemma(transcript) if siglum is None else _reading(transcript, siglum))

    def utterances(self, siglum: str | None = None) -> list[Spoken]:
        """Give the utterances of the transcript, in order.

        Raises
        ------
        NotFoundError
            When no witness has this siglum.
        """
        return [*self._canonical_utterances] if siglum is None else self._witness_utterances(siglum)

    def prose(self, siglum: str | None = None) -> Iterator[tuple[str, str]]:
        """Yield the prose as pairs of element (``head``, ``p``, ``item``) and text, in order.

        With a siglum this is the witness's own prose; without, every shared passage comes once.
        """
        by_id = {e.attrib[ID]: e for e in self.root.iter(*_PROSE) if e.get(ID)}
        for division in divisions(self.root):
            if is_transcript(division) or siglum not in {None, *sigla(division.get("source"))}:
                continue
            for element in division.iter(*_PROSE):
                shared = element.get("corresp")
                if siglum is None and shared:
                    continue
                holder = by_id[shared[1:]] if shared else element
                parts = _lemma(holder) if siglum is None else _reading(holder, siglum)
                yield local_name(element), "".join(parts)

    @cached_property
    def canonical(self) -> CanonicalDocument:
        """The value objects that the document was written from, as far as TEI holds them."""
        return read_values(self.root, self.times)

    @property
    def _transcript(self) -> Element | None:
        return next(filter(is_transcript, divisions(self.root)), None)

    @cached_property
    def _former(self) -> dict[str, Element]:
        """The lists of cues by siglum, in a document that holds them apart from the text."""
        return {sigla(each.get("source"))[0]: each for each in former_lists(self.root)}

    @cached_property
    def times(self) -> dict[str, float]:
        """Seconds of all points in time, by pointer."""
        return timelines(self.root)

    def _time(self, pointer: str | None) -> float | None:
        return None if pointer is None else self.times[pointer]

    @cached_property  # a page offers them in every format
    def _canonical_utterances(self) -> list[Spoken]:
        """Gather the utterances of the lemma; parts that follow one another are one again."""
        document = self.canonical
        names = document.names
        editors = {editor.key for editor in document.editors}
        found: list[Spoken] = []
        last = None
        for part in _accepted(document.transcript):
            spoken = Spoken(
                "".join(map(accepted, part.text)),
                part.speaker and names[part.speaker],
                part.start,
                part.end,
                turn=part.turn,
                moments=part.moments,
                decided=tuple(_decided(part.text)),
                added=part.siglum in editors,
            )
            if part.continues and part.siglum == last:
                found[-1] = _continued(found[-1], spoken)
            else:
                found.append(spoken)
            last = part.siglum
        return [replace(spoken, text=text) for spoken in found if (text := fold(spoken.text))]

    def beginnings(self, witnesses: Iterable[str]) -> Beginnings:
        """Give where cues and entries begin in the text of transcript witnesses, in order."""
        if (transcript := self._transcript) is None:
            return Beginnings(dict.fromkeys(witnesses, ()), {})
        found = beginnings(transcript, witnesses)
        former = {
            siglum: former_bounds(self._former[siglum]) for siglum in found.bounds if siglum in self._former
        }
        return replace(found, bounds={**found.bounds, **former})

    def _witness_utterances(self, siglum: str) -> list[Spoken]:
        text = self.text(siglum)
        found = self.beginnings((siglum,)).bounds[siglum]
        ends = [after.offset for _, after in pairwise(found)]
        names = self.canonical.names
        return [
            Spoken(
                text[bound.offset : end].rstrip(),
                bound.who and names[bound.who[1:]],
                self._time(bound.start),
                self._time(bound.end),
                bound.where,
                bound.turn,
            )
            for bound, end in zip(found, [*ends, None], strict=bool(found))
        ]


def _continued(whole: Spoken, part: Spoken) -> Spoken:
    """Add a part to an utterance: it begins at a moment of the whole."""
    at = len(whole.text)
    begins = () if part.start is None else ((at, part.start),)
    return replace(
        whole,
        text=whole.text + part.text,
        end=part.end,
        moments=(*whole.moments, *begins, *((at + place, time) for place, time in part.moments)),
        decided=(*whole.decided, *((at + start, at + end) for start, end in part.decided)),
    )


_PROSE: Final = (f"{TEI}head", f"{TEI}p", f"{TEI}item")


# A timeline is long, and holds no words.
_NO_LEMMA: Final = frozenset({f"{TEI}rdg", f"{TEI}timeline"})
_READINGS: Final = frozenset({f"{TEI}lem", f"{TEI}rdg", f"{TEI}timeline"})


def _lemma(element: Element) -> Iterator[str]:
    """Yield the text of an element with the lemma of every entry."""
    if element.text:
        yield element.text
    for inner in element:
        if inner.tag not in _NO_LEMMA:
            yield from _lemma(inner)
        if inner.tail:
            yield inner.tail


def _accepted(parts: Iterable[CanonicalUtterance | PassageVariation]) -> Iterator[CanonicalUtterance]:
    for part in parts:
        if isinstance(part, PassageVariation):
            yield from part.lemma.utterances
        else:
            yield part


def _decided(text: Text) -> Iterator[tuple[int, int]]:
    """Yield where the words begin and end that somebody decided."""
    at = 0
    for part in text:
        end = at + len(accepted(part))
        if isinstance(part, Variation) and part.verdict:
            yield at, end
        at = end


def _reading(element: Element, siglum: str) -> Iterator[str]:
    """Yield the text of an element as a witness has it."""
    if element.text:
        yield element.text
    for inner in element:
        if inner.tag not in _READINGS or f"#{siglum}" in inner.get("wit", "").split():
            yield from _reading(inner, siglum)
        if inner.tail:
            yield inner.tail


def _witness(element: Element) -> WitnessRecord:
    bibl = element[0]
    notes: dict[str, list[Element]] = {}
    for note in bibl.iterfind(f"{TEI}note"):
        notes.setdefault(note.get("type", ""), []).append(note)
    date = bibl.find(f"{TEI}date")
    return WitnessRecord(
        siglum=element.attrib[ID],
        source_type=bibl.get("type", ""),
        uri=bibl.findtext(f"{TEI}title", ""),
        sha256=bibl.findtext(f"{TEI}idno", ""),
        format=notes["format"][0].text or "",
        weight=round(1000 * float(notes["weight"][0].text or "0")),
        factors=tuple(_factor(note) for note in notes.get("factor", ())),
        language=bibl.findtext(f"{TEI}lang") or None,
        dated=None if date is None else date.get("when"),
        notes=tuple(note.text or "" for note in notes.get("remark", ())),
    )


def _factor(note: Element) -> Factor:
    label, value, coefficient, reason = (inner.text or "" for inner in note)
    return Factor(label, float(value), float(coefficient), reason)
