"""Sources and editions made by hand."""

import asyncio
import hashlib
import uuid
from collections.abc import Sequence
from compression import zstd
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from episodic.canonical.domain import Episode, Series
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.ports import Edition
from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.sources import (
    Claim,
    Content,
    NormalizedSource,
    Passage,
    RawSource,
    Signals,
    SourceType,
    Utterance,
    WeightedSource,
)

MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)


def source(
    *,
    uri: str = "show.vtt",
    source_type: SourceType = SourceType.TRANSCRIPT,
    utterances: Sequence[Utterance | str] = (),
    passages: Sequence[Passage] = (),
    claims: Sequence[Claim] = (),
    dated: datetime | None = None,
    language: str | None = None,
    signals: Signals | None = None,
) -> NormalizedSource:
    """Make a normalized source; its content is what it says, so different sources have different hashes."""
    spoken = tuple(
        u if isinstance(u, Utterance) else Utterance(u, f"cue {i}") for i, u in enumerate(utterances, 1)
    )
    content = repr((uri, spoken, passages, claims)).encode()
    return NormalizedSource(
        uri=uri,
        source_type=source_type,
        content=Content(hashlib.sha256(content).hexdigest(), len(content), zstd.compress(content)),
        format="made",
        language=language,
        dated=dated,
        claims=tuple(claims),
        utterances=spoken,
        passages=tuple(passages),
        signals=signals or Signals(),
    )


def weighted(weight: int, made: NormalizedSource) -> WeightedSource:
    """Give a source a weight in thousandths."""
    return WeightedSource(made, weight, ())


def transcript(weight: int, *utterances: Utterance | str, uri: str = "show.vtt") -> WeightedSource:
    """Make a weighted transcript."""
    return weighted(weight, source(uri=uri, utterances=utterances))


def edition(title: str | None = None) -> Edition:
    """Make an edition that is the same every time."""
    series = Series(id=uuid.UUID(int=1), slug="lantern-hour", title="The Lantern Hour")
    episode = Episode(id=uuid.UUID(int=2), series_slug="lantern-hour", slug="first-light", created_at=MADE)
    return Edition(series=series, episode=episode, number=1, created_at=MADE, title=title)


def read(
    *paths: Path, source_type: SourceType | None = None, limits: Limits | None = None, **metadata: str
) -> list[NormalizedSource]:
    """Read files as the application reads them."""
    normalizer = SourceNormalizer(limits)

    async def load(path: Path) -> bytes:
        return path.read_bytes()

    async def normalize() -> list[NormalizedSource]:
        return [
            await normalizer.normalize(RawSource(path.name, partial(load, path), source_type, metadata))
            for path in paths
        ]

    try:
        return asyncio.run(normalize())
    finally:
        normalizer.close()


def shared(collation: Collation) -> list[float]:
    """Give for each voice the share of its words beside which the base has the same."""
    base = collation.voices[collation.base].interned
    shares: list[float] = []
    for voice, row in zip(collation.voices, collation.rows, strict=True):
        both = [(a, b) for a, b in zip(collation.rows[collation.base], row, strict=True) if min(a, b) >= 0]
        same = sum(base[a] == voice.interned[b] for a, b in both)
        shares.append(same / min(len(base), len(voice.interned)))
    return shares
