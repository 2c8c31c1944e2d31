"""RSS 2.0 with the itunes, content, dc, media and podcast namespaces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.ingestion import Claim, ClaimField, Signals
from episodic.canonical.normalizers.clock import duration_seconds
from episodic.canonical.normalizers.dates import iso_date, parse_date
from episodic.canonical.normalizers.dialogue import fold
from episodic.canonical.normalizers.feed_choice import ItemName, choose_item
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.normalizers.html_text import HtmlText, html_text
from episodic.canonical.normalizers.statements import number_text
from episodic.canonical.normalizers.xml import Element, IllFormedXmlError, declared_encoding, parse_xml

# https://www.rssboard.org/rss-specification and the modules' own documents; feeds write all of these forms.
_PREFIXES: Final = {
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "https://podcastindex.org/namespace/1.0": "podcast",
    "http://podcastindex.org/namespace/1.0": "podcast",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://www.w3.org/2005/atom": "atom",
}
_ROOT: Final = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*>\s*)*<rss[\s>]", re.DOTALL | re.IGNORECASE
)
_MAILBOX: Final = re.compile(
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
        for child in element:
            if isinstance(child.tag, str):
                children.setdefault(_name(child.tag), []).append(child)
        return cls(where, children)

    def first(self, *names: str) -> tuple[str, str] | None:
        """Text and place of the first of `names` that has any."""
        for name in names:
            for element in self.children.get(name, ()):
                if text := _text(element):
                    return text, f"{self.where}/{name}"
        return None

    def all(self, name: str) -> Iterator[tuple[Element, str]]:
        """Elements of a name with their places, numbered where there are several."""
        elements = self.children.get(name, [])
        for number, element in enumerate(elements, 1):
            yield element, f"{self.where}/{name}" + (f"[{number}]" if len(elements) > 1 else "")


class Rss:
    """RSS 2.0 and what podcasts add to it."""

    name = "rss"
    title = "RSS 2.0"
    suffixes = (".rss",)

    def recognizes(self, head: Head) -> bool:
        """By the root element."""
        return _ROOT.match(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Choose the episode's item and read it."""
        decoded = document.decode(declared_encoding(document.data))
        try:
            root = parse_xml(document, decoded.text)
        except IllFormedXmlError as error:
            raise SourceError(document.uri, f"is not well-formed XML: {error}") from error
        channels = [child for child in root if isinstance(child.tag, str) and _name(child.tag) == "channel"]
        if not channels:
            raise SourceError(document.uri, "has no channel; is it a feed?")
        channel = _Node.of(channels[0], "channel")
        items = [_Node.of(item, f"item {n}") for n, item in enumerate(channel.children.get("item", ()), 1)]
        chosen, reason = choose_item(document.uri, [_item_name(item) for item in items], document.metadata)
        item = items[chosen]
        body = _body(item)
        claims = (*_channel_claims(channel), *_item_claims(item, channel, body))
        language = channel.first("language")
        published = item.first("pubDate", "dc:date", "dcterms:created")
        return Structure(
            language=language[0] if language else None,
            dated=parse_date(published[0]) if published else None,
            claims=claims,
            passages=body.passages if body else (),
            signals=Signals(damage=decoded.damage, notes=(*decoded.notes, reason)),
        )


def _name(tag: str) -> str:
    if not tag.startswith("{"):
        return tag
    namespace, _, local = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace.lower(), _PREFIXES.get(namespace))
    return f"{prefix}:{local}" if prefix else f"{{{namespace}}}{local}"


def _text(element: Element) -> str:
    """The text of an element, also where markup was left in it unescaped."""
    if len(element) == 0:
        return (element.text or "").strip()
    return "".join(element.itertext()).strip()


def _item_name(item: _Node) -> ItemName:
    title = item.first("title", "itunes:title")
    guid, link = item.first("guid"), item.first("link")
    number = item.first("podcast:episode", "itunes:episode")
    published = item.first("pubDate", "dc:date")
    moment = parse_date(published[0]) if published else None
    return ItemName(
        title[0] if title else None,
        guid[0] if guid else None,
        number[0] if number else None,
        iso_date(moment) if moment else None,
        link[0] if link else None,
    )


def _body(item: _Node) -> HtmlText | None:
    """The longest form in which the item is described."""
    found = item.first("content:encoded", "description", "itunes:summary")
    return html_text(found[0], found[1]) if found else None


