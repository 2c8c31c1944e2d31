import pytest

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.errors import ResolutionError
from episodic.canonical.resolution import resolve
from episodic.canonical.sources import SourceType
from tests.canonical.making import source, weighted


def test_nothing_cannot_be_resolved() -> None:
    with pytest.raises(ResolutionError, match="name at least one"):
        resolve([], SeriesPolicy())


def test_sigla_follow_weight() -> None:
    light = weighted(100, source(source_type=SourceType.BRIEF))
    heavy = weighted(900, source(source_type=SourceType.RSS))
    witnesses = resolve([light, heavy], SeriesPolicy()).witnesses
    assert [(w.siglum, w.weighted.weight) for w in witnesses] == [("s1", 900), ("s2", 100)]


def test_the_language_is_that_of_the_transcripts() -> None:
    english = weighted(100, source(uri="a", language="en"))
    german = weighted(900, source(uri="b", source_type=SourceType.RSS, language="de"))
    assert resolve([english, german], SeriesPolicy()).document.language == "en"
