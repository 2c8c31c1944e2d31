"""What is used of PDFium, with types: those that pypdfium2 takes from C say nothing."""
# ruff: noqa: D102 - what these methods do, pypdfium2 says

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ctypes import c_void_p

type Reference = c_void_p  # to something of PDFium's; of what kind, its functions know


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


def functions() -> ModuleType:
    """PDFium's own functions, which only C has types for."""
    import pypdfium2.raw

    return pypdfium2.raw
