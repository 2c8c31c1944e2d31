"""Elements of the TEI namespace, made from values that XML may not be able to hold."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from typing import Final
from urllib.parse import quote

from lxml import etree

from episodic.canonical.document import Authority, Reading, Text, Variation, Verdict
from episodic.canonical.tokens import FORBIDDEN, printable

NAMESPACE: Final = "http://www.tei-c.org/ns/1.0"
TEI: Final = f"{{{NAMESPACE}}}"
XML: Final = "{http://www.w3.org/XML/1998/namespace}"
ID: Final = f"{XML}id"
# As `rend`: the source marks that another speaker begins here, whom it does not name.
TURN: Final = "turn"
# What an editor is responsible for, in the header.
EDITORIAL: Final = "editorial decision"

type Element = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - what lxml calls its elements
# How attributes of XML's own are spelled as arguments.
_NAMES: Final = {"xml_id": ID, "xml_lang": f"{XML}lang", "xml_space": f"{XML}space"}

_NO_URI_CHARACTER: Final = re.compile(r"[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%#]+")
# RFC 3986, appendix B, with an authority whose port is a number and no colon before the first slash.
_REFERENCE: Final = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:(?=[^#?])(?!//)|(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#@]*@)?[^/?#@:]+(?::\d{1,5})?(?=[/?#]|$)"
    r"|(?!//)(?![^/?#]*:))[^?#]*(?:\?[^#]*)?(?:#.*)?"
)
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


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
    """Give a document in UTF-8."""
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True)


def child(parent: Element, name: str, text: str | None = None, /, **attributes: str | None) -> Element:
    """Add an element; ``xml_id`` stands for ``xml:id``, and attributes that are ``None`` are left out."""
    element = etree.SubElement(parent, TEI + name)
    for key, value in attributes.items():
        if value is not None:
            element.set(_NAMES.get(key, key), _value(value))
    if text:
        element.text = FORBIDDEN.sub("", text)
    return element


def _value(text: str) -> str:
    """What can stand in an attribute; nearly all are names and numbers of our own."""
    return text if text.isascii() and text.isprintable() and " " not in text else printable(text)


def append_list(parent: Element, name: str, children: Iterable[str], /, **attributes: str | None) -> None:
    """Add an element with many children that are alike, which are markup already: it takes half the time."""
    own = "".join(f" {key}={quoted(value)}" for key, value in attributes.items() if value is not None)
    markup = f'<{name} xmlns="{NAMESPACE}"{own}>{"".join(children)}</{name}>'
    parent.append(etree.fromstring(markup))


def quoted(text: str) -> str:
    """Give the value of an attribute as markup, in quotation marks."""
    return f'"{escape(_value(text))}"'


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


def write_text(parent: Element, text: Text, moments: Sequence[tuple[int, str | None]] = ()) -> None:
    """Add agreed text and apparatus entries.

    Parameters
    ----------
    moments
        After how many characters of the accepted text which point in time is reached, outside of entries.
    """
    at, left = 0, list(reversed(moments))
    for part in text:
        if isinstance(part, str):
            end, done = at + len(part), 0
            while left and left[-1][0] < end:
                place, pointer = left.pop()
                append_text(parent, part[done : place - at])
                child(parent, "anchor", synch=pointer)
                done = place - at
            append_text(parent, part[done:])
            at = end
        else:
            if left and left[-1][0] == at:
                child(parent, "anchor", synch=left.pop()[1])
            write_variation(parent, part)
            at += len(part.lemma.text)


def write_variation(parent: Element, variation: Variation) -> Element:
    """Add an apparatus entry; an emendation is a ``corr``, and what the witnesses have there is ``sic``."""
    app = child(parent, "app", type=variation.difference.value, n=variation.address)
    verdict = variation.verdict
    emended = verdict is not None and verdict.authority is not Authority.DECISION
    if verdict and emended:
        lemma = child(app, "lem", **by(verdict))
        child(lemma, "corr", variation.lemma.text, resp=lemma.get("resp"))
    else:
        _write_reading(app, "lem", variation.lemma, **by(verdict))
    for other in variation.others:
        if emended:
            child(_write_reading(app, "rdg", replace(other, text="")), "sic", other.text)
        else:
            _write_reading(app, "rdg", other)
    return app


def by(verdict: Verdict | None) -> dict[str, str]:
    """Give the attributes that say who made a lemma, and by what right; none, when it was the vote."""
    return {"resp": f"#{verdict.editor}", "type": verdict.authority.value} if verdict else {}


def _write_reading(app: Element, name: str, reading: Reading, **beyond: str) -> Element:
    return child(
        app,
        name,
        reading.text,
        wit=pointers(reading.sigla) or None,
        n=str(reading.weight),
        cause=reading.cause,
        **beyond,
    )
