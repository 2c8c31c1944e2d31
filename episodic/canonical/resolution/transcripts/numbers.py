"""Numbers as speech has them, in digits: "twenty one point five percent" is ``21.5%``.

Strategy, for a run of tokens (their keys) that begins with a number:

1. **Read** a cardinal: words by the grammar of English (group below a thousand, then a scale), or digits,
   which a scale may follow ("65 million"). A smaller scale goes on ("1 billion 275 million").
2. **Join** what is said in pieces: years and codes ("twenty twenty", "nineteen oh five", "one two three").
3. **Go on** with a decimal part ("point five", "and a half").
4. **Close** with an ordinal's ending ("21st"), a plural's ("1990s"), "%" or a currency, which moves to the
   front.

The value stays a string of digits: no number is too large, and "007" is not 7. German, French and Spanish
number words are text2num's matter (its spans are taken, not its text); what follows is closed in the same
way. There a comma has decimals ("3,5"), and dots or spaces part thousands.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, Protocol, cast

from episodic.canonical.resolution.transcripts import language_tables
from episodic.canonical.resolution.transcripts.language_tables import Language
from episodic.canonical.text.patterns import pattern


def _words(text: str) -> list[str]:
    return text.split()


_UNITS: Final = {
    word: number
    for number, word in enumerate(
        _words(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen"
        )
    )
}
_TENS: Final = {
    word: 10 * number
    for number, word in enumerate(_words("twenty thirty forty fifty sixty seventy eighty ninety"), 2)
}
_SCALES: Final = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
_ORDINALS.update({f"{w}th": n for w, n in _UNITS.items() if n > 3 and n not in {5, 8, 9, 12}})
_TENTHS: Final = {f"{word[:-1]}ieth": number for word, number in _TENS.items()}
_DECADES: Final = {f"{word[:-1]}ies": number for word, number in _TENS.items()}
# A zero between digits; before them it may be one.
OH: Final = frozenset({"oh", "o"})
# What may begin a number in words.
STARTS: Final = frozenset({*_UNITS, *_TENS, *_SCALES, "hundred", *_ORDINALS, *_TENTHS, *_DECADES, "point"})
# Digits as a key has them, with the full-width stop for a decimal point; a sign before; a unit after.
_DIGITS: Final = pattern(r"([$€£¥]?)(\d+)(?:\N{FULLWIDTH FULL STOP}(\d+))?(%|st|nd|rd|th|s|[$€£¥¢])?")
# What stands before a year that is said in two halves, where it does not begin one, and how those begin.
_DAYS: Final = frozenset({*range(10, 32)} - {19, 20})
_CENTURIES: Final = frozenset({"19", "20"})
# Digits of a group of a thousand.
_GROUP: Final = 3
# A thousand where a dot parts thousands.
_DOTTED: Final = pattern(r"(?<!\d)([1-9]\d{0,2})\N{FULLWIDTH FULL STOP}(\d{3})(?!\d)")


class Number(NamedTuple):
    """A number in normal form, and the token after its last."""

    text: str
    end: int


class _Value(NamedTuple):
    """What has been read: digits before and after the point, a currency, an ending, and the token after."""

    digits: str
    end: int
    decimals: str = ""
    sign: str = ""
    ending: str = ""


def starts_number(key: str) -> bool:
    """Whether a number may begin with a token."""
    return key in STARTS or ((key[:1].isdigit() or key[1:2].isdigit()) and bool(_DIGITS.fullmatch(key)))


@lru_cache(1 << 10)  # witnesses have the same numbers
def read(keys: tuple[str, ...], code: str) -> Number | None:
    """Read the number that begins with some tokens; ``None``: there is none."""
    _, language = language_tables.of(code)
    if language.dotted:
        keys = tuple([_DOTTED.sub(r"\1\2", key) for key in keys])
    value = _cardinal(keys, 0)
    if value is None:
        return None
    value = _decimals(keys, value)
    return _closed(keys, _multiplied(keys, value, language), language)


def foreign(keys: Sequence[str], code: str, language: Language) -> Iterator[tuple[int, Number]]:
    """Yield the numbers in words that text2num finds, with the tokens where they begin."""
    from text_to_num import find_numbers  # pyright: ignore[reportUnknownVariableType]  # it ships no types

    find = cast("Callable[[Sequence[_Token], str, float], list[_Found]]", find_numbers)
    try:
        found = find([_Token(key) for key in keys], code, 0.0)
    except ValueError:
        return  # no language of text2num's
    for each in found:
        digits, _, decimals = each.text.replace(",", ".").partition(".")
        plain = re.match(r"\d+", digits)
        if plain:
            value = _Value(plain[0], each.end, decimals, ending=digits[plain.end() :])
            yield each.start, _closed(keys, _multiplied(keys, value, language), language)


class _Found(Protocol):
    """A number that text2num found."""

    start: int
    end: int
    text: str


class _Token:
    """A word as text2num wants it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def text(self) -> str:
        return self._key

    def text_lowercase(self) -> str:
        return self._key

    def nt_separated(self, previous: object) -> bool:  # noqa: ARG002 - text2num's protocol
        return False

    def not_a_number_part(self) -> bool:
        return False


