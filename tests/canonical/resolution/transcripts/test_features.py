"""What speaks for a reading, in numbers."""

import pytest

from episodic.canonical.resolution.transcripts.features import NAMES, Features, Lexicon
from episodic.canonical.resolution.transcripts.regions import Region

_WORDS = ("they", "tires", "tyros", "sold")
_ROWS = ((0, 1, 3), (0, 2, 3), (0, 2, 3))
_REGION = Region(1, 2, ((0,), (1, 2)))


def test_votes_are_shares_of_the_weight_of_those_who_speak() -> None:
    nothing: frozenset[int] = frozenset()
    features = Features(
        _ROWS,
        {1: (1, 2, 2)},
        [_REGION],
        _ROWS,
        votes=lambda _: (600, 200, 200),
        beforehand=lambda _: (100, 100, 300),
        lexicon=Lexicon(_WORDS, nothing, nothing, nothing, nothing),
    )
    one, other = (dict(zip(NAMES, vector, strict=True)) for vector in features.of(_REGION))
    assert (one["share"], other["share"]) == pytest.approx((0.6, 0.4))
    assert (one["largest"], other["largest"]) == (1, 0)
    assert (one["alone"], other["alone"]) == (1, 0)
    assert one["beforehand"] / other["beforehand"] == pytest.approx(1 / 4)
