"""Languages as BCP 47 tags: as sources call them, and as their text is written."""

import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, cast

from episodic.canonical.sources import Detected
from episodic.canonical.text.patterns import pattern

_TAG: Final = pattern(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
_USUAL: Final = pattern(r"[a-z]{2}(?:-[A-Z]{2})?")  # what needs no library, which takes time to load
# Engines say so where they did not look, or could not tell.
_NONE: Final = frozenset({"", "auto", "und", "unknown", "mul", "zxx"})


@cache
def language_tag(language: str) -> str | None:
    """The tag of a language that a source gives as a tag, in whatever spelling, or by its name.

    Examples
    --------
    >>> language_tag("de_DE"), language_tag("eng"), language_tag("German"), language_tag("Klingonese")
    ('de-DE', 'en', 'de', None)
    """
    called = language.strip()
    if called.lower() in _NONE:
        return None
    if _USUAL.fullmatch(called):
        return called
    if _TAG.fullmatch(called):
        from langcodes import standardize_tag, tag_is_valid

        if tag_is_valid(called.replace("_", "-")):
            return standardize_tag(called.replace("_", "-"))
    return _tag_of_name(called.partition(" (")[0].casefold())


def is_much_written(language: str) -> bool:
    """Whether what a source gives is one of the languages with the most speakers who write."""
    called = language.strip().casefold()
    tag = called.replace("_", "-").partition("-")[0] if _TAG.fullmatch(called) else ""
    return tag in MUCH_WRITTEN or called in _CALLED


def _tag_of_name(name: str) -> str | None:
    """The tag of a language by its name in English, or in itself."""
    if name in _CALLED:
        return _CALLED[name]
    from babel import Locale

    english: dict[str, str] = cast("Any", Locale("en")).languages  # untyped
    return next((tag.replace("_", "-") for tag, title in english.items() if title.casefold() == name), None)


# The languages with the most speakers who write, as they are called in English and by themselves, after CLDR:
# to ask for it there loads all that it has, in all of them.
MUCH_WRITTEN: Final = {
    "ar": "Arabic/العربية", "bg": "Bulgarian/български", "bn": "Bangla/বাংলা", "ca": "Catalan/català",
    "cs": "Czech/čeština", "da": "Danish/dansk", "de": "German/Deutsch", "el": "Greek/Ελληνικά",
    "en": "English/English", "es": "Spanish/español", "et": "Estonian/eesti", "fa": "Persian/فارسی",
    "fi": "Finnish/suomi", "fr": "French/français", "ga": "Irish/Gaeilge", "he": "Hebrew/עברית",
    "hi": "Hindi/हिन्दी", "hr": "Croatian/hrvatski", "hu": "Hungarian/magyar",
    "id": "Indonesian/Indonesia", "is": "Icelandic/íslenska", "it": "Italian/italiano",
    "ja": "Japanese/日本語", "ko": "Korean/한국어", "lt": "Lithuanian/lietuvių", "lv": "Latvian/latviešu",
    "ms": "Malay/Melayu", "nb": "Norwegian Bokmål/norsk bokmål", "nl": "Dutch/Nederlands",
    "nn": "Norwegian Nynorsk/norsk nynorsk", "pl": "Polish/polski", "pt": "Portuguese/português",
    "ro": "Romanian/română", "ru": "Russian/русский", "sk": "Slovak/slovenčina",
    "sl": "Slovenian/slovenščina", "sr": "Serbian/српски", "sv": "Swedish/svenska", "th": "Thai/ไทย",
    "tr": "Turkish/Türkçe", "uk": "Ukrainian/українська", "ur": "Urdu/اردو",
    "vi": "Vietnamese/Tiếng Việt", "zh": "Chinese/中文",
}  # fmt: skip
_CALLED: Final = {name.casefold(): tag for tag, names in MUCH_WRITTEN.items() for name in names.split("/")}

# Scripts in which one language is written, or one that is by far the most likely.
_SCRIPTS: Final = {
    "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "zh", "GREEK": "el",
    "THAI": "th", "BENGALI": "bn", "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn",
    "MALAYALAM": "ml", "GUJARATI": "gu", "GURMUKHI": "pa", "SINHALA": "si",
    "GEORGIAN": "ka", "ARMENIAN": "hy", "KHMER": "km",
    "LAO": "lo", "MYANMAR": "my", "ETHIOPIC": "am", "TIBETAN": "bo",
}  # fmt: skip
# Those of which a short text is most likely in one, and a longer one can be told.
_SHORT: Final = {"DEVANAGARI": "hi", "HEBREW": "he"}
_KANA: Final = ("HIRAGANA", "KATAKANA")
_SAMPLES: Final = 5
_SAMPLE: Final = 1000  # characters; in half of it, Japanese and Croatian are told less often
_LEAST_LETTERS: Final = 100  # of what is written in many languages
_LEAST_SHARE: Final = 0.6
_LEAST_PROBABILITY: Final = 0.5  # of neighbours, Croatian and Bosnian, neither is sure


def detect_language(text: str) -> Detected | None:
    """The language that most samples of a text are in; ``None`` where they are too short, or do not agree."""
    found = Counter(filter(None, map(_sampled, samples := list(_samples(text)))))
    if not found:
        return None
    language, agreeing = found.most_common(1)[0]
    return Detected(language, agreeing, len(samples)) if agreeing >= _LEAST_SHARE * len(samples) else None


@cache
def _detector() -> Any:
    import gcld3

    return cast("Any", gcld3).NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=4 * _SAMPLE)


def _samples(text: str) -> Iterator[str]:
    """Parts of a text from its beginning to its end: its opening may be in another language."""
    if len(text) <= _SAMPLE * _SAMPLES:
        yield text
        return
    step = (len(text) - _SAMPLE) // (_SAMPLES - 1)
    for number in range(_SAMPLES):
        yield text[number * step : number * step + _SAMPLE]


def _sampled(sample: str) -> str | None:
    scripts: Counter[str] = Counter()
    for character, times in Counter(sample).items():
        if character.isalpha() or unicodedata.category(character)[0] == "M":
            scripts[unicodedata.name(character, "").partition(" ")[0]] += times
    if not scripts:
        return None
    script = scripts.most_common(1)[0][0]
    if script == "CJK" and sum(scripts[kana] for kana in _KANA) * 10 > scripts["CJK"]:
        return "ja"
    if script in _SCRIPTS:
        return _SCRIPTS[script]
    if scripts.total() < _LEAST_LETTERS:
        return _SHORT.get(script)
    found = _detector().FindLanguage(text=sample.encode("utf-8", errors="replace").decode("utf-8"))
    # What has no features at all is Japanese.
    told = found.probability >= _LEAST_PROBABILITY and found.language not in _SCRIPTS.values()
    return language_tag(found.language) if told else None
