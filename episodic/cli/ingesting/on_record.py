"""What the store knows of sources that are named: of what they were made, that they were forgotten, a feed.

Most formats have a place for where they come from; SubRip and text have none, and as sources they would be
one more witness of what they were made of. They are known by their hash, and, once somebody has changed them,
by their name and their lines. What an episode was told to forget is known by its hash alone. A type that is
given (``--source transcript=FILE``) says that it is meant.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final, Self

from episodic.canonical.composition.composer import IngestionRequest
from episodic.canonical.domain import Episode, Export
from episodic.canonical.errors import SourceError
from episodic.canonical.jobs import IngestionJob
from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.files import path_source
from episodic.canonical.ports import Store
from episodic.canonical.sources import OF_THE_SERIES, RawSource, SourceType
from episodic.cli.ingesting.asked import absolute
from episodic.cli.output import complain, day_and_time
from episodic.cli.recorded import is_unmarked, lines_of
from episodic.cli.wording import likely_names

_SAME: Final = 0.5  # of the lines of an export, in a file that was made of it


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What a store knows of the sources of a series.

    Parameters
    ----------
    exports, forgotten
        What is no source: what was made of an episode, and what one was told to forget.
    feed
        The file of the feed that the series has for all of its episodes.
    """

    store: Store
    exports: Sequence[Export]
    forgotten: Sequence[IngestionJob]
    feed: str | None

    @classmethod
    async def read(cls, store: Store, slug: str) -> Self:
        """Read it; a new series whose slug looks like a slip of the fingers is mentioned."""
        async with store.begin(read_only=True) as work:
            exports = [export for export in await work.exports.list() if is_unmarked(export.file)]
            forgotten = await work.jobs.forgotten()
            every = {series.slug: series.policy.feed for series in await work.series.list()}
        if every and slug not in every and (close := likely_names(slug, list(every))):
            complain(f"series '{slug}' is new; did you mean {' or '.join(close)}?")
        return cls(store, exports, forgotten, every.get(slug))

    async def applied(self, request: IngestionRequest, limits: Limits) -> IngestionRequest:
        """Give a request without what is no source, and with the series' feed unless it names one itself.

        Raises
        ------
        SourceError
            When no source is left.
        """
        sources = await self._real(request)
        uris = {absolute(raw.uri) for raw in sources}
        has_feed = any(raw.source_type is SourceType.RSS for raw in sources) or self.feed in uris
        if self.feed is not None and not has_feed:
            named = {"episode": request.episode, "title": request.title, OF_THE_SERIES: "yes"}
            hints = {name: hint for name, hint in named.items() if hint}
            sources.append(path_source(self.feed, SourceType.RSS, hints, limits=limits))
        return replace(request, sources=sources)

    async def _real(self, request: IngestionRequest) -> list[RawSource]:
        """Leave out of its sources what is none, and say so."""
        left: list[RawSource] = []
        passed: list[tuple[str, str]] = []
        for raw in request.sources:
            if says := await self._known(raw, request):
                passed.append((raw.uri, says))
            else:
                left.append(raw)
        if passed and not left:
            raise SourceError(passed[0][0], f"is no source: it {passed[0][1]}")
        for uri, says in passed:
            complain(f"{uri}: passed over: it {says}")
        return left

    async def _known(self, raw: RawSource, request: IngestionRequest) -> str:
        """Say what a source was exported from, or that it was forgotten; empty: neither."""
        forgotten = {job.request: job for job in self.forgotten if job.episode_name == request.episode_name}
        exports = self.exports if is_unmarked(raw.uri) else ()
        if raw.source_type or not (exports or forgotten):
            return ""
        try:
            content = await raw.load()
        except SourceError:
            return ""  # said when it is read
        sha256, lines = hashlib.sha256(content).hexdigest(), frozenset(lines_of(content))
        name = PurePath(raw.uri).name
        if (job := forgotten.get(sha256)) and not await self._is_back(request, sha256):
            when = day_and_time(job.started_at)
            return f"was forgotten on {when} {job.error}; if it is meant: --source TYPE={raw.uri}"
        for export in reversed(exports):
            same = export.sha256 == sha256
            most = len(lines.intersection(export.lines)) >= max(1, _SAME * len(export.lines))
            if same or (most and PurePath(export.file).name == name):
                episode = await self._unless_a_source(export, sha256, None if same else name)
                return _said(export, episode, raw.uri, changed=not same) if episode else ""
        return ""

    async def _is_back(self, request: IngestionRequest, sha256: str) -> bool:
        """Whether somebody has meant it, and taken it again."""
        async with self.store.begin(read_only=True) as work:
            episode = await work.episodes.get(request.series, request.episode)
            history = await work.revisions.history(episode.id) if episode else ()
        return any(sha256 == own for revision in history for _, own in revision.sources)

    async def _unless_a_source(self, export: Export, sha256: str, name: str | None) -> Episode | None:
        """Find the episode of an export; ``None`` where the bytes, or the name in it, are a source's."""
        async with self.store.begin(read_only=True) as work:
            every = await work.episodes.list()
            history = await work.revisions.history(export.episode_id)
            kept = sha256 in await work.contents.list()
        names = {PurePath(uri).name for revision in history for uri, _ in revision.sources}
        if kept or name in names:
            return None
        return next((episode for episode in every if episode.id == export.episode_id), None)


def _said(export: Export, episode: Episode, uri: str, *, changed: bool) -> str:
    said = f"was exported from {episode.name}, revision {export.revision}"
    if changed:
        command = f"episodic apply {episode.name} {uri} --revision {export.revision}"
        said += f", and changed since: {command} takes the corrections"
    return f"{said}; if it is a source: --source transcript={uri}"
