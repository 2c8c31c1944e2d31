"""The canonical document, read back from TEI as the value objects that it was written from.

What the modules beside it write, this one reads: texts keep their apparatus, and decisions their editors.
Only what TEI does not hold is lost: of weights all but the share of the vote, an editor's reason, and what is
finer than a millisecond.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from episodic.canonical.document import (
    Authority,
    CanonicalDocument,
    CanonicalPassage,
    CanonicalUtterance,
    Division,
    Editor,
    PassageReading,
    PassageVariation,
    Person,
    Reading,
    Statement,
    Text,
    Variation,
    Verdict,
)
from episodic.canonical.sources import ClaimField, PassageKind, SourceType
from episodic.canonical.tei.elements import ID, TEI, TURN, UNDETERMINED, Element
from episodic.canonical.tei.parts import (
    difference,
    divisions,
    editors,
    is_transcript,
    moments,
    sigla,
    variation,
    verdict,
    vote,
)
from episodic.canonical.tei.timeline import CANONICAL

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


def read_values(root: Element, times: Mapping[str, float]) -> CanonicalDocument:
    """Read the canonical document back; `TeiDocument.canonical` is this.

    Parameters
    ----------
    root
        Of a document that `episodic.canonical.tei.writer.write` has written.
    times
        Of its timelines: seconds by pointer.
    """
    return _Values(root, times).document()


class _Values:
    """Reads what points elsewhere in the document: to times, and to who decided."""

    def __init__(self, root: Element, times: Mapping[str, float]) -> None:
        self._root = root
        self._times = times
        self._editors = editors(root)

    def document(self) -> CanonicalDocument:
        language = self._root.findtext(f"{_PROFILE}/{TEI}langUsage/{TEI}language", UNDETERMINED)
        transcript: tuple[CanonicalUtterance | PassageVariation, ...] = ()
        base = clock = None
        prose: list[Division] = []
        for element in divisions(self._root):
            siglum, *_ = sigla(element.get("source"))
            if is_transcript(element):
                base = siglum
                clock = element.find(f"{TEI}timeline[@origin='#{CANONICAL}0'][@source]")
                transcript = tuple(self._parts(element, siglum))
            else:
                source_type = SourceType(element.get("type", ""))
                prose.append(Division(source_type, siglum, tuple(self._passages(element))))
        return CanonicalDocument(
            language=None if language == UNDETERMINED else language,
            base=base,
            clock=None if clock is None else clock.attrib["source"].removeprefix("#"),
            statements=tuple(self._statements()),
            people=tuple(map(self._person, self._root.iter(f"{TEI}person"))),
            transcript=transcript,
            divisions=tuple(prose),
            editors=tuple(Editor(key, name) for key, name in self._editors.items()),
        )

    def _parts(self, parent: Element, base: str) -> Iterator[CanonicalUtterance | PassageVariation]:
        for element in parent:
            if element.tag == f"{TEI}u":
                yield self._utterance(element, base)
            elif element.tag == _APP:
                lemma, *others = (self._reading(reading, base) for reading in element)
                overruled = verdict(element[0], self._editors)
                address = element.get("n")
                yield PassageVariation(lemma, tuple(others), difference(element), address, overruled)

    def _reading(self, element: Element, base: str) -> PassageReading:
        utterances = tuple(self._utterance(inner, base) for inner in element)
        return PassageReading(utterances, *vote(element))

    def _utterance(self, element: Element, base: str) -> CanonicalUtterance:
        return CanonicalUtterance(
            text=self._text(element),
            moments=tuple(moments(element, self._times)),
            siglum=element.get("source", base).removeprefix("#"),
            speaker=element.get("who", "").removeprefix("#") or None,
            start=self._times.get(element.get("start", "")),
            end=self._times.get(element.get("end", "")),
            continues=element.get("prev") is not None,
            turn=element.get("rend") == TURN,
        )

    def _passages(self, division: Element) -> Iterator[CanonicalPassage]:
        for element in division.iter(*_PASSAGES):
            kind = _PASSAGES[str(element.tag)]
            holder = element.getparent() if kind is PassageKind.HEADING else element
            level = "0" if holder is None else holder.get("n", "0")
            yield CanonicalPassage(
                key=element.attrib[ID],
                kind=kind,
                text=self._text(element),
                sigla=sigla(element.get("source")),
                level=int(level),
                stands_at=element.get("corresp", "").removeprefix("#") or None,
            )

    def _statements(self) -> Iterator[Statement]:
        for about, path in _DECIDED:
            for element in self._root.iterfind(path):
                if (told := self._decided(element)) is not None:
                    yield Statement(about, told)
        if guids := list(self._root.iterfind(f"{_FILE}/{TEI}publicationStmt/{TEI}idno[@type='guid']")):
            lemma, *others = (_stated(guid, "".join(guid.itertext())) for guid in guids)
            yield Statement(ClaimField.GUID, Variation(lemma, tuple(others)))
        for element in self._root.iterfind(f"{_FILE}/{TEI}sourceDesc//{TEI}media"):
            lemma = _stated(element, element.get("url", ""))
            yield Statement(ClaimField.MEDIA, Variation(lemma, ()), element.get("mimeType"))
        for item in self._root.iterfind(f"{TEI}standOff/{TEI}list[@type='chapters']/{TEI}item"):
            told = self._decided(item[0]) or Variation(_stated(item, "".join(item.itertext())), ())
            yield Statement(ClaimField.CHAPTER, told, item.get("n"))
        for item in self._root.iterfind(f"{TEI}standOff/{TEI}list[@type='links']/{TEI}item"):
            element = item[0]
            lemma = _stated(item, element.get("target") or element.get("n", ""))
            about = ClaimField(element.get("type", ""))
            yield Statement(about, Variation(lemma, ()), "".join(element.itertext()) or None)

    def _decided(self, element: Element) -> Variation | None:
        """Read a value; ``None`` when no source and no person stands behind it."""
        app = element.find(_APP)
        if app is not None:
            return variation(app, self._editors)
        if element.get("source") is None:
            return None
        return Variation(_stated(element, "".join(element.itertext())), ())

    def _text(self, element: Element) -> Text:
        return tuple(self._text_parts(element))

    def _text_parts(self, element: Element) -> Iterator[str | Variation]:
        said = element.text or ""
        for inner in element:
            if inner.tag == _APP:
                if said:
                    yield said
                yield variation(inner, self._editors)
                said = ""
            said += inner.tail or ""
        if said:
            yield said

    def _person(self, element: Element) -> Person:
        main, *given = element.iterfind(f"{TEI}persName")
        editor = main.get("resp", "").removeprefix("#")
        decided = Verdict(Authority.DECISION, editor, self._editors[editor]) if editor else None
        return Person(
            key=element.attrib[ID],
            name=main.text or "",
            roles=tuple(element.get("role", "").split()),
            names=tuple(_named(given)),
            verdict=decided,
        )


def _stated(element: Element, text: str) -> Reading:
    return Reading(text, sigla(element.get("source")), 0)


def _named(names: Iterable[Element]) -> Iterator[tuple[str, str]]:
    for name in names:
        for siglum in sigla(name.get("source")):
            yield siglum, name.text or ""
