"""Elements of the TEI namespace, made from values that XML may not be able to hold."""

from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from lxml import etree

from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import FORBIDDEN, printable

NAMESPACE: Final = "http://www.tei-c.org/ns/1.0"
TEI: Final = f"{{{NAMESPACE}}}"
XML: Final = "{http://www.w3.org/XML/1998/namespace}"
ID: Final = f"{XML}id"
# As `rend`: the source marks that another speaker begins here, whom it does not name.
TURN: Final = "turn"
# As `type` of an `anchor`: nobody knows when the cue ends that begins here.
OPEN: Final = "open"
# BCP 47's tag of a language that nobody knows.
UNDETERMINED: Final = "und"
# What an editor is responsible for, in the header.
EDITORIAL: Final = "editorial decision"

type Element = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - what lxml calls its elements
# How attributes of XML's own are spelled as arguments.
_NAMES: Final = {"xml_id": ID, "xml_lang": f"{XML}lang", "xml_space": f"{XML}space"}

_NO_URI_CHARACTER: Final = pattern(r"[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%#]+")
# RFC 3986, appendix B, with an authority whose port is a number and no colon before the first slash.
_REFERENCE: Final = pattern(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:(?=[^#?])(?!//)|(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?[^/?#@:]+(?::\d{1,5})?(?=[/?#]|$)"
    r"|(?!//)(?![^/?#]*:))[^?#]*(?:\?[^#]*)?(?:#.*)?"
)
_STRAY_PERCENT: Final = pattern(r"%(?![0-9A-Fa-f]{2})")


def local_name(element: Element) -> str:
    """Give the name of an element without its namespace."""
    return etree.QName(element).localname


def root(name: str) -> Element:
    """Make the root of a document."""
    return etree.Element(TEI + name, nsmap={None: NAMESPACE})


def parse(document: bytes) -> Element:
    """Parse a document that may come from anywhere: no entity is expanded, nothing is loaded."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    return etree.fromstring(document, parser)


def serialize(element: Element) -> bytes:
    """Give a document in UTF-8, which says to editors of XML what it is valid against."""
    model = (
        b'<?xml-model href="https://tei-c.org/release/xml/tei/custom/schema/relaxng/tei_all.rng" '
        b'type="application/xml" schematypens="http://relaxng.org/ns/structure/1.0"?>'
    )
    return b"\n".join(
        (b"<?xml version='1.0' encoding='UTF-8'?>", model, etree.tostring(element, encoding="UTF-8"))
    )


def child(parent: Element, name: str, text: str | None = None, /, **attributes: str | None) -> Element:
    """Add an element; ``xml_id`` stands for ``xml:id``, and attributes that are ``None`` are left out."""
    element = etree.SubElement(parent, TEI + name)
    for key, value in attributes.items():
        if value is not None:
            element.set(_NAMES.get(key, key), printable(value))
    if text:
        element.text = FORBIDDEN.sub("", text)
    return element


def quoted(text: str) -> str:
    """Give the value of an attribute as markup, in quotation marks."""
    return f'"{escape(printable(text))}"'


def pointers(names: Iterable[str]) -> str:
    """Point to elements of the same document by their ids."""
    return " ".join(f"#{name}" for name in names)


def uri(text: str) -> str:
    """Escape what RFC 3986 does not let stand in a URI reference; all of it, when that is not enough."""
    escaped = _NO_URI_CHARACTER.sub(lambda match: quote(match[0]), printable(text))
    head, hash_sign, fragment = _STRAY_PERCENT.sub("%25", escaped).partition("#")
    reference = head + hash_sign + fragment.replace("#", "%23")
    # What begins with "#" would point into the document itself.
    fine = _REFERENCE.fullmatch(reference) and not reference.startswith("#")
    return reference if fine else quote(printable(text), safe="")


def append_text(element: Element, text: str) -> None:
    """Add text after everything that the element holds."""
    clean = FORBIDDEN.sub("", text)
    if len(element):
        element[-1].tail = (element[-1].tail or "") + clean
    else:
        element.text = (element.text or "") + clean


def append_markup(element: Element, markup: str) -> None:
    """Add markup after everything that the element holds."""
    parsed = etree.fromstring(f'<x xmlns="{NAMESPACE}">{markup}</x>')
    append_text(element, parsed.text or "")
    for inner in list(parsed):
        element.append(inner)


def escaped(text: str) -> str:
    """Give text as markup."""
    if not text.isprintable():
        text = FORBIDDEN.sub("", text)
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        return escape(text, quote=False).replace("\r", "&#13;")
    return text
