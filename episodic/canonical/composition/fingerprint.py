"""Digests by which a repeat is recognized: of a request, and of all that its document depends on."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import Final

from episodic.canonical.domain import EditorialDecision, Series, Style
from episodic.canonical.sources import RawSource

# Raised when the same sources would give another document.
PIPELINE_VERSION: Final = 13


def of_document(
    series: Series,
    title: str | None,
    sources: Iterable[tuple[RawSource, str]],
    decisions: Iterable[EditorialDecision] = (),
) -> str:
    """Digest what a document depends on.

    Parameters
    ----------
    series
        Its policy, and what the document says of it.
    title
        The one that the user gave.
    sources
        Each with the SHA-256 of its bytes. Their order is no matter, nor is the folder that they are in;
        their names are, because detection may look at them.
    decisions
        The editors', also those taken back: a revision made after that is another one than that before.
    """
    described = sorted(
        [sha256, PurePath(raw.uri).name, raw.source_type or "", sorted(raw.metadata.items())]
        for raw, sha256 in sources
    )
    # The feed is read as a source, and its bytes are among the hashes.
    policy = {name: value for name, value in asdict(series.policy).items() if name != "feed"}
    if series.policy.style is Style.VERBATIM:
        del policy["style"]  # as all were before there was another
    said = [series.title, series.publisher, series.language, policy]
    edits = [[str(decision.id), decision.stands] for decision in decisions]
    return _digest([PIPELINE_VERSION, title, said, described, edits])


def of_request(series: str, episode: str, title: str | None, sources: Sequence[RawSource]) -> str:
    """Digest what was asked for, before any source is read."""
    described = sorted([raw.uri, raw.source_type or "", sorted(raw.metadata.items())] for raw in sources)
    return _digest([series, episode, title, described])


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
