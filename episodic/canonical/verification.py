"""Checks that what is kept is whole: contents, documents, and that the one can be read out of the other."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from episodic.canonical.contents import KeptBytes
from episodic.canonical.domain import Revision, SourceDocument
from episodic.canonical.errors import DocumentError, EpisodicError, StorageError
from episodic.canonical.jobs import JobStatus
from episodic.canonical.ports import Normalizer, ReadBack, Store, UnitOfWork
from episodic.canonical.sources import RawSource
from episodic.canonical.text.tokens import tokenize


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written.

    Parameters
    ----------
    where
        ``series/episode, revision 3, s2``, or what else names the place.
    what
        What is wrong there.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verifier:
    """Verifies a store.

    Parameters
    ----------
    store
        What to verify, in the state of one instant.
    normalizer
        Reads kept transcripts again, to compare them with what the document says of them.
    read
        Reads documents back.
    invalid
        Says what another schema than our profile finds wrong with a document; ``None``: there is none.
    """

    store: Store
    normalizer: Normalizer
    read: ReadBack
    invalid: Callable[[bytes], Sequence[str]] | None = None

    async def faults(self) -> AsyncIterator[Fault]:
        """Yield every fault, as it is found."""
        for found in await self.store.broken():
            yield Fault("database", found)
        async with self.store.begin(read_only=True) as work:
            for part in (self._content_faults, self._job_faults, self._episode_faults):
                try:
                    async for fault in part(work):
                        yield fault
                except StorageError as error:  # the other parts may be readable
                    yield Fault("database", str(error))

    async def _content_faults(self, work: UnitOfWork) -> AsyncIterator[Fault]:
        for sha256 in await work.contents.list():
            try:
                await work.contents.get(sha256)
            except StorageError as error:
                yield Fault(f"content {sha256}", str(error))

    async def _job_faults(self, work: UnitOfWork) -> AsyncIterator[Fault]:
        for job in await work.jobs.list(limit=None):
            if job.status in {JobStatus.COMPLETED, JobStatus.SKIPPED_SOME} and job.revision_id is None:
                yield Fault(f"job {job.id}", f"is {job.status} and made no revision")

    async def _episode_faults(self, work: UnitOfWork) -> AsyncIterator[Fault]:
        for episode in await work.episodes.list():
            numbers = [earlier.number for earlier in await work.revisions.history(episode.id)]
            if not numbers:
                yield Fault(episode.name, "has no revision")
            # One that is lost is missed by its job: numbers have gaps where revisions were pruned.
            for number in numbers:
                where = f"{episode.name}, revision {number}"
                try:
                    revision = await work.revisions.get(episode.id, number)
                except StorageError as error:
                    yield Fault(where, str(error))
                    continue
                assert revision is not None
                async for fault in self._revision_faults(work, where, revision):
                    yield fault

    async def _revision_faults(
        self, work: UnitOfWork, where: str, revision: Revision
    ) -> AsyncIterator[Fault]:
        try:
            document = self.read(revision.tei)
        except DocumentError as error:
            yield Fault(where, f"cannot be read back: {error}")
            return
        for pointer in document.dangling:
            yield Fault(where, f"{pointer} points to nothing")
        for line in self.invalid(revision.tei) if self.invalid else ():
            yield Fault(where, f"is not valid TEI: {line}")
        kept = {(each.siglum, each.sha256) for each in revision.sources if each.siglum and each.sha256}
        if document.witnesses != kept:
            yield Fault(where, "its document names other witnesses than those that are kept")
            return
        if not document.is_ours:
            return
        for line in document.unlike_profile:
            yield Fault(where, f"does not keep our profile of the TEI: {line}")
        for source in revision.sources:
            text = document.texts.get(source.siglum or "")
            if text is not None and (what := await self._misread(work, source, text)):
                yield Fault(f"{where}, {source.siglum}", what)

    async def _misread(self, work: UnitOfWork, source: SourceDocument, text: str) -> str | None:
        """Say how a transcript differs from what the document, read under its siglum, says."""
        assert source.sha256 is not None
        try:
            content = await work.contents.get(source.sha256)
        except StorageError:
            return None  # said of the content
        if content is None:
            return f"its bytes, {source.sha256}, are missing"
        metadata = {"format": source.format} if source.format else {}
        raw = RawSource(source.uri, KeptBytes(content), source.source_type, metadata)
        try:
            again = await self.normalizer.normalize(raw)
        except EpisodicError as error:
            return f"its kept bytes cannot be read again: {error}"
        if tokenize(u.text for u in again.utterances).text != text:
            return (
                "the document, read under its siglum, is not what its kept bytes say to this Episodic; "
                "if it was updated since, ingest the episode again"
            )
        return None
