"""Markup from people one does not know: no entities, no external anything, bounded depth.

All that the normalizers need of lxml is here, so that its missing types are missed in one place.
"""
# pyright: reportAttributeAccessIssue=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import re
from collections.abc import Iterator
from typing import Final, Protocol, cast

from episodic.canonical.errors import SourceError, SourceLimitError
from episodic.canonical.normalizers.format import Document

_DECLARATION: Final = re.compile(r"\s*<\?xml(?:\s[^>]*?)?\?>")
_ENCODING: Final = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# What may stand before the root element: comments, processing instructions, and a document type.
_DOCTYPE: Final = re.compile(
    r"(?:\s+|<\?.*?\?>|<!--.*?-->)*(?P<type><!DOCTYPE[^>\[]*(?P<subset>\[)?)", re.DOTALL | re.IGNORECASE
)


class Element(Protocol):
    """What an element of lxml offers; the tag of a comment or an instruction is no string."""

    tag: object
    text: str | None
    tail: str | None

    def get(self, key: str, /) -> str | None:
        """An attribute."""
        ...

    def itertext(self) -> Iterator[str]:
        """The texts inside, in order."""
        ...

    def __iter__(self) -> Iterator[Element]: ...
    def __len__(self) -> int: ...


class IllFormedXmlError(ValueError):
    """XML that no strict parser reads; the message says why and where."""


def declared_encoding(data: bytes) -> str | None:
    """The encoding that an XML declaration names."""
    match = _ENCODING.search(data[:256])
    return match[1].decode("ascii") if match else None


def parse_xml(document: Document, text: str) -> Element:
    """Parse a whole document.

    Raises
    ------
    SourceError
        When its document type declares anything: entities are never expanded.
    SourceLimitError
        When its elements are nested too deeply.
    IllFormedXmlError
        When it is not well-formed.
    """
    from lxml import etree

    text = _DECLARATION.sub("", text, count=1)
    if found := _DOCTYPE.match(text):
        if found["subset"]:
            raise SourceError(
                document.uri,
                "has a DOCTYPE with declarations, which Episodic never expands; remove the DOCTYPE",
                f"line {text.count('\n', 0, found.start('type')) + 1}",
            )
        end = text.find(">", found.end())
        text = text[: found.start("type")] + text[end + 1 if end >= 0 else len(text) :]
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(text.encode("utf-8", errors="replace"), parser)
    except etree.XMLSyntaxError as error:
        raise IllFormedXmlError(str(cast("Exception", error)).partition(" (<string>")[0]) from error
    # The path fails at the first step that finds nothing: cheap for any document that is not too deep.
    if root.xpath(f"boolean({'/*' * (document.limits.xml_depth + 1)})"):
        raise SourceLimitError(
            document.uri, f"has elements nested more than {document.limits.xml_depth} deep, the limit"
        )
    return cast("Element", root)


def parse_fragment(markup: str) -> Element | None:
    """Parse a piece of HTML, as browsers would; ``None`` when nothing is in it."""
    from lxml import etree, html

    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return cast("Element", html.fragment_fromstring(markup, create_parent=True, parser=parser))
    except etree.ParserError:
        return None


def walk(root: Element) -> Iterator[tuple[bool, Element]]:
    """Elements in document order, each twice: where it starts (true) and where it ends."""
    from lxml.etree import iterwalk

    for event, element in iterwalk(root, events=("start", "end")):
        yield event == "start", cast("Element", element)
