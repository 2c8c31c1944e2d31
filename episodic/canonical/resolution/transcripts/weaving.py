"""Files that make one transcript together: tracks, one a speaker, and parts, one after another.

Files *complete* each other when they have few words in common, and

1. speak at different times of one clock: tracks of one conversation, whose speakers take turns, or parts
   whose clock goes on. How long both speak at once is compared with how long two that do not listen to each
   other would; or
2. their names count parts: ``show-part1.vtt`` and ``show-part2.vtt``, ``cd 1/talk.txt`` and
   ``cd 2/talk.txt``, ``show-1.txt`` and ``show-2.txt``. Their clocks may all begin at nought.

Files of which every two complete each other are one *thread*: their utterances stand by the time at which
they begin, or in the order that the names give, the clock of each part set on after the one before. Who
speaks in a track that names nobody is *called* after its file, by what the files' names have not in common::

    ada.vtt      0:00 Hello, Charles.                 0:09 So it can.
    charles.vtt                        0:03 It weaves numbers.
    thread       0:00 Hello, Charles.  0:03 It weaves numbers.  0:09 So it can.
                 Ada                   Charles                  Ada
"""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import Final

from episodic.canonical.document import Witness
from episodic.canonical.resolution.transcripts.filenames import (
    Counts,
    called_after,
    counted,
    follow,
    part_numbers,
)
from episodic.canonical.resolution.transcripts.kinship import Kinship
from episodic.canonical.sources import Utterance
from episodic.canonical.text.labels import is_label

# Files that complete each other have at most so many of the shorter one's words in common.
_STRANGERS: Final = 0.25
# Clocks are compared in tenths of a second, up to a hundred hours.
_TICKS: Final = 10
_LATEST: Final = 360_000 * _TICKS
# A word takes so many seconds at most, and an utterance so many more; where no end is given, a word so many.
_WORD: Final = 0.8
_PAUSE: Final = 1.0
_QUICK: Final = 0.33
# Of the time of the one who speaks less, two may speak at once for so long in any case; for so long when that
# is at most so much of what chance would make of it.
_ALWAYS: Final = 0.05
_SOMETIMES: Final = 0.35
_OF_CHANCE: Final = 0.6
# Of the utterances with words so many have a start, or the clock is none.
_TIMED: Final = 0.9


@dataclass(frozen=True, slots=True)
class Thread:
    """Witnesses that make one transcript, woven.

    Parameters
    ----------
    members
        Indices of the witnesses, in the order in which they begin; one alone is its own thread.
    utterances
        In the order of the transcript, on one clock.
    owner, number
        For each of those, the index of its witness, and its number there.
    in_turn
        Whether its witnesses speak in turn, and not one after another.
    called
        For each of its witnesses that speaks in turn and names nobody: whom its file's name names.
    """

    members: tuple[int, ...]
    utterances: tuple[Utterance, ...]
    owner: array[int]
    number: array[int]
    in_turn: bool = False
    called: Mapping[int, str] = field(default_factory=dict[int, str])

    def owners(self, lengths: Sequence[int]) -> array[int]:
        """Say for each token which witness it is of.

        Parameters
        ----------
        lengths
            How many tokens each utterance has.
        """
        owned = zip(self.owner, lengths, strict=True)
        return array("I", [index for index, length in owned for _ in range(length)])


@dataclass(frozen=True, slots=True)
class _Clock:
    """When a witness speaks: a bit for each tenth of a second, and how many of those."""

    spoken: int
    length: int
    first: int
    last: int


def threads(witnesses: Sequence[Witness], kinship: Kinship) -> list[Thread]:
    """Find which witnesses make one transcript together.

    Parameters
    ----------
    witnesses
        Transcripts, in any order that does not depend on how they were given.
    kinship
        Tells which words they have in common.

    Returns
    -------
    Threads, by their first witness; each witness is in one.
    """
    names = [counted(each.weighted.source.uri) for each in witnesses]

    @cache
    def clock(index: int) -> _Clock | None:
        return _clock(witnesses[index].weighted.source.utterances)

    def complete(one: int, other: int) -> bool:  # what takes least time is asked first
        return (
            not kinship.much_alike(one, other, _STRANGERS)
            and (_alternate(clock(one), clock(other)) or follow(names[one], names[other]))
            and kinship.share(one, other) <= _STRANGERS
        )

    made: list[list[int]] = []
    for index, each in enumerate(witnesses):
        is_whole = not names[index] and all(u.start is None for u in each.weighted.source.utterances)
        for thread in () if is_whole else made:
            if all(complete(other, index) for other in thread):
                thread.append(index)
                break
        else:
            made.append([index])
    return [thread for group in made for thread in _woven(group, witnesses, clock, names)]


def alone(index: int, witness: Witness) -> Thread:
    """Make a thread of one witness."""
    spoken = witness.weighted.source.utterances
    return Thread((index,), spoken, array("I", [index]) * len(spoken), array("I", range(len(spoken))))


# --- clocks


