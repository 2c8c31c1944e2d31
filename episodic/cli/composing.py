"""The real parts behind the ports of the ingestion service."""

from episodic.canonical.ingestion_service import Composer
from episodic.settings import Settings


def composer(options: Settings) -> Composer:
    """Make what composes episodes; here is where the heavy libraries load."""
    from episodic.canonical.normalizers.registry import SourceNormalizer
    from episodic.canonical.resolution import resolve
    from episodic.canonical.tei.writer import write
    from episodic.canonical.weighting import weigh

    return Composer(
        normalizer=SourceNormalizer(),
        weigh=weigh,
        resolve=resolve,
        write=write,
        concurrency=options.concurrency,
        source_timeout=options.source_timeout,
    )
