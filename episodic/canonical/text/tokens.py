"""Segmentation of text into tokens: what is compared, voted on and read back.

White space separates chunks. Inside a chunk a word is a maximal run of letters, digits, marks and
underscores, joined across an apostrophe or a full stop between letters and across a separator
between digits (a subset of the word rules of Unicode Standard Annex 29, WB5 to WB13b); in scripts
that write without spaces every character is a word. Punctuation belongs to the word before it, or,
at the start of a chunk, to the word after it; a chunk without words is one token.

A token's *form* is the text with its punctuation and the space after it, so that the forms of a
text, joined, spell the text. Its *key* is what it says: two tokens with the same key differ in case,
punctuation or spacing only.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from episodic.canonical.text.known import Known, looked_up
from episodic.canonical.text.patterns import pattern

# What XML 1.0 (fifth edition, section 2.2) excludes from a document.
FORBIDDEN: Final = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),  # half-width Katakana
    (0x20000, 0x3FFFF),
)
_ANY_UNSPACED: Final = f"[{''.join(f'{chr(low)}-{chr(high)}' for low, high in _UNSPACED)}]"
# A word by the classes of its characters: letters, digits, marks, characters of scripts without spaces,
# and signs that join both letters and digits (j), letters (h) or digits (k).
_WORD: Final = pattern("cm*|(?:[ld]m*)+(?:(?:(?<=[lm])[jh](?=l)|(?<=[dm])[jk](?=d))(?:[ld]m*)+)*")
_JOINERS: Final = {
    "'": "j",
    "\N{RIGHT SINGLE QUOTATION MARK}": "j",
    ".": "j",
    "\N{MIDDLE DOT}": "h",
    ",": "k",
}
# A run of letters and digits, or what stands between two spaces without one: at least one for each token.
_AT_LEAST: Final = pattern(r"\w+|(?<!\S)[^\w\s]+(?!\S)")
# Words that are kept segmented, as most come again: twice what a conversation has, and a megabyte or two.
_KNOWN: Final = 1 << 13
# Signs that change what is said, although Unicode calls them punctuation: "5 %", "R&D", "C#".
_SPOKEN_PUNCTUATION: Final = frozenset("%&#\N{FULLWIDTH FULL STOP}")
# "3.14" is not "314"; the full-width stop, which NFKC has replaced everywhere else, marks it.
_DECIMAL_POINT: Final = pattern(r"(?<=\d)\.(?=\d)")
# "3,5" has decimals, for thousands come by three digits; and so has "1.234,50". "1.234.567" has thousands.
_DECIMAL_COMMA: Final = pattern(r"(?<![\d.,])(\d+|\d{1,3}(?:\.\d{3})+),(\d{1,2}|\d{4,})(?![\d.,]\d|\d)")
_THOUSANDS: Final = pattern(r"(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d.]\d|\d)")
# Full stop, question mark and exclamation mark of whatever script.
_STOPS: Final = frozenset(".?!\u2026\u3002\uff01\uff1f\u061f\u06d4\u0964\u0589\u1362")
_SPOKEN_CATEGORIES: Final = frozenset({"Sc", "Sm", "So"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token stream.

    Parameters
    ----------
    forms, keys
        Of each token.
    lengths
        Number of tokens in each of the texts that it was made from.
    """

    forms: tuple[str, ...]
    keys: tuple[str, ...]
    lengths: tuple[int, ...]

    @property
    def text(self) -> str:
        """The stream as text; between two texts stands one space, or none in a script without spaces."""
        return "".join(self.forms)


def printable(text: str) -> str:
    """Remove what XML forbids and fold white space to single spaces."""
    if text.isprintable() and "  " not in text and text == text.strip():
        return text  # as `fold` has it, and nothing that is forbidden
    return fold(FORBIDDEN.sub("", text))


# White space of ASCII that is folded; line ends are spaces before.
_UNFOLDED: Final = (*"\t\v\f\r\x1c\x1d\x1e\x1f", "  ")
_APART: Final = " \0 "
_LINE_ENDS: Final = pattern("[\v\x85\u2028\u2029]")


def fold(text: str) -> str:
    """Fold white space to single spaces."""
    if text.isprintable() and "  " not in text and text == text.strip():
        return text  # nearly all: of white space only the space is printable
    return " ".join(text.split())


def with_line_ends(text: str) -> str:
    """End lines with U+000A where word processors have U+000B, U+0085, U+2028 or U+2029."""
    return _LINE_ENDS.sub("\n", text)


def fold_each(texts: Sequence[str]) -> list[str]:
    """Fold the white space of each; all at once where single spaces and line ends are the only one."""
    whole = _APART.join(["", *texts, ""]).replace("\n", " ")
    if (
        whole.isascii()
        and whole.count("\0") == len(texts) + 1
        and not any(map(whole.__contains__, _UNFOLDED))
    ):
        return whole.split(_APART)[1:-1]
    return [fold(text) for text in texts]


def fold_lines(text: str) -> str:
    """Fold the white space of each line, and leave empty ones out."""
    return "\n".join(filter(None, map(fold, text.split("\n"))))


def key(text: str) -> str:
    """Give what a text says: letters, digits, marks and meaningful signs, in one case.

    Examples
    --------
    >>> key("“C++”, isn't it? "), key("5 %")
    ('c++isntit', '5%')
    """
    return KEYS[text]


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isalnum():
        return folded
    if "," in folded or folded.count(".") > 1:
        folded = _DECIMAL_COMMA.sub(lambda found: f"{found[1].replace('.', '')}.{found[2]}", folded)
        folded = _THOUSANDS.sub(lambda found: found[0].replace(".", ""), folded)
    return "".join(c for c in _DECIMAL_POINT.sub("\N{FULLWIDTH FULL STOP}", folded) if _is_spoken(c))


