"""Passages that a witness has in another place than the others, or twice.

In columns such a passage stands where others are silent, and its words stand elsewhere once more::

    column    1 ... 500    501 ... 900   901 ... 1400
    s1        the halves   of a talk     -
    s2        the halves   of a talk     -
    s3        -            of a talk     the halves        displaced: 901 to 1400, home: 1 to 500

1. A *gap* of a witness are some columns in which it is silent for long. Where one has a gap and another
   words, phrases of those words are looked for in all other columns.
2. Where enough of them stand in one stretch, in order, the passage is there twice. Phrases that a witness
   says more often than that tell nothing: a litany is no passage that is repeated.
3. It stays where more witnesses have it, of equals where the heavier do, then the first; elsewhere it is
   *displaced*, and does not stand. What one alone has in both places falls in the one where others reach and
   are silent; what several have in both was said twice.
4. At its *home* the silence of those who have it elsewhere is no vote against it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.resolution.transcripts.table import HOLE, Table, overlaid, silences

# Words of a phrase; of a passage; the share of its words that stand in such phrases in the other place; and
# how far these may stray, in words and as a share of the passage.
_PHRASE: Final = 4
_SHORTEST: Final = 16
_FOUND: Final = 0.35
_STRAY: Final = 20
_OFTEN: Final = 3
_STRAYING: Final = 0.15

type _Phrase = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Displaced:
    """A passage that does not stand where it is.

    Parameters
    ----------
    start, end
        Its columns.
    voices
        Who has it there.
    silent
        Who has not.
    home
        Columns in which its words stand as well, and do stand.
    """

    start: int
    end: int
    voices: tuple[int, ...]
    silent: tuple[int, ...]
    home: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Passage:
    start: int
    end: int
    voices: tuple[int, ...]
    silent: tuple[int, ...]
    words: tuple[int, ...]


def displaced(table: Table, voters: Sequence[bool], weights: Sequence[int]) -> tuple[Displaced, ...]:
    """Find displaced passages.

    Parameters
    ----------
    voters, weights
        Of each witness, whether it has a vote, and its weight.
    """
    passages = list(_passages(table, voters))
    if not passages:
        return ()
    places = _places(table, passages)
    found: list[Displaced] = []
    for passage in passages:
        home = _home(passage, places)
        if home is None or any(_overlap(home, each) for each in found):
            continue
        there = tuple(
            voice
            for voice, words in enumerate(table.words)
            if voters[voice] and 2 * sum(word >= 0 for word in words[home[0] : home[1]]) > home[1] - home[0]
        )
        here = passage.voices
        if set(here) <= set(there):
            falls = len(here) == 1 and _is_missed(passage, home, table)
        else:
            falls = _rank(here, weights) < _rank(there, weights)
        if falls:
            found.append(Displaced(passage.start, passage.end, here, passage.silent, home))
    return tuple(found)


def _is_missed(passage: _Passage, home: tuple[int, int], table: Table) -> bool:
    """Whether others would have a passage that one has twice: who reach it, or end where it begins."""
    follows = home[1] <= passage.start <= home[1] + _STRAY
    return follows or any(
        table.reach[voice][0] <= passage.start and passage.end <= table.reach[voice][1]
        for voice in passage.silent
    )


def _rank(voices: Sequence[int], weights: Sequence[int]) -> tuple[int, int, int]:
    return len(voices), sum(weights[voice] for voice in voices), -min(voices, default=len(weights))


def _overlap(home: tuple[int, int], found: Displaced) -> bool:
    """Whether most of a place does not stand itself."""
    return 2 * (min(home[1], found.end) - max(home[0], found.start)) > home[1] - home[0]


def _passages(table: Table, voters: Sequence[bool]) -> Iterator[_Passage]:
    """Yield the passages that some witnesses have and some have not."""
    gaps = (
        (start, end, voice)
        for voice, words in enumerate(table.words)
        if voters[voice]
        for start, end in silences(words, 0, len(words), HOLE)
    )
    for start, end, here in overlaid(gaps):
        silent = tuple(sorted(voice for _, _, voice in here))
        said = {
            voice: tuple(word for word in table.words[voice][start:end] if word >= 0)
            for voice, votes in enumerate(voters)
            if votes and voice not in silent
        }
        voices = tuple(voice for voice, words in said.items() if words)
        longest = max(said.values(), key=len, default=())
        if len(longest) >= _SHORTEST:
            yield _Passage(start, end, voices, silent, longest)


def _places(table: Table, passages: Sequence[_Passage]) -> dict[_Phrase, list[int]]:
    """Find where the phrases of passages begin, by columns."""
    places: dict[_Phrase, list[int]] = {phrase: [] for each in passages for phrase in _phrases(each.words)}
    often: list[_Phrase] = []
    for words in table.words:
        columns = [column for column, word in enumerate(words) if word >= 0]
        spoken = [words[column] for column in columns]
        own: Counter[_Phrase] = Counter()
        for column, phrase in zip(columns, _phrases(spoken), strict=False):
            if (found := places.get(phrase)) is not None:
                found.append(column)
                own[phrase] += 1
        often += (phrase for phrase, count in own.items() if count > _OFTEN)
    for phrase in often:
        places[phrase] = []
    return places


def _phrases(words: Sequence[int]) -> Iterator[_Phrase]:
    return zip(*(words[at:] for at in range(_PHRASE)), strict=False)


def _home(passage: _Passage, places: dict[_Phrase, list[int]]) -> tuple[int, int] | None:
    """Find the stretch outside of a passage in which its words stand once more."""
    hits = [
        (at, column)
        for at, phrase in enumerate(_phrases(passage.words))
        for column in places[phrase]
        if not passage.start <= column < passage.end
    ]
    if not hits:
        return None
    stray = _STRAY + int(_STRAYING * len(passage.words))
    strips = Counter((column - at) // stray for at, column in hits)
    strip = max(strips, key=lambda each: (strips[each] + strips.get(each + 1, 0), -each))
    near = [(at, column) for at, column in hits if (column - at) // stray in {strip, strip + 1}]
    said = {at + step for at, _ in near for step in range(_PHRASE)}
    if len(said) < _FOUND * len(passage.words):
        return None
    columns = sorted(column for _, column in near)
    odd = len(columns) // 20  # a phrase that stands nearby as well
    return columns[odd], columns[-1 - odd] + _PHRASE
