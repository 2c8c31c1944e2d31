"""What speaks for a reading, in numbers."""

from array import array
from collections.abc import Sequence

import pytest

from episodic.canonical.resolution.transcripts.features import NAMES, Features, Lexicon
from episodic.canonical.resolution.transcripts.regions import Region, regions
from episodic.canonical.resolution.transcripts.table import Table, tabulate

_WORDS = ("they", "tires", "tyros", "sold")
_ROWS = ((0, 1, 3), (0, 2, 3), (0, 2, 3))
_REGION = Region(1, 2, ((0,), (1, 2)))


def _table(streams: Sequence[Sequence[int]]) -> Table:
    return tabulate([array("i", range(len(stream))) for stream in streams], streams)


def test_votes_are_shares_of_the_weight_of_those_who_speak() -> None:
    nothing: frozenset[int] = frozenset()
    features = Features(
        _ROWS,
        _table(_ROWS),
        {1: (1, 2, 2)},
        {1: (0, 1, 1)},
        [_REGION],
        votes=lambda _: (600, 200, 200),
        beforehand=lambda _: (100, 100, 300),
        lexicon=Lexicon(_WORDS, nothing, nothing, nothing, nothing),
    )
    one, other = (dict(zip(NAMES, vector, strict=True)) for vector in features.of(_REGION))
    assert (one["share"], other["share"]) == pytest.approx((0.6, 0.4))
    assert one["rivals"] == other["rivals"] > 0
    # "tires" and "tyros" differ in two letters; two of three say the one, one the other.
    assert one["unlike"] == pytest.approx(2 * other["unlike"])
    assert one["unlike"] > 0
    assert one["beforehand"] / other["beforehand"] == pytest.approx(1 / 4)


def test_who_is_wrong_in_one_column_may_be_right_beside_it() -> None:
    rows = ((0, 1, 2), (0, 1, 3), (4, 5, 2))
    one = list(regions(rows, [0, 1, 2], [0, 0, 0, 0], frozenset(), frozenset()))
    assert [(region.start, region.end) for region in one] == [(0, 3)]
    several = list(regions(rows, [0, 1, 2], [0, 0, 0, 0], frozenset(), frozenset({0, 1, 2})))
    assert [region.readings for region in several] == [((0, 1), (2,)), ((0, 1), (2,)), ((0, 2), (1,))]


def test_a_number_is_parted_from_no_other() -> None:
    rows = ((0, 1, 2), (0, 1, 3), (4, 5, 2))
    found = regions(rows, [0, 1, 2], [0, 0, 0, 0], frozenset({0, 1}), frozenset({0, 1, 2}))
    assert [(region.start, region.end) for region in found] == [(0, 2), (2, 3)]


def test_a_word_that_all_say_elsewhere_counts_more_than_one_that_a_single_witness_has() -> None:
    rows = ((0, 1, 1, 2), (0, 1, 1, 1), (0, 1, 1, 2))
    nothing: frozenset[int] = frozenset()
    region = Region(3, 4, ((0, 2), (1,)))
    features = Features(
        rows,
        _table(rows),
        {3: (2, 1, 2)},
        {3: (0, 1, 0)},
        [region],
        votes=lambda _: (1, 1, 1),
        beforehand=lambda _: (1, 1, 1),
        lexicon=Lexicon(_WORDS, nothing, nothing, nothing, nothing),
    )
    never, often = (dict(zip(NAMES, vector, strict=True)) for vector in features.of(region))
    assert (often["never elsewhere"], never["elsewhere"]) == (0, 0)
    assert min(often["elsewhere"], never["never elsewhere"]) > 0