def _cardinal(keys: Sequence[str], at: int) -> _Value | None:
    """Read the whole part, pieces joined."""
    word = keys[at]
    if word == "point":
        return _Value("0", at) if at + 1 < len(keys) and _digit(keys[at + 1]) else None
    if match := _DIGITS.fullmatch(word):
        sign, digits, decimals, ending = (part or "" for part in match.groups())
        value = _Value(digits, at + 1, decimals, sign or (ending if ending in "$€£¥¢" else ""), ending)
        return value if ending else _scaled(keys, value)
    if _UNITS.get(word, 10) < 10:
        spelled = _spelled(keys, at)
        if spelled.end - at > 1:
            return spelled
    if (value := _group(keys, at)) is None:
        return None
    value = _scaled(keys, value)
    return value if value.ending else _joined(keys, value)


def _spelled(keys: Sequence[str], at: int) -> _Value:
    """Read digits one by one: "one oh one"."""
    digits = ""
    end = at
    while end < len(keys) and (digit := _digit(keys[end], inside=end > at)):
        digits += digit
        end += 1
    if end < len(keys) and (keys[end] in _SCALES or keys[end] in {"hundred", "point"}) and end - at > 1:
        return _Value(digits[:1], at + 1)
    return _Value(digits, end)


def _digit(key: str, *, inside: bool = True) -> str:
    """Give a digit that a word, or a token of digits, spells; empty: none."""
    if inside and key in OH:
        return "0"
    number = _UNITS.get(key, 10)
    return str(number) if number < 10 else ""


def _group(keys: Sequence[str], at: int) -> _Value | None:
    """Read a number below a thousand: tens and units, hundreds."""
    word = keys[at]
    following = keys[at + 1] if at + 1 < len(keys) else ""
    if word in _ORDINALS or word in _TENTHS:
        number = _ORDINALS.get(word) or _TENTHS[word]
        return _Value(str(number), at + 1, ending=_ending(number))
    if word in _DECADES:
        return _Value(str(_DECADES[word]), at + 1, ending="s")
    if word in _TENS:
        number, end = _TENS[word], at + 1
        if 0 < _UNITS.get(following, 0) < 10:
            number, end = number + _UNITS[following], at + 2
        elif 0 < _ORDINALS.get(following, 0) < 10:
            number = number + _ORDINALS[following]
            return _Value(str(number), at + 2, ending=_ending(number))
    elif word in _UNITS:
        number, end = _UNITS[word], at + 1
    elif word == "hundred":
        return _hundreds(keys, 1, at + 1)
    elif word in _SCALES:
        return _Value("1", at)
    else:
        return None
    if end < len(keys) and keys[end] == "hundred" and number:
        return _hundreds(keys, number, end + 1)
    return _Value(str(number), end)


def _hundreds(keys: Sequence[str], hundreds: int, at: int) -> _Value:
    """Add what follows "hundred", with or without "and"."""
    start = at + (at + 1 < len(keys) and keys[at] == "and")
    if start < len(keys) and keys[start] not in {"hundred", *_SCALES}:
        rest = _group(keys, start)
        if rest and len(rest.digits) < 3 and rest.digits != "0":
            return rest._replace(digits=str(100 * hundreds + int(rest.digits)))
    return _Value(str(100 * hundreds), at)


