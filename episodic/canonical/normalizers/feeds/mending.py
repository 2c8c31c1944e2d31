"""Feeds that are not well-formed XML, made so: nothing is left out that a reader would have seen.

A feed is read from its first tag to its last, with the elements that are open in mind:

1. An ampersand that begins no reference is text, a named reference of HTML is its character, and a ``<``
   that begins no tag is text; characters that XML forbids are dropped.
2. A value without quotation marks gets them; the first of two attributes with one name stands.
3. An end closes what is open inside its element; one that ends nothing is dropped.
4. Elements of HTML that are always empty (``<br>``) are closed where they stand.
5. An item ends the item that is open; an element of feeds ends a field that holds only text, a title, and one
   that HTML has not ends a description.
6. A CDATA section that nothing closes ends where its element does.
7. What ends the feed before its last item is dropped, as is a tag in which it breaks off, and what is still
   open at the end is closed.

``<item><title>A & B<link>x</link><description>a<br>b</item>`` becomes
``<item><title>A &amp; B</title><link>x</link><description>a<br/>b</description></item>``.
"""

import re
from collections.abc import Iterator
from html import escape
from html.entities import html5
from typing import Final

from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import FORBIDDEN
from episodic.canonical.text.wordlists import word_list

# The begin of an aside or of a CDATA section, an end, a start, or a "<" that is none of them. No value
# reaches beyond a "<", so that what does not close is not read to the end of the feed from everywhere.
_MARKUP: Final = pattern(
    r"<(?:(?P<aside>!--|\?|!DOCTYPE\b)|(?P<data>!\[CDATA\[)|/(?P<end>[A-Za-z_][\w:.-]*+)\s*+>?"
    r"|(?P<start>[A-Za-z_][\w:.-]*+)(?P<attributes>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*+)>)?",
    re.IGNORECASE,
)
_CUT_OFF: Final = pattern(r"</?(?:[A-Za-z_][^<>]*+)?\Z")
_ASIDES: Final = {"!--": "-->", "?": "?>"}
_DATA_END: Final = pattern(r"\]\]>|<!\[CDATA\[")
_ATTRIBUTE: Final = pattern(
    r"([A-Za-z_][\w:.-]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>]++)))?+", re.DOTALL
)
_AMPERSAND: Final = pattern(r"&(?:#(\d{1,7});|#[xX]([0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,31});)?")
_DEEPEST: Final = 300
_XML_NAMES: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
_EMPTY: Final = frozenset({"br", "hr", "img", "wbr", "col", "embed"})
_ROOTS: Final = frozenset({"rss", "channel", "feed"})
_ITEMS: Final = frozenset({"item", "entry"})
# Elements of feeds that stand beside each other.
_FIELDS: Final = word_list(
    """
    title link description guid pubdate author category comments enclosure source language copyright
    generator managingeditor webmaster lastbuilddate ttl image item entry id updated published summary
    content rights
    """
)
# Those that hold text and no element; so do those of the extensions that are named here.
_TEXTS: Final = word_list(
    """
    title link guid pubdate comments language copyright generator managingeditor webmaster lastbuilddate
    ttl id updated published itunes:title itunes:subtitle itunes:summary itunes:author itunes:duration
    itunes:episode itunes:season itunes:explicit itunes:episodetype itunes:keywords podcast:person
    podcast:season podcast:episode podcast:soundbite dc:creator dc:date dc:subject
    """
)
# Those that hold HTML, and what that never has, by names and by prefixes.
_PAGES: Final = frozenset({"description", "summary", "content", "content:encoded", "itunes:summary"})
_NEVER_IN_PAGES: Final = frozenset({"guid", "pubdate", "enclosure", "ttl", "lastbuilddate"})
_PREFIXES: Final = ("itunes:", "podcast:", "psc:", "media:", "content:", "dc:", "atom:")


def mended(text: str) -> str:
    """A feed that no strict parser reads, as well-formed XML; asides are left out of it."""
    return "".join(_Mender(text).pieces())


