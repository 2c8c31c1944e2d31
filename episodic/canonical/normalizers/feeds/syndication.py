"""RSS 2.0 (https://www.rssboard.org/rss-specification), its older forms without RDF, and Atom (RFC 4287)."""

import re
from dataclasses import dataclass
from typing import Final

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.feeds.feed import parse_feed, read_feed
from episodic.canonical.normalizers.format import LARGE, Document, Format, Head, Structure
from episodic.canonical.normalizers.xml import PROLOG, declared_encoding, local_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Syndication(Format):
    """Feeds with the itunes, content, dc, media and podcast namespaces.

    Parameters
    ----------
    root
        What such a document begins with, as a regular expression.
    channel
        The element that has the items; ``None``: the root.
    item
        The element that is an episode.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    root: str
    channel: str | None
    item: str
    isolated_above = LARGE  # to mend one is slow

    def recognizes(self, head: Head) -> bool:
        """By the root element."""
        return re.match(self.root, head.text) is not None

    def read(self, document: Document) -> Structure:
        """Choose the episode's item and read it."""
        decoded = document.decode(declared_encoding(document.data))
        parsed, signals = parse_feed(document, decoded)
        channel = parsed.root
        if self.channel:
            channel = next((child for child in parsed.root if local_name(child) == self.channel), None)
        if channel is None:
            raise UnreadableError(f"has no {self.channel}; is it a feed?")
        items = [child for child in channel if local_name(child) == self.item]
        return read_feed(document, channel, items, signals)


RSS: Final = Syndication(
    name="rss",
    title="RSS 2.0",
    suffixes=(".rss",),
    root="(?si)" + PROLOG + r"(?:<!DOCTYPE\s+rss\b.*?>\s*)?<rss[\s>]",
    channel="channel",
    item="item",
)
ATOM: Final = Syndication(
    name="atom",
    title="Atom",
    suffixes=(".atom",),
    root="(?s)" + PROLOG + r"(?:<!DOCTYPE\s+feed\b.*?>\s*)?<(?:\w+:)?feed[\s>]",
    channel=None,
    item="entry",
)
