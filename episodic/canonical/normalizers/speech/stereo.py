"""A recording that was transcribed once a channel, with the same in each: everything is said twice.

1. Whoever says most of what another says, at the same time, is the same recording heard again. Pairs of
   words in a row are compared, which nobody shares by chance with whom he speaks over.
2. Of those, the one with most words stays. Of another stays what is said while that one is silent.
3. Where nobody else is left, the labels were of channels, and say of nobody who speaks.

Example: the first channel has most words, and of the second that stays which the first has missed::

    Channel 0   0:01 Good evening, and welcome.   0:03 We have a guest.
    Channel 1   0:01 Good evening and well come   0:03 We have guest        0:09 Thank you.
    stays       0:01 Good evening, and welcome.   0:03 We have a guest.     0:09 Thank you.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Final

from episodic.canonical.normalizers.format import Structure
from episodic.canonical.sources import Doubt, Utterance
from episodic.canonical.text.tokens import keys_of

# So much of the speech begins while another's lasts, or nobody says the same at the same time.
_OVERLAPPING: Final = 0.25
# Of what one says, another says so much within so many seconds: two hearings with every eighth word wrong.
_SAME: Final = 0.4
_SECONDS: Final = 1.5
# Pairs of words that tell.
_TELLING: Final = 20
# A word takes so many seconds where no end is given; a pause that is shorter is none.
_QUICK: Final = 0.33
_PAUSE: Final = 1.0

type _Times = dict[tuple[str, str], list[float]]


def heard_once(structure: Structure) -> Structure:
    """A structure in which nobody says what another says at the same time."""
    said = structure.utterances
    if not _overlaps(said):
        return structure
    spoken: dict[str, list[Utterance]] = defaultdict(list)
    for each in said:
        if each.speaker and each.start is not None:
            spoken[each.speaker].append(each)
    times = {speaker: _times(own) for speaker, own in spoken.items()}
    sizes = {speaker: sum(map(len, own.values())) for speaker, own in times.items()}
    by_size = sorted(sizes, key=lambda speaker: -sizes[speaker])
    again: dict[str, str] = {}
    for one, other in combinations(by_size, 2):
        if not {one, other} & again.keys() and _is_same(times[one], times[other], sizes[other]):
            again[other] = one
    if not again:
        return structure
    speech = {speaker: _speech(spoken[speaker]) for speaker in again.values()}
    left = [
        each for each in said if each.speaker not in again or not _covers(speech[again[each.speaker]], each)
    ]
    others = [f"{other} says what {one} says" for other, one in again.items()]
    signals = structure.signals
    if len(by_size) == len(again) + 1:
        left = [each._replace(speaker=None) for each in left]
        signals = replace(signals, speaker_coverage=0.0)
    doubt = Doubt.left_out(
        f"{_size(said) - _size(left):,} words: {'; '.join(others)} at the same time, as where a mix was "
        "transcribed once a channel; transcribe it in mono, or give each channel as a file of its own"
    )
    return replace(structure, utterances=tuple(left), signals=signals.with_doubts(doubt))


def _size(said: Sequence[Utterance]) -> int:
    return sum(len(keys_of(each.text)) for each in said)


def _end(utterance: Utterance) -> float:
    start = utterance.start or 0.0
    return start + _QUICK * (utterance.text.count(" ") + 1) if utterance.end is None else utterance.end


def _overlaps(said: Sequence[Utterance]) -> bool:
    """Whether people speak over each other often enough to be the same."""
    timed = [each for each in said if each.speaker and each.start is not None]
    if len({each.speaker for each in timed}) < 2:
        return False
    timed.sort(key=lambda each: each.start or 0.0)
    both = sum(
        after.speaker != before.speaker and (after.start or 0.0) < _end(before)
        for before, after in pairwise(timed)
    )
    return both >= _OVERLAPPING * len(timed)


def _times(said: Sequence[Utterance]) -> _Times:
    """Say when somebody says each two words in a row."""
    words = [word for each in said for word in _words(each)]
    times: _Times = defaultdict(list)
    for (one, start), (other, _) in pairwise(words):
        times[one, other].append(start)
    return {pair: sorted(own) for pair, own in times.items()}


def _words(utterance: Utterance) -> Iterator[tuple[str, float]]:
    keys = [key for key in keys_of(utterance.text) if key]
    start, length = utterance.start or 0.0, _end(utterance) - (utterance.start or 0.0)
    for at, key in enumerate(keys):
        timed = utterance.words[at * len(utterance.words) // len(keys)].start if utterance.words else None
        yield key, start + length * at / len(keys) if timed is None else timed


def _is_same(one: _Times, other: _Times, size: int) -> bool:
    """Whether one says most of what another says, at the same time."""
    if size < _TELLING:
        return False
    found = sum(
        bisect_left(one[pair], time - _SECONDS) < bisect_right(one[pair], time + _SECONDS)
        for pair, own in other.items()
        if pair in one
        for time in own
    )
    return found >= _SAME * size


def _speech(said: Sequence[Utterance]) -> list[tuple[float, float]]:
    """Say when somebody speaks, without pauses that are none."""
    speech: list[tuple[float, float]] = []
    for start, end in sorted((each.start or 0.0, _end(each)) for each in said):
        if speech and start <= speech[-1][1] + _PAUSE:
            speech[-1] = speech[-1][0], max(speech[-1][1], end)
        else:
            speech.append((start, end))
    return speech


def _covers(speech: Sequence[tuple[float, float]], utterance: Utterance) -> bool:
    """Whether somebody speaks for at least half of an utterance."""
    start, end = utterance.start or 0.0, _end(utterance)
    at = max(0, bisect_right(speech, (start, float("inf"))) - 1)
    spoken = 0.0
    while at < len(speech) and speech[at][0] < end:
        spoken += max(0.0, min(end, speech[at][1]) - max(start, speech[at][0]))
        at += 1
    return 2 * spoken >= end - start
