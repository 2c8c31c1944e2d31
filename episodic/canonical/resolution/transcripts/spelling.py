"""How words are spelled on which the witnesses agree: capitals and the marks after them.

1. Only a witness that *writes* votes: one that uses both cases and marks. An engine that shouts or never
   writes a capital has no opinion, and its spelling is taken only where nobody else has the word.
2. A form's mark and its capital are voted separately, and the form of a witness that has most of both is
   taken: no form is made up.
3. A capital follows a full stop: of a witness that begins a sentence where the text does not, or goes on
   where the text begins one, the capital says nothing.
4. A witness's vote is how often it spells as most do.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from episodic.canonical.tokens import Tokens

_STOPS: Final = frozenset(".?!…。\N{FULLWIDTH QUESTION MARK}\N{FULLWIDTH EXCLAMATION MARK}")
_MARKS: Final = frozenset(
    ".,?!;:…。、\N{FULLWIDTH COMMA}\N{FULLWIDTH QUESTION MARK}\N{FULLWIDTH EXCLAMATION MARK}"
)
# Shares of tokens: capitals of one that writes, and marks.
_FEWEST_CAPITALS: Final = 0.01
_MOST_CAPITALS: Final = 0.5
_FEWEST_MARKS: Final = 0.02
_TELLING: Final = 50
_CLOSING: Final = "\"'”\N{RIGHT SINGLE QUOTATION MARK})]»"


def writes(tokens: Tokens) -> bool:
    """Whether a witness uses both cases and marks; of a short one nobody knows."""
    count = len(tokens.forms)
    if count < _TELLING:
        return True
    forms = Counter(tokens.forms).items()
    capitals = sum(times for form, times in forms if form != form.lower())
    cased = sum(times for form, times in forms if form.lower() != form.upper())
    marks = sum(times for form, times in forms if mark_of(form))
    if marks < _FEWEST_MARKS * count:
        return False
    return not cased or _FEWEST_CAPITALS * cased <= capitals <= _MOST_CAPITALS * cased


@lru_cache(1 << 14)  # most forms come again and again
def mark_of(form: str) -> str:
    """Give the mark that ends a form."""
    last = form.rstrip().rstrip(_CLOSING)[-1:]
    return last if last in _MARKS else ""


def ends_sentence(form: str) -> bool:
    """Whether a sentence ends with a form."""
    return mark_of(form) in _STOPS


def is_capital(form: str) -> bool:
    """Whether the first letter of a form is a capital."""
    letter = next((c for c in form if c.isalnum()), "")
    return letter != letter.lower()


def best(forms: Sequence[tuple[int, str, bool]], weights: Sequence[int], *, begins: bool) -> int:
    """Choose whose form to take.

    Parameters ---------- forms For each witness that has the words: its number, its form, and whether a
    sentence of its own begins here. weights Votes by number; 0 for those that do not write. begins Whether
    a sentence begins here in the text that is being made.
    """
    marks: dict[str, int] = {}
    capitals = {True: 0, False: 0}
    for number, form, own in forms:
        mark = mark_of(form)
        marks[mark] = marks.get(mark, 0) + weights[number]
        if own == begins:
            capitals[is_capital(form)] += weights[number]
    if capitals[True] == capitals[False] == 0:
        capitals[begins] += 1

    def votes(each: tuple[int, str, bool]) -> tuple[int, int]:
        number, form, _ = each
        return marks[mark_of(form)] + capitals[is_capital(form)], weights[number]

    return max(forms, key=votes)[0]
