"""What a user should know of the sources of a revision before trusting it: told at every ingest."""

from collections.abc import Iterator, Sequence

from episodic.canonical.domain import SourceDocument
from episodic.canonical.errors import DoubtfulError
from episodic.canonical.sources import SourceType


def doubtful(sources: Sequence[SourceDocument]) -> Iterator[str]:
    """Say what was left out, guessed, damaged or set apart: a line for each source that has any of it.

    Parameters
    ----------
    sources
        Those of one revision; what was skipped has its error instead.
    """
    used = [source for source in sources if source.error is None]
    for source in used:
        if source.doubts:
            yield f"{source.uri}: {'; '.join(doubt.text for doubt in source.doubts)}"
    if all(source.source_type is not SourceType.TRANSCRIPT for source in used):
        yield "no source was read as a transcript; --source transcript=PATH reads one as that"


def refuse_doubtful(sources: Sequence[SourceDocument]) -> None:
    """Raise `DoubtfulError` if there is anything to say of the sources."""
    if lines := tuple(doubtful(sources)):
        raise DoubtfulError(lines)
