"""What is used of PDFium, with types, and what pypdfium2 leaves to its functions: links, and tags.

Links are annotations of pages whose action is a URI (ISO 32000-1, section 12.6.4.7). Tags, which Word and
browsers write and no outline, say which text is a heading, an item of a list, a row or a paragraph (14.8).
"""
# ruff: noqa: D102 - what the methods of its classes do, pypdfium2 says

from collections.abc import Iterator, Mapping
from itertools import groupby
from types import ModuleType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from episodic.canonical.sources import PassageKind
from episodic.canonical.text.patterns import pattern

if TYPE_CHECKING:
    from ctypes import c_void_p

type Reference = c_void_p  # to something of PDFium's; of what kind, its functions know

_HEADING: Final = pattern("H([1-6])?|Title")
_APART: Final = frozenset({"P", "TR", "Caption", "BlockQuote", "Note", "TOCI"})


class Handle(Protocol):
    """Something of PDFium's; `raw` is what its own functions take."""

    raw: Reference

    def close(self) -> None: ...


class TextPage(Handle, Protocol):
    """The text of a page; boxes are left, bottom, right and top in points from the lower left corner."""

    def count_chars(self) -> int: ...
    def get_charbox(self, index: int, /) -> tuple[float, float, float, float]: ...
    def get_text_bounded(self, left: float, bottom: float, right: float, top: float, /) -> str: ...


class Page(Handle, Protocol):
    """A page."""

    def get_textpage(self) -> TextPage: ...


class Bookmark(Protocol):
    """A line of the outline; `level` counts from 0."""

    level: int

    def get_title(self) -> str: ...


class PdfDocument(Handle, Protocol):
    """A document."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Page: ...
    def get_toc(self, max_depth: int) -> Iterator[Bookmark]: ...
    def get_metadata_dict(self) -> Mapping[str, str]: ...


class Tag(NamedTuple):
    """A block of text on a page; `level` as in `Passage`."""

    number: int
    kind: PassageKind
    level: int


def functions() -> ModuleType:
    """PDFium's own functions, which only C has types for."""
    import pypdfium2.raw

    return pypdfium2.raw


def page_links(pdf: PdfDocument, page: Page, text: TextPage) -> Iterator[tuple[str, list[str]]]:
    """The addresses to which a page's links lead, and the text that each stands on: a piece a line."""
    pdfium = functions()
    for url, links in groupby(_links(pdfium, page), key=lambda link: _url(pdfium, pdf, link)):
        yield url, [_label(pdfium, text, link) for link in links]


def _links(pdfium: ModuleType, page: Page) -> Iterator[Reference]:
    import ctypes

    position = ctypes.c_int(0)
    while pdfium.FPDFLink_Enumerate(
        page.raw, ctypes.byref(position), ctypes.byref(link := pdfium.FPDF_LINK())
    ):
        yield link


def _url(pdfium: ModuleType, pdf: PdfDocument, link: Reference) -> str:
    """The address to which a link leads; empty where its action is another one."""
    import ctypes

    action = pdfium.FPDFLink_GetAction(link)
    size = pdfium.FPDFAction_GetURIPath(pdf.raw, action, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAction_GetURIPath(pdf.raw, action, buffer, size)
    return buffer.value.decode(errors="replace")


def _label(pdfium: ModuleType, text: TextPage, link: Reference) -> str:
    import ctypes

    box = pdfium.FS_RECTF()
    pdfium.FPDFLink_GetAnnotRect(link, ctypes.byref(box))
    return text.get_text_bounded(box.left, box.bottom, box.right, box.top)


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
