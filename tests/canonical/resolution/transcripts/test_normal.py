"""The normal form: what is the same however it is written, and the way back to the tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.canonical.resolution.transcripts.alignment import Interner
from episodic.canonical.resolution.transcripts.columns import columns
from episodic.canonical.resolution.transcripts.layout import lay_out
from episodic.canonical.resolution.transcripts.normal import normalize, words_of
from episodic.canonical.text.tokens import tokenize

WORDS = (
    "we'll",
    "um,",
    "twenty",
    "one",
    "hundred",
    "and",
    "$65",
    "million",
    "percent",
    "point",
    "it's",
    "house",
)


def said(text: str, language: str | None = "en") -> list[str]:
    return list(words_of(text, language))


@pytest.mark.parametrize(
    "texts",
    [
        ("$65 million", "65 million dollars", "sixty five million dollars", "sixty-five million dollars"),
        ("£42", "42 pounds", "forty two pounds"),
        ("21.5%", "21.5 percent", "twenty one point five percent", "twenty-one point five per cent"),
        ("1995", "nineteen ninety five", "nineteen ninety-five"),
        ("June 30, 2020", "June thirty twenty twenty"),
        ("2020 25", "twenty twenty twenty five"),
        ("2005", "two thousand and five", "two thousand five", "twenty oh five"),
        ("1,289", "1289", "one thousand two hundred eighty nine", "one thousand two hundred and eighty-nine"),
        ("1990s", "nineteen nineties"),
        ("21st", "twenty first", "twenty-first"),
        ("101", "one oh one", "one hundred one", "one hundred and one"),
        ("we'll do", "we will do", "we’ll do"),
        ("he doesn't", "he does not", "he doesnt"),
        ("so we grow", "So, um, we -- grow"),
    ],
)
def test_what_is_said_alike_is_the_same_however_it_is_written(texts: tuple[str, ...]) -> None:
    assert len({tuple(said(text)) for text in texts}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("we were", "we're"),
        ("its", "it's"),
        ("well", "we'll"),
        ("five million", "five"),
        ("twenty, one", "2010"),
        ("65", "$65"),
        ("3.14", "314"),
    ],
)
def test_what_is_said_differently_is_not(one: str, other: str) -> None:
    assert said(one) != said(other)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "einundzwanzig Prozent", "21 Prozent"),
        ("de", "neunzehnhundertfünfundneunzig", "1995"),
        ("fr", "quatre-vingt-dix-sept pour cent", "97 %"),
        ("es", "mil novecientos noventa y cinco", "1995"),
        ("de", "drei Komma fünf Prozent", "3,5 %"),
        ("de", "zwei Komma fünf Millionen Euro", "2,5 Millionen Euro"),
        ("de", "tausend", "1.000"),
        ("de", "1.234,50 Euro", "1234,50 Euro"),
        ("fr", "trois virgule cinq", "3.5"),
        ("fr", "soixante-cinq mille", "65 000"),
        ("es", "tres coma cinco", "3,5"),
        ("es", "tres millones", "3 millones"),
        ("sv", "65 000", "65000"),
    ],
)
def test_numbers_of_other_languages_are_read(language: str, one: str, other: str) -> None:
    assert said(one, language) == said(other, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("de", "3,5", "35"), ("de", "0.125", "125"), ("fr", "en 2019 300 personnes", "en 2019300 personnes")],
)
def test_other_numbers_of_other_languages_are_others(language: str, one: str, other: str) -> None:
    assert said(one, language) != said(other, language)


def test_what_somebody_did_not_understand_is_no_word() -> None:
    assert said("the [inaudible 00:03:12], the (crosstalk) Murcia [ph].") == ["the", "the", "murcia"]
    assert said("は[聞き取り不能]で", "ja") == ["は", "で"]
    assert said("(inaudible to most) (it said)") == ["inaudible", "to", "most", "it", "said"]


def test_a_language_without_tables_falls_back_to_plain_words() -> None:
    assert said("um sechs twenty", "xx") == ["um", "sechs", "twenty"]


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=30), min_size=2, max_size=7))
def test_every_token_stands_in_one_column_in_order(texts: list[list[str]]) -> None:
    streams = [tokenize([" ".join(text)]) for text in texts]
    interner = Interner()
    normals = [normalize(t, interner.intern(t.keys), interner, "en") for t in streams]
    rows = columns([normal.words for normal in normals])
    layout = lay_out(rows, normals, [len(tokens.keys) for tokens in streams])
    for row, tokens in zip(layout.rows, streams, strict=True):
        assert [place for place in row if place >= 0] == list(range(len(tokens.keys)))
        assert len(row) == layout.bounds[-1]
