"""Names of people: their parts, the roles beside them, and which other names they may stand for."""

import re
import unicodedata
from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Final

from rapidfuzz.distance import Indel

from episodic.canonical.text.labels import is_label
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import is_unspaced, key, printable

_ROLE = pattern(r"^(?P<name>.*?)\s*[(\[](?P<role>[^()\[\]]{1,40})[)\]]\s*:?$")
# What stays with a name behind a comma.
_SUFFIXES: Final = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "esq", "rn", "mp"))
_INITIALS: Final = 3  # of a name, at most
_SEVERAL: Final = pattern(r"[,/&+]|\s(?:and|und|et|\u0438)\s")

# Parts of names are nearly spelled alike when so much of their letters is the same; short ones are other
# names ("Tim", "Tom").
_ALIKE: Final = 0.75
_SHORT: Final = 4
_PLAIN: Final = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)

_TITLES: Final = frozenset(
    ("dr", "dra", "prof", "professor", "professorin", "profesor", "profesora", "doktor", "sir", "dame")
)

_MARKS: Final = 200  # from this class on; voiced kana and Thai tones have others

# Those of a name, folded.
type Parts = tuple[str, ...]


def folded(label: str) -> str:
    """Fold a label, by which the same one is known again."""
    return printable(label).casefold()


def without_role(name: str, whole: AbstractSet[str]) -> tuple[str, str | None]:
    """Take a role and a trailing colon off a name, and put the first name first.

    Parameters
    ----------
    whole
        All names, folded: "Ada, Bob" are two where both speak.
    """
    if match := _ROLE.match(name):
        alone, _ = without_role(match["name"], whole)
        return alone or name, match["role"]
    name = name.rstrip(" :") or name
    before, _, after = name.partition(", ")
    if not after or "," in after or key(after) in _SUFFIXES or {folded(before), folded(after)} <= whole:
        return name, None
    if " " in before or name.isupper() or after[0].islower() or is_label(after):
        return before, after
    return (f"{after} {before}" if len(after.split()) < _INITIALS else name), None


def parts_of(name: str) -> Parts:
    """The parts of a name without titles; what names several people has one, so that it is none of theirs.

    A name in a script that sets none apart has one as well, with or without a space in it.
    """
    if _SEVERAL.search(name) and key(name.rpartition(",")[2]) not in _SUFFIXES:
        return (key(name) or name,)
    parts = tuple(part for word in re.split(r"[\s.]+", name) if (part := key(word)))
    if parts and all(map(is_undivided, parts)):
        return ("".join(parts),)
    return tuple(part for part in parts if part not in _TITLES) or parts or (name,)


def is_undivided(name: str) -> bool:
    """Whether first and last name are written without a space: in Han, kana or Hangul."""
    return all(is_unspaced(char) or "\uac00" <= char <= "\ud7a3" for char in name)


def bare(part: str) -> str:
    """Give a part of a name without marks above or below its letters."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", part) if unicodedata.combining(c) < _MARKS)
    return unicodedata.normalize("NFC", letters)


def are_alike(one: Parts, other: Parts) -> bool:
    """Whether two names of as many parts are nearly spelled alike."""
    return all(
        a == b or (min(len(a), len(b)) > _SHORT and Indel.normalized_similarity(a, b) >= _ALIKE)
        for a, b in zip(map(plain, one), map(plain, other), strict=True)
    )


def plain(name: str) -> str:
    """Give a part of a name without marks on its letters; "Catherine" begins as "Katherine" does."""
    plain = bare(name.casefold().translate(_PLAIN))
    return f"k{plain[1:]}" if plain[:1] == "c" else plain


def initials(parts: Parts, spelled: Collection[str]) -> str:
    """The letters of a name that is nothing but initials, "AL" or "A. L.".

    Parameters
    ----------
    spelled
        The ways in which it is written.
    """
    letters = "".join(parts)
    most = _INITIALS if len(parts) == 1 and all(map(str.isupper, spelled)) else len(parts)
    return letters if letters.isalpha() and 1 < len(letters) <= most else ""


def stands_for(short: Parts, letters: str, full: Parts, spelled: Collection[str]) -> bool:
    """Whether a name is part of a full one, the same with initials for given names, or its `letters`."""
    if len(full) == len(letters) > 1 and not all(map(str.isupper, spelled)):  # "AL" may be Al among capitals
        return letters == "".join(part[0] for part in full)
    if len(short) == len(full) == 1 and is_undivided(full[0]):
        return short != full and (full[0].startswith(short[0]) or full[0].endswith(short[0]))
    if len(short) == 1:
        return short[0] in (full[0], full[-1]) and len(short[0]) > 1 and not short[0].isdigit()
    if short[-1] != full[-1] or len(short) > len(full):
        return False
    given = zip(short[:-1], full[:-1], strict=False)
    return all(a == b or (min(len(a), len(b)) == 1 and a[0] == b[0] and a[0].isalpha()) for a, b in given)
