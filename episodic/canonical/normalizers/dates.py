"""Dates as people and feeds write them."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold
from episodic.canonical.text.wordlists import by_name

# The months in English and in others of the languages that most podcasts are in, as a date has them.
_MONTHS: Final = by_name(
    {
        1: """
            january, jan, januar, jänner, janvier, enero, janeiro, gennaio, januari, stycznia, января,
            січня, ocak
        """,
        2: """
            february, feb, februar, février, febrero, fevereiro, febbraio, februari, lutego, февраля,
            лютого, şubat
        """,
        3: "march, mar, märz, mars, marzo, março, maart, marts, marca, марта, березня, mart",
        4: "april, apr, avril, abril, aprile, kwietnia, апреля, квітня, nisan",
        5: "may, mai, mayo, maio, maggio, mei, maj, maja, мая, травня, may\u0131s",
        6: "june, jun, juni, juin, junio, junho, giugno, czerwca, июня, червня, haziran",
        7: "july, jul, juli, juillet, julio, julho, luglio, lipca, июля, липня, temmuz",
        8: "august, aug, août, agosto, augustus, augusti, sierpnia, августа, серпня, ağustos",
        9: """
            september, sep, sept, septembre, septiembre, setiembre, setembro, settembre, września,
            сентября, вересня, eylül
        """,
        10: """
            october, oct, oktober, octobre, octubre, outubro, ottobre, października, октября, жовтня,
            ekim
        """,
        11: "november, nov, novembre, noviembre, novembro, listopada, ноября, листопада, kas\u0131m",
        12: """
            december, dec, dezember, décembre, diciembre, dezembro, dicembre, desember, grudnia,
            декабря, грудня, aral\u0131k
        """,
    }
)
_MONTH: Final = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
_CLOCK: Final = r"\d{1,2}:\d{2}(?::\d{2})?"
_DATES: Final = (  # each compiled when a text has none of those before
    r"(?<!\d)(?P<year>\d{4})(?:[-/.]| ?[年년] ?)(?P<month>\d{1,2})(?:[-/.]| ?[月월] ?)(?P<day>\d{1,2})(?!\d)",
    rf"\b{_MONTH} {_DAY},? (?P<year>\d{{4}})\b",
    rf"\b{_DAY}(?: of| de)?[ -]{_MONTH}(?:[, -]{{1,2}}| del? )(?P<year>\d{{4}})\b",
    rf"\b{_DAY}[ -]{_MONTH}[ -](?P<year>\d{{2}})(?= {_CLOCK})",
    rf"\b{_MONTH} {_DAY} {_CLOCK}(?: [A-Z]{{2,5}}| [+-]\d{{4}})? (?P<year>\d{{4}})\b",
)
_TIME: Final = pattern(
    r"(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?(?!\d)"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\b\.?)?"
    r"(?: ?(?P<zone>[A-Z]{1,5}(?![A-Za-z])))?(?: ?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)(?!\d))?",
    re.ASCII,
)
# In Chinese, Japanese and Korean a word right before the clock says which half of the day, or is the day's.
_HALF_BEFORE: Final = pattern("[\u3040-\u9fff\uac00-\ud7a3](?<![日月火水木金土일월화수목금토])[ ]?$")
_OFFSET: Final = pattern(r"(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?")
# Hours from UTC of the zones that have one name in the world, or one that RFC 5322 (section 4.3) decides on.
# IST, of which there are three, and what else is not here, say too little.
_ZONES: Final = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2,
    "MEST": 2, "MESZ": 2, "MEZ": 1, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3, "SAST": 2, "EAT": 3, "WAT": 1,
    "CAT": 2, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "AST": -4, "ADT": -3, "NST": -3.5, "NDT": -2.5, "BRT": -3,
    "ART": -3, "CLT": -4, "CLST": -3, "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13, "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "PHT": 8, "WIB": 7, "ICT": 7,
    "NPT": 5.75, "PKT": 5,
}  # fmt: skip

_NO_DAY: Final = date(1970, 1, 1)  # what programs write that have no date


def parse_date(text: str) -> datetime | None:
    """The date in `text`: ISO 8601, RFC 5322, or written out; UTC where it gives no zone.

    ``05/06/2024`` says too little to be read: which is the month? So does a time in a zone that nobody knows,
    and the first day of 1970.
    """
    text = fold(text)
    searches = (re.search(pattern, text, re.IGNORECASE | re.ASCII) for pattern in _DATES)
    found = next(filter(None, searches), None)
    if found is None:
        return None
    try:
        name = found["month"].lower()
        month = int(name) if name.isdecimal() else _MONTHS[name]
        day = date(_year(found["year"]), month, int(found["day"]))
        if day == _NO_DAY:
            return None
        clock = _TIME.search(text)
        if clock is None or _HALF_BEFORE.search(text, max(0, clock.start() - 2), clock.start()):
            return aware(datetime.combine(day, time()))
        zone = _zone(clock)
        return None if zone is None else aware(datetime.combine(day, _time(clock), zone))
    except ValueError, OverflowError:
        return None


def _year(digits: str) -> int:
    """RFC 5322, section 4.3: two digits are of this century up to 49."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)


def _time(clock: re.Match[str]) -> time:
    hour = int(clock["hour"])
    if half := clock["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(clock[0])
        hour = hour % 12 + (12 if half in "Pp" else 0)
    fraction = int((clock["fraction"] or "0").ljust(6, "0")[:6])
    return time(hour, int(clock["minute"]), int(clock["second"] or 0), fraction)


def _zone(clock: re.Match[str]) -> timezone | None:
    """The zone of a time; ``None`` for one that is not known. An offset decides, also after UTC or GMT."""
    if clock["offset"] and (offset := _OFFSET.fullmatch(clock["offset"])):
        minutes = int(offset["hours"]) * 60 + int(offset["minutes"] or 0)
        return _from_utc(-minutes if offset["sign"] == "-" else minutes)
    if not clock["zone"]:
        return UTC
    hours = _ZONES.get(clock["zone"])
    return None if hours is None else _from_utc(hours * 60)


def _from_utc(minutes: float) -> timezone:
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


def iso_date(moment: datetime) -> str:
    """ISO 8601: a date alone where the time is midnight UTC, else with its zone."""
    if moment.tzinfo is UTC and moment.time() == time():
        return moment.date().isoformat()
    return moment.isoformat()


def aware(moment: datetime) -> datetime:
    """The moment with its zone, UTC where it has none; `OverflowError` where UTC has no such year."""
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    moment.astimezone(UTC)
    return moment
