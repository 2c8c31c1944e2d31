"""What RSS and Atom have in common: an episode's item, its claims and its passages.

Sources: https://www.rssboard.org/rss-specification, RFC 4287, https://podcasting2.org/docs/podcast-namespace,
and the documents of the itunes, content, dc and media modules.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.chapters import chapter
from episodic.canonical.normalizers.dates import iso_date, parse_date
from episodic.canonical.normalizers.decoding import Decoded
from episodic.canonical.normalizers.documents.html_text import HtmlText, html_text
from episodic.canonical.normalizers.feeds.items import ItemName, choose_item
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.normalizers.xml import Element, IllFormedXmlError, Parsed, inner_markup, parse_xml
from episodic.canonical.sources import Claim, ClaimField, Doubt, Signals, number_text
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import duration_seconds
from episodic.canonical.text.tokens import fold

_PROBLEM: Final = 160  # characters of what a parser says, which may quote much of the feed
# Feeds write them with http and with https, with a slash at the end or without, and in any case.
_PREFIXES: Final = {
    "www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "purl.org/rss/1.0/modules/content": "content",
    "purl.org/dc/elements/1.1": "dc",
    "purl.org/dc/terms": "dcterms",
    "search.yahoo.com/mrss": "media",
    "podcastindex.org/namespace/1.0": "podcast",
    "github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "podlove.org/simple-chapters": "psc",
    "podlove.de/simple-chapters": "psc",
    "www.w3.org/2005/atom": "atom",
    "purl.org/atom/ns#": "atom",
}
_XML_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_TITLES: Final = ("title", "atom:title", "media:title")
_GUIDS: Final = ("guid", "atom:id")
_DATES: Final = ("pubDate", "atom:published", "dc:date", "dcterms:created")
# What is no markup unless it says so (RFC 4287, section 3.1, and Media RSS).
_PLAIN: Final = frozenset({"atom:title", "atom:summary", "atom:content", "media:title", "media:description"})
_DESCRIPTIONS: Final = ("description", "atom:summary", "itunes:summary", "media:description")
_AUTHORS: Final = ("itunes:author", "author", "dc:creator")
_NUMBERS: Final = ("podcast:episode", "itunes:episode")
_SEASONS: Final = ("podcast:season", "itunes:season")
# What is a number, or left out with a note.
_NUMBERED: Final = {
    ClaimField.EPISODE: _NUMBERS,
    ClaimField.SEASON: _SEASONS,
    ClaimField.DURATION: ("itunes:duration",),
}
_MAILBOX: Final = pattern(
    r"(?:[^\s@]+@[^\s@]+\s*\((?P<in>[^()]+)\)|(?P<out>[^()<>]+?)\s*[(<][^\s@]+@[^\s@]+[)>])"
)


@dataclass(frozen=True, slots=True)
class _Node:
    """A channel or an item: what stands in it, by name with the usual prefix."""

    where: str
    children: dict[str, list[Element]]

    @classmethod
    def of(cls, element: Element, where: str) -> _Node:
        children: dict[str, list[Element]] = {}
        holders = [element]
        for holder in holders:
            for child in holder:
                if isinstance(child.tag, str):
                    children.setdefault(name := _name(child.tag), []).append(child)
                    if name == "media:group":  # says of the item what the item could say itself
                        holders.append(child)
        return cls(where, children)

    def first(self, *names: str) -> tuple[str, str] | None:
        """Text and place of the first of `names` that has any."""
        for name in names:
            for element in self.children.get(name, ()):
                if text := _text(element):
                    plain = name in _PLAIN and element.get("type") in {None, "text", "plain"}
                    return escape(text) if plain else text, f"{self.where}/{name}"
        return None

    def all(self, name: str) -> Iterator[tuple[Element, str]]:
        """Elements of a name with their places, numbered where there are several."""
        elements = self.children.get(name, [])
        for number, element in enumerate(elements, 1):
            yield element, f"{self.where}/{name}" + (f"[{number}]" if len(elements) > 1 else "")


def parse_feed(document: Document, decoded: Decoded) -> tuple[Parsed, Signals]:
    """Parse a feed, mended where it is not well-formed, and judge it; raises `UnreadableError`."""
    try:
        parsed = parse_xml(document, decoded.text)
        return parsed, parsed.judge(decoded.signals)
    except IllFormedXmlError as error:
        problem = fold(str(error))[:_PROBLEM]
        from episodic.canonical.normalizers.feeds.mending import mended  # few are not well-formed

        text = mended(error.text)
    try:
        parsed = parse_xml(document, text)
    except IllFormedXmlError as error:
        raise UnreadableError(f"is not well-formed XML: {problem}") from error
    signals = decoded.signals.with_doubts(Doubt.damaged(f"is not well-formed XML: {problem}"))
    return parsed, parsed.judge(replace(signals, well_formed=False))


def read_feed(document: Document, channel: Element, items: Sequence[Element], signals: Signals) -> Structure:
    """Choose the episode's item and read it.

    Parameters
    ----------
    channel, items
        The channel of RSS or the feed of Atom, and its items or entries.
    signals
        What is known of the source's quality; the reason for the choice is added to its notes.
    """
    feed = _Node.of(channel, "channel")
    nodes = [_Node.of(item, f"item {number}") for number, item in enumerate(items, 1)]
    chosen, reason = choose_item([_item_name(node) for node in nodes], document.metadata)
    item = nodes[chosen]
    body = _body(item)
    said = item.first("dc:language") or feed.first("language", "dc:language")
    language = said[0] if said else channel.get(_XML_LANGUAGE) or None
    dated = item.first(*_DATES) or item.first("atom:updated")
    moment = parse_date(dated[0]) if dated else None
    doubts: list[Doubt] = []
    if dated and moment is None:
        shown = fold(dated[0])[:_PROBLEM]
        doubts.append(Doubt.left_out(f"date that cannot be read: {shown!r}"))
    claims = tuple(_item_claims(item, feed, body))
    for field, names in _NUMBERED.items():
        said = item.first(*names)
        if said and not any(claim.field is field for claim in claims):
            shown = fold(said[0])[:_PROBLEM]
            doubts.append(Doubt.left_out(f"{field.value} that cannot be read: {shown!r}"))
    return Structure(
        language=language,
        dated=moment,
        claims=(*_channel_claims(feed), *claims),
        passages=body.passages if body else (),
        signals=replace(signals.with_doubts(*doubts), notes=(*signals.notes, reason)),
    )


def _name(tag: str) -> str:
    if not tag.startswith("{"):
        return tag
    namespace, _, local = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace.lower().partition("://")[2].rstrip("/"))
    return f"{prefix}:{local}" if prefix else f"{{{namespace}}}{local}"


def _text(element: Element) -> str:
    """The text of an element; where there are elements in it, as in Atom's XHTML, as markup."""
    return (inner_markup(element) if len(element) else element.text or "").strip()


