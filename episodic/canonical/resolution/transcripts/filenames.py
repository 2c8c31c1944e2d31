"""What the names of files say of a transcript: which part of it they are, or who speaks in them."""

import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.wordlists import word_list

_PARTS: Final = word_list(
    """
    act band cd chapter chunk disc disk half hour part pt reel section seg segment session side tape
    tome gruppe hälfte kapitel stunde stück teil mitad moitié parte partie
    """
)
# What is counted so is not one transcript's parts.
_OTHERS: Final = word_list(
    """
    asr channel ch copy draft e engine ep episode guest host mic model rev revision s season speaker
    take track v version voice x episodio épisode folge sprecher
    """
)
_COUNTED: Final = {
    word: number
    for number, words in enumerate(
        (
            "first one erste erster erstes eins première premier primera primero uno i",
            "second two zweite zweiter zweites zwei deuxième seconde deux segunda segundo dos ii",
            "third three dritte dritter drittes drei troisième trois tercera tercero tres iii",
            "fourth four vierte vierter viertes vier quatrième quatre cuarta cuarto cuatro iv",
            "fifth five fünfte fünfter fünftes fünf cinquième cinq quinta quinto cinco v",
        ),
        1,
    )
    for word in words.split()
}
_MOST_PARTS: Final = 99
_MOST_NAMES: Final = 3  # that somebody has
_QUERY: Final = pattern(r"[?#].*")
# Of a format or a language: ".vtt", ".json3", ".en-gb".
_ENDING: Final = pattern(r"(?<=.)\.([a-z]{2,10})(?:\d|-[a-z]{2,4})?$")
_PIECE: Final = pattern(r"\d+|[^\W\d_]+|[\W_]+")

# The pieces of a name before and after a place where it counts parts, and how many are its folder's; with
# the number there.
type Counts = dict[tuple[tuple[str, ...], tuple[str, ...], int], int]


def follow(one: Counts, other: Counts) -> bool:
    """Whether two names count parts: they have other numbers in one place, and are the same around it."""
    return any(one[place] != other[place] for place in one.keys() & other.keys())


def counted(uri: str) -> Counts:
    """Find where a name may count parts: what is around each such place, and the number there."""
    path = PurePosixPath(_QUERY.sub("", uri.casefold()))
    folder = _PIECE.findall(f"{path.parent}/")
    pieces = (*folder, *_PIECE.findall(_stem(path.name)))
    found: Counts = {}
    for at, piece in enumerate(pieces):
        if (number := _number(piece)) is not None:
            words = [near for near in pieces[max(0, at - 2) : at] if near.isalpha()][-1:]
            after = [near for near in pieces[at + 1 : at + 3] if near.isalpha()][:1]
            bare = piece.isdigit() and at > len(folder) and number <= _MOST_PARTS
            if not _PARTS.isdisjoint((*words, *after)) or (bare and words and _OTHERS.isdisjoint(words)):
                found[pieces[:at], pieces[at + 1 :], len(folder)] = number
    return found


def _stem(name: str) -> str:
    """Take the endings off a file's name, of formats and of languages."""
    while match := _ENDING.search(name.lower()):
        if match[1] in _PARTS:
            break
        name = name[: -len(match[0])]
    return name


def called_after(uris: Sequence[str]) -> list[str]:
    """Call people after their files, by the words that these do not have in common; else number them."""
    files = (unicodedata.normalize("NFC", PurePosixPath(_QUERY.sub("", uri)).name) for uri in uris)
    stems = [_PIECE.findall(_stem(name)) for name in files]
    before = _alike(stems)
    after = _alike([stem[before:][::-1] for stem in stems])
    own = [[piece for piece in stem[before : len(stem) - after] if piece.isalpha()] for stem in stems]
    names = [" ".join(words) for words in own]
    names = [name.title() if name.islower() else name for name in names]
    if len(set(map(str.casefold, names))) == len(uris) and all(
        0 < len(words) <= _MOST_NAMES for words in own
    ):
        return names
    order = sorted(uris)
    return [f"Track {order.index(uri) + 1}" for uri in uris]


def _alike(rows: Sequence[Sequence[str]]) -> int:
    """Count what all have alike at their beginnings."""
    fewest = min(map(len, rows))
    return next((at for at in range(fewest) if len({row[at].casefold() for row in rows}) > 1), fewest)


def _number(piece: str) -> int | None:
    if piece.isdecimal():
        return int(piece) if len(piece) < len("10000") else None
    if piece in _COUNTED:
        return _COUNTED[piece]
    return ord(piece) - ord("a") + 1 if len(piece) == 1 and "a" <= piece <= "z" else None


def part_numbers(group: Sequence[int], names: Sequence[Counts]) -> dict[int, int] | None:
    """Number parts by their names, when all are counted in one place, from 0 or 1 on and without a gap."""
    for place in names[group[0]]:
        numbers = {index: names[index][place] for index in group if place in names[index]}
        if sorted(numbers.values()) in (list(range(len(group))), list(range(1, len(group) + 1))):
            return numbers
    return None
