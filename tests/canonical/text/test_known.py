"""What is known of words is asked once, and looked up for whole texts."""

import pytest

from episodic.canonical.text.known import Known, looked_up


@pytest.mark.parametrize("text", ["", "so", "so it goes so"])
def test_a_text_is_looked_up_word_by_word(text: str) -> None:
    words = text.split()
    assert looked_up({"so": 2, "it": 3, "goes": 4}, words) == tuple(
        {"so": 2, "it": 3, "goes": 4}[word] for word in words
    )


def test_each_word_is_asked_once() -> None:
    asked: list[str] = []
    known = Known[int](lambda word: asked.append(word) or len(word), most=10)
    assert looked_up(known, ["so", "it", "goes", "so", "it"]) == (2, 2, 4, 2, 2)
    assert asked == ["so", "it", "goes"]


def test_no_more_words_are_kept_than_allowed_and_all_are_told() -> None:
    known = Known(str.upper, most=3)
    words = [f"w{n % 7}" for n in range(100)]
    assert looked_up(known, words) == tuple(map(str.upper, words))
    assert len(known) <= 3
