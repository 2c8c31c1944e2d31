"""Texts made to be slow to read: what takes time is bounded, whatever stands in them."""

import contextlib
import time

import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.format import Document
from episodic.canonical.normalizers.registry import read_document

CUE = b"WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n"
SIZE = 400_000


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
    began = time.perf_counter()
    with contextlib.suppress(SourceError):
        read_document(Document("hostile.txt", data))
    # A tenth of a second when it takes linear time, minutes when it does not.
    assert time.perf_counter() - began < 3
