"""Which item of a feed is taken; for what is not certain the candidates are named."""

import pytest

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.feeds.items import ItemName, choose_item

PLAIN = [ItemName("The road to 100"), ItemName("#100: The bell"), ItemName("First Light (Ep. 12)")]
SEASONS = [
    ItemName("Below", number="1", season="1"),
    ItemName("Above", number="1", season="2"),
    ItemName("S02E17 - The step"),
    ItemName("3x01 Farewell"),
]
SHOW = [
    ItemName("Bonus: Outtakes of First Light"),
    ItemName("Bonus: First Light"),
    ItemName("The Lantern Hour: Fog with Tomas Berg", published="2026-03-03T09:00:00+00:00"),
    ItemName("Second Light (Part 2)"),
]
HABIT = [ItemName("12 First Light"), ItemName("11 Fog signals"), ItemName("10 The 12 steps")]


@pytest.mark.parametrize(
    ("items", "hints", "index"),
    [
        (PLAIN, {"item": "100"}, 1),
        (PLAIN, {"episode": "100"}, 1),
        (PLAIN, {"number": "#100"}, 1),
        (PLAIN, {"episode": "ep12"}, 2),
        (PLAIN, {"episode": "ep-012"}, 2),
        (PLAIN, {"episode": "first-light"}, 2),
        (PLAIN, {"episode": "ep12-first-light"}, 2),
        (PLAIN, {"episode": "012-first-light"}, 2),
        (PLAIN, {"item": "The Road to 100"}, 0),
        (PLAIN, {"episode": "the-road-to-100"}, 0),
        (SEASONS, {"item": "s02e01"}, 1),
        (SEASONS, {"episode": "s1e1"}, 0),
        (SEASONS, {"episode": "2x01"}, 1),
        (SEASONS, {"episode": "2x17"}, 2),
        (SEASONS, {"episode": "s02e17-the-step"}, 2),
        (SEASONS, {"episode": "season-3-episode-1"}, 3),
        (SEASONS, {"number": "17"}, 2),
        (SHOW, {"episode": "fog"}, 2),
        (SHOW, {"item": "2026-03-03"}, 2),
        (SHOW, {"episode": "20260303"}, 2),
        (SHOW, {"episode": "2026-03-03-fog"}, 2),
        (SHOW, {"episode": "bonus-first-light"}, 1),
        (HABIT, {"item": "12"}, 0),
        (HABIT, {"episode": "12-first-light"}, 0),
        (HABIT, {"episode": "the-12-steps"}, 2),
        ([ItemName("First Light", number="12")], {"episode": "whatever"}, 0),
        ([ItemName("First Light", number="12")], {"episode": "2026"}, 0),
        ([ItemName("First Light", number="12")], {"episode": "s02e12"}, 0),
    ],
)
def test_the_item_that_is_meant_is_taken(items: list[ItemName], hints: dict[str, str], index: int) -> None:
    assert choose_item(items, hints)[0] == index


@pytest.mark.parametrize(
    ("items", "hints"),
    [
        (PLAIN[:1], {"item": "100"}),
        ([PLAIN[0], PLAIN[2]], {"episode": "100"}),
        ([PLAIN[0], PLAIN[2]], {"number": "100"}),
        ([ItemName("100 days of rain"), ItemName("Fog")], {"episode": "100"}),
        (SEASONS, {"number": "1"}),
        (SEASONS, {"episode": "s03e17"}),
        (SEASONS, {"episode": "s02e17-farewell"}),
        (SHOW, {"episode": "first-light"}),
        (SHOW, {"episode": "second-light"}),
        (SHOW, {"episode": "light"}),
        (SHOW, {"episode": "2026-03-04"}),
        (HABIT, {"item": "9"}),
        ([ItemName("First Light", number="12")], {"episode": "ep17"}),
        ([ItemName("First Light", number="12", season="1")], {"episode": "s02e12"}),
        ([ItemName("First Light", number="12")], {"number": "17"}),
    ],
)
def test_what_names_no_item_for_certain_is_refused_with_the_candidates(
    items: list[ItemName], hints: dict[str, str]
) -> None:
    with pytest.raises(UnreadableError, match="the feed has '"):
        choose_item(items, hints)