def _item_name(item: _Node) -> ItemName:
    title = item.first(*_TITLES, "itunes:title")
    guid, number, link = item.first(*_GUIDS), item.first(*_NUMBERS), _link(item)
    season, published = item.first(*_SEASONS), item.first(*_DATES)
    moment = parse_date(published[0]) if published else None
    return ItemName(
        fold(html_text(*title).text) if title else None,
        guid[0] if guid else None,
        number[0] if number else None,
        iso_date(moment) if moment else None,
        link[0] if link else None,
        season[0] if season else None,
    )


def _link(item: _Node) -> tuple[str, str] | None:
    """The page of an item."""
    for element, where in item.all("atom:link"):
        if (element.get("rel") or "alternate") == "alternate" and (
            url := (element.get("href") or "").strip()
        ):
            return url, where
    if found := item.first("link"):
        return found
    for element, where in item.all("guid"):
        url = (element.text or "").strip()
        if element.get("isPermaLink") != "false" and url.startswith(("http://", "https://")):
            return url, where
    return None


def _body(item: _Node) -> HtmlText | None:
    """The fullest form in which the item is described."""
    found = item.first("content:encoded", "atom:content", *_DESCRIPTIONS)
    return html_text(*found) if found else None


def _channel_claims(channel: _Node) -> Iterator[Claim]:
    if found := channel.first(*_TITLES):
        yield Claim(ClaimField.SERIES, fold(html_text(*found).text), found[1])
    inner = [_Node.of(*found) for name in ("itunes:owner", "atom:author") for found in channel.all(name)]
    for found in (
        channel.first("itunes:author", "dc:publisher"),
        *(node.first("itunes:name", "atom:name") for node in inner),
        channel.first("managingEditor"),
    ):
        if found:
            yield Claim(ClaimField.PUBLISHER, _person_name(found[0]), found[1])
            return


def _item_claims(item: _Node, channel: _Node, body: HtmlText | None) -> Iterator[Claim]:
    for field, read, names in (
        (ClaimField.TITLE, _prose, ("itunes:title", *_TITLES)),
        (ClaimField.SUBTITLE, _prose, ("itunes:subtitle",)),
        (ClaimField.SUMMARY, _prose, ("itunes:summary", *_DESCRIPTIONS)),
        (ClaimField.GUID, _prose, _GUIDS),
        (ClaimField.PUBLISHED, _date, _DATES),
        (ClaimField.EPISODE, _number, _NUMBERS),
        (ClaimField.SEASON, _number, _SEASONS),
        (ClaimField.DURATION, _duration, _NUMBERED[ClaimField.DURATION]),
    ):
        if (found := item.first(*names)) and (value := read(*found)):
            yield Claim(field, value, found[1])
    yield from _people(item, channel)
    if found := _link(item):
        yield Claim(ClaimField.LINK, *found)
    if body is not None:
        yield from body.links
    yield from _keywords(item)
    yield from _files(item)


