"""Where episodes are composed: small ones in this process, large ones in one of their own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID

from episodic.asyncio_tasks import TaskObserver
from episodic.canonical.composition.composer import Composer, Composition, IngestionRequest
from episodic.canonical.composition.extent import Extent
from episodic.canonical.ingestion_service import FanOut
from episodic.canonical.ports import Edition
from episodic.canonical.sources import RawSource
from episodic.settings import Settings, load

if TYPE_CHECKING:
    from episodic.canonical.normalizers.normalizer import SourceNormalizer
    from episodic.canonical.ports import Store
    from episodic.cli.composing.processes import ComposerProcesses  # most episodes need no process


# Sources are compared with each other: a thousand small ones are as much work as a few large ones.
_EACH_BEYOND: Final = 2**16


def composer(
    options: Settings, admit: Callable[[Extent], None], once: SourceNormalizer | None = None
) -> Composer:
    """Make what composes episodes; here is where the heavy libraries load.

    Parameters
    ----------
    once
        What reads for one episode: its process ends while that is resolved; as the program ends, it would be
        waited for.
    """
    from episodic.canonical.normalizers.languages import detect_language
    from episodic.canonical.normalizers.normalizer import SourceNormalizer
    from episodic.canonical.resolution.resolving import resolve
    from episodic.canonical.tei.writer import write
    from episodic.canonical.weighting import weigh

    def admit_what_is_read(extent: Extent) -> None:
        if once:
            once.rest()
        admit(extent)

    return Composer(
        normalizer=once or SourceNormalizer(options.limits),
        weigh=weigh,
        detect_language=detect_language,
        resolve=resolve,
        write=write,
        normalize_each=fan_out(options).normalize_each,
        admit=admit_what_is_read,
    )


def fan_out(options: Settings) -> FanOut:
    """Say how many sources are read at a time, and for how long."""
    return FanOut(concurrency=options.concurrency, source_timeout=options.source_timeout)


class Composers:
    """`Composer.compose` in this process, or, for an episode that is large, in one that has limits.

    What takes long holds the interpreter, and with it signals, the heartbeat and whoever looks inside; what
    takes much memory takes the process with it. So only what is small is composed here. Leaving its block
    ends the processes.

    Parameters
    ----------
    observers
        Told of the tasks in other processes, as if they ran here.
    """

    def __init__(self, options: Settings, observers: Sequence[TaskObserver] = ()) -> None:
        self._options = options
        self._observers = observers
        self._processes: ComposerProcesses | None = None
        self._normalizer: SourceNormalizer | None = None

    async def compose(self, request: IngestionRequest, correlation_id: UUID, edition: Edition) -> Composition:
        """Compose an edition; raises `ComposerProcessError`, or what `Composer.compose` does."""
        if await asyncio.to_thread(_size, request.sources) <= self._options.large_episode:
            try:
                return await self._here.compose(request, correlation_id, edition)
            except _LargeError:
                pass  # compressed, it looked small
        if self._processes is None:
            from episodic.cli.composing.processes import ComposerProcesses

            self._processes = ComposerProcesses(self._options, 1, self._observers)
        return await self._processes.compose(request, correlation_id, edition)

    def expect(self, sources: Sequence[RawSource]) -> None:
        """Start now what takes long to start, where these sources will most likely be read, and read here."""
        if _size(sources) <= self._options.large_episode:
            from episodic.canonical.normalizers.normalizer import SourceNormalizer

            self._normalizer = SourceNormalizer(self._options.limits)
            self._normalizer.expect(sources)

    def ask(self) -> None:
        """Have the processes print to stderr what they are doing; from any thread."""
        if self._processes is not None:
            self._processes.ask()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._processes is not None:
            await self._processes.__aexit__()

    @cached_property
    def _here(self) -> Composer:
        return composer(self._options, self._refuse_large, self._normalizer)

    def _refuse_large(self, extent: Extent) -> None:
        if extent.characters > self._options.large_episode:
            raise _LargeError


class _LargeError(Exception):
    """Sources say more than may be resolved in this process."""


def _size(sources: Sequence[RawSource]) -> int:
    """Bytes of the sources, as far as their loaders know before they are read, and what their number adds."""
    each = (getattr(raw.load, "size", 0) for raw in sources)
    return sum(each) + _EACH_BEYOND * (len(sources) - 1)


def composed[T](work: Callable[[Store, Composers], Awaitable[T]]) -> T:
    """Do what composes revisions, and stores them in the user's store.

    An interrupt waits for no thread that is at it. One that comes when all is done comes too late.
    """
    from episodic.canonical.storage.store import open_store
    from episodic.cli.running import Interrupted, run

    options = load()
    composers = Composers(options)
    done: list[T] = []

    async def whole() -> None:
        async with open_store(options.store_url, make=False) as store, composers:
            done.append(await work(store, composers))

    try:
        run(whole(), slow_source=options.slow_source, ask=composers.ask)
    except Interrupted:
        if not done:
            raise KeyboardInterrupt from None
    return done[0]
