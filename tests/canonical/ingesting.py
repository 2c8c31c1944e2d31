"""Ingesting texts with the real parts, for tests of what becomes of jobs and revisions."""

from collections.abc import Awaitable, Callable

from episodic.canonical.composition.composer import Composer, IngestionRequest
from episodic.canonical.ingestion_service import FanOut, IngestionService
from episodic.canonical.normalizers.languages import detect_language
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.ports import Store
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import RawSource
from episodic.canonical.tei.writer import write
from episodic.canonical.weighting import weigh

TALK = "Ada: Good evening, and welcome.\nBab: The light is {}.\n"


async def nothing() -> None:
    """Do nothing while a source is loaded."""


def source(name: str, text: str, meanwhile: Callable[[], Awaitable[None]] = nothing) -> RawSource:
    async def load() -> bytes:
        await meanwhile()
        return text.encode()

    return RawSource(name, load)


def request(
    *sources: RawSource,
    episode: str = "first-light",
    series: str = "lantern-hour",
    title: str | None = None,
) -> IngestionRequest:
    return IngestionRequest(series=series, episode=episode, sources=sources, title=title)


def service(store: Store) -> IngestionService:
    fan_out = FanOut()
    composer = Composer(
        normalizer=SourceNormalizer(),
        weigh=weigh,
        detect_language=detect_language,
        resolve=resolve,
        write=write,
        normalize_each=fan_out.normalize_each,
    )
    return IngestionService(store=store, compose=composer.compose, fan_out=fan_out)
