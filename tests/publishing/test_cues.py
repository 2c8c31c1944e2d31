"""Cues that can be read, whatever is said."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.canonical.tei.reader import Spoken
from episodic.publishing.cues import Cue, NoTimesError, caption_cues, hasty, spoken_cues
from episodic.publishing.rules import SUBRIP_WIDTH, Rules

RULES = Rules()
LONGEST = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"
UNSPACED = ["灯台の光は、遠くまで届きます。", "ไฟประภาคาร"]
WORDS = st.sampled_from(
    ["so", "the", "lamp,", "burns.", "196", "steps;", "—", LONGEST, "e\u0301te\u0301", "-->", *UNSPACED]
)


@st.composite
def talks(draw: st.DrawFn, slowest: float = 0.0) -> list[Spoken]:
    """Utterances in order, some without times; at least so many seconds for a character."""
    found: list[Spoken] = []
    clock = draw(st.floats(0, 5000))
    for _ in range(draw(st.integers(1, 12))):
        text = " ".join(draw(st.lists(WORDS, min_size=1, max_size=30)))
        start = clock
        clock += max(draw(st.floats(0, 20)), slowest * len(text))
        timed = not found or draw(st.booleans())
        speaker = draw(st.sampled_from(["Ada", "Bob", None]))
        found.append(Spoken(text, speaker, start if timed else None, clock if timed else None))
        clock += draw(st.floats(0, 3))
    return found


def shown(cues: Sequence[Cue]) -> str:
    return "".join("".join(cue.lines) for cue in cues).replace(" ", "")


@given(talks(), st.sampled_from([RULES.width, SUBRIP_WIDTH]))
def test_no_cue_is_too_large_too_short_too_long_or_over_another(talk: list[Spoken], width: int) -> None:
    rules = Rules(width=width)
    cues = caption_cues(talk, rules, named=width == SUBRIP_WIDTH)
    for cue in cues:
        assert 1 <= len(cue.lines) <= rules.lines
        assert all(0 < len(line) <= width for line in cue.lines)
        assert 1000 <= cue.end - cue.start <= 7000
    assert all(before.end <= after.start for before, after in itertools.pairwise(cues))


@given(talks(slowest=1 / 10))
def test_what_people_say_at_an_ordinary_pace_can_be_read(talk: list[Spoken]) -> None:
    starts = [said for said in talk if said.start is not None]
    assert hasty(caption_cues(starts, RULES), RULES) == 0


@given(talks())
def test_every_word_is_shown_once_and_in_order(talk: list[Spoken]) -> None:
    assert shown(caption_cues(talk, RULES)) == "".join(said.text for said in talk).replace(" ", "")
    assert [cue.speaker for cue in spoken_cues(talk)] == [said.speaker for said in talk]


@given(talks())
def test_a_cue_is_near_its_words(talk: list[Spoken]) -> None:
    """Where one second a cue leaves room, none comes later than the lag."""
    cues = caption_cues(talk, RULES)
    reach = max(said.end or 0 for said in talk)
    assert cues[0].start >= max(0, (talk[0].start or 0) * 1000 - 501)
    assert cues[-1].end <= (reach + len(talk) + RULES.lag + RULES.longest + len(cues)) * 1000


def cut(text: str, seconds: float = 10.0, width: int = 42) -> list[tuple[str, ...]]:
    return [cue.lines for cue in caption_cues([Spoken(text, "Ada", 0.0, seconds)], Rules(width=width))]


def test_a_cue_ends_behind_a_clause_rather_than_within_one() -> None:
    said = (
        "Climb the stairs to the lamp room of the tower, and mind the last step, it is shorter than the rest."
    )
    assert cut(said, 9.0) == [
        ("Climb the stairs to the", "lamp room of the tower,"),
        ("and mind the last step,", "it is shorter than the rest."),
    ]


def test_what_one_person_says_without_a_pause_is_one_text() -> None:
    talk = [
        Spoken("Good", "Ada", 0.0, 0.4),
        Spoken("evening.", "Ada", 0.4, 1.5),
        Spoken("Hm.", "Bob", 1.5, 3),
    ]
    assert [(cue.lines, cue.speaker) for cue in caption_cues(talk, RULES)] == [
        (("Good evening.",), "Ada"),
        (("Hm.",), "Bob"),
    ]


def test_a_pause_ends_a_cue() -> None:
    talk = [Spoken("Good.", "Ada", 0.0, 1.5), Spoken("Evening.", "Ada", 4.0, 5.5)]
    assert [(cue.start, cue.end) for cue in caption_cues(talk, RULES)] == [(0, 1500), (4000, 5500)]


def test_a_short_word_is_shown_for_a_second_out_of_the_silence_around_it() -> None:
    after = [Spoken("Yes.", "Ada", 5.0, 5.2)]
    assert [(cue.start, cue.end) for cue in caption_cues(after, RULES)] == [(5000, 6000)]
    before = [Spoken("Yes.", "Ada", 5.0, 5.6), Spoken("So it is, all the way.", "Bob", 5.6, 9.0)]
    assert [(cue.start, cue.end) for cue in caption_cues(before, RULES)] == [(4600, 5600), (5600, 9000)]


def test_captions_wait_for_fast_speech_and_no_longer_than_the_lag() -> None:
    fast = [Spoken("word " * 8, "Ada", n * 1.0, n * 1.0 + 1.0) for n in range(120)]
    cues = caption_cues(fast, RULES)
    assert hasty(cues, RULES) > 0
    assert cues[-1].start <= 120_000 + RULES.lag * 1000


def test_a_speaker_is_named_once_where_names_stand_in_the_text() -> None:
    talk = [Spoken("Good.", "Ada", 0.0, 2.0), Spoken("Evening.", "Ada", 5, 7), Spoken("Hm.", "Bob", 8, 9)]
    named = [cue.text for cue in caption_cues(talk, RULES, named=True)]
    assert named == ["Ada: Good.", "Evening.", "Bob: Hm."]
    assert [cue.text for cue in spoken_cues(talk, named=True)] == named


def test_a_dash_begins_the_words_of_a_speaker_without_a_name() -> None:
    talk = [Spoken("Cold.", start=0, end=2), Spoken("Very.", start=2, end=4, turn=True)]
    assert [cue.text for cue in caption_cues(talk, RULES)] == ["Cold.", "- Very."]


def test_without_any_times_there_are_no_cues() -> None:
    with pytest.raises(NoTimesError, match="no source says when"):
        caption_cues([Spoken("Hm.", "Ada")], RULES)
    with pytest.raises(NoTimesError):
        spoken_cues([])


def spans(talk: list[Spoken]) -> list[tuple[float, float]]:
    return [(cue.start / 1000, cue.end / 1000) for cue in spoken_cues(talk)]


def test_as_spoken_a_cue_without_an_end_lasts_until_the_next() -> None:
    assert spans([Spoken("A", start=4.0), Spoken("B", start=9.0, end=10.0)]) == [(4, 9), (9, 10)]


def test_as_spoken_the_time_until_the_next_start_is_shared_by_the_length_of_texts() -> None:
    talk = [Spoken("abc", start=10.0), Spoken("abcdefg"), Spoken("end", start=22.0, end=23.0)]
    assert spans(talk) == [(10, 14), (14, 22), (22, 23)]


def test_as_spoken_every_cue_has_a_time_of_its_own() -> None:
    talk = [Spoken("a", start=121.0), Spoken("b"), Spoken("c", start=121.0), Spoken("d")]
    assert all(end > start for start, end in spans(talk))
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans(talk)))


def test_no_space_comes_into_a_script_without_spaces() -> None:
    texts = ("灯台の光は、遠くまで届きます。", "それで誰がそれを見るのでしょうか。")
    talk = [Spoken(text, "Ada", 3.0 * at, 3.0 * at + 3) for at, text in enumerate(texts)]
    for width in (12, 42):
        cues = caption_cues(talk, Rules(width=width))
        assert "".join(cue.text for cue in cues) == "".join(texts)
        assert not any(" " in line for cue in cues for line in cue.lines)