class _Mender:
    """Goes through a feed once, with the names of the open elements, outermost first."""

    def __init__(self, text: str) -> None:
        text = FORBIDDEN.sub(lambda found: " " if found[0].isspace() else "", text)
        self._text = _CUT_OFF.sub("", text)
        self._open: list[str] = []
        self._endless: set[str] = set()

    def pieces(self) -> Iterator[str]:
        position = 0
        # What is nested more deeply is refused by whoever parses it.
        while len(self._open) <= _DEEPEST and (found := _MARKUP.search(self._text, position)):
            if self._open:
                yield _plain(self._text[position : found.start()])
            position = found.end()
            if found["data"]:
                position, data = self._data(position)
                yield escape(data, quote=False) if self._open else ""
            elif aside := found["aside"]:
                position = self._after_aside(aside, position)
            elif name := found["end"]:
                yield from self._ended(name)
            elif name := found["start"]:
                yield from self._started(name, found["attributes"])
            elif self._open:
                yield "&lt;"
        if self._open:
            yield _plain(self._text[position:])
        yield from self._closed(0)

    def _after_aside(self, aside: str, position: int) -> int:
        """Where an aside ends; one that does not is none, and no other with such an end is any more."""
        marker = _ASIDES.get(aside, ">")
        end = -1 if marker in self._endless else self._text.find(marker, position)
        if end < 0:
            self._endless.add(marker)
            return position
        return end + len(marker)

    def _data(self, begin: int) -> tuple[int, str]:
        """A CDATA section and where it ends; one that goes on into the next, or to the end, lacks its own."""
        found = _DATA_END.search(self._text, begin)
        if found and found[0] == "]]>":
            return found.end(), self._text[begin : found.start()]
        limit = found.start() if found else len(self._text)
        end = self._text.find(f"</{self._open[-1]}", begin, limit) if self._open else -1
        end = end if end >= 0 else limit
        return end, self._text[begin:end]

    def _started(self, name: str, attributes: str) -> Iterator[str]:
        key = name.lower()
        names = [each.lower() for each in self._open]
        if key in _ROOTS and key in names:
            return
        if key in _ITEMS and (items := [index for index, each in enumerate(names) if each in _ITEMS]):
            yield from self._closed(items[0])
        elif names and names[-1] in _TEXTS and (key in _FIELDS or ":" in key):
            yield from self._closed(len(names) - 1)
        elif key in _NEVER_IN_PAGES or key.startswith(_PREFIXES):
            page = next((index for index, each in enumerate(names) if each in _PAGES), len(names))
            yield from self._closed(page)
        empty = attributes.rstrip().endswith("/") or key in _EMPTY
        yield f"<{name}{_attributes(attributes.rstrip().removesuffix('/'))}{'/' if empty else ''}>"
        if not empty:
            self._open.append(name)

    def _ended(self, name: str) -> Iterator[str]:
        key = name.lower()
        if key in _ROOTS:
            return  # they are closed at the end: what stands between would be lost
        for index in range(len(self._open) - 1, -1, -1):
            opened = self._open[index].lower()
            if opened == key:
                yield from self._closed(index)
                return
            if opened in _ITEMS:
                return  # nothing in an item ends what is around it

    def _closed(self, depth: int) -> Iterator[str]:
        while len(self._open) > depth:
            yield f"</{self._open.pop()}>"


def _attributes(text: str) -> str:
    values: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        value = double or single or bare
        values.setdefault(name, f' {name}="{_plain(value).replace("<", "&lt;").replace(chr(34), "&quot;")}"')
    return "".join(values.values())


def _plain(text: str) -> str:
    return _AMPERSAND.sub(_reference, text).replace("]]>", "]]&gt;")


def _reference(found: re.Match[str]) -> str:
    """A reference that XML knows, a character of HTML's, or the ampersand as text."""
    decimal, hexadecimal, name = found.groups()
    if name in _XML_NAMES:
        return found[0]
    if name and (character := html5.get(f"{name};")):
        return escape(character)
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        if code < 0x110000 and code >= 0x20 and not FORBIDDEN.match(chr(code)):
            return found[0]
        return found[0] if code in {9, 10, 13} else ""
    return f"&amp;{found[0][1:]}"
