import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from episodic.canonical.text.tokens import count, ends_sentence, fold, fold_each, key, printable, tokenize


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Well, it works. ", ("Well, ", "it ", "works. ")),
        ("don't “stop”", ("don't ", "“stop” ")),
        ("well-known talkpython.fm/youtube @ada", ("well-", "known ", "talkpython.fm/", "youtube ", "@ada ")),
        ("3.14 and 1,000", ("3.14 ", "and ", "1,000 ")),
        ("so — yes", ("so ", "— ", "yes ")),
        ("日本語です。次", ("日", "本", "語", "で", "す。", "次")),
        ("hello世界 3日", ("hello", "世", "界 ", "3", "日")),
        ("हिन्दी में", ("हिन्दी ", "में ")),
        ("สวัสดี", ("ส", "วั", "ส", "ดี")),
        ("cafe\u0301 one\ttwo\n", ("cafe\u0301 ", "one ", "two ")),
        ("", ()),
    ],
)
def test_segmentation(text: str, forms: tuple[str, ...]) -> None:
    assert tokenize([text]).forms == forms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It's", "its"),
        ("Well-known,", "well known"),
        ("CAFÉ", "cafe\u0301"),
        ("\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}", "12"),
        ("…", ""),
        ("“a”", "a"),
    ],
)
def test_case_punctuation_and_spacing_do_not_change_what_is_said(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("C++", "C"), ("5 %", "5"), ("3.14", "314"), ("café", "cafe"), ("$5", "5")]
)
def test_signs_that_are_spoken_do(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_what_xml_forbids_is_removed_and_white_space_folded() -> None:
    assert printable("a\x00b\ud800 \ufffe\x0b c\r\n\td") == "ab c d"


def test_two_utterances_are_joined_by_a_space_but_not_in_scripts_without_spaces() -> None:
    assert tokenize(["One.", "Two."]).text == "One. Two. "
    assert tokenize(["一。", "二"]).text == "一。二"


@given(st.lists(st.text(max_size=30), max_size=5))
def test_the_forms_spell_the_texts(texts: list[str]) -> None:
    tokens = tokenize(texts)
    at = 0
    for text, length in zip(texts, tokens.lengths, strict=True):
        assert "".join(tokens.forms[at : at + length]).strip() == printable(text)
        at += length
    assert at == len(tokens.forms) == len(tokens.keys)


@given(
    st.lists(st.text(alphabet="aZ1'.,-é字ह\u093f\u0301… %+\t_", max_size=30), max_size=3), st.integers(0, 40)
)
@example(["a-b - -"], 3)
@example(["a-b", "one two"], 3)
def test_more_than_a_limit_are_counted_where_there_are_more(texts: list[str], most: int) -> None:
    assert (count(texts, most) > most) is (len(tokenize(texts).forms) > most)


@given(st.text(alphabet="aZ1'.,-é字ー %+\t_", max_size=30))
def test_keys_of_tokens_make_the_key_of_the_text(text: str) -> None:
    assert key("".join(tokenize([text]).keys)) == key(text)


@given(st.lists(st.text("ab \n\t\0\v\x1cé\u00a0", max_size=6), max_size=5))
def test_texts_are_folded_together_as_each_alone(texts: list[str]) -> None:
    assert fold_each(texts) == [fold(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("We climb.", True),
        ('He said "Stop!" ', True),
        ("(So they say…)", True),
        ("「行こう。」", True),
        ("Որտեղ։", True),
        ("3.5", False),
        ("well,", False),
        ("Dr. Who", False),
        ("", False),
        ("”", False),
    ],
)
def test_a_sentence_ends_within_its_quotation_marks(text: str, *, ends: bool) -> None:
    assert ends_sentence(text) is ends