def _people(item: _Node, channel: _Node) -> Iterator[Claim]:
    """The item's people, or the channel's where it names none (the namespace's rule); then authors."""
    own = list(item.all("podcast:person"))
    for element, where in own or channel.all("podcast:person"):
        if name := fold(_text(element)):
            role = fold(element.get("role") or "host").lower()
            yield Claim(ClaimField.PERSON, name, where, role)
    for name in _AUTHORS:
        for element, where in item.all(name):
            if person := _person_name(_text(element)):
                yield Claim(ClaimField.PERSON, person, where, "author")
    for element, where in item.all("media:credit"):
        if person := fold(_text(element)):
            yield Claim(ClaimField.PERSON, person, where, fold(element.get("role") or "contributor").lower())
    contributors = item.all("atom:contributor")
    for role, elements in (("author", _atom_authors(item, channel)), ("contributor", contributors)):
        for element, where in elements:
            if found := _Node.of(element, where).first("atom:name"):
                yield Claim(ClaimField.PERSON, fold(found[0]), found[1], role)


def _atom_authors(item: _Node, channel: _Node) -> Iterator[tuple[Element, str]]:
    """The entry's, or those of the feed that it is from, or those of its feed (RFC 4287, section 4.2.1)."""
    nodes = [item]
    if not any(name in item.children for name in _AUTHORS):
        nodes += [*(_Node.of(*found) for found in item.all("atom:source")), channel]
    return next((node for node in nodes if "atom:author" in node.children), item).all("atom:author")


def _keywords(item: _Node) -> Iterator[Claim]:
    for name in ("category", "dc:subject"):
        for element, where in item.all(name):
            if word := fold(_text(element)):
                yield Claim(ClaimField.KEYWORD, word, where)
    for element, where in item.all("atom:category"):
        if word := fold(element.get("label") or element.get("term") or ""):
            yield Claim(ClaimField.KEYWORD, word, where)
    for name in ("itunes:keywords", "media:keywords"):
        for element, where in item.all(name):
            for word in _text(element).split(","):
                if folded := fold(word):
                    yield Claim(ClaimField.KEYWORD, folded, where)


def _files(item: _Node) -> Iterator[Claim]:
    """Media, and what the podcast namespace says goes with them."""
    media = [each for each in item.all("atom:link") if each[0].get("rel") == "enclosure"]
    yield from _addresses(ClaimField.MEDIA, media, "href")
    for name in ("enclosure", "media:content"):
        yield from _addresses(ClaimField.MEDIA, item.all(name), "url")
    for element, where in item.all("podcast:alternateEnclosure"):
        for claim in _addresses(ClaimField.MEDIA, _Node.of(element, where).all("podcast:source"), "uri"):
            yield replace(claim, qualifier=element.get("type"))
    yield from _addresses(ClaimField.TRANSCRIPT, item.all("podcast:transcript"), "url")
    yield from _addresses(ClaimField.CHAPTERS, item.all("podcast:chapters"), "url")
    yield from _chapters(item)
    for element, where in item.all("podcast:soundbite"):
        start = duration_seconds(element.get("startTime") or "")
        duration = duration_seconds(element.get("duration") or "")
        if start is not None and duration is not None:
            value = f"{number_text(start)} {number_text(duration)}"
            yield Claim(ClaimField.SOUNDBITE, value, where, fold(_text(element)) or None)


def _addresses(field: ClaimField, elements: Iterable[tuple[Element, str]], attribute: str) -> Iterator[Claim]:
    for element, where in elements:
        if url := (element.get(attribute) or "").strip():
            yield Claim(field, url, where, element.get("type"))


def _chapters(item: _Node) -> Iterator[Claim]:
    """Podlove Simple Chapters (https://podlove.org/simple-chapters)."""
    for element, where in item.all("psc:chapters"):
        for each, place in _Node.of(element, where).all("psc:chapter"):
            start, title = duration_seconds(each.get("start") or ""), fold(each.get("title") or "")
            if start is not None and title:
                yield chapter(start, title, place)


def _prose(text: str, where: str) -> str:
    return html_text(text, where).text


def _date(text: str, _where: str) -> str | None:
    return iso_date(moment) if (moment := parse_date(text)) else None


def _duration(text: str, _where: str) -> str | None:
    return number_text(seconds) if (seconds := duration_seconds(text)) else None


def _number(text: str, _where: str) -> str | None:
    """A number as the podcast namespace allows it: also with a fraction."""
    text = text.strip()
    return number_text(float(text)) if re.fullmatch(r"\d{1,9}(\.\d{1,4})?", text, re.ASCII) else None


def _person_name(text: str) -> str:
    """The name in ``ada@example.org (Ada)`` and ``Ada (ada@example.org)``."""
    text = fold(text)
    if match := _MAILBOX.fullmatch(text):
        return fold(match["in"] or match["out"])
    return text
