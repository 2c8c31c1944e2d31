"""Which item of a feed is the episode."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.dates import parse_date
from episodic.canonical.normalizers.dialogue import fold

_SHOWN: Final = 10
# What must be right where it is given, and what an item says of it.
_EXACT: Final = {"guid": "guid", "number": "number", "date": "published"}
_CALLED: Final = {"item": "name", "episode": "slug"}
_LEADING_NUMBER: Final = re.compile(r"(?:episode|ep\.?)?\s*#?\s*(\d{1,6})\b", re.IGNORECASE)
_SLUG_NUMBER: Final = re.compile(r"(?:(?:episode|ep|e)-?)?0*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class ItemName:
    """What tells an item of a feed from the others; `published` is ISO 8601."""

    title: str | None = None
    guid: str | None = None
    number: str | None = None
    published: str | None = None
    link: str | None = None

    @property
    def shown(self) -> str:
        """For a person who has to choose."""
        marks = [
            mark for mark in (self.number and f"number {self.number}", (self.published or "")[:10]) if mark
        ]
        return f"'{self.title or self.guid or self.link or '?'}'" + (
            f" ({', '.join(marks)})" if marks else ""
        )


def choose_item(uri: str, items: Sequence[ItemName], hints: Mapping[str, str]) -> tuple[int, str]:
    """Index of the item that `hints` name, and why it is that one.

    Parameters
    ----------
    hints
        ``item`` is a guid, a number, a date or a title, and decides; ``guid``, ``number``, ``date`` must be
        right when they are there; ``title`` and ``episode`` (the slug) are the user's own words and may match
        nothing as long as something else does.

    Raises
    ------
    SourceError
        When no item matches, or several do; it lists the candidates.
    """
    if not items:
        raise SourceError(uri, "is a feed without items; is it the right file?")
    chosen = list(range(len(items)))
    reasons: list[str] = []
    for key in ("item", "guid", "number", "date", "title", "episode"):
        decided = len(chosen) == 1 and (key == "episode" or (key == "title" and "item" in hints))
        if not (hint := hints.get(key, "").strip()) or decided:
            continue
        said = f"{_CALLED.get(key, key)} '{hint}'"
        matching = _matching(key, hint, items)
        if not matching:
            silent = len(items) == 1 and key in _EXACT and getattr(items[0], _EXACT[key]) is None
            if key == "item" or (key in _EXACT and not silent):
                raise SourceError(uri, f"no item has the {said}; {_listed(items, range(len(items)))}")
            continue
        also = set(matching)
        both = [index for index in chosen if index in also]
        if not both:
            raise SourceError(
                uri,
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
    raise SourceError(
        uri,
        f"{problem}; say which with the episode's guid, number, date or title: {_listed(items, chosen)}",
    )


def _matching(key: str, hint: str, items: Sequence[ItemName]) -> list[int]:
    for matches in _TESTS[key]:
        if found := [index for index, item in enumerate(items) if matches(item, hint)]:
            return found
    return []


def _by_guid(item: ItemName, hint: str) -> bool:
    return item.guid == hint


def _by_number(item: ItemName, hint: str) -> bool:
    return item.number is not None and hint.lstrip("#").lstrip("0") == item.number.lstrip("0")


def _by_number_in_title(item: ItemName, hint: str) -> bool:
    match = _LEADING_NUMBER.match(item.title or "")
    return item.number is None and match is not None and match[1].lstrip("0") == hint.lstrip("#").lstrip("0")


def _by_date(item: ItemName, hint: str) -> bool:
    wanted, published = parse_date(hint), parse_date(item.published or "")
    return wanted is not None and published is not None and wanted.date() == published.date()


def _by_title(item: ItemName, hint: str) -> bool:
    return fold(item.title or "").casefold() == fold(hint).casefold()


def _by_title_slug(item: ItemName, hint: str) -> bool:
    return bool(slug(hint)) and slug(item.title or "") == slug(hint)


def _by_title_part(item: ItemName, hint: str) -> bool:
    """The hint's words stand in the title side by side: the title may have a number in front."""
    return bool(slug(hint)) and f"-{slug(hint)}-" in f"-{slug(item.title or '')}-"


def _by_link(item: ItemName, hint: str) -> bool:
    segment = re.split(r"[?#]", item.link or "")[0].rstrip("/").rpartition("/")[2]
    return bool(segment) and slug(segment.removesuffix(".html")) == slug(hint)


def _by_slug_number(item: ItemName, hint: str) -> bool:
    match = _SLUG_NUMBER.fullmatch(hint)
    return match is not None and (_by_number(item, match[1]) or _by_number_in_title(item, match[1]))


# For each hint the tests in order; the first that any item passes decides.
_TESTS: Final[Mapping[str, Sequence[Callable[[ItemName, str], bool]]]] = {
    "item": (_by_guid, _by_number, _by_number_in_title, _by_date, _by_title, _by_title_slug, _by_title_part),
    "guid": (_by_guid,),
    "number": (_by_number, _by_number_in_title),
    "date": (_by_date,),
    "title": (_by_title, _by_title_slug, _by_title_part),
    "episode": (_by_guid, _by_link, _by_title_slug, _by_slug_number, _by_title_part),
}


def slug(text: str) -> str:
    """Lower-case words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "").replace("\u2019", ""))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return "-".join(re.findall(r"[^\W_]+", plain))


def _listed(items: Sequence[ItemName], indices: Sequence[int] | range) -> str:
    shown = "; ".join(items[index].shown for index in list(indices)[:_SHOWN])
    more = len(indices) - _SHOWN
    return f"the feed has {shown}" + (f"; and {more} more" if more > 0 else "")
