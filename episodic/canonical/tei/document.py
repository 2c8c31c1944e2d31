"""The canonical document, read back from TEI as the value objects that it was written from.

What `episodic.canonical.tei.body` and `header` write, this module reads: texts keep their apparatus. Only
what TEI does not hold is lost: the weight of a value that nobody contests, and what is finer than a
millisecond.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from episodic.canonical.document import (
    CanonicalDocument,
    CanonicalPassage,
    CanonicalUtterance,
    Difference,
    Division,
    PassageReading,
    PassageVariation,
    Person,
    Reading,
    Statement,
    Text,
    Variation,
)
from episodic.canonical.sources import ClaimField, PassageKind, SourceType
from episodic.canonical.tei.elements import ID, TEI, TURN, Element

_APP: Final = f"{TEI}app"
_FILE: Final = f"{TEI}teiHeader/{TEI}fileDesc"
_PROFILE: Final = f"{TEI}teiHeader/{TEI}profileDesc"
# Where the header holds values as text, with their rivals or alone; the order is `ClaimField`'s.
_DECIDED: Final = (
    (ClaimField.TITLE, f"{_FILE}/{TEI}titleStmt/{TEI}title[@type='main']"),
    (ClaimField.SUBTITLE, f"{_FILE}/{TEI}titleStmt/{TEI}title[@type='sub']"),
    (ClaimField.SUMMARY, f"{_PROFILE}/{TEI}abstract/{TEI}p"),
    (ClaimField.PUBLISHED, f"{_FILE}/{TEI}publicationStmt/{TEI}date"),
    (ClaimField.EPISODE, f"{_FILE}/{TEI}seriesStmt/{TEI}biblScope[@unit='episode']"),
    (ClaimField.SEASON, f"{_FILE}/{TEI}seriesStmt/{TEI}biblScope[@unit='season']"),
    (ClaimField.DURATION, f"{_FILE}/{TEI}sourceDesc//{TEI}measure[@type='duration']"),
    (ClaimField.KEYWORD, f"{_PROFILE}/{TEI}textClass/{TEI}keywords/{TEI}term"),
    (ClaimField.SERIES, f"{_FILE}/{TEI}seriesStmt/{TEI}title[@type='claimed']"),
    (ClaimField.PUBLISHER, f"{_FILE}/{TEI}publicationStmt/{TEI}publisher"),
)
_PASSAGES: Final = {
    f"{TEI}head": PassageKind.HEADING,
    f"{TEI}p": PassageKind.PARAGRAPH,
    f"{TEI}item": PassageKind.LIST_ITEM,
}


def read_document(root: Element) -> CanonicalDocument:
    """Read the canonical document back.

    Parameters
    ----------
    root
        Of a document that `episodic.canonical.tei.writer.write` has written.
    """
    language = root.find(f"{_PROFILE}/{TEI}langUsage/{TEI}language")
    transcript: tuple[CanonicalUtterance | PassageVariation, ...] = ()
    base = None
    divisions: list[Division] = []
    for element in root.iterfind(f"{TEI}text/{TEI}body/{TEI}div"):
        source_type = SourceType(element.get("type", ""))
        (siglum,) = _sigla(element.get("source"))
        if source_type is SourceType.TRANSCRIPT and element.get("subtype") is None:
            base, transcript = siglum, tuple(_Spoken(root).parts(element))
        else:
            divisions.append(Division(source_type, siglum, tuple(_passages(element))))
    return CanonicalDocument(
        language=None if language is None or language.get("ident") == "und" else language.get("ident"),
        base=base,
        statements=tuple(_statements(root)),
        people=tuple(map(_person, root.iter(f"{TEI}person"))),
        transcript=transcript,
        divisions=tuple(divisions),
    )


class _Spoken:
    """Reads the parts of a transcript, whose times are on the document's timelines."""

    def __init__(self, root: Element) -> None:
        self._times = {
            f"#{when.attrib[ID]}": float(when.get("interval", "0")) for when in root.iter(f"{TEI}when")
        }

    def parts(self, parent: Element) -> Iterator[CanonicalUtterance | PassageVariation]:
        for element in parent:
            if element.tag == f"{TEI}u":
                yield self._utterance(element)
            elif element.tag == _APP:
                lemma, *others = map(self._reading, element)
                yield PassageVariation(lemma, tuple(others), _difference(element), element.get("n"))

    def _reading(self, element: Element) -> PassageReading:
        utterances = tuple(map(self._utterance, element))
        return PassageReading(utterances, *_vote(element))

    def _utterance(self, element: Element) -> CanonicalUtterance:
        return CanonicalUtterance(
            text=_text(element),
            siglum=element.get("source", "").removeprefix("#"),
            speaker=element.get("who", "").removeprefix("#") or None,
            start=self._times.get(element.get("start", "")),
            end=self._times.get(element.get("end", "")),
            continues=element.get("prev") is not None,
            turn=element.get("rend") == TURN,
        )


