"""What stands around transcript and prose: the body that they go into, and chapters and links."""

from typing import Final

from episodic.canonical.document import CanonicalDocument
from episodic.canonical.sources import ClaimField
from episodic.canonical.tei.elements import Element, child, pointers, uri
from episodic.canonical.tei.header import language_tag, source_of, write_decided

# A body that is empty; no text of a document can look like it.
EMPTY: Final = b"<body><p/></body>"
_LINKS = (ClaimField.LINK, ClaimField.TRANSCRIPT, ClaimField.CHAPTERS)


def write_body(parent: Element, document: CanonicalDocument) -> None:
    """Add the ``text`` with a body that is empty, in whose place transcript and prose are written."""
    text = child(parent, "text", xml_lang=language_tag(document.language))
    child(child(text, "body"), "p")


def write_stand_off(parent: Element, document: CanonicalDocument) -> None:
    """Add chapters and links."""
    stand_off = child(parent, "standOff")
    _write_chapters(stand_off, document)
    _write_links(stand_off, document)
    if not len(stand_off):
        parent.remove(stand_off)


def _write_chapters(stand_off: Element, document: CanonicalDocument) -> None:
    """Add the chapters; the number of each is the second at which it begins."""
    if not (chapters := document.about(ClaimField.CHAPTER)):
        return
    listed = child(stand_off, "list", type="chapters")
    for statement in chapters:
        item = child(listed, "item", source=source_of(statement.variation), n=statement.qualifier)
        write_decided(child(item, "seg", type="chapter"), statement.variation)


def _write_links(stand_off: Element, document: CanonicalDocument) -> None:
    links = [s for s in document.statements if s.field in _LINKS]
    soundbites = document.about(ClaimField.SOUNDBITE)
    if not links and not soundbites:
        return
    listed = child(stand_off, "list", type="links")
    for statement in links:
        lemma = statement.variation.lemma
        item = child(listed, "item", source=pointers(lemma.sigla))
        child(
            item, "ref", statement.qualifier or lemma.text, type=statement.field.value, target=uri(lemma.text)
        )
    for statement in soundbites:
        lemma = statement.variation.lemma
        item = child(listed, "item", source=pointers(lemma.sigla))
        child(item, "seg", statement.qualifier or "", type=statement.field.value, n=lemma.text)
