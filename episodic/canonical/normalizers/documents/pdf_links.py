"""The web links of a PDF: annotations on its pages whose action is a URI (ISO 32000-1, section 12.6.4.7)."""

import ctypes
from collections.abc import Iterator
from itertools import groupby
from types import ModuleType

from episodic.canonical.normalizers.documents.pdfium import Page, PdfDocument, Reference, TextPage, functions


def page_links(pdf: PdfDocument, page: Page, text: TextPage) -> Iterator[tuple[str, list[str]]]:
    """The addresses to which a page's links lead, and the text that each stands on: a piece a line."""
    pdfium = functions()
    for url, links in groupby(_links(pdfium, page), key=lambda link: _url(pdfium, pdf, link)):
        yield url, [_label(pdfium, text, link) for link in links]


def _links(pdfium: ModuleType, page: Page) -> Iterator[Reference]:
    position = ctypes.c_int(0)
    while pdfium.FPDFLink_Enumerate(
        page.raw, ctypes.byref(position), ctypes.byref(link := pdfium.FPDF_LINK())
    ):
        yield link


def _url(pdfium: ModuleType, pdf: PdfDocument, link: Reference) -> str:
    """The address to which a link leads; empty where its action is another one."""
    action = pdfium.FPDFLink_GetAction(link)
    size = pdfium.FPDFAction_GetURIPath(pdf.raw, action, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAction_GetURIPath(pdf.raw, action, buffer, size)
    return buffer.value.decode(errors="replace")


def _label(pdfium: ModuleType, text: TextPage, link: Reference) -> str:
    box = pdfium.FS_RECTF()
    pdfium.FPDFLink_GetAnnotRect(link, ctypes.byref(box))
    return text.get_text_bounded(box.left, box.bottom, box.right, box.top)