def _clock(utterances: Sequence[Utterance]) -> _Clock | None:
    """Say when a witness speaks; ``None``: nobody knows."""
    spoken = [u for u in utterances if u.text]
    starts = [u for u in spoken if u.start is not None]
    if not starts or len(starts) < _TIMED * len(spoken):
        return None
    bounds = [(round((u.start or 0.0) * _TICKS), _end(u)) for u in starts]
    latest = max(end for _, end in bounds)
    if min(start for start, _ in bounds) < 0 or latest > _LATEST:
        return None
    ticks = bytearray(b"0") * (latest + 1)
    for start, end in bounds:
        ticks[start:end] = b"1" * (end - start)
    ticks.reverse()
    bits = int(ticks, 2)
    return _Clock(bits, bits.bit_count(), min(start for start, _ in bounds), latest)


def _end(utterance: Utterance) -> int:
    """Say in ticks when an utterance is over, as far as its words make likely."""
    start = utterance.start or 0.0
    words = utterance.text.count(" ") + 1
    if utterance.end is None:
        end = start + _QUICK * words
    else:
        end = min(utterance.end, start + _PAUSE + _WORD * words)
    return max(round(end * _TICKS), round(start * _TICKS) + 1)


def _alternate(one: _Clock | None, other: _Clock | None) -> bool:
    """Whether two speak at different times of one clock."""
    if one is None or other is None:
        return False
    both = (one.spoken & other.spoken).bit_count()
    least = min(one.length, other.length)
    if both <= _ALWAYS * least:
        return True
    first, last = max(one.first, other.first), min(one.last, other.last)
    span = max(1, last - first)
    mask = ((1 << span) - 1) << first
    chance = (one.spoken & mask).bit_count() * (other.spoken & mask).bit_count() / span
    return both <= _SOMETIMES * least and both <= _OF_CHANCE * chance


# --- weaving


def _woven(
    group: Sequence[int],
    witnesses: Sequence[Witness],
    clock: Callable[[int], _Clock | None],
    names: Sequence[Counts],
) -> Iterator[Thread]:
    """Weave witnesses by their clocks, or else by their names; one by one where those do not count parts."""
    if len(group) == 1:
        yield alone(group[0], witnesses[group[0]])
        return
    spoken = {index: witnesses[index].weighted.source.utterances for index in group}
    if all(_alternate(clock(a), clock(b)) for a in group for b in group if a < b):
        first = {index: own.first if (own := clock(index)) else 0 for index in group}
        names_of = called_after([witnesses[index].weighted.source.uri for index in group])
        called = {
            index: name for index, name in zip(group, names_of, strict=True) if _is_unnamed(spoken[index])
        }
        yield _by_time(sorted(group, key=lambda index: (first[index], index)), spoken, called)
        return
    numbers = part_numbers(group, names)
    if numbers is None:
        for index in group:
            yield alone(index, witnesses[index])
        return
    yield _by_name(sorted(group, key=numbers.__getitem__), spoken)


def _is_unnamed(said: Sequence[Utterance]) -> bool:
    """Whether nobody is named, or all goes under one label."""
    speakers = {each.speaker for each in said if each.speaker}
    return len(speakers) < 2 and all(map(is_label, speakers))


def _by_time(
    order: Sequence[int], spoken: Mapping[int, Sequence[Utterance]], called: Mapping[int, str]
) -> Thread:
    """Put utterances in the order in which they begin; each witness's stay in their own."""
    placed: list[tuple[float, int, int]] = []
    for rank, index in enumerate(order):
        latest = float("-inf")
        for number, utterance in enumerate(spoken[index]):
            latest = latest if utterance.start is None else max(latest, utterance.start)
            placed.append((latest, rank, number))
    placed.sort()
    utterances: list[Utterance] = []
    before = -1
    in_turn = any(rank < last for (_, last, _), (_, rank, _) in pairwise(placed))
    called = called if in_turn else {}
    for _, rank, number in placed:
        utterance = spoken[order[rank]][number]
        speaker = called.get(order[rank], utterance.speaker)
        changes = in_turn and rank != before and speaker is None and utterance.text
        utterances.append(utterance._replace(speaker=speaker, turn=utterance.turn or bool(changes)))
        before = rank
    owners = array("I", [order[rank] for _, rank, _ in placed])
    numbers = array("I", [number for _, _, number in placed])
    return Thread(tuple(order), tuple(utterances), owners, numbers, in_turn, called)


def _by_name(order: Sequence[int], spoken: Mapping[int, Sequence[Utterance]]) -> Thread:
    """Put parts one after another, and set on the clock of each after the one before."""
    utterances: list[Utterance] = []
    owners, numbers = array("I"), array("I")
    now = 0.0
    for index in order:
        own = spoken[index]
        starts = [u.start for u in own if u.start is not None]
        shift = now if starts and min(starts) < now else 0.0
        utterances += [_later(u, shift) for u in own] if shift else own
        owners.extend([index] * len(own))
        numbers.extend(range(len(own)))
        ends = [u.end if u.end is not None else _end(u) / _TICKS for u in utterances if u.start is not None]
        now = round(max([now, *ends]), 3)
    return Thread(tuple(order), tuple(utterances), owners, numbers)


def _later(utterance: Utterance, seconds: float) -> Utterance:
    start, end = utterance.start, utterance.end
    return utterance._replace(
        start=None if start is None else round(start + seconds, 3),
        end=None if end is None else round(end + seconds, 3),
        words=tuple(
            replace(
                word,
                start=None if word.start is None else round(word.start + seconds, 3),
                end=None if word.end is None else round(word.end + seconds, 3),
            )
            for word in utterance.words
        ),
    )
