"""What is not the transcript: the prose, chapters and links, and the place where the transcript goes."""

from collections.abc import Sequence
from copy import copy
from itertools import groupby
from typing import Final

from episodic.canonical.document import CanonicalDocument, CanonicalPassage, Division
from episodic.canonical.sources import ClaimField, PassageKind, SourceType
from episodic.canonical.tei.apparatus import markup
from episodic.canonical.tei.elements import Element, append_markup, child, etree, pointers, uri
from episodic.canonical.tei.header import language_tag

_TRANSCRIPT: Final = etree.ProcessingInstruction("transcript")
# In whose place the transcript is written.
PLACE: Final = etree.tostring(_TRANSCRIPT)
_LINKS = (ClaimField.LINK, ClaimField.TRANSCRIPT, ClaimField.CHAPTERS)


def write_body(parent: Element, document: CanonicalDocument, transcripts: Sequence[str]) -> None:
    """Add the ``text``, with a place for the transcript of these witnesses."""
    text = child(parent, "text", xml_lang=language_tag(document.language))
    body = child(text, "body")
    if document.transcript:
        listed = dict.fromkeys([document.base or transcripts[0], *transcripts])
        division = child(body, "div", type="transcript", source=pointers(listed), xml_space="preserve")
        division.append(copy(_TRANSCRIPT))
    for division in document.divisions:
        _write_division(body, division)
    if not len(body):
        child(body, "p")  # a body is never empty


def write_stand_off(parent: Element, document: CanonicalDocument) -> None:
    """Add chapters and links."""
    stand_off = child(parent, "standOff")
    _write_chapters(stand_off, document)
    _write_links(stand_off, document)
    if not len(stand_off):
        parent.remove(stand_off)


def _write_division(body: Element, division: Division) -> None:
    outer = child(body, "div", type=division.source_type.value, source=f"#{division.siglum}")
    if division.source_type is SourceType.TRANSCRIPT:
        outer.set("subtype", "prose")
    stack: list[tuple[int, Element]] = [(0, outer)]
    for is_list, group in groupby(division.passages, key=lambda p: p.kind is PassageKind.LIST_ITEM):
        if is_list:
            listed = child(stack[-1][1], "list")
            for passage in group:
                _write_passage(listed, "item", passage)
            continue
        for passage in group:
            if passage.kind is PassageKind.HEADING:
                while len(stack) > 1 and stack[-1][0] >= passage.level:
                    stack.pop()
                section = child(stack[-1][1], "div", n=str(passage.level))
                stack.append((passage.level, section))
                _write_passage(section, "head", passage)
            else:
                _write_passage(stack[-1][1], "p", passage)


def _write_passage(parent: Element, name: str, passage: CanonicalPassage) -> None:
    element = child(
        parent,
        name,
        xml_id=passage.key,
        source=pointers(passage.sigla),
        corresp=f"#{passage.stands_at}" if passage.stands_at else None,
        n=str(passage.level) if passage.level and name == "item" else None,
    )
    append_markup(element, markup(passage.text))


def _write_chapters(stand_off: Element, document: CanonicalDocument) -> None:
    """Add the chapters; the number of each is the second at which it begins."""
    chapters = [s for s in document.statements if s.field is ClaimField.CHAPTER]
    if not chapters:
        return
    listed = child(stand_off, "list", type="chapters")
    for statement in chapters:
        variation = statement.variation
        contested = bool(variation.others or variation.verdict)
        source = None if contested else pointers(variation.lemma.sigla)
        item = child(listed, "item", source=source, n=statement.qualifier)
        said = (variation if contested else variation.lemma.text,)
        append_markup(child(item, "seg", type="chapter"), markup(said))


def _write_links(stand_off: Element, document: CanonicalDocument) -> None:
    links = [s for s in document.statements if s.field in _LINKS]
    soundbites = [s for s in document.statements if s.field is ClaimField.SOUNDBITE]
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
