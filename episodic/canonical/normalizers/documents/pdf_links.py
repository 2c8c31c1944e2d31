"""The web links of a PDF: annotations on its pages whose action is a URI (ISO 32000-1, section 12.6.4.7)."""
# pypdfium2's functions come from ctypes and have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import ctypes
from collections.abc import Iterator
from itertools import groupby
from typing import Any, cast


def page_links(pdf: Any, page: Any, text: Any) -> Iterator[tuple[str, list[str]]]:
    """The addresses to which a page's links lead, and the text that each stands on: a piece a line."""
    import pypdfium2.raw

    pdfium = cast("Any", pypdfium2.raw)
    for url, links in groupby(_links(pdfium, page), key=lambda link: _url(pdfium, pdf, link)):
        if url.startswith(("http://", "https://")):
            yield url, [_label(pdfium, text, link) for link in links]


def _links(pdfium: Any, page: Any) -> Iterator[Any]:
    position = ctypes.c_int(0)
    while pdfium.FPDFLink_Enumerate(
        page.raw, ctypes.byref(position), ctypes.byref(link := pdfium.FPDF_LINK())
    ):
        yield link


def _url(pdfium: Any, pdf: Any, link: Any) -> str:
    """The address to which a link leads; empty where its action is another one."""
    action = pdfium.FPDFLink_GetAction(link)
    size = pdfium.FPDFAction_GetURIPath(pdf.raw, action, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAction_GetURIPath(pdf.raw, action, buffer, size)
    return buffer.value.decode(errors="replace")


def _label(pdfium: Any, text: Any, link: Any) -> str:
    box = pdfium.FS_RECTF()
    pdfium.FPDFLink_GetAnnotRect(link, ctypes.byref(box))
    return text.get_text_bounded(box.left, box.bottom, box.right, box.top)
