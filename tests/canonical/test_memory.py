"""Memory follows a source's size, whatever the shape of its text."""

import tracemalloc
from pathlib import Path

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.limits import Limits
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import SourceType
from episodic.canonical.tei.writer import write
from tests.canonical.making import edition, read, weighted

WORDS = 20_000
MOST = 110  # times its size; some twenty of them are what words are kept by, once for all texts


def test_a_text_of_one_word_a_line_takes_about_a_hundred_times_its_size(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("".join(f"{'AB'[n % 2]}: {'w' * (n % 7 + 1)}{n % 5000}\n" for n in range(WORDS)))
    tracemalloc.start(1)
    try:
        (source,) = read(text, source_type=SourceType.TRANSCRIPT, limits=Limits(parse_seconds=3600))
        write(resolve([weighted(500, source)], SeriesPolicy()), edition())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(source.utterances) == WORDS
    assert peak < MOST * text.stat().st_size
