"""Numbers of episodes as people write them: ``12``, ``#12``, ``ep17``, ``s02e01``, ``2x01``."""

import re
from typing import Final, NamedTuple

from episodic.canonical.text.patterns import pattern

_WORD: Final = (
    r"(?:episode|episodio|\u00e9pisode|epis\u00f3dio|ep|folge|avsnitt|afsnit|aflevering|odcinek|jakso)"
)
_SEASONED: Final = pattern(
    r"(?<![^\W_])(?:(?:s|season |staffel |temporada |saison )0*(?P<season>\d{1,4})[ ._,:-]*(?:e|ep\.?|"
    + _WORD
    + r" ?)[ .#]*0*(?P<number>\d{1,6})|(?P<times>\d{1,2})x0*(?P<of>\d{2,4}))(?![^\W_])",
    re.IGNORECASE,
)
_MARKED: Final = pattern(
    rf"(?<![^\W_])(?:{_WORD}[ .:#_-]*|e(?=\d)|\#\s?|no\.\s?|nr\.\s?)0*(?P<number>\d{{1,6}})(?![^\W_])",
    re.IGNORECASE,
)
# A bare number in front of a title, and what divides it from the title; or all of it.
_LEADING: Final = pattern(r"\s*0*(?P<number>\d{1,6})\s*(?:[:.)|\u2013\u2014-]\s+(?=\S)|$)")
_SPACED: Final = pattern(r"\s*0*(?P<number>\d{1,6})\s+(?=\S)")
_BARE: Final = pattern(r"\s*#?\s*0*(?P<number>\d{1,6})\s*")
_EDGES: Final = " \t:.,;|#()[]-\u2013\u2014"


class Numbering(NamedTuple):
    """An episode's number, without zeros in front, and its season where that is said."""

    number: str
    season: str | None = None

    def fits(self, own: Numbering | None) -> bool:
        """Whether this may mean the episode with a number of its own; a season has to be there to fit."""
        return own is not None and self.number == own.number and self.season in {None, own.season}


class Numbered(NamedTuple):
    """A text, the number that it says, and what is left of it."""

    numbering: Numbering | None
    rest: str


def plain(number: str) -> str:
    """A number without zeros in front, and without a fraction that is nought."""
    return number.strip().partition(".0")[0].lstrip("0") or "0"


def bare(text: str) -> Numbering | None:
    """The number that a text consists of."""
    found = _BARE.fullmatch(text)
    return Numbering(found["number"]) if found else None


def numbered(text: str, *, spaced: bool = False) -> Numbered:
    """The number in a title or a slug.

    Parameters
    ----------
    spaced
        Whether a number in front counts that only a space divides from the title, as in ``100 days``.
    """
    for known in (_SEASONED, _MARKED, _LEADING, *((_SPACED,) if spaced else ())):
        found = known.match(text) if known in {_LEADING, _SPACED} else known.search(text)
        if found is None:
            continue
        groups = found.groupdict()
        number = groups["number"] or groups["of"]
        season = groups.get("season") or groups.get("times")
        rest = f"{text[: found.start()].rstrip(_EDGES)} {text[found.end() :].lstrip(_EDGES)}"
        return Numbered(Numbering(plain(number), season and plain(season)), rest.strip(_EDGES))
    return Numbered(None, text)
