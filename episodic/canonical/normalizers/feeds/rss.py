"""RSS 2.0 (https://www.rssboard.org/rss-specification) and its older forms without RDF."""

import re
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.feeds.feed import parse_feed, read_feed
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.normalizers.xml import declared_encoding, local_name

_ROOT: Final = re.compile(
    r"\s*+(?:(?><\?.*?\?>|<!--.*?-->)\s*+)*+(?:<!DOCTYPE\s+rss\b.*?>\s*)?<rss[\s>]", re.DOTALL | re.IGNORECASE
)


class Rss:
    """RSS 2.0 with the itunes, content, dc, media and podcast namespaces."""

    name = "rss"
    title = "RSS 2.0"
    suffixes = (".rss",)

    def recognizes(self, head: Head) -> bool:
        """By the root element."""
        return _ROOT.match(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Choose the episode's item and read it."""
        decoded = document.decode(declared_encoding(document.data))
        parsed, signals = parse_feed(document, decoded)
        channel = next((child for child in parsed.root if local_name(child) == "channel"), None)
        if channel is None:
            raise SourceError(document.uri, "has no channel; is it a feed?")
        items = [child for child in channel if local_name(child) == "item"]
        return read_feed(document, channel, items, signals)
