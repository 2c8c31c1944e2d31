"""Texts made to be slow to read: what takes time is bounded, whatever stands in them."""

import contextlib
import time

import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.registry import find_format

CUE = b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n"
SIZE = 400_000


def seconds(document: Document) -> float:
    """What reading takes, whatever comes out."""
    began = time.perf_counter()
    with contextlib.suppress(SourceError):
        find_format(document).read(document)
    return time.perf_counter() - began


@pytest.mark.parametrize(
    ("unit", "head"),
    [
        (b"<c ", CUE),
        (b"<A", CUE),
        (b"\t", b""),
        (b"<!---->", b""),
        (b"<?a?>", b""),
        (b" ", b"<rss><channel><item><title>x</title></item></channel></rss>"),
        (b"[", b'{"segments":'),
    ],
    ids=repr,
)
def test_what_nothing_closes_is_not_read_again_from_every_beginning(unit: bytes, head: bytes) -> None:
    data = head + unit * (SIZE // len(unit)) + b"x\n"
    # A tenth of a second when it takes linear time, minutes when it does not.
    assert seconds(Document("hostile.txt", data)) < 3


def test_a_name_with_spaces_without_end_in_it_is_read_once() -> None:
    front = b"---\nhost: Ada" + b" " * SIZE + b"Lovelace\n---\n\nWords.\n"
    assert seconds(Document("notes.md", front)) < 3


def test_a_feed_in_which_every_item_is_the_one_is_refused_at_once() -> None:
    item = b"<item><title>a</title><episode xmlns='http://www.itunes.com/dtds/podcast-1.0.dtd'>12</episode></item>"
    feed = b"<rss><channel>" + item * 60_000 + b"</channel></rss>"
    hints = {"number": "12", "title": "a"}
    assert seconds(Document("feed.xml", feed, metadata=hints)) < 5
