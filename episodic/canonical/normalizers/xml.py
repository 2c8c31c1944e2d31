"""Markup from people one does not know: no entities, no external anything, bounded depth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from episodic.canonical.errors import SourceLimitError, UnreadableError
from episodic.canonical.normalizers.format import Document
from episodic.canonical.sources import Signals
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import FORBIDDEN

if TYPE_CHECKING:  # lxml is imported where it is used: captions and transcripts need none
    from lxml import etree
    from lxml.html import HtmlElement

type Element = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - what lxml calls its elements

_REFERENCE: Final = pattern(r"&#(?:0*+([0-9]{1,7})|[xX]0*+([0-9a-fA-F]{1,6}));?")
# libxml2 drops what follows them, which browsers show.
_END_OF_PAGE: Final = pattern(r"</(?:html|body)(?![\w:.-])[^<>]*+>?", re.IGNORECASE)
_TAG: Final = pattern(r"<[^<>]*+>")
_DEEPEST: Final = 256  # elements inside each other that libxml2 reads
_DECLARATION: Final = pattern(r"\s*+<\?xml(?:\s[^>]*?)?\?>")
_ENCODING: Final = pattern(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# What may stand before a document type and the root element: comments and processing instructions.
# Possessive, here and wherever a root is looked for: what does not match must not be divided anew.
PROLOG: Final = r"\s*+(?:(?><\?.*?\?>|<!--.*?-->)\s*+)*+"
_DOCTYPE: Final = pattern(
    PROLOG + r"(?P<type><!DOCTYPE(?:[^>\[\"']++|\"[^\"]*+\"|'[^']*+')*+(?P<subset>\[)?)",
    re.DOTALL | re.IGNORECASE,
)


class IllFormedXmlError(ValueError):
    """XML that no strict parser reads; the message says why and where, `text` is all but its prolog."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document's root element, and what its rules say of it."""

    root: Element
    undeclared: str | None

    def judge(self, signals: Signals) -> Signals:
        """The signals with what is wrong with the document."""
        if self.undeclared is None:
            return signals
        note = f"uses namespace prefixes that it does not declare: {self.undeclared}"
        return replace(signals, well_formed=False, notes=(*signals.notes, note))


def declared_encoding(data: bytes) -> str | None:
    """The encoding that an XML declaration names."""
    match = _ENCODING.search(data[:256])
    return match[1].decode("ascii") if match else None


def refuse_declarations(text: str) -> re.Match[str] | None:
    """The document type before the root element, if any; one that declares anything is refused."""
    found = _DOCTYPE.match(text)
    if found and found["subset"]:
        raise UnreadableError(
            "has a DOCTYPE with declarations, which Episodic never expands; remove the DOCTYPE",
            f"line {text.count('\n', 0, found.start('type')) + 1}",
        )
    return found


def parse_xml(document: Document, text: str) -> Parsed:
    """Parse a whole document.

    Raises
    ------
    UnreadableError
        When its document type declares anything: entities are never expanded.
    SourceLimitError
        When its elements are nested too deeply.
    IllFormedXmlError
        When it is not well-formed.
    """
    from lxml import etree

    if declared := _DECLARATION.match(text):
        text = text[declared.end() :]
    if found := refuse_declarations(text):
        end = text.find(">", found.end())
        text = text[: found.start("type")] + text[end + 1 if end >= 0 else len(text) :]
    data = text.encode("utf-8", errors="replace")
    undeclared: str | None = None
    parser = _parser(recover=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        # An undeclared prefix leaves nothing in doubt: feeds use the usual ones. Anything else does.
        entries = list(parser.error_log)
        if not entries or any(entry.type_name != "NS_ERR_UNDEFINED_NAMESPACE" for entry in entries):
            problem = str(error).partition(" (<string>")[0]
            if is_too_deep(problem):
                raise nested_too_deeply(document) from error
            raise IllFormedXmlError(problem, text) from error
        undeclared = f"{entries[0].message}, line {entries[0].line}"
        root = etree.fromstring(data, _parser(recover=True))
    check_depth(document, root)
    return Parsed(root, undeclared)


def local_name(element: Element) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def check_depth(document: Document, root: Element) -> None:
    """Raise `SourceLimitError` where elements are nested deeper than the document's limits have it."""
    # The path fails at the first step that finds nothing: cheap for any document that is not too deep.
    if select(root, f"boolean({'/*' * (document.limits.xml_depth + 1)})"):
        raise nested_too_deeply(document)


def is_too_deep(problem: str) -> bool:
    """Whether libxml2's message is that it gave up a document for its depth."""
    return "Excessive depth" in problem


def nested_too_deeply(document: Document) -> SourceLimitError:
    """The error of a document whose elements are nested deeper than the limit."""
    limit = min(document.limits.xml_depth, _DEEPEST)
    mend = "raise EPISODIC_XML_DEPTH or leave it out" if limit < _DEEPEST else "leave it out"
    return SourceLimitError(document.uri, f"has elements nested more than {limit} deep, the limit; {mend}")


def _parser(*, recover: bool) -> etree.XMLParser:
    from lxml import etree

    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
    )


def parse_page(markup: str) -> Element | None:
    """Parse a whole page of HTML, and what follows its end; ``None`` when nothing is in it."""
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = html.document_fromstring(_one_body(markup).encode("utf-8"), parser=parser)
    except etree.ParserError:
        return None
    return root


def parse_fragment(markup: str) -> Element:
    """Parse a piece of HTML, or of all of a page what stands in its body and after it.

    Where elements are nested deeper than libxml2 goes, only the text is left of it, and none is lost.
    """
    from lxml import etree

    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    content = _one_body(markup)
    root = etree.fromstring(f"<html><body>{content}", parser)
    if parser.error_log.filter_from_fatals():
        root = etree.fromstring(f"<html><body>{_TAG.sub(' ', content)}", parser)
    return root


def _one_body(markup: str) -> str:
    """The markup with nothing that ends its body, and no character that lxml refuses in a text."""
    return _END_OF_PAGE.sub("", _REFERENCE.sub(_permitted, FORBIDDEN.sub("", markup)))


def _permitted(reference: re.Match[str]) -> str:
    """The reference, unless to a character that lxml refuses in a text."""
    decimal, hexadecimal = reference.groups()
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return "" if code < 0x110000 and FORBIDDEN.match(chr(code)) else reference[0]


def walk(root: Element) -> Iterator[tuple[bool, Element]]:
    """Elements in document order, each twice: where it starts (true) and where it ends."""
    from lxml.etree import iterwalk

    for event, element in iterwalk(root, events=("start", "end")):
        yield event == "start", element


def inner_markup(element: Element) -> str:
    """What stands inside an element, as markup."""
    from html import escape

    from lxml.etree import tostring

    return escape(element.text or "", quote=False) + "".join(
        tostring(child, encoding="unicode") for child in element
    )


def select(root: Element, path: str) -> object:
    """What an XPath expression of ours selects."""
    return root.xpath(path)


def drop(element: Element) -> None:
    """Take an element out of its tree; the text after it stays."""
    cast("HtmlElement", element).drop_tree()
