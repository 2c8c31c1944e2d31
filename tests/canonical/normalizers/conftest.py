"""Normalizing a few bytes as the service would."""

from collections.abc import Awaitable, Callable

import pytest

from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.sources import NormalizedSource, RawSource, SourceType

type Normalize = Callable[..., Awaitable[NormalizedSource]]


@pytest.fixture
def normalize() -> Normalize:
    """Normalize text or bytes under a name."""

    async def run(
        content: str | bytes,
        name: str = "source",
        source_type: SourceType | None = None,
        *,
        limits: Limits | None = None,
        **metadata: str,
    ) -> NormalizedSource:
        data = content.encode() if isinstance(content, str) else content

        async def load() -> bytes:
            return data

        return await SourceNormalizer(limits).normalize(RawSource(name, load, source_type, metadata))

    return run
