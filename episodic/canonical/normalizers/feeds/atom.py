"""Atom (RFC 4287)."""

import re
from typing import Final

from episodic.canonical.normalizers.feeds.feed import parse_feed, read_feed
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.normalizers.xml import declared_encoding, local_name

_ROOT: Final = re.compile(
    r"\s*+(?:(?><\?.*?\?>|<!--.*?-->)\s*+)*+(?:<!DOCTYPE\s+feed\b.*?>\s*)?<(?:\w+:)?feed[\s>]", re.DOTALL
)


class Atom:
    """Atom with the same extensions as RSS."""

    name = "atom"
    title = "Atom"
    suffixes = (".atom",)

    def recognizes(self, head: Head) -> bool:
        """By the root element."""
        return _ROOT.match(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Choose the episode's entry and read it."""
        decoded = document.decode(declared_encoding(document.data))
        parsed, signals = parse_feed(document, decoded)
        entries = [child for child in parsed.root if local_name(child) == "entry"]
        return read_feed(document, parsed.root, entries, signals)
