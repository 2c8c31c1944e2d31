"""Dates as people and feeds write them."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"),
            ("may",), ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sep", "sept"),
            ("october", "oct"), ("november", "nov"), ("december", "dec"),
        ),
        1,
    )
    for name in names
}  # fmt: skip
_MONTH: Final = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_WRITTEN: Final = tuple(
    re.compile(rf"\b{pattern}\b", re.IGNORECASE)
    for pattern in (
        rf"{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},? (?P<year>\d{{4}})",
    )
)
_ISO: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.IGNORECASE
)


def parse_date(text: str) -> datetime | None:
    """The date in `text`: ISO 8601, RFC 2822, or written out in English; UTC where it gives no zone.

    ``05/06/2024`` says too little to be read: which is the month?
    """
    text = " ".join(text.split())
    try:
        if match := _ISO.search(text):
            return aware(datetime.fromisoformat(match[0].upper()))
        if re.search(r"\d{1,2}:\d{2}", text):
            return aware(parsedate_to_datetime(text))
        for pattern in _WRITTEN:
            if match := pattern.search(text):
                month = _MONTHS[match["month"].lower()]
                return datetime(int(match["year"]), month, int(match["day"]), tzinfo=UTC)
    except ValueError, OverflowError:
        return None
    return None


def iso_date(moment: datetime) -> str:
    """ISO 8601: a date alone where the time is midnight UTC, else with its zone."""
    if moment.tzinfo is UTC and (moment.hour, moment.minute, moment.second, moment.microsecond) == (
        0,
        0,
        0,
        0,
    ):
        return moment.date().isoformat()
    return moment.isoformat()


def aware(moment: datetime) -> datetime:
    """The moment with its zone, UTC where it has none; `OverflowError` where UTC has no such year."""
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    moment.astimezone(UTC)
    return moment
