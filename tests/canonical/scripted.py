"""An ingestion service whose sources do what a test says."""

import asyncio
import compression.zstd
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from episodic.asyncio_tasks import (
    parse_task_name,
)
from episodic.canonical.composition.composer import Composer, IngestionRequest
from episodic.canonical.composition.extent import Extent
from episodic.canonical.ingestion_service import (
    FanOut,
    IngestionService,
)
from episodic.canonical.jobs import IngestionJob
from episodic.canonical.normalizers.languages import detect_language
from episodic.canonical.ports import Resolve, Store, Write
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import Content, NormalizedSource, RawSource, SourceType, Utterance
from episodic.canonical.tei.writer import write
from episodic.canonical.weighting import weigh


def source(name: str, text: str = "hello there") -> RawSource:
    async def load() -> bytes:
        return text.encode()

    return RawSource(uri=name, load=load)


@dataclass
class ScriptedNormalizer:
    """Every source is one utterance, its own text; what a test does meanwhile is in `script`."""

    script: Callable[[RawSource], Awaitable[None]] | None = None
    ended: list[str] = field(default_factory=list[str])

    async def normalize(self, raw: RawSource) -> NormalizedSource:
        try:
            content = await raw.load()
            if self.script:
                await self.script(raw)
            return NormalizedSource(
                uri=raw.uri,
                source_type=SourceType.TRANSCRIPT,
                content=Content(
                    hashlib.sha256(content).hexdigest(), len(content), compression.zstd.compress(content)
                ),
                format="script",
                utterances=(Utterance(content.decode(), "line 1"),),
            )
        finally:
            self.ended.append(raw.uri)


def service(
    store: Store,
    normalizer: ScriptedNormalizer,
    resolve: Resolve = resolve,
    write: Write = write,
    admit: Callable[[Extent], None] = lambda _: None,
    **limits: float,
) -> IngestionService:
    fan_out = FanOut(
        concurrency=int(limits.get("concurrency", 8)), source_timeout=limits.get("source_timeout", 60.0)
    )
    composer = Composer(
        normalizer=normalizer,
        weigh=weigh,
        detect_language=detect_language,
        resolve=resolve,
        write=write,
        normalize_each=fan_out.normalize_each,
        admit=admit,
    )
    return IngestionService(store=store, compose=composer.compose, fan_out=fan_out)


def request(*sources: RawSource, on_source_error: str = "fail") -> IngestionRequest:
    return IngestionRequest(
        series="show",
        episode="one",
        sources=sources,
        on_source_error="skip" if on_source_error == "skip" else "fail",
    )


async def only_job(store: Store) -> IngestionJob:
    async with store.begin() as work:
        (job,) = await work.jobs.list()
        return job


def other_tasks() -> set[asyncio.Task[object]]:
    """Tasks that the ingestion made: the database's driver may still be at the end of its own."""
    return {task for task in asyncio.all_tasks() if parse_task_name(task.get_name())}