def _scaled(keys: Sequence[str], value: _Value) -> _Value:
    """Multiply by the scale that follows, and add what follows that."""
    if not value.ending and value.end + 1 < len(keys) and keys[value.end] == "point":
        value = _decimals(keys, value)
    if value.end >= len(keys) or (scale := _SCALES.get(keys[value.end])) is None:
        return value
    decimals = value.decimals.ljust(scale, "0")
    made = value._replace(
        digits=(value.digits + decimals[:scale]).lstrip("0") or "0",
        decimals=decimals[scale:],
        end=value.end + 1,
    )
    start = made.end + (made.end + 1 < len(keys) and keys[made.end] == "and")
    if value.decimals or start >= len(keys) or (keys[start] in _SCALES or not starts_number(keys[start])):
        return made
    rest = _cardinal(keys, start)
    if (
        rest
        and rest.sign in {"", made.sign}
        and not rest.decimals
        and len(rest.digits) <= scale
        and scale > 2
    ):
        if start > made.end and len(rest.digits) > 3:
            return made
        digits = made.digits[: len(made.digits) - len(rest.digits)] + rest.digits
        return rest._replace(digits=digits, sign=made.sign)
    return made


def _multiplied(keys: Sequence[str], value: _Value, language: Language) -> _Value:
    """Go on where spaces part thousands ("65 000"), and with a scale after digits ("2,5 Millionen")."""
    if language.numerals or value.ending:
        return value
    may_go_on = len(value.digits) <= _GROUP and not value.decimals
    while may_go_on and value.end < len(keys) and len(key := keys[value.end]) == _GROUP and key.isdecimal():
        value = value._replace(digits=value.digits + key, end=value.end + 1)
    scale = language.scales.get(keys[value.end]) if value.end < len(keys) else None
    if scale is None:
        return value
    decimals = value.decimals.ljust(scale, "0")
    digits = (value.digits + decimals[:scale]).lstrip("0") or "0"
    return value._replace(digits=digits, decimals=decimals[scale:], end=value.end + 1)


def _joined(keys: Sequence[str], value: _Value) -> _Value:
    """Join a year that is said in two halves: "twenty twenty", "nineteen oh five"; not a day before it."""
    if not (len(value.digits) == 2 and not value.decimals and value.end < len(keys)):
        return value
    after = keys[value.end]
    if after in OH and value.end + 1 < len(keys) and (digit := _digit(keys[value.end + 1], inside=False)):
        return value._replace(digits=f"{value.digits}0{digit}", end=value.end + 2)
    if after in _DECADES or _may_end_year(after):
        rest = _group(keys, value.end)
        following = keys[rest.end] if rest and rest.end < len(keys) else ""
        is_day = (
            int(value.digits) in _DAYS and rest and rest.digits in _CENTURIES and _may_end_year(following)
        )
        if rest and len(rest.digits) == 2 and following not in _SCALES and not is_day:
            return rest._replace(digits=value.digits + rest.digits)
    return value


def _may_end_year(key: str) -> bool:
    """Whether the second half of a year may begin with a word."""
    return key in _TENS or _UNITS.get(key, 0) > 9


def _decimals(keys: Sequence[str], value: _Value) -> _Value:
    """Read what follows the point."""
    if value.ending or value.decimals or value.end >= len(keys) or keys[value.end] != "point":
        return value
    end = value.end + 1
    decimals = ""
    while end < len(keys):
        word = keys[end]
        if digit := _digit(word):
            decimals += digit
        elif word.isdecimal() and not decimals:
            decimals = word
        elif not decimals and word in {*_TENS, *_UNITS} and (group := _group(keys, end)):
            decimals, end = group.digits, group.end
            break
        else:
            break
        end += 1
    if not decimals:
        return value
    made = value._replace(decimals=decimals, end=end)
    return _scaled(keys, made) if end < len(keys) and keys[end] in _SCALES else made


def _closed(keys: Sequence[str], value: _Value, language: Language) -> Number:
    """Write the number, with what follows it."""
    text = value.digits + (f".{value.decimals}" if value.decimals else "")
    end = value.end
    if value.ending and value.ending not in "$€£¥¢":
        return Number(f"{value.sign}{text}{value.ending}", end)
    following = keys[end] if end < len(keys) else ""
    if following in language.percent:
        return Number(f"{text}%", end + 1)
    if following in {"per", "pour", "por"} and end + 1 < len(keys) and keys[end + 1] in {"cent", "ciento"}:
        return Number(f"{text}%", end + 2)
    sign = value.sign
    if (currency := language.currencies.get(following)) and sign in {"", currency}:
        sign, end = currency, end + 1
    elif following and following in "$€£¥" and not sign:
        sign, end = following, end + 1
    return Number(sign + text, end)


def _ending(number: int) -> str:
    """Give the ending of an ordinal in digits."""
    if number % 100 in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
