"""Word documents (ECMA-376): headings, paragraphs, lists, tables, and the notes that they refer to.

A note follows the paragraph or the row that refers to it. Its number is gone: at the end nobody could tell
what it is a note on, and a merge would have it below the last heading. It is no speech, so that a transcript
is read without. Comments, deletions and hidden text are never read; of the former, how many is said.
"""

import io
import itertools
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from episodic.canonical.errors import SourceLimitError, UnreadableError
from episodic.canonical.normalizers.documents.prose import prose_structure
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.statements import link
from episodic.canonical.normalizers.xml import Element, check_depth, is_too_deep, nested_too_deeply
from episodic.canonical.sources import Claim, Doubt, Passage, PassageKind, Signals
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.opc.part import Part

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ID: Final = f"{_W}id"
_REFERENCES: Final = {f"{_W}footnoteReference": "footnote", f"{_W}endnoteReference": "endnote"}
_LINK_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_OUT_OF_MEMORY: Final = 2  # libxml2's XML_ERR_NO_MEMORY, which lxml makes a syntax error of
_DOCTYPE: Final = "has a DOCTYPE, which Episodic never expands"
# What python-docx says of kinds of documents that it does not read, and what to do about them.
_UNREADABLE: Final = (
    ("is not a Word file", "it has macros, or is a template; save it as an ordinary .docx"),
    ("no relationship of type", "it is a Strict Open XML document, or damaged; save it as an ordinary .docx"),
)
_HEADING: Final = pattern(r"heading (\d)", re.IGNORECASE)
_LINKS: Final = tuple(f"{_W}{name}" for name in ("hyperlink", "fldSimple", "fldChar", "instrText", "t"))
_FIELD_URL: Final = pattern(r'\s*HYPERLINK\s+"?([^"\s]+)', re.IGNORECASE)
_OFF: Final = frozenset({"0", "false", "off"})
# What stands between words; a paragraph is one of a cell or a text box.
_BLANKS: Final = {f"{_W}tab": "\t", f"{_W}p": " "}
_BREAKS: Final = frozenset({f"{_W}br", f"{_W}cr"})
# Text that another element holds once more, or that was moved away.
_SKIPPED: Final = frozenset({f"{_W}del", f"{_W}moveFrom", _FALLBACK})


# When python-docx's own template was made, which it leaves in every document.
_TEMPLATE_DATE: Final = datetime(2013, 12, 23, 23, 15, tzinfo=UTC)


class _Note(NamedTuple):
    """A footnote or an endnote, and the part of the archive that it is in."""

    where: str
    part: Part
    element: Element


class Docx(Format):
    """DOCX."""

    name = "docx"
    title = "Word (DOCX)"
    suffixes = (".docx",)
    isolated_above = 0

    def recognizes(self, head: Head) -> bool:
        """By a ZIP archive whose parts are Word's, or an Office's that shows nobody else's."""
        if not head.data.startswith(b"PK\x03\x04"):
            return False
        others = b"xl/" in head.data or b"ppt/" in head.data
        return b"word/" in head.data or (b"[Content_Types].xml" in head.data and not others)

    def read(self, document: Document) -> Structure:
        """Read the body in document order."""
        _check_archive(document)
        word = _open(document)
        notes = dict(_notes(word))
        stressed: dict[Passage, str] = {}
        passages = tuple(_passages(word.element, dict(_styles(word)), dict(notes), stressed))
        if not passages:
            raise UnreadableError("has no text; is it the right file?")
        links = [*_links(word.part, word.element, "hyperlink")]
        for note in notes.values():
            links.extend(_links(note.part, note.element, note.where))
        core = word.core_properties
        moments = (
            moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            for moment in (core.modified, core.created)
            if moment
        )
        dated = next((moment for moment in moments if moment != _TEMPLATE_DATE), None)
        return prose_structure(
            document,
            Structure(
                language=core.language or None,
                dated=dated,
                claims=tuple(links),
                passages=passages,
                signals=Signals(doubts=tuple(_unread(word.element))),
            ),
            asides={note.where for note in notes.values()},
            stressed=stressed,
        )


def _unread(body: Element) -> Iterator[Doubt]:
    """What colleagues wrote into a document, and did not mean to be read."""
    for what, tag in (("comments", "commentReference"), ("deletions", "del")):
        if number := sum(1 for _ in body.iter(f"{_W}{tag}")):
            yield Doubt.left_out(f"{what} left out: {number:,}")


