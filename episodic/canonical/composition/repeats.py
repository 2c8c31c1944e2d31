"""Requests for what there is already: known by the bytes of their sources, before any of them is parsed."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from episodic.canonical.composition import fingerprint
from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.composition.doubts import doubtful
from episodic.canonical.domain import EditorialDecision, Episode, Revision, Series
from episodic.canonical.errors import SourceError
from episodic.canonical.ports import Store


@dataclass(frozen=True, slots=True)
class Repeat:
    """What a request was made of before, and would come to again."""

    series: Series
    episode: Episode
    revision: Revision


async def find_repeats(
    store: Store,
    requests: Mapping[uuid.UUID, IngestionRequest],
    hashes_of: Callable[[uuid.UUID], Awaitable[Sequence[str]]],
) -> dict[uuid.UUID, Repeat]:
    """Find the newest revisions that were made of the very same: sources, title, decisions and policy.

    Two units read, however many requests there are.

    Parameters
    ----------
    requests
        By the id of the job that each is to have.
    hashes_of
        Gives the SHA-256 of each source of a request, by the same id; called for those alone whose episode
        is there.
    """
    known: dict[uuid.UUID, tuple[Series, Episode, Sequence[EditorialDecision]]] = {}
    async with store.begin(read_only=True) as work:
        slugs = {request.series for request in requests.values()}
        every = {slug: series for slug in slugs if (series := await work.series.get(slug))}
        for id, request in requests.items():
            episode = request.series in every and await work.episodes.get(request.series, request.episode)
            if episode:
                known[id] = every[request.series], episode, await work.edits.of(episode.id)
    digests: dict[uuid.UUID, str] = {}
    for id, (series, _, decisions) in known.items():
        request = requests[id]
        try:
            pairs = zip(request.sources, await hashes_of(id), strict=True)
        except SourceError:
            continue  # when it is normalized, it is said what is wrong with it
        digests[id] = fingerprint.of_document(series, request.title, pairs, decisions)
    repeats: dict[uuid.UUID, Repeat] = {}
    async with store.begin(read_only=True) as work:
        for id, digest in digests.items():
            series, episode, _ = known[id]
            revision = await work.revisions.newest(episode.id)
            if revision is None or revision.fingerprint != digest:
                continue
            # What a strict request refuses is to be refused as if it were new.
            if not (requests[id].strict and any(doubtful(revision.sources))):
                repeats[id] = Repeat(series, episode, revision)
    return repeats
