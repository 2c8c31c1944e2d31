"""The real parts behind the ports of the ingestion service."""

from collections.abc import Callable, Sequence

from episodic.canonical.composer import Composer
from episodic.canonical.extent import Extent
from episodic.canonical.ingestion_service import FanOut
from episodic.canonical.sources import RawSource
from episodic.settings import Settings


def composer(
    options: Settings, admit: Callable[[Extent], None], expected: Sequence[RawSource] = ()
) -> Composer:
    """Make what composes episodes; here is where the heavy libraries load.

    Parameters
    ----------
    expected
        What will most likely have to be read: a process for it starts while all else is loaded.
    """
    from episodic.canonical.normalizers.languages import detect_language
    from episodic.canonical.normalizers.registry import SourceNormalizer

    normalizer = SourceNormalizer(options.limits)
    normalizer.expect(expected)

    from episodic.canonical.resolution import resolve
    from episodic.canonical.tei.writer import write
    from episodic.canonical.weighting import weigh

    return Composer(
        normalizer=normalizer,
        weigh=weigh,
        detect_language=detect_language,
        resolve=resolve,
        write=write,
        normalize_each=fan_out(options).normalize_each,
        admit=admit,
    )


def fan_out(options: Settings) -> FanOut:
    """Say how many sources are read at a time, and for how long."""
    return FanOut(concurrency=options.concurrency, source_timeout=options.source_timeout)
