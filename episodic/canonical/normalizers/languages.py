"""Languages as sources call them, as BCP 47 tags."""

import re
from functools import cache
from typing import Any, Final, cast

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
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
    if _TAG.fullmatch(called):
        from langcodes import standardize_tag, tag_is_valid

        if tag_is_valid(called.replace("_", "-")):
            return standardize_tag(called.replace("_", "-"))
    return _tag_of_name(called.partition(" (")[0].casefold())


def _tag_of_name(name: str) -> str | None:
    """The tag of a language by its name in English, or in itself."""
    from babel import Locale

    english: dict[str, str] = cast("Any", Locale("en")).languages  # untyped
    for tag, title in english.items():
        if title.casefold() == name:
            return tag.replace("_", "-")
    return next((tag for tag in _WRITTEN_MOST if _own_name(tag) == name), None)


def _own_name(tag: str) -> str:
    from babel import Locale

    return str(cast("Any", Locale(tag)).languages.get(tag, "")).casefold()


# Languages whose own names are looked up: those with the most speakers who write.
_WRITTEN_MOST: Final = """
    ar bg bn ca cs da de el es et fa fi fr ga he hi hr hu id is it ja ko lt lv ms nb nl nn pl pt ro ru sk sl
    sr sv th tr uk ur vi zh
""".split()  # noqa: SIM905 - a list of tags, read as such
