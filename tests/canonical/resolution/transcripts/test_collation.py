"""Which witnesses copy another, and whose utterances give the bounds."""

import pytest

from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.transcripts.collation import Collation, collate
from tests.canonical.making import transcript

_WORDS = tuple(f"word{number}" for number in range(600))


def _changed(*places: int) -> str:
    return " ".join(f"other{at}" if at in places else word for at, word in enumerate(_WORDS))


def _collated(*texts: str) -> Collation:
    sources = [transcript(500, text, uri=f"{number}.txt") for number, text in enumerate(texts)]
    made = collate([Witness(f"s{n}", each) for n, each in enumerate(sources, 1)], SeriesPolicy())
    assert made
    return made


def test_what_is_like_a_copy_alone_has_a_vote() -> None:
    # Two of 600 words differ from one to the next, which is a copy; from the first to the third four do.
    first, copy, third = _changed(), _changed(100, 200), _changed(100, 200, 300, 400)
    assert _collated(first, copy, third).copies == {1: 0}
    assert _collated(first, copy, copy).copies == {1: 0, 2: 0}


@pytest.mark.parametrize("odd", [0, 1, 2])
def test_of_equals_the_one_most_like_the_others_gives_the_bounds(odd: int) -> None:
    texts = [_changed(*range(0, 12, 2)), _changed(*range(200, 212, 2))]
    texts.insert(odd, _changed(*range(300, 420, 2)))
    assert _collated(*texts).base == (1 if odd == 0 else 0)
