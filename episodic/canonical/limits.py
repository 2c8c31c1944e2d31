"""Limits that keep an untrusted source from harming anything but itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one source may cost; a source that wants more is refused with `SourceLimitError`.

    Parameters
    ----------
    source_bytes
        Bytes read from a source.
    unpacked_bytes
        Bytes of a compressed source (DOCX) after decompression, all parts together.
    xml_depth
        Levels of elements inside each other; libxml2 itself stops at 256.
    pages
        Pages of a PDF.
    parse_seconds
        Seconds of wall clock for parsing a source; in a worker process, of processor time as well.
    worker_bytes
        Address space that a worker process may take beyond what it has when it starts.
    answer_bytes
        Bytes of what a worker process says of a source.
    utterances, passages, tokens, claims
        Of these in a source, which an episode keeps in memory as a whole while it is resolved. Speakers count
        among the claims.
    source_growth
        Times its size that a source may take in memory while it is resolved, where that is more than 32 MiB.
    parse_workers
        Worker processes that parse at the same time.
    """

    source_bytes: int = 64 * 2**20
    unpacked_bytes: int = 256 * 2**20
    xml_depth: int = 200
    pages: int = 2000
    parse_seconds: float = 30.0
    worker_bytes: int = 2**30
    answer_bytes: int = 64 * 2**20
    utterances: int = 250_000
    passages: int = 250_000
    tokens: int = 1_000_000
    claims: int = 100_000
    source_growth: int = 100
    parse_workers: int = 2