def _passages(division: Element) -> Iterator[CanonicalPassage]:
    for element in division.iter(*_PASSAGES):
        kind = _PASSAGES[element.tag]
        holder = element.getparent() if kind is PassageKind.HEADING else element
        level = "0" if holder is None else holder.get("n", "0")
        yield CanonicalPassage(
            key=element.attrib[ID],
            kind=kind,
            text=_text(element),
            sigla=_sigla(element.get("source")),
            level=int(level),
            stands_at=element.get("corresp", "").removeprefix("#") or None,
        )


def _statements(root: Element) -> Iterator[Statement]:
    for about, path in _DECIDED:
        for element in root.iterfind(path):
            if variation := _decided(element):
                yield Statement(about, variation)
    guids = [e for e in root.iterfind(f"{_FILE}/{TEI}publicationStmt/{TEI}idno") if e.get("type") == "guid"]
    if guids:
        lemma, *others = (_stated(guid, "".join(guid.itertext())) for guid in guids)
        yield Statement(ClaimField.GUID, Variation(lemma, tuple(others)))
    for element in root.iterfind(f"{_FILE}/{TEI}sourceDesc//{TEI}media"):
        lemma = _stated(element, element.get("url", ""))
        yield Statement(ClaimField.MEDIA, Variation(lemma, ()), element.get("mimeType"))
    for item in root.iterfind(f"{TEI}standOff/{TEI}list[@type='chapters']/{TEI}item"):
        app = item[0].find(_APP)
        told = _variation(app) if app is not None else Variation(_stated(item, "".join(item.itertext())), ())
        yield Statement(ClaimField.CHAPTER, told, item.get("n"))
    for item in root.iterfind(f"{TEI}standOff/{TEI}list[@type='links']/{TEI}item"):
        element = item[0]
        lemma = _stated(item, element.get("target") or element.get("n", ""))
        about = ClaimField(element.get("type", ""))
        yield Statement(about, Variation(lemma, ()), "".join(element.itertext()) or None)


def _decided(element: Element) -> Variation | None:
    """Read a value; ``None`` when no source and no person stands behind it."""
    app = element.find(_APP)
    if app is not None:
        return _variation(app)
    if element.get("source") is None:
        return None
    return Variation(_stated(element, "".join(element.itertext())), ())


def _stated(element: Element, text: str) -> Reading:
    return Reading(text, _sigla(element.get("source")), 0)


def _text(element: Element) -> Text:
    return tuple(_text_parts(element))


def _text_parts(element: Element) -> Iterator[str | Variation]:
    if element.text:
        yield element.text
    for inner in element:
        yield _variation(inner)
        if inner.tail:
            yield inner.tail


def _variation(app: Element) -> Variation:
    lemma, *others = (Reading("".join(inner.itertext()), *_vote(inner)) for inner in app)
    return Variation(lemma, tuple(others), _difference(app), app.get("n"))


def _vote(reading: Element) -> tuple[tuple[str, ...], int, str | None]:
    return _sigla(reading.get("wit")), int(reading.get("n", "0")), reading.get("cause")


def _difference(app: Element) -> Difference:
    return Difference(app.get("type", "substantive"))


def _person(element: Element) -> Person:
    names = [name for name in element.iterfind(f"{TEI}persName") if name.get("type") == "given"]
    return Person(
        key=element.attrib[ID],
        name=element.findtext(f"{TEI}persName"),
        roles=tuple(element.get("role", "").split()),
        names=tuple(_named(names)),
    )


def _named(names: Iterable[Element]) -> Iterator[tuple[str, str]]:
    for name in names:
        for siglum in _sigla(name.get("source")):
            yield siglum, name.text or ""


def _sigla(pointers: str | None) -> tuple[str, ...]:
    return tuple(pointer.removeprefix("#") for pointer in (pointers or "").split())
