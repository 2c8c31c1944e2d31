"""Texts made to be slow to read: what takes time is bounded, whatever stands in them."""

import contextlib
import time

import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.registry import find_format

CUE = b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n"
SIZE = 400_000
# In linear time the slowest of these takes six times as long as ordinary captions of its size; what takes
# the square of its size would take thousands of times as long.
MOST = 60


def seconds(document: Document) -> float:
    began = time.process_time()
    with contextlib.suppress(SourceError), document.named_in_errors():
        find_format(document).read(document)
    return time.process_time() - began


def slowness(document: Document) -> float:
    """How many times as long as ordinary captions of the same size reading takes, whatever comes out."""
    said = b"00:00:01.000 --> 00:00:02.000\nA few words that somebody said.\n\n"
    ordinary = b"WEBVTT\n\n" + said * max(1, len(document.data) // len(said))
    return seconds(document) / min(seconds(Document("ordinary.vtt", ordinary)) for _ in range(3))


@pytest.mark.parametrize(
    ("unit", "head"),
    [
        (b"<c ", CUE),
        (b"<A", CUE),
        (b"\t", b""),
        (b"\n", b""),
        (b"<!---->", b""),
        (b"<?a?>", b""),
        (b" ", b"<rss><channel><item><title>x</title></item></channel></rss>"),
        (b"[", b'{"segments":'),
    ],
    ids=repr,
)
def test_what_nothing_closes_is_not_read_again_from_every_beginning(unit: bytes, head: bytes) -> None:
    data = head + unit * (SIZE // len(unit)) + b"x\n"
    assert slowness(Document("hostile.txt", data)) < MOST


def test_a_name_with_spaces_without_end_in_it_is_read_once() -> None:
    front = b"---\nhost: Ada" + b" " * SIZE + b"Lovelace\n---\n\nWords.\n"
    assert slowness(Document("notes.md", front)) < MOST


def test_a_feed_in_which_every_item_is_the_one_is_refused_at_once() -> None:
    item = b"<item><title>a</title><episode xmlns='http://www.itunes.com/dtds/podcast-1.0.dtd'>12</episode></item>"
    feed = b"<rss><channel>" + item * 60_000 + b"</channel></rss>"
    hints = {"number": "12", "title": "a"}
    assert slowness(Document("feed.xml", feed, metadata=hints)) < MOST


def test_rolling_captions_with_endless_cues_take_no_square_of_their_lines() -> None:
    rolling = [b"a\nb", b"b\nc", b"c\nd", b"d\ne"] * 7
    endless = [b"a\n" * 100_000 + last for last in (b"x", b"y")]
    cues = [b"00:00:%02d.000 --> 00:00:%02d.500\n" % (n, n) + p for n, p in enumerate([*rolling, *endless])]
    assert slowness(Document("rolling.vtt", b"WEBVTT\n\n" + b"\n\n".join(cues))) < MOST
