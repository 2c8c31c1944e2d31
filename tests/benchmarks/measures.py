"""How far a text is from a human reference: words, numbers that nobody said, marks and capitals."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, cast

from rapidfuzz.distance import Levenshtein

_MARKS: Final = frozenset(".,?!;:")
_NUMBER: Final = re.compile(r"\d")
_BARE: Final = re.compile(r"[\W_]+")
# A number is a source's when that has it at most so many words from the place where it stands.
_BESIDE: Final = 6
_SHOWN: Final = 3


@lru_cache(maxsize=256)
def words(text: str) -> tuple[str, ...]:
    """Normalize as published word error rates of English do: Whisper's own normalizer (OpenAI, 2022)."""
    from whisper_normalizer.english import EnglishTextNormalizer

    normalize = cast("Callable[[str], str]", _made(EnglishTextNormalizer))
    return tuple(normalize(text).split())


@cache
def _made[T](kind: type[T]) -> T:
    return kind()


def errors(said: Sequence[str], reference: Sequence[str]) -> float:
    """Word error rate."""
    return Levenshtein.distance(said, reference) / len(reference)


def numbers_of_no_source(said: Sequence[str], sources: Sequence[Sequence[str]]) -> list[int]:
    """Places of numbers that stand in a text and in no source near the same place."""
    wanted = {at for at, word in enumerate(said) if _NUMBER.search(word)}
    for source in sources:
        for at, there in _there(said, source, wanted):
            if said[at] in source[max(0, there - _BESIDE) : there + _BESIDE + 1]:
                wanted.discard(at)
    return sorted(wanted)


def around(said: Sequence[str], source: Sequence[str], at: int) -> str:
    """Give what a source has around a place of a text."""
    there = next((there for _, there in _there(said, source, {at})), 0)
    return " ".join(source[max(0, there - _SHOWN) : there + _SHOWN + 1])


def _there(said: Sequence[str], source: Sequence[str], places: set[int]) -> list[tuple[int, int]]:
    """Find where places of a text are in a source."""
    return [
        (at, op.dest_start + min(at - op.src_start, op.dest_end - op.dest_start))
        for op in Levenshtein.opcodes(said, source)
        for at in sorted(places)
        if op.src_start <= at < op.src_end
    ]


@dataclass(frozen=True, slots=True)
class Spelling:
    """F1 of the marks after words, and of capitals, over the words that two texts share in order."""

    marks: float
    capitals: float


def spelling(said: str, reference: str, beside: str | None = None) -> Spelling:
    """Compare how two texts spell the words that they share; with a third, those that all three share."""
    made, wanted = _shared(said, reference), reference.split()
    among = made.keys() & _shared(beside, reference).keys() if beside else made
    pairs = [(made[at], wanted[at]) for at in among]
    marks = sum(_mark(own) == _mark(its) != "" for own, its in pairs)
    capitals = sum(_capital(own) and _capital(its) for own, its in pairs)
    return Spelling(
        _f1(marks, sum(_mark(own) != "" for own, _ in pairs), sum(_mark(its) != "" for _, its in pairs)),
        _f1(capitals, sum(_capital(own) for own, _ in pairs), sum(_capital(its) for _, its in pairs)),
    )


@lru_cache(maxsize=64)
def _shared(said: str, reference: str) -> dict[int, str]:
    """Give the words that two texts share in order, as the first has them, by their places in the other."""
    one, other = said.split(), reference.split()
    return {
        op.dest_start + at - op.src_start: one[at]
        for op in Levenshtein.opcodes([_bare(w) for w in one], [_bare(w) for w in other])
        if op.tag == "equal"
        for at in range(op.src_start, op.src_end)
    }


def _f1(right: int, made: int, wanted: int) -> float:
    return 2 * right / (made + wanted) if made + wanted else 0.0


def _bare(word: str) -> str:
    return _BARE.sub("", word).casefold()


def _mark(word: str) -> str:
    return word[-1] if word[-1:] in _MARKS else ""


def _capital(word: str) -> bool:
    bare = _BARE.sub("", word)
    return bare[:1].isupper()
