"""The language of sources that name none."""

import sys

import pytest
from babel import Locale

from episodic.canonical.composition.languages import tell_languages
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.normalizers.languages import (
    MUCH_WRITTEN,
    detect_language,
    is_much_written,
    language_tag,
)
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.sources import Detected, NormalizedSource, SourceType, Utterance
from tests.canonical.making import source, weighted
from tests.canonical.spoken_languages import LAMP

ENGLISH = (
    "Good evening, and welcome to the tower. Tonight we climb one hundred and ninety six steps. With me is "
    "a man who grinds lenses for a living. Mind the last step, it is shorter than the rest of them."
)
GERMAN = (
    "Guten Abend und willkommen im Turm. Heute steigen wir hundertsechsundneunzig Stufen hinauf. Bei mir ist "
    "ein Mann, der Linsen schleift. Achten Sie auf die letzte Stufe, sie ist kürzer als die anderen."
)
FRENCH = (
    "Bonsoir et bienvenue dans la tour. Ce soir nous montons cent quatre-vingt-seize marches. Avec moi, un "
    "homme qui polit des lentilles. Attention à la dernière marche, elle est plus courte que les autres."
)
RUSSIAN = (
    "Добрый вечер и добро пожаловать в башню. Сегодня мы поднимемся на сто девяносто шесть ступеней. Со мной "
    "человек, который шлифует линзы. Осторожно, последняя ступенька короче остальных."
)


def spoken(uri: str, text: str, language: str | None = None) -> NormalizedSource:
    return source(uri=uri, language=language, utterances=[Utterance(text, "cue 1", None, 0.0, 60.0)])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        (FRENCH, "fr"),
        (RUSSIAN, "ru"),
        ("こんばんは、塔へようこそ。今夜は百九十六段を登ります。", "ja"),
        ("晚上好，欢迎来到塔楼。今晚我们要爬一百九十六级台阶。", "zh"),
        ("안녕하세요, 탑에 오신 것을 환영합니다.", "ko"),
        ("शुभ संध्या और मीनार में आपका स्वागत है।", "hi"),
    ],
)
def test_a_language_is_detected(text: str, language: str) -> None:
    assert detect_language(text) == Detected(language, 1, 1)


@pytest.mark.parametrize(("language", "text"), LAMP.items(), ids=LAMP)
def test_languages_near_to_each_other_are_told_apart(language: str, text: str) -> None:
    assert detect_language(text) == Detected(language, 1, 1)


@pytest.mark.parametrize("text", ["#" * 500, "\x00" * 500, "\ud800" * 500, "\U0001f399" * 200])
def test_what_has_no_words_is_no_language(text: str) -> None:
    assert detect_language(text) is None


def test_most_samples_of_a_long_text_decide() -> None:
    assert detect_language(GERMAN * 5 + ENGLISH * 100) == Detected("en", 4, 5)


@pytest.mark.parametrize(
    "text", ["", "1 2 3 4", "Good evening, all.", ENGLISH * 30 + GERMAN * 30 + FRENCH * 30]
)
def test_what_does_not_tell_is_no_language(text: str) -> None:
    assert detect_language(text) is None


@pytest.mark.parametrize(
    ("called", "tag"),
    [
        ("de_DE", "de-DE"), ("en-us", "en-US"), ("eng", "en"), ("English", "en"), ("Deutsch", "de"),
        ("zh-hans-cn", "zh-Hans-CN"), ("auto", None), ("Klingonese", None), ("", None), ("x" * 5000, None),
    ],
)  # fmt: skip
def test_a_language_that_a_source_names_is_a_tag(called: str, tag: str | None) -> None:
    assert language_tag(called) == tag


def test_the_names_of_much_written_languages_are_those_that_the_library_has() -> None:
    english = Locale("en").languages
    for tag, names in MUCH_WRITTEN.items():
        assert names == f"{english[tag]}/{Locale(tag).languages[tag]}"


def test_whether_two_labels_are_languages_is_told_without_loading_all_languages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "babel", None)
    assert [is_much_written(name) for name in ("Maya", "B", "Host", "Deutsch", "pt_BR", "Polish")] == [
        False, False, False, True, True, True,
    ]  # fmt: skip


def test_where_nobody_names_a_language_it_is_detected_and_a_note_says_so() -> None:
    (told,) = tell_languages([spoken("a", ENGLISH)], None, detect_language)
    assert told.language == "en"
    assert told.signals.notes == ("language detected: en, in 1 of 1 samples",)


def test_where_a_feed_names_it_nothing_is_detected() -> None:
    feed = source(uri="feed", source_type=SourceType.RSS, language="en")
    sources = [spoken("a", ENGLISH), spoken("b", ENGLISH), feed]

    def detect(text: str) -> Detected | None:
        raise AssertionError(text)

    assert tell_languages(sources, "de", detect) == tuple(sources)


def test_where_nobody_names_it_it_is_that_of_the_series() -> None:
    told = tell_languages([spoken("a", ENGLISH), spoken("b", ENGLISH)], "en-GB", detect_language)
    assert [source.language for source in told] == ["en-GB", "en-GB"]
    assert told[0].signals.notes == ("language of the series: en-GB",)


def test_the_language_of_the_series_is_not_that_of_what_is_strange_to_all_others() -> None:
    sources = [spoken("a", ENGLISH * 8), spoken("b", ENGLISH * 8), spoken("c", GERMAN * 8)]
    told = tell_languages(sources, "en-GB", detect_language)
    assert [source.language for source in told] == ["en-GB", "en-GB", "de"]


def test_a_transcript_in_another_language_is_set_apart_by_name() -> None:
    told = tell_languages([spoken("a", ENGLISH * 8, "en"), spoken("b", GERMAN * 8)], None, detect_language)
    assert [source.language for source in told] == ["en", "de"]
    resolution = resolve([weighted(600, told[0]), weighted(500, told[1])], SeriesPolicy())
    (decision,) = [d for d in resolution.decisions if d.address == "witness s2"]
    assert decision.reason.startswith(
        "s2 is in another language (de) than s1 (en); it is kept, but has no vote"
    )
    assert resolution.document.language == "en"