def _check_archive(document: Document) -> None:
    """Refuse what unpacks to too much, and document types, which no Word document has."""
    import zipfile  # with all of its codecs, and the parser's process alone reads Word documents

    limit = document.limits.unpacked_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(document.data)) as archive:
            parts = archive.infolist()
            if "word/document.xml" not in (names := {part.filename for part in parts}) and not any(
                name.startswith("word/") for name in names
            ):
                raise UnreadableError("is a ZIP archive without a Word document; unpack it")
            # zipfile reads no more of a part than its entry says, so that the sum holds.
            if sum(part.file_size for part in parts) > limit:
                problem = f"unpacks to more than {limit} bytes, the limit"
                raised = "raise EPISODIC_UNPACKED_BYTES or leave it out"
                raise SourceLimitError(document.uri, f"{problem}; {raised}")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        if b"<!DOCTYPE" in stream.read(4096):
                            raise UnreadableError(_DOCTYPE, part.filename)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise UnreadableError(f"is a damaged Word document: {error}") from error


def _open(document: Document) -> WordDocument:
    import docx
    from docx.opc.constants import CONTENT_TYPE
    from docx.opc.part import PartFactory, XmlPart

    # python-docx leaves notes unread.
    for kind in (CONTENT_TYPE.WML_FOOTNOTES, CONTENT_TYPE.WML_ENDNOTES):
        PartFactory.part_type_for.setdefault(kind, XmlPart)
    try:
        word = docx.Document(io.BytesIO(document.data))
    except MemoryError, RecursionError:
        raise
    except Exception as error:
        if getattr(error, "code", None) == _OUT_OF_MEMORY:
            raise MemoryError from error
        if is_too_deep(str(error)):
            raise nested_too_deeply(document) from error
        # python-docx fails in whatever way the damage leads to.
        problem = next((reason for sign, reason in _UNREADABLE if sign in str(error)), str(error))
        raise UnreadableError(f"cannot be read as a Word document: {problem}") from error
    package = word.part.package
    assert package is not None
    for part in package.iter_parts():
        if (root := getattr(part, "element", None)) is None:
            continue
        # In whatever encoding: the archive was looked through for it in ASCII.
        if root.getroottree().docinfo.doctype:
            raise UnreadableError(_DOCTYPE, str(part.partname).removeprefix("/"))
        check_depth(document, root)
    return word


def _styles(word: WordDocument) -> Iterator[tuple[str, tuple[PassageKind, int]]]:
    """What each paragraph style makes of a paragraph, by its identifier."""
    based: dict[str, str] = {}
    made: dict[str, tuple[PassageKind, int]] = {}
    for style in word.styles.element.iter(f"{_W}style"):
        identifier = style.get(f"{_W}styleId") or ""
        name = _value(style.find(f"{_W}name")) or ""
        based[identifier] = _value(style.find(f"{_W}basedOn")) or ""
        if match := _HEADING.fullmatch(name):
            made[identifier] = (PassageKind.HEADING, min(6, max(1, int(match[1]))))
        elif name.lower() == "title":
            made[identifier] = (PassageKind.HEADING, 1)
        elif name.lower().startswith("list"):
            made[identifier] = (PassageKind.LIST_ITEM, 1)
    for identifier in based:
        current, steps = identifier, 0
        while current and current not in made and steps < 20:
            current, steps = based.get(current, ""), steps + 1
        if current in made:
            yield identifier, made[current]


def _value(element: Element | None) -> str | None:
    return None if element is None else element.get(f"{_W}val")


def _notes(word: WordDocument) -> Iterator[tuple[tuple[str, str | None], _Note]]:
    """The notes to which the text refers, in the order of the references, by these."""
    there = {
        (f"{note.tag}Reference", note.get(_ID)): (relation.target_part, note)
        for relation in word.part.rels.values()
        if not relation.is_external
        for note in getattr(relation.target_part, "element", ())
        if f"{note.tag}Reference" in _REFERENCES
    }
    numbers: Counter[str] = Counter()
    for reference in word.element.iter(*_REFERENCES):
        key = _key(reference)
        if key in there and not any(outer.tag in _SKIPPED for outer in reference.iterancestors()):
            kind = _REFERENCES[key[0]]
            numbers[kind] += 1
            part, note = there.pop(key)
            yield key, _Note(f"{kind} {numbers[kind]}", part, note)


def _key(reference: Element) -> tuple[str, str | None]:
    """What a reference and its note have in common."""
    return str(reference.tag), reference.get(_ID)


