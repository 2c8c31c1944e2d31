"""Claims in prose: labelled lines and rows (``Guest: Ada Lovelace``), and headings that name an episode."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Final

from episodic.canonical.normalizers.dates import iso_date, parse_date
from episodic.canonical.normalizers.field_names import FIELDS, ROLE_NAMES
from episodic.canonical.sources import Claim, ClaimField, number_text
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import duration_seconds
from episodic.canonical.text.tokens import fold

# A colon, or the bar between the two cells of a row.
_LABELLED: Final = pattern(
    r"\W{0,4}(?P<label>[^\W\d_](?:[^\W\d_]|[ -]){1,30}?)"
    r"(?:(?:\W{0,3}:\W{0,2}|[^\w|]{0,2} (?P<bar>\|)(?=[^|]*$))\s+|\W{0,3}\uff1a\W{0,2})(?P<value>\S.*)"
)
_EPISODE: Final = pattern(
    r"(?:episode|ep\.?)\s*#?\s*(?P<number>\d{1,6})\s*[:.\u2013\u2014-]\s+(?P<title>\S.*)", re.IGNORECASE
)
# A bracket belongs to an address that closes it.
_URL: Final = pattern(r"https?://\w(?:[^\s<>()\[\]\"]|\([^\s<>()\[\]\"]*\))*")
# Where somebody begins to speak in a line that has all turns.
_TURN: Final = pattern(r"(?<=[.!?\u3002\uff01\uff1f])\s*[^\s.!?:\u3002\uff01\uff1f\uff1a]{1,20}(?:: |\uff1a)")
_SEVERAL: Final = pattern(r"\s*(?:[,;\u3001\uff0c\uff1b\u060c]|\band\b|&)\s*")

# Where another role begins within a line: "Guest: Ada Lovelace, poet. Host: Charles Babbage."
_NEXT_ROLE: Final = pattern(
    rf"(?<=[.;,])\s+(?=(?:{'|'.join(role for role in ROLE_NAMES if role.isascii())})s?:\s)", re.IGNORECASE
)


def role_of(text: str) -> str | None:
    """The role that a word or a heading says, empty for any."""
    key = text.strip(" *_:\uff1a").lower()
    return ROLE_NAMES.get(key.removesuffix("s"), ROLE_NAMES.get(key))


def labelled_claims(lines: Iterable[str], where: str, *, rows: bool = False) -> Iterator[Claim]:
    """The claims of ``Label: value`` and, in `rows`, of ``Label | value``; other lines claim nothing."""
    for line in chain.from_iterable(map(_NEXT_ROLE.split, lines)):
        match = _LABELLED.fullmatch(unicodedata.normalize("NFC", fold(line)))
        if match and (not match["bar"] or (rows and not _is_label(match["value"]))):
            yield from field_claims(match["label"], match["value"], where)


def rows_claim(lines: Iterable[str]) -> bool:
    """Whether the rows of two cells of a document are labels and values: at least half have a known label.

    Other tables have such a label by chance, or say what it means.
    """
    pairs = [line.split(" | ") for line in lines if line.count(" | ") == 1]
    known = sum(1 for label, value in pairs if _is_label(label) and not _is_label(value))
    return known * 2 >= len(pairs) > 0


def _is_label(text: str) -> bool:
    return text.strip(" *_:").lower() in FIELDS or role_of(text) is not None


def field_claims(label: str, value: str, where: str) -> Iterator[Claim]:
    """The claims that `value` makes under a label of prose or of front matter."""
    key = label.strip().lower().removeprefix("meeting ")
    value = fold(value).strip("*_ ")
    if (role := role_of(key)) is not None:
        for name in _names(value):
            yield Claim(ClaimField.PERSON, name, where, role or None)
        return
    if (called := FIELDS.get(key)) is None or not value:
        return
    match field := ClaimField(called):
        case ClaimField.KEYWORD:
            for word in several(value):
                yield Claim(field, word, where)
        case ClaimField.PUBLISHED:
            if moment := parse_date(value):
                yield Claim(field, iso_date(moment), where)
        case ClaimField.EPISODE | ClaimField.SEASON:
            if number := re.match(r"#?(\d{1,6})\b", value):
                yield Claim(field, str(int(number[1])), where)
        case ClaimField.DURATION:
            if (seconds := duration_seconds(value)) is not None:
                yield Claim(field, number_text(seconds), where)
        case ClaimField.LINK | ClaimField.MEDIA:
            for url in urls(value)[:1]:
                yield Claim(field, url, where)
        case ClaimField.TITLE if len(turns := [*_TURN.finditer(value)]) > 1:
            yield Claim(field, value[: turns[0].start()].rstrip(".\u3002"), where)
        case _:
            yield Claim(field, value, where)


def heading_claims(text: str, where: str) -> Iterator[Claim]:
    """Number and title of a heading such as ``Episode 12: First light``."""
    if match := _EPISODE.fullmatch(text):
        yield Claim(ClaimField.EPISODE, str(int(match["number"])), where)
        yield Claim(ClaimField.TITLE, match["title"], where)


def claimed_date(claims: Iterable[Claim]) -> datetime | None:
    """The date of publication that is claimed first; ``None`` also where it is none."""
    dates = (parse_date(claim.value) for claim in claims if claim.field is ClaimField.PUBLISHED)
    return next(dates, None)


def link(url: str, where: str, label: str = "") -> tuple[Claim, ...]:
    """The claim of a link; of one that does not lead to the web, none."""
    if not url.startswith(("http://", "https://")):
        return ()
    return (Claim(ClaimField.LINK, url, where, fold(label) or None),)


def urls(text: str) -> list[str]:
    """The addresses in a text, without the punctuation after them."""
    return [url.rstrip(".,:;!?'\u2019\u201d\u2026") for url in _URL.findall(text)]


def _names(value: str) -> list[str]:
    """The names in a list; what has no capital beside names that have them says what somebody is."""
    parts = several(value)
    return [part for part in parts if part.lower() != part or part.upper() == part] or parts


def several(value: str) -> list[str]:
    """The members of a list with commas, semicolons or "and"."""
    return [part for part in (part.strip(" .") for part in _SEVERAL.split(value)) if part]
