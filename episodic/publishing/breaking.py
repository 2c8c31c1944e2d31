"""Where a text may be broken into lines that are narrow enough: better after a clause than within one."""

import enum
import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import ends_sentence, is_unspaced

_CLAUSE: Final = pattern(r"[,;:\u2013\u2014\u060c\u061b\u3001\uff0c\uff1b\uff1a][^\w\s]*$")
# What never begins a line in scripts without spaces, and what never ends one.
_CLOSING: Final = frozenset({"Pe", "Pf", "Po"})
_OPENING: Final = frozenset({"Ps", "Pi"})

# A dash between spaces begins no line: there it would be that of a change of speaker.
_WORD: Final = pattern(r"\S+(?:\s[-\u2013\u2014]+(?!\S))*")
_WITHIN: Final = 14  # characters that a line may be longer than another, so that it ends behind a clause


class Break(enum.IntEnum):
    """How well a text is broken at a place, the best first."""

    SENTENCE = 0
    CLAUSE = 1
    WORD = 2


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is never broken: a word, or a character of a script without spaces.

    Parameters
    ----------
    offset
        Where it begins in its text.
    spaced
        Whether a space stands before it where it does not begin a line.
    after
        How well the text is broken behind it.
    """

    text: str
    offset: int
    spaced: bool
    after: Break


def pieces(text: str, width: int, label: int = 0) -> Iterator[Chunk]:
    """Cut a text into pieces of at most `width` characters.

    Parameters
    ----------
    label
        Length of the name at its beginning, which stays together, and with the first word.
    """
    if label and (first := _WORD.search(text, label)) and first.end() <= width:
        yield Chunk(text[: first.end()], 0, spaced=True, after=_quality(first[0]))
        text = " " * first.end() + text[first.end() :]
    for word in _WORD.finditer(text):
        parts = list(_parts(word[0], width))
        for number, (offset, part) in enumerate(parts):
            ends = number == len(parts) - 1 or is_unspaced(part[0])
            yield Chunk(part, word.start() + offset, number == 0, _quality(part) if ends else Break.WORD)


def _quality(part: str) -> Break:
    if ends_sentence(part):
        return Break.SENTENCE
    return Break.CLAUSE if _CLAUSE.search(part) else Break.WORD


def _parts(word: str, width: int) -> Iterator[tuple[int, str]]:
    """Cut a word that is too long, or of a script that has no spaces; marks stay with what they are about."""
    if len(word) <= width and (word.isascii() or not any(map(is_unspaced, word))):
        yield 0, word
        return
    start = 0
    for at in range(1, len(word) + 1):
        if at == len(word) or at - start == width or _breaks(word[at - 1], word[at]):
            yield start, word[start:at]
            start = at


def _breaks(before: str, after: str) -> bool:
    """Whether a script without spaces may be broken between two of its characters."""
    if not (is_unspaced(before) or is_unspaced(after)):
        return False
    category = unicodedata.category(after)
    return category[0] != "M" and category not in _CLOSING and unicodedata.category(before) not in _OPENING


def lines(those: Sequence[Chunk], width: int, most: int) -> list[str]:
    """Set pieces in as few lines as possible: of about the same length, and broken behind clauses.

    Raises
    ------
    ValueError
        When more than `most` lines are needed.
    """
    count = needed(those, width)
    if count > most:
        raise ValueError(f"{count} lines are needed, and {most} are there")
    ends = list(accumulate(piece.spaced + len(piece.text) for piece in those))
    mean = ends[-1] / count
    # The least unevenness with which the pieces up to each fill as many lines as the round says.
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ()), *((math.inf, ()) for _ in those)]
    for row in range(count):
        before = best
        best = [(math.inf, ()) for _ in before]
        for first in range(len(those) - (count - row - 1)):
            if before[first][0] == math.inf:
                continue
            begin = ends[first] - len(those[first].text)
            for after in range(first + 1, len(those) + 1):
                length = ends[after - 1] - begin
                if length > width:
                    break
                within = _WITHIN if after < len(those) and those[after - 1].after is Break.WORD else 0
                cost = before[first][0] + (length - mean) ** 2 + within**2
                best[after] = min(best[after], (cost, (*before[first][1], after)))
    cuts = (0, *best[-1][1])
    return [_text(those[first:after]) for first, after in pairwise(cuts)]


def needed(those: Iterable[Chunk], width: int) -> int:
    """How many lines pieces need when each line is as full as it can be."""
    count = room = 0
    for piece in those:
        if count and len(piece.text) + piece.spaced <= room:
            room -= len(piece.text) + piece.spaced
        else:
            count, room = count + 1, width - len(piece.text)
    return count


def _text(line: Sequence[Chunk]) -> str:
    return "".join(f" {piece.text}" if piece.spaced else piece.text for piece in line).strip()