def _passages(
    root: Element,
    styles: Mapping[str, tuple[PassageKind, int]],
    notes: MutableMapping[tuple[str, str | None], _Note],
    stressed: dict[Passage, str],
) -> Iterator[Passage]:
    """The passages inside, each followed by those of its `notes`, which are taken out."""
    number = 0
    stack: list[Iterator[Element]] = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag in {f"{_W}p", f"{_W}tr"}:
            number += 1
            parts = list(_cells(element)) if element.tag == f"{_W}tr" else [element]
            row = len(parts) > 1
            cells = [fold(_text(part)) if row else _with_tabs(_text(part)) for part in parts]
            if any(cells):
                kind, level = _kind(element, styles)
                passage = Passage(kind, " | ".join(cells).strip(), f"paragraph {number}", level)
                if (begins := _stressed(element)) and (not row or begins == fold(_text(element))):
                    stressed[passage] = begins
                yield passage
            for reference in element.iter(*_REFERENCES):
                if note := notes.pop(_key(reference), None):
                    for passage in _passages(note.element, styles, {}, stressed):
                        yield replace(passage, where=note.where)
        elif isinstance(element.tag, str) and element.tag not in _SKIPPED:
            stack.append(iter(element))


def _stressed(paragraph: Element) -> str:
    """What is in bold, or in italics, at the beginning of a paragraph."""
    runs = (
        (run, "".join(text.text or "" for text in run.iter(f"{_W}t"))) for run in paragraph.iter(f"{_W}r")
    )
    return fold("".join(text for _, text in itertools.takewhile(_stands_out, runs)))


def _stands_out(run: tuple[Element, str]) -> bool:
    """Whether a run is in bold, or in italics, or has no text that could be."""
    marks = (run[0].find(f"{_W}rPr/{_W}{tag}") for tag in ("b", "i"))
    return not run[1].strip() or any(mark is not None and _value(mark) not in _OFF for mark in marks)


def _cells(row: Element) -> Iterator[Element]:
    """The cells of a row; what stands in a table inside a cell is that cell's."""
    for element in row:
        if element.tag == f"{_W}tc":
            yield element
        elif isinstance(element.tag, str) and element.tag not in _SKIPPED:
            yield from _cells(element)


def _kind(paragraph: Element, styles: Mapping[str, tuple[PassageKind, int]]) -> tuple[PassageKind, int]:
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        return PassageKind.PARAGRAPH, 0
    kind, level = styles.get(_value(properties.find(f"{_W}pStyle")) or "", (PassageKind.PARAGRAPH, 0))
    if kind is not PassageKind.HEADING and (numbering := properties.find(f"{_W}numPr")) is not None:
        if _value(numbering.find(f"{_W}numId")) == "0":  # takes a paragraph out of its style's list
            return PassageKind.PARAGRAPH, 0
        depth = _value(numbering.find(f"{_W}ilvl")) or "0"
        return PassageKind.LIST_ITEM, 1 + (int(depth) if re.fullmatch("[0-8]", depth) else 0)
    return kind, level


def _text(paragraph: Element) -> str:
    parts: list[str] = []
    for element in _shown(paragraph):
        if element.tag == f"{_W}t":
            parts.append(element.text or "")
        elif element.tag in _BLANKS:
            parts.append(_BLANKS[str(element.tag)])
        elif element.tag in _BREAKS:
            parts.append("\n")
        elif element.tag == f"{_W}noBreakHyphen":
            parts.append("-")
    return "".join(parts)


def _with_tabs(text: str) -> str:
    """The lines of a text with the tabs inside of them, which divide names from words, and no other space."""
    lines = ("\t".join(filter(None, map(fold, line.split("\t")))) for line in text.split("\n"))
    return "\n".join(filter(None, lines))


def _shown(root: Element) -> Iterator[Element]:
    """The elements inside in document order, without those whose text nobody sees."""
    stack: list[Iterator[Element]] = [iter(root)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif element.tag == f"{_W}vanish" and _value(element) not in _OFF:
            del stack[-2:]  # the properties, and the run that has them before its text
        elif isinstance(element.tag, str) and element.tag not in _SKIPPED:
            yield element
            stack.append(iter(element))


def _links(part: Part, root: Element, where: str) -> Iterator[Claim]:
    """What hyperlinks, and fields that are some, lead to."""
    fields: list[tuple[list[str], list[str]]] = []  # the open ones: what each says, and what it shows
    for element in root.iter(*_LINKS):
        url, label = "", ""
        if element.tag == f"{_W}hyperlink":
            relation = part.rels.get(element.get(_LINK_ID) or "")
            if relation is not None and relation.is_external:
                url, label = relation.target_ref, _text(element)
        elif element.tag == f"{_W}fldSimple":
            url, label = _field_url(element.get(f"{_W}instr") or ""), _text(element)
        elif element.tag == f"{_W}fldChar":
            kind = element.get(f"{_W}fldCharType")
            if kind == "begin":
                fields.append(([], []))
            elif kind == "end" and fields:
                said, shown = fields.pop()
                url, label = _field_url("".join(said)), "".join(shown)
        elif fields:
            said, shown = fields[-1]
            (shown if element.tag == f"{_W}t" else said).append(element.text or "")
        yield from link(url, where, label)


def _field_url(instruction: str) -> str:
    match = _FIELD_URL.match(instruction)
    return match[1] if match else ""
