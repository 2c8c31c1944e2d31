from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.canonical.resolution.transcripts.table import (
    columns_of,
    overlaid,
    silences,
    spoken,
    tabulate,
    uneven,
)


def test_columns_are_parted_at_each_edge_and_know_who_is_silent_in_them() -> None:
    long, late, last = (0, 5, 0), (3, 8, 1), (10, 12, 0)
    assert list(overlaid([last, late, long])) == [
        (0, 3, (long,)),
        (3, 5, (long, late)),
        (5, 8, (late,)),
        (10, 12, (last,)),
    ]


@pytest.mark.parametrize(
    ("before", "after", "reach"),
    [
        (30, 0, (30, 50)),  # more than a fragment of its own words is missing at the left edge
        (0, 30, (0, 20)),
        (10, 0, (0, 30)),  # so few that it has heard what the other has
        (0, 10, (0, 30)),
        (30, 30, (30, 50)),
    ],
)
def test_a_fragment_reaches_from_its_first_shared_word_to_its_last(
    before: int, after: int, reach: tuple[int, int]
) -> None:
    whole, middle = list(range(before + 20 + after)), list(range(before, before + 20))
    rows = [array("l", whole), array("l", [-1] * before + list(range(20)) + [-1] * after)]
    assert tabulate(rows, [whole, middle]).reach == ((0, len(whole)), reach)


@pytest.mark.parametrize("typecode", ["i", "q"])
@given(row=st.lists(st.sampled_from([-1, 0, 255, 0xFFFFFF, 0x7FFFFFFF])))
def test_stretches_of_a_row_are_those_between_silences(typecode: str, row: list[int]) -> None:
    made = array(typecode, row)
    heard = [column for start, end in spoken(made) for column in range(start, end)]
    assert heard == [column for column, word in enumerate(row) if word != -1] == list(columns_of(made))
    silent = [column for start, end in silences(made, 0, len(row), 1) for column in range(start, end)]
    assert sorted(heard + silent) == list(range(len(row)))
    assert all(end - start > 1 for start, end in silences(made, 0, len(row), 2))


@given(
    width=st.integers(0, 200),
    changes=st.lists(st.tuples(st.integers(1, 2), st.integers(0, 199), st.integers(1, 3)), max_size=9),
)
def test_uneven_columns_are_those_in_which_some_row_has_another_word(
    width: int, changes: list[tuple[int, int, int]]
) -> None:
    rows = [array("i", range(width)) for _ in range(3)]
    for row, column, by in changes:
        if column < width:
            rows[row][column] += by
    assert uneven(rows) == {
        column for column, words in enumerate(zip(*rows, strict=True)) if len({*words}) > 1
    }