KEYS: Final = Known(_key, _KNOWN)


def tokenize(texts: Iterable[str]) -> Tokens:
    """Segment texts that follow one another, as the utterances of a transcript do."""
    chunks: list[str] = []
    lengths: list[int] = []
    for text in texts:
        own = (text if text.isprintable() else FORBIDDEN.sub("", text)).split()
        chunks += own
        lengths.append(len(own))
    found = looked_up(_FORMS, chunks)
    begins = list(accumulate(lengths, initial=0))
    forms: list[str] = []
    done = 0
    for _ in range(found.count("")):
        at = found.index("", done)
        several = _segment(chunks[at])
        forms += found[done:at]
        forms += several
        lengths[bisect_right(begins, at) - 1] += len(several) - 1
        done = at + 1
    forms += found[done:]
    for end in accumulate(lengths):
        if end and _unspaced_end(forms[end - 1]):
            # Whether a text ends here is no property of the words: a witness that goes on must agree.
            forms[end - 1] = forms[end - 1].rstrip()
    return Tokens(tuple(forms), looked_up(KEYS, forms), tuple(lengths))


def keys_of(text: str) -> tuple[str, ...]:
    """Give the keys of what is spoken in a text."""
    return tuple([own for own in tokenize([text]).keys if own])


def count(texts: Sequence[str], most: int) -> int:
    """Count tokens; where there are at most `most`, nought may be said instead, which takes less time."""
    if sum(map(len, texts)) <= most:
        return 0
    if (between_spaces := sum(len(text.split()) for text in texts)) > most:
        return between_spaces
    if not any(not text.isascii() and re.search(_ANY_UNSPACED, text) for text in texts):
        runs = sum(1 for text in texts for _ in _AT_LEAST.finditer(text))
        if runs <= most:
            return 0
    tokens = 0
    for text in texts:  # marks and scripts without spaces have fewer, or more
        tokens += len(tokenize((text,)).forms)
        if tokens > most:
            break
    return tokens


def extent(texts: Iterable[str]) -> tuple[int, str]:
    """Count the words of a text, or its characters when most are of scripts without spaces.

    Examples
    --------
    >>> extent(["C'est énorme !"]), extent(["最初は", "晴れ。"])
    ((2, 'word'), (5, 'character'))
    """
    chunks = [chunk for text in texts for chunk in text.split() if any(map(str.isalnum, chunk))]
    letters = sum(char.isalnum() for chunk in chunks for char in chunk)
    unspaced = sum(char.isalnum() and is_unspaced(char) for chunk in chunks for char in chunk)
    return (letters, "character") if 2 * unspaced > letters else (len(chunks), "word")


def spelled(text: str) -> str:
    """Give what a text becomes among the texts of a stream: its tokens' forms, joined."""
    clean = printable(text)
    return clean if not clean or _unspaced_end(clean) else f"{clean} "


def ends_sentence(text: str) -> bool:
    """Tell whether a text ends with the end of a sentence, be it within quotation marks or brackets."""
    for char in reversed(text.rstrip()):
        if char in _STOPS:
            return True
        if char.isalnum() or char.isspace():
            return False
    return False


def _is_spoken(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LNM" or category in _SPOKEN_CATEGORIES or char in _SPOKEN_PUNCTUATION


def _segment(chunk: str) -> list[str]:
    """Give the forms of a chunk, which ends in a space."""
    forms = [chunk[a:b] for a, b in _borders(chunk)]
    forms[-1] += " "
    return forms


def _form(chunk: str) -> str:
    """Give the form of a chunk; empty where it has several."""
    return f"{chunk} " if len(_borders(chunk)) == 1 else ""


_FORMS: Final = Known(_form, _KNOWN)


def _borders(chunk: str) -> list[tuple[int, int]]:
    """Find where the tokens of a chunk begin and end."""
    words = [match.start() for match in _WORD.finditer("".join(map(_class, chunk)))]
    starts = [0, *words[1:]]  # punctuation before the first word belongs to it
    return list(zip(starts, [*starts[1:], len(chunk)], strict=True))


def _class(char: str) -> str:
    """Give the letter by which `_WORD` knows a character."""
    category = unicodedata.category(char)
    if category[0] == "M" or category == "Cf":
        return "m"
    if is_unspaced(char):
        return "c" if char.isalnum() else "p"
    if char.isdigit():
        return "d"
    if char.isalnum() or char == "_":
        return "l"
    return _JOINERS.get(char, "p")


def is_unspaced(char: str) -> bool:
    """Whether a character is of a script that writes without spaces."""
    code = ord(char)
    return code >= _UNSPACED[0][0] and any(low <= code <= high for low, high in _UNSPACED)


def are_unspaced(before: str, after: str) -> bool:
    """Whether two words meet in a script that has nothing between words."""
    return bool(before and after) and is_unspaced(before[-1]) and is_unspaced(after[0])


def spaced(words: Iterable[str]) -> str:
    """Write words one after another, with a space between two that are not `are_unspaced`."""
    text = ""
    for word in words:
        text += word if not text or are_unspaced(text, word) else f" {word}"
    return text


def _unspaced_end(form: str) -> bool:
    """Whether no space follows this form when the text goes on."""
    if form.isascii():
        return False
    last = form.rstrip()[-1:]
    if not last or last.isascii():
        return False
    return is_unspaced(last) or (
        unicodedata.category(last)[0] == "P" and unicodedata.east_asian_width(last) in "WF"
    )
