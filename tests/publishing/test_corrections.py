"""What a corrected text comes to, whatever was changed in it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from episodic.canonical.tei.reader import Spoken
from episodic.publishing.comparison import compare
from episodic.publishing.corrections import corrections
from tests.growth import grows_near_linearly

WORDS = st.sampled_from(
    ["so", "the", "lamp,", "burns.", "196", "steps", "—", "Fresnel's", "light.", "灯台の光"]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


@st.composite
def talks(draw: st.DrawFn) -> list[Spoken]:
    texts = draw(st.lists(TEXTS, min_size=1, max_size=8))
    names = draw(st.lists(st.sampled_from(["Ada", "Bob", None]), min_size=len(texts), max_size=len(texts)))
    said = zip(texts, names, strict=True)
    return [Spoken(text, name, 4.0 * at, 4.0 * at + 3) for at, (text, name) in enumerate(said)]


@given(talks())
def test_an_unchanged_text_decides_nothing(talk: list[Spoken]) -> None:
    found = corrections(talk, talk, talk, {"Ada": ["Ada"]})
    assert (found.corrections, found.conflicts, found.notes, found.shared) == ((), (), (), 1.0)


@given(talks(), talks())
def test_a_comparison_covers_both_texts_once(one: list[Spoken], other: list[Spoken]) -> None:
    found = compare(one, other)
    old = sorted([own for own, _ in found.pairs] + [n for change in found.words for n in change.old])
    new = sorted([its for _, its in found.pairs] + [n for change in found.words for n in change.new])
    assert (old, new) == (list(range(len(found.old))), list(range(len(found.new))))
    assert all(found.old[own].text == found.new[its].text for own, its in found.pairs)


@given(talks(), talks())
def test_what_others_made_of_it_as_well_is_no_conflict(seen: list[Spoken], corrected: list[Spoken]) -> None:
    assert corrections(seen, corrected, corrected, {}).conflicts == ()


@given(talks(), talks())
def test_any_text_can_be_compared(seen: list[Spoken], corrected: list[Spoken]) -> None:
    for each in corrections(seen, seen, corrected, {}).corrections:
        assert each.address.startswith(("0:", "speaker ", "after 0:", "before 0:"))


def put_in(seen: list[Spoken], corrected: list[Spoken]) -> list[tuple[str, str]]:
    found = corrections(seen, seen, corrected, {})
    assert (found.conflicts, found.notes) == ((), ())
    return [(each.address, each.text) for each in found.corrections]


def test_what_nobody_was_heard_to_say_is_put_in_as_a_turn() -> None:
    seen = [Spoken("Mind the step.", "Ada", 0.0, 2.0), Spoken("It is short.", "Ada", 2.0, 4.0)]
    bob, cid = Spoken("Which one?", "Bob"), Spoken("The last.", None)
    assert put_in(seen, [seen[0], bob, seen[1]]) == [("after 0:00:00/step.", "Bob: Which one?")]
    assert put_in(seen, [seen[0], bob, cid, seen[1]]) == [
        ("after 0:00:00/step.", "Bob: Which one?\n- The last.")
    ]
    assert put_in(seen, [bob, *seen]) == [("before 0:00:00/Mind", "Bob: Which one?")]
    assert put_in(seen, [*seen, bob]) == [("after 0:00:02/short.", "Bob: Which one?")]
    split = [replace(seen[0], text="Mind"), bob, replace(seen[0], text="the stair."), seen[1]]
    assert put_in(seen, split) == [("0:00:00/step.", "stair."), ("after 0:00:00/Mind", "Bob: Which one?")]
    assert put_in(seen, [replace(seen[0], text="Mind"), replace(bob, text="Which lamp?"), seen[1]]) == [
        ("0:00:00/the step.", ""),
        ("after 0:00:00/Mind", "Bob: Which lamp?"),
    ]


def test_words_put_in_where_others_put_the_same_in_leave_all_other_words_put_in() -> None:
    seen = [Spoken("Mind the step now.", "Ada", 0.0, 2.0), Spoken("It is short.", "Ada", 2.0, 4.0)]
    newest = [replace(seen[0], text="Mind the first step now."), seen[1]]
    corrected = [newest[0], replace(seen[1], text="It is very short.")]
    found = corrections(seen, newest, corrected, {})
    assert found.conflicts == ()
    assert [each.text.split()[:2] for each in found.corrections] == [["is", "very"]]


def test_the_name_of_what_is_put_in_does_not_hold_where_nobody_is_named() -> None:
    seen = [Spoken("Mind the step.", None, 0.0, 2.0), Spoken("It is short.", None, 2.0, 4.0)]
    held = [seen[0], Spoken("Which one?", "Bob"), replace(seen[1], speaker="Bob")]
    assert put_in(seen, held) == [("after 0:00:00/step.", "Bob: Which one?")]
    named = [seen[0], Spoken("Which one?", "Bob"), replace(seen[1], speaker="Cid")]
    assert put_in(seen, named) == [
        ("after 0:00:00/step.", "Bob: Which one?"),
        ("speaker 0:00:02", "Cid"),
    ]


def test_what_was_put_in_is_changed_and_taken_out() -> None:
    bob = Spoken("Which one?", "Bob", 2.0, 2.0, added=True)
    seen = [Spoken("Mind the step.", "Ada", 0.0, 2.0), bob, Spoken("It is short.", "Ada", 2.0, 4.0)]
    place = "after 0:00:00/step."
    assert put_in(seen, [seen[0], replace(bob, text="Which step?"), seen[2]]) == [(place, "Bob: Which step?")]
    assert put_in(seen, [seen[0], replace(bob, speaker="Cid"), seen[2]]) == [(place, "Cid: Which one?")]
    assert put_in(seen, [seen[0], seen[2]]) == [(place, "")]
    more = [seen[0], replace(bob, text="Ah."), bob, seen[2]]
    assert put_in(seen, more) == [(place, "Bob: Ah.\nBob: Which one?")]
    others = [seen[0], replace(bob, text="Which lamp?"), seen[2]]
    found = corrections(seen, others, [seen[0], seen[2]], {})
    assert found.conflicts == ("0:00:02: “Bob: Which lamp?” is put in now, and nothing in the text",)
    assert corrections(seen, others, others, {}).conflicts == ()


def test_a_name_for_all_that_a_label_says_is_one_decision() -> None:
    seen = [Spoken(f"So it is, {n} times.", "Speaker 1", 3.0 * n, 3.0 * n + 2) for n in range(4)]
    corrected = [replace(said, speaker="Dana Reyes") for said in seen]
    found = corrections(seen, seen, corrected, {"Speaker 1": ["Speaker 1"]}).corrections
    assert [(each.address, each.text) for each in found] == [("speaker Speaker 1", "Dana Reyes")]
    found = corrections(seen, seen, corrected, {}).corrections
    assert [each.address for each in found] == ["speaker 0:00:00-0:00:09"]
    found = corrections(
        seen, seen, [*seen[:2], corrected[2], seen[3]], {"Speaker 1": ["Speaker 1"]}
    ).corrections
    assert [each.address for each in found] == ["speaker 0:00:06"]


def test_spaces_decide_nothing_in_a_script_without_them() -> None:
    seen = [Spoken("灯台の光は。", "Ada", 0.0, 2.0), Spoken("遠くまで届きます。", "Ada", 2.0, 4.0)]
    for text in ("灯台の光は。遠くまで届きます。", "灯台の 光は。 遠くまで 届きます。"):
        assert corrections(seen, seen, [Spoken(text, "Ada", 0.0, 4.0)], {}).corrections == ()
    (made,) = corrections(
        seen, seen, [Spoken("灯台の光は。近くまで届きます。", "Ada", 0.0, 4.0)], {}
    ).corrections
    assert (made.address, made.text) == ("0:00:02/遠", "近")


def test_as_many_corrections_as_lines_take_near_linear_time() -> None:
    def talk(size: int) -> tuple[list[Spoken], list[Spoken]]:
        texts = [f"lamp {n} in a tower {n}" for n in range(size)]
        seen = [Spoken(text, "Ada", 4.0 * at, 4.0 * at + 3) for at, text in enumerate(texts)]
        return seen, [replace(said, text=said.text.replace("tower", "house")) for said in seen]

    def correct(both: tuple[list[Spoken], list[Spoken]]) -> None:
        seen, corrected = both
        assert len(corrections(seen, seen, corrected, {}).corrections) == len(seen)

    assert grows_near_linearly(talk, correct, 800)


def test_as_many_changes_by_others_and_of_speakers_take_near_linear_time() -> None:
    def talk(size: int) -> tuple[list[Spoken], list[Spoken], list[Spoken]]:
        seen = [Spoken(f"lamp {n} in a tower {n}", "Ada", 4.0 * n, 4.0 * n + 3) for n in range(size)]
        newest = [replace(said, text=said.text.replace("tower", "house")) for said in seen]
        corrected = [
            replace(said, speaker="Bob" if n % 2 else "Ada", text=said.text.replace("lamp", "light"))
            for n, said in enumerate(seen)
        ]
        return seen, newest, corrected

    def correct(texts: tuple[list[Spoken], list[Spoken], list[Spoken]]) -> None:
        found = corrections(*texts, {})
        assert len(found.corrections) == len(texts[0]) * 3 // 2
        assert found.conflicts == ()

    assert grows_near_linearly(talk, correct, 800)


def test_a_change_in_what_comes_again_and_again_takes_near_linear_time() -> None:
    def talk(size: int) -> tuple[list[Spoken], list[Spoken]]:
        texts = ["ha " * size + "well " * each + "ha " * size for each in (0, 1)]
        seen, corrected = ([Spoken(text.strip(), "Ada", 0.0, 3.0)] for text in texts)
        return seen, corrected

    def correct(both: tuple[list[Spoken], list[Spoken]]) -> None:
        seen, corrected = both
        assert len(corrections(seen, seen, corrected, {}).corrections) == 1

    assert grows_near_linearly(talk, correct, 800)
