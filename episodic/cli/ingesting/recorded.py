"""What was exported or forgotten: recorded, and known again where it lies among sources.

Most formats have a place for where they come from; SubRip and text have none, and as sources they would be
one more witness of what they were made of. They are known by their hash, and, once somebody has changed them,
by their name and their lines. What an episode was told to forget is known by its hash alone. A type that is
given (``--source transcript=FILE``) says that it is meant.
"""

import hashlib
import os.path
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Final, Self

from episodic.canonical.composer import IngestionRequest
from episodic.canonical.domain import Episode, Export, IngestionJob, Revision
from episodic.canonical.errors import SourceError, StorageError
from episodic.canonical.patterns import pattern
from episodic.canonical.ports import Store, UnitOfWork
from episodic.canonical.sources import RawSource
from episodic.canonical.tokens import fold
from episodic.cli.output import complain, day_and_time
from episodic.cli.store import with_store

_UNMARKED: Final = frozenset({".srt", ".txt"})
_KEPT: Final = 200  # lines of an export that are kept, as their digests
_SAME: Final = 0.5  # of these, in a file that was made of it
_LETTER: Final = pattern(r"[^\W\d_]")


def record(found: Episode, kept: Revision, written: Sequence[tuple[str, Path, bytes]]) -> None:
    """Record files by format, place and content; where that cannot be, they are there all the same."""
    exports = [_export(found, kept, *each) for each in written]

    async def add(work: UnitOfWork) -> None:
        known = {(e.sha256, e.episode_id, e.revision, e.file) for e in await work.exports.list(found.id)}
        for export in exports:
            if (export.sha256, export.episode_id, export.revision, export.file) not in known:
                await work.exports.add(export)
        await work.commit()

    try:
        with_store(add, read_only=False, about=found.name)
    except StorageError as error:
        complain(f"what was written is not recorded, and will not be known among sources: {error}")


def _export(found: Episode, kept: Revision, format: str, file: Path, content: bytes) -> Export:
    return Export(
        id=uuid.uuid7(),
        episode_id=found.id,
        revision=kept.number,
        format=format,
        file=os.path.abspath(file),  # noqa: PTH100  # resolve() would follow links
        sha256=hashlib.sha256(content).hexdigest(),
        made_at=datetime.now(UTC),
        lines=tuple(sorted(set(_lines(content)))[:_KEPT]) if _is_unmarked(file.name) else (),
    )


def _lines(content: bytes) -> Iterator[int]:
    """Digest the lines that say something: numbers and times are alike in all captions."""
    for line in content.decode(errors="replace").splitlines():
        if _LETTER.search(line):
            digest = hashlib.blake2b(fold(line).encode(), digest_size=4).digest()
            yield int.from_bytes(digest)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a store knows to have been exported, and to have been forgotten."""

    store: Store
    exports: Sequence[Export]
    forgotten: Sequence[IngestionJob]

    @classmethod
    async def read(cls, store: Store) -> Self:
        """Read what a store has, as far as it has no mark of its own."""
        async with store.begin(read_only=True) as work:
            listed = await work.exports.list()
            forgotten = await work.jobs.forgotten()
        return cls(store, [export for export in listed if _is_unmarked(export.file)], forgotten)

    async def without(self, request: IngestionRequest) -> IngestionRequest:
        """Leave out of its sources what is none, and say so; raises `SourceError` when none is left."""
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
        return replace(request, sources=left)

    async def _known(self, raw: RawSource, request: IngestionRequest) -> str:
        """Say what a source was exported from, or that it was forgotten; empty: neither."""
        own = f"{request.series}/{request.episode}"
        forgotten = {job.request: job for job in self.forgotten if job.episode_name == own}
        exports = self.exports if _is_unmarked(raw.uri) else ()
        if raw.source_type or not (exports or forgotten):
            return ""
        try:
            content = await raw.load()
        except SourceError:
            return ""  # said when it is read
        sha256, lines = hashlib.sha256(content).hexdigest(), frozenset(_lines(content))
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


def _is_unmarked(place: str) -> bool:
    return PurePath(place).suffix.lower() in _UNMARKED


def _said(export: Export, episode: Episode, uri: str, *, changed: bool) -> str:
    said = f"was exported from {episode.name}, revision {export.revision}"
    if changed:
        command = f"episodic apply {episode.name} {uri} --revision {export.revision}"
        said += f", and changed since: {command} takes the corrections"
    return f"{said}; if it is a source: --source transcript={uri}"