def _channel_claims(channel: _Node) -> Iterator[Claim]:
    if found := channel.first("title"):
        yield Claim(ClaimField.SERIES, fold(found[0]), found[1])
    owner = next((_Node.of(element, where) for element, where in channel.all("itunes:owner")), None)
    for found in (
        channel.first("itunes:author"),
        channel.first("dc:publisher"),
        owner.first("itunes:name") if owner else None,
        channel.first("managingEditor"),
    ):
        if found:
            yield Claim(ClaimField.PUBLISHER, _person_name(found[0]), found[1])
            return


def _item_claims(item: _Node, channel: _Node, body: HtmlText | None) -> Iterator[Claim]:
    for field, names in (
        (ClaimField.TITLE, ("itunes:title", "title")),
        (ClaimField.SUBTITLE, ("itunes:subtitle",)),
        (ClaimField.GUID, ("guid",)),
    ):
        if found := item.first(*names):
            yield Claim(field, fold(found[0]), found[1])
    if found := item.first("itunes:summary", "description"):
        summary = html_text(*found).text
        if summary:
            yield Claim(ClaimField.SUMMARY, summary, found[1])
    if (found := item.first("pubDate", "dc:date", "dcterms:created")) and (moment := parse_date(found[0])):
        yield Claim(ClaimField.PUBLISHED, iso_date(moment), found[1])
    for field, names in (
        (ClaimField.EPISODE, ("podcast:episode", "itunes:episode")),
        (ClaimField.SEASON, ("podcast:season", "itunes:season")),
    ):
        if (found := item.first(*names)) and (number := _number(found[0])):
            yield Claim(field, number, found[1])
    if (found := item.first("itunes:duration")) and (seconds := duration_seconds(found[0])) is not None:
        yield Claim(ClaimField.DURATION, number_text(seconds), found[1])
    yield from _people(item, channel)
    if found := item.first("link"):
        yield Claim(ClaimField.LINK, found[0], found[1])
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
    for name in ("itunes:author", "author", "dc:creator"):
        for element, where in item.all(name):
            if person := _person_name(_text(element)):
                yield Claim(ClaimField.PERSON, person, where, "author")


def _keywords(item: _Node) -> Iterator[Claim]:
    for element, where in item.all("category"):
        if word := fold(_text(element)):
            yield Claim(ClaimField.KEYWORD, word, where)
    for name in ("itunes:keywords", "media:keywords"):
        for element, where in item.all(name):
            for word in _text(element).split(","):
                if folded := fold(word):
                    yield Claim(ClaimField.KEYWORD, folded, where)


def _files(item: _Node) -> Iterator[Claim]:
    """Media, and what the podcast namespace says goes with them."""
    for name in ("enclosure", "media:content"):
        for element, where in item.all(name):
            if url := (element.get("url") or "").strip():
                yield Claim(ClaimField.MEDIA, url, where, element.get("type"))
    for element, where in item.all("podcast:alternateEnclosure"):
        node = _Node.of(element, where)
        for source, place in node.all("podcast:source"):
            if url := (source.get("uri") or "").strip():
                yield Claim(ClaimField.MEDIA, url, place, element.get("type"))
    for field, name in (
        (ClaimField.TRANSCRIPT, "podcast:transcript"),
        (ClaimField.CHAPTERS, "podcast:chapters"),
    ):
        for element, where in item.all(name):
            if url := (element.get("url") or "").strip():
                yield Claim(field, url, where, element.get("type"))
    for element, where in item.all("podcast:soundbite"):
        start = duration_seconds(element.get("startTime") or "")
        duration = duration_seconds(element.get("duration") or "")
        if start is not None and duration is not None:
            value = f"{number_text(start)} {number_text(duration)}"
            yield Claim(ClaimField.SOUNDBITE, value, where, fold(_text(element)) or None)


def _number(text: str) -> str | None:
    """A number as the podcast namespace allows it: also with a fraction."""
    text = text.strip()
    return number_text(float(text)) if re.fullmatch(r"\d{1,9}(\.\d{1,4})?", text, re.ASCII) else None


def _person_name(text: str) -> str:
    """The name in ``ada@example.org (Ada)`` and ``Ada (ada@example.org)``."""
    text = fold(text)
    if match := _MAILBOX.fullmatch(text):
        return fold(match["in"] or match["out"])
    return text
