"""Which item of a feed is the episode.

No item is taken for another's: what names several, or none for certain, is refused with the candidates.

1. A number is an item's number, as the item or the front of its title gives it, and never a word of a title:
   ``100`` is not "The road to 100". Where an item has a season, ``s02e01`` and ``2x01`` must fit it.
2. A title or a slug is that of the item but for its number, the show's name, or what follows a comma, a
   colon, a bracket or "with"; a bonus, a trailer or a part is another episode unless it is named.
3. A single item is the episode, unless its own number or date says otherwise.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.dates import parse_date
from episodic.canonical.normalizers.feeds.numbering import Numbering, bare, numbered, plain
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold
from episodic.canonical.text.wordlists import word_list

_SHOWN: Final = 10
# What must be right where it is given, and what an item says of it.
_EXACT: Final = {"guid": "guid", "number": "number", "date": "published"}
_CALLED: Final = {"item": "name", "episode": "slug"}
_COMPACT_DATE: Final = pattern(r"(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})")
_YEARS: Final = range(1900, 2100)
# What divides a title from what else is said in it.
_BREAK: Final = pattern(
    r"\s*[,:;(|\[\u2013\u2014]\s*|\s+-+\s+|\s+(?:with|w/|feat\.?|ft\.?|mit|avec|con|med|met)\s+",
    re.IGNORECASE,
)
_OTHER: Final = word_list(
    """
    bonus trailer teaser preview outtake outtakes rerun repeat rebroadcast recap extra extras part parts pt
    teil partie parte minisode
    """
)


@dataclass(frozen=True, slots=True)
class ItemName:
    """What tells an item of a feed from the others; `published` is ISO 8601."""

    title: str | None = None
    guid: str | None = None
    number: str | None = None
    published: str | None = None
    link: str | None = None
    season: str | None = None

    def shown(self, *, season: bool = False) -> str:
        """For a person who has to choose; with the `season` where a feed has several."""
        marks = (
            f"season {self.season}" if season and self.season else "",
            f"number {self.number}" if self.number else "",
            (self.published or "")[:10],
        )
        said = ", ".join(filter(None, marks))
        return f"'{self.title or self.guid or self.link or '?'}'" + (f" ({said})" if said else "")


class _Candidate(NamedTuple):
    """An item, its number, and its title without that."""

    name: ItemName
    numbering: Numbering | None
    title: str


def choose_item(items: Sequence[ItemName], hints: Mapping[str, str]) -> tuple[int, str]:
    """Index of the item that `hints` name, and why it is that one.

    Parameters
    ----------
    hints
        ``item`` is a guid, a number, a date or a title, and decides; ``guid``, ``number``, ``date`` must be
        right when they are there; ``title`` and ``episode`` (the slug) are the user's own words and may match
        nothing as long as something else does.

    Raises
    ------
    UnreadableError
        When no item matches, or several do; it lists the candidates.
    """
    if not items:
        raise UnreadableError("is a feed without items; is it the right file?")
    candidates = _candidates(items)
    chosen = list(range(len(items)))
    reasons: list[str] = []
    for key in ("item", "guid", "number", "date", "title", "episode"):
        decided = len(chosen) == 1 and (key == "episode" or (key == "title" and "item" in hints))
        if not (hint := hints.get(key, "").strip()) or (decided and reasons):
            continue
        said = f"{_CALLED.get(key, key)} '{hint}'"
        matching = _matching(key, hint, candidates)
        if not matching:
            silent = len(items) == 1 and key in _EXACT and getattr(items[0], _EXACT[key]) is None
            contradicted = len(items) == 1 and key == "episode" and _contradicts(hint, candidates[0])
            if key == "item" or (key in _EXACT and not silent) or contradicted:
                raise UnreadableError(f"no item has the {said}; {_listed(items, range(len(items)))}")
            continue
        also = set(matching)
        both = [index for index in chosen if index in also]
        if not both:
            raise UnreadableError(
                f"the {said} and what else was given name different items; "
                f"{_listed(items, [*chosen, *matching])}",
            )
        chosen = both
        reasons.append(f"its {said}")
    if len(items) == 1:
        return 0, "its only item"
    if len(chosen) == 1:
        return chosen[0], f"item {chosen[0] + 1} of {len(items)}, by {' and '.join(reasons)}"
    given = ", ".join(
        f"{key} '{value}'" for key, value in hints.items() if key in {"title", "episode"} and value
    )
    problem = (
        "several items match" if reasons else f"no item matches {given}" if given else "has several items"
    )
    raise UnreadableError(
        f"{problem}; say which with --item and its guid, number, date or title: {_listed(items, chosen)}"
    )


def _candidates(items: Sequence[ItemName]) -> list[_Candidate]:
    """The items with their numbers; where most titles begin with a number, a space after it is enough."""
    divided = [numbered(item.title or "") for item in items]
    spaced = [numbered(item.title or "", spaced=True) for item in items]
    first = [found.numbering.number for found in spaced if found.numbering is not None]
    habit = len(items) > 1 and len(first) * 2 > len(items) and len(set(first)) == len(first)
    return [_candidate(item, said) for item, said in zip(items, spaced if habit else divided, strict=True)]


def _candidate(item: ItemName, said: tuple[Numbering | None, str]) -> _Candidate:
    numbering, title = said
    if item.number is not None:
        season = item.season or (numbering.season if numbering else None)
        numbering = Numbering(plain(item.number), season and plain(season))
    elif numbering is not None and numbering.season is None and item.season:
        numbering = Numbering(numbering.number, plain(item.season))
    return _Candidate(item, numbering, title)


def _matching(key: str, hint: str, candidates: Sequence[_Candidate]) -> list[int]:
    tests: Iterable[Callable[[_Candidate, str], bool]] = _TESTS[key]
    if key in {"item", "episode"} and bare(hint):
        tests = (_by_guid, _by_number, _by_title)
    for matches in tests:
        if found := [index for index, each in enumerate(candidates) if matches(each, hint)]:
            return found
    return []


def _contradicts(hint: str, only: _Candidate) -> bool:
    """Whether a slug that is a number names another one than the only item has; a year may be anything."""
    wanted = bare(hint) or _marked(hint)
    if wanted is None or only.numbering is None or (wanted.season is None and int(wanted.number) in _YEARS):
        return False
    if wanted.number != only.numbering.number:
        return True
    return None not in {wanted.season, only.numbering.season} and wanted.season != only.numbering.season


def _marked(hint: str) -> Numbering | None:
    """The number of a hint that is nothing but a number with its mark."""
    numbering, rest = numbered(hint.replace("-", " ").replace("_", " "))
    return numbering if not rest else None


def _by_guid(item: _Candidate, hint: str) -> bool:
    return item.name.guid == hint


def _by_number(item: _Candidate, hint: str) -> bool:
    wanted = bare(hint) or _marked(hint)
    return wanted is not None and wanted.fits(item.numbering)


def _by_number_and_title(item: _Candidate, hint: str) -> bool:
    """A slug such as ``s02e01-first-light``: what follows the number is the title."""
    wanted, rest = numbered(hint.replace("-", " ").replace("_", " "), spaced=True)
    return wanted is not None and bool(rest) and wanted.fits(item.numbering) and _by_title_part(item, rest)


def _by_date(item: _Candidate, hint: str) -> bool:
    found = _COMPACT_DATE.match(hint)
    wanted = parse_date("-".join(found.groups())) if found else parse_date(hint)
    published = parse_date(item.name.published or "")
    return wanted is not None and published is not None and wanted.date() == published.date()


def _by_title(item: _Candidate, hint: str) -> bool:
    return fold(item.name.title or "").casefold() == fold(hint).casefold()


def _by_title_slug(item: _Candidate, hint: str) -> bool:
    return bool(slug(hint)) and slug(item.name.title or "") == slug(hint)


def _by_title_part(item: _Candidate, hint: str) -> bool:
    """Whether the hint is the title without what may stand around it; what is another's is another's."""
    wanted = slug(hint)
    parts = [part for part in _BREAK.split(item.title) if slug(part)]
    if not wanted or not parts:
        return False
    wholes = [[*parts[:count]] for count in range(1, len(parts) + 1)] + [[part] for part in parts[1:]]
    for whole in wholes:
        if slug(" ".join(whole)) == wanted:
            others = slug(" ".join(part for part in parts if part not in whole)).split("-")
            return _OTHER.isdisjoint(others)
    return False


def _by_link(item: _Candidate, hint: str) -> bool:
    segment = re.split(r"[?#]", item.name.link or "")[0].rstrip("/").rpartition("/")[2]
    return bool(segment) and slug(segment.removesuffix(".html")) == slug(hint)


# For each hint the tests in order; the first that any item passes decides.
_TESTS: Final[Mapping[str, Sequence[Callable[[_Candidate, str], bool]]]] = {
    "item": (_by_guid, _by_number, _by_date, _by_title, _by_title_slug, _by_number_and_title, _by_title_part),
    "guid": (_by_guid,),
    "number": (_by_number,),
    "date": (_by_date,),
    "title": (_by_title, _by_title_slug, _by_title_part),
    "episode": (
        _by_guid,
        _by_link,
        _by_title_slug,
        _by_number,
        _by_number_and_title,
        _by_date,
        _by_title_part,
    ),
}


def slug(text: str) -> str:
    """Lower-case words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", ""))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return "-".join(re.findall(r"[^\W_]+", plain))


def _listed(items: Sequence[ItemName], indices: Sequence[int] | range) -> str:
    season = len({item.season for item in items if item.season}) > 1
    shown = "; ".join(items[index].shown(season=season) for index in list(indices)[:_SHOWN])
    more = len(indices) - _SHOWN
    return f"the feed has {shown}" + (f"; and {more} more" if more > 0 else "")
