"""The normal form of a witness: what is compared, with pointers back to its tokens.

A witness is a sequence of *chunks*, each some tokens of the witness and the words that they come to: a run of
number words, digits and currency is one word ("twenty one point five percent", ``21.5%``), a contraction its
words ("we'll", ``we will``), a filler, a mark that stands alone and "[inaudible 3:12]" none. Words are
compared; tokens are never changed, and every token belongs to one chunk, so that a witness can be put
together again from its chunks::

    tokens   we'll   grow   um,   twenty  one   percent
    chunks   └─┬──┘  └─┬─┘  └┬┘   └────────┬─────────┘
    words    we will  grow   -            21%
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, count
from typing import Final, NamedTuple

from episodic.canonical.resolution.transcripts import language_tables, numbers
from episodic.canonical.resolution.transcripts.alignment import Interner, counting
from episodic.canonical.text.known import Known, looked_up
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import Tokens, key, tokenize
from episodic.canonical.text.wordlists import word_list

# What somebody who writes a text down puts in brackets for what was not understood, or is not sure.
_GAPS: Final = word_list(
    """
    inaudible unintelligible indistinct crosstalk ph unverständlich incompréhensible ininteligible inaudível
    incomprensibile onverstaanbaar niezrozumiałe неразборчиво 聞き取り不能 听不清 聽不清
    """
)
_LONGEST_GAP: Final = 8
_BRACKETS: Final = pattern(r"[\[(]")


@dataclass(frozen=True, slots=True)
class Normal:
    """A witness in normal form.

    Parameters
    ----------
    words
        What it says, as numbers.
    starts
        For each word, the first token of its chunk; tokens in no chunk of a word are silent.
    long
        For each word whose chunk has several tokens, the token after the last.
    odd
        Those words, those that are not the first of their chunk, and the next after silent tokens.
    """

    words: array[int]
    starts: array[int]
    long: dict[int, int]
    odd: list[int]

    def end(self, word: int) -> int:
        """Give the token after the last of a word's chunk."""
        return self.long.get(word) or self.starts[word] + 1


def normalize(
    tokens: Tokens, interned: array[int], interner: Interner, tag: str | None, muted: Sequence[int] = ()
) -> Normal:
    """Bring a witness into normal form.

    Parameters
    ----------
    interned, interner
        The numbers of its keys, and who gave them.
    tag
        The language as a BCP 47 tag; ``None``: English, whose tables do other languages little harm.
    muted
        Tokens that are not to be compared: what a loop repeats.
    """
    code, language = language_tables.of(tag)
    keys = tokens.keys
    specials = looked_up(_specials(code), tokens.forms)
    places = list(compress(count(), specials))
    numerals = (at for at in places if (special := specials[at]) and special.begins_number)
    spans = _numbers(keys, numerals, language, code)
    intern = lru_cache(1 << 10)(interner.intern)  # contractions come again and again
    words, starts = array("i"), array("i")
    every = counting(len(keys))
    long: dict[int, int] = {}
    odd: list[int] = []
    silent = {*muted, *_gaps(tokens)}
    done = 0
    for at in sorted({*places, *spans, *silent}):
        if at < done:
            continue
        if at in spans and at not in silent:
            said, end = (spans[at].text,), spans[at].end
        else:
            special = None if at in silent else specials[at]
            said, end = special.words if special else (), at + 1
        words += interned[done:at]
        starts += every[done:at]
        if end > at + 1:
            long[len(words)] = end
        if not said or end > at + 1:
            odd.append(len(words))
        if len(said) > 1:
            odd += range(len(words) + 1, len(words) + len(said))
        words += intern(said)
        starts += every[at : at + 1] * len(said)
        done = end
    words += interned[done:]
    starts += every[done : len(keys)]
    return Normal(words, starts, long, odd)


def _gaps(tokens: Tokens) -> Iterator[int]:
    """Yield the tokens of marks in brackets with which somebody says to have understood nothing."""
    forms = tokens.forms
    if not _BRACKETS.search("".join(forms)):
        return
    for at in (at for at, form in enumerate(forms) if _BRACKETS.search(form)):
        start = at + forms[at].endswith(("[", "("))  # of the next, in a script without spaces
        for end in range(start + 1, min(start + _LONGEST_GAP, len(forms)) + 1):
            if "]" in forms[end - 1] or ")" in forms[end - 1]:
                if "".join(filter(str.isalpha, "".join(tokens.keys[start:end]))) in _GAPS:
                    yield from range(start, end)
                break


@lru_cache(1 << 14)  # most forms come again and again
def words_of(text: str, tag: str | None) -> tuple[str, ...]:
    """Give the words of a text in normal form.

    Examples
    --------
    >>> words_of("We'll grow, um, twenty one percent.", "en")
    ('we', 'will', 'grow', '21%')
    """
    tokens, interner = tokenize([text]), Interner()
    normal = normalize(tokens, interner.intern(tokens.keys), interner, tag)
    return tuple(map(list(interner).__getitem__, normal.words))


def joined(normals: Sequence[Normal], lengths: Sequence[int]) -> Normal:
    """Put witnesses one after another, given how many tokens each has."""
    if len(normals) == 1:
        return normals[0]
    words, starts = array("i"), array("i")
    long: dict[int, int] = {}
    odd: list[int] = []
    first = 0
    for normal, length in zip(normals, lengths, strict=True):
        odd += [len(words) + word for word in normal.odd]
        long |= {len(words) + word: first + end for word, end in normal.long.items()}
        words += normal.words
        starts.extend(first + at for at in normal.starts)
        first += length
    return Normal(words, starts, long, odd)


class _Special(NamedTuple):
    """A token that may not simply be its key: whether a number may begin with it, and else its words."""

    begins_number: bool
    words: tuple[str, ...]


@lru_cache(4)
def _specials(code: str) -> Known[_Special | None]:
    """Keep the special ones among the forms of a language."""
    _, language = language_tables.of(code)

    def special(form: str) -> _Special | None:
        own = key(form)
        said = _words(form, own, language)
        if said == (own,) and own.isalpha() and not (language.numerals and own in numbers.STARTS):
            return None
        return _Special(numbers.starts_number(own), said)

    return Known(special, 1 << 12)


def _numbers(
    keys: Sequence[str], places: Iterable[int], language: language_tables.Language, code: str
) -> dict[int, numbers.Number]:
    """Find the numbers, by the token where each begins, of places where one may."""
    spans: dict[int, numbers.Number] = {}
    if language is not language_tables.PLAIN and not language.numerals:
        spans.update(numbers.foreign(keys, code, language))
    taken = 0
    for at in places:
        if at >= taken and at not in spans:
            number = numbers.read(tuple(keys[at : at + _LONGEST]), code)
            if number and number.end:
                taken = at + number.end
                spans[at] = numbers.Number(number.text, taken)
        elif at in spans:
            taken = max(taken, spans[at].end)
    return spans


_APOSTROPHE: Final = "\N{RIGHT SINGLE QUOTATION MARK}"
# Tokens that one number has at most.
_LONGEST: Final = 24


def _words(form: str, own: str, language: language_tables.Language) -> tuple[str, ...]:
    """Give the words of a single token that is no number."""
    if not own or own in language.fillers:
        return ()
    if own in language.percent:
        return ("%",)
    expansions = language.expansions
    if full := expansions.get(own):
        return full
    if "'" in form or _APOSTROPHE in form:
        with_mark = "".join(
            c for c in form.casefold().replace(_APOSTROPHE, "'") if c.isalnum() or c == "'"
        ).strip("'")
        if full := expansions.get(with_mark):
            return full
    return (own,)
