"""What a tagged PDF says of its text: which of it is a heading, an item of a list, a row or a paragraph.

Word and browsers write these tags (ISO 32000-1, section 14.8), and no outline.
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Final, NamedTuple

from episodic.canonical.normalizers.documents.pdfium import Page, Reference, TextPage, functions
from episodic.canonical.sources import PassageKind
from episodic.canonical.text.patterns import pattern

_HEADING: Final = pattern("H([1-6])?|Title")
_APART: Final = frozenset({"P", "TR", "Caption", "BlockQuote", "Note", "TOCI"})


class Tag(NamedTuple):
    """A block of text on a page; `level` as in `Passage`."""

    number: int
    kind: PassageKind
    level: int


def page_tags(page: Page) -> Mapping[int, Tag]:
    """The blocks of a page by the identifiers of the marked content in them; none where it has no tags."""
    pdfium = functions()
    if not (tree := pdfium.FPDF_StructTree_GetForPage(page.raw)):
        return {}
    try:
        top = range(pdfium.FPDF_StructTree_CountChildren(tree))
        return _tags(pdfium, [pdfium.FPDF_StructTree_GetChildAtIndex(tree, index) for index in top])
    finally:
        pdfium.FPDF_StructTree_Close(tree)


def character_tag(text: TextPage, index: int, tags: Mapping[int, Tag]) -> Tag | None:
    """The block to which a character of a page's text belongs."""
    pdfium = functions()
    if not tags or not (drawn := pdfium.FPDFText_GetTextObject(text.raw, index)):
        return None
    return tags.get(pdfium.FPDFPageObj_GetMarkedContentID(drawn))


def _tags(pdfium: ModuleType, top: list[Reference]) -> dict[int, Tag]:
    import ctypes

    tags: dict[int, Tag] = {}
    seen: set[int | None] = set()
    blocks = 0
    stack: list[tuple[Reference, Tag | None, int]] = [(element, None, 0) for element in top]
    while stack:
        element, tag, lists = stack.pop()
        if not element or (address := ctypes.cast(element, ctypes.c_void_p).value) in seen:
            continue
        seen.add(address)
        kind = _kind(pdfium, element)
        lists += kind == "L"
        within = tag is not None and tag.kind is PassageKind.LIST_ITEM
        blocks += 1
        if match := _HEADING.fullmatch(kind):
            tag = Tag(blocks, PassageKind.HEADING, int(match[1] or 1))
        elif kind == "LI":
            tag = Tag(blocks, PassageKind.LIST_ITEM, max(1, lists))
        elif kind in _APART and not within:
            tag = Tag(blocks, PassageKind.PARAGRAPH, 0)
        for index in range(pdfium.FPDF_StructElement_CountChildren(element)):
            content = pdfium.FPDF_StructElement_GetChildMarkedContentID(element, index)
            if content >= 0 and tag is not None:
                tags[content] = tag
            stack.append((pdfium.FPDF_StructElement_GetChildAtIndex(element, index), tag, lists))
    return tags


def _kind(pdfium: ModuleType, element: Reference) -> str:
    """The element's standard type."""
    import ctypes

    size = pdfium.FPDF_StructElement_GetType(element, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_StructElement_GetType(element, buffer, size)
    return buffer.raw[: max(0, size - 2)].decode("utf-16-le", errors="replace")
