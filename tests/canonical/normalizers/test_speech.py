"""Speech in equals speech out: every word in order, and no speaker that was not written as one."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from episodic.canonical.normalizers.documents.pdf import Pdf
from episodic.canonical.normalizers.format import Document
from episodic.canonical.sources import PassageKind, SourceType
from tests.canonical.normalizers.conftest import Normalize
from tests.canonical.normalizers.conversations import LANGUAGES, WRITERS, heard, make, spoken_in
from tests.canonical.normalizers.talks import Turn
from tests.canonical.normalizers.writers import pdf


@settings(max_examples=250, deadline=None)
@given(seed=st.integers(0, 2**32))
@example(seed=452)  # a credit in Hebrew letters
@example(seed=159815)  # "He / said:" where a cue was broken
@example(seed=5368)  # somebody whose turns begin with small letters
@example(seed=14743068)  # a page whose line begins with a star, which is no bullet
def test_a_conversation_comes_out_as_it_went_in(seed: int) -> None:
    """In any format and script, named or not, damaged or not."""
    made = make(seed)
    assert heard(made) == spoken_in(made.talk), made.how


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_keeps_every_script(kind: str) -> None:
    for number, tongue in enumerate(LANGUAGES):
        made = make(number, kind=kind, tongue=tongue)
        assert heard(made) == spoken_in(made.talk), made.how


@pytest.mark.parametrize("mark", ["*", "-", "\u2013", "12."])
def test_a_mark_where_a_line_of_a_page_was_full_is_a_word_and_elsewhere_begins_an_item(mark: str) -> None:
    full = f"There was no room left on the line that stood above it, thus {mark} or so we heard it said"
    said = [full, "We speak of ships and", f"{mark} wax", f"{mark} cabbages and kings", "The end."]
    page = pdf(random.Random(2), [Turn(None, text) for text in said], LANGUAGES["en"])
    structure = Pdf().read(Document("shownotes.pdf", page, SourceType.BRIEF, {}))
    items = [each.text for each in structure.passages if each.kind is PassageKind.LIST_ITEM]
    assert items == ["wax", "cabbages and kings"]
    assert f"thus {mark} or" in " ".join(each.text for each in structure.passages)


@pytest.mark.parametrize("seed", [740936, 5137, 5431, 5683, 6295])
def test_a_line_of_a_page_in_the_middle_of_a_sentence_begins_no_turn(seed: int) -> None:
    made = make(seed, kind="pdf")  # "2 of 3 people / - or so they say", "We met at / 10:30"
    assert heard(made) == spoken_in(made.talk), made.how


@pytest.mark.parametrize(("answers", "speaker"), [(3, None), (2, None), (1, "Ada")])
async def test_who_has_no_name_answers_where_two_thirds_of_the_questions_have_an_answer(
    normalize: Normalize, answers: int, speaker: str | None
) -> None:
    asked = [f"Ada: What did you see at {hour}?" for hour in ("noon", "dusk", "midnight")]
    said = [f"{each}\n\nI saw the lamp, and nobody had lit it." for each in asked[:answers]]
    source = await normalize("\n\n".join([*said, *asked[answers:]]), "talk.txt")
    assert {u.speaker for u in source.utterances if u.text.startswith("I saw")} == {speaker}
