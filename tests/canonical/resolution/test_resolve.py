import pytest

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.errors import ResolutionError
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import SourceType, Utterance, WeightedSource
from tests.canonical.making import source, transcript, weighted
from tests.growth import grows_near_linearly


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


def test_many_transcripts_cost_no_more_than_their_table_has_cells() -> None:
    def strangers(cells: int) -> list[WeightedSource]:
        """Make texts of twelve words, of which nobody can tell that they have nothing in common."""
        count = round(cells ** (2 / 3))  # fourfold, what takes the square takes six times, the cube sixteen
        return [
            transcript(
                count - number,
                *(
                    Utterance(
                        " ".join(f"{name}{number}x{at}" for at in range(6)), "cue", name, start, start + 4
                    )
                    for name, start in (("Ada", 0.0), ("Bruno", 4.0))
                ),
                uri=f"{number}.vtt",
            )
            for number in range(count)
        ]

    assert grows_near_linearly(strangers, lambda made: resolve(made, SeriesPolicy()), 400)
