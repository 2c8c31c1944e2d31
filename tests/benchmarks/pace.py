"""How well the times of words can be told from those of cues: by letters, by a fitted pace, and at best.

What an engine writes in a cue says how long a word is, and not where somebody pauses. So three guesses are
compared with when revkaldi, which times words, has each word of a cue begin, between the cue's own ends:

1. by *letters*, as Episodic does;
2. by a *pace* that is fitted on the other three calls, by least squares: so much a word, a character, a
   syllable, a comma and the end of a sentence;
3. by an *oracle*: each word takes the mean of the time, with the pause after it, that it takes in this very
   call. No rule that knows the words alone can be expected to do better.
"""

import re
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import numpy as np

from episodic.canonical.resolution.transcripts.alignment import Interner, align
from episodic.canonical.text.tokens import key
from tests.benchmarks import fit
from tests.benchmarks.report import Section

_ENGINES: Final = ("google", "amazon", "speechmatics")
_LONGEST: Final = 3.0  # seconds from a word to the next; what is longer is a change of speaker
_SYLLABLE: Final = re.compile("[aeiouy]+|[0-9]", re.IGNORECASE)

type _Pace = Callable[[str], float]


class _Cue(NamedTuple):
    """Words, between two times, with those that were measured."""

    start: float
    end: float
    words: Sequence[str]
    measured: Sequence[float | None]


def sections() -> list[Section]:
    rows = [_row(engine, call) for engine in _ENGINES for call in fit.calls()]
    return [
        Section(
            "What cues do not tell",
            "How far words are from where revkaldi has them begin, median and 95th percentile, between the "
            "ends of their own cue: by letters, by a pace fitted on the other three calls (by characters, "
            "syllables and marks), and by an oracle that knows how long each word takes in this call on "
            "average. Where people pause, words do not tell.",
            ["engine", "call", "letters", "fitted pace", "oracle"],
            rows,
        )
    ]


def _row(engine: str, call: str) -> list[str]:
    own = _cues(engine, call)
    others = [cue for other in fit.calls() if other != call for cue in _cues(engine, other)]
    timed = list(_durations(others))
    weights, *_ = np.linalg.lstsq(
        np.array([_features(word) for word, _ in timed]), np.array([time for _, time in timed])
    )

    def fitted(word: str) -> float:
        return max(0.01, float(np.dot(_features(word), weights)))

    here: dict[str, list[float]] = {}
    for word, time in _durations(own):
        here.setdefault(word, []).append(time)
    means: Mapping[str, float] = {word: statistics.mean(times) for word, times in here.items()}
    return [
        engine,
        call,
        _errors(own, _letters),
        _errors(own, fitted),
        _errors(own, lambda word: means.get(word) or fitted(word)),
    ]


def _letters(word: str) -> float:
    return len(word) + 1


def _features(word: str) -> Sequence[float]:
    return (1, len(word), len(_SYLLABLE.findall(word)), word[-1] in ",;:", word[-1] in ".?!")


def _durations(cues: Sequence[_Cue]) -> Iterator[tuple[str, float]]:
    """Yield words with the seconds to the next of their cue."""
    for cue in cues:
        for word, (time, after) in zip(cue.words, pairwise(cue.measured), strict=False):
            if time is not None and after is not None and 0 < after - time < _LONGEST:
                yield word, after - time


def _errors(cues: Sequence[_Cue], pace: _Pace) -> str:
    errors: list[float] = []
    for cue in cues:
        ends = list(accumulate(map(pace, cue.words), initial=0.0))
        for end, measured in zip(ends, cue.measured, strict=False):
            if measured is not None:
                errors.append(abs(cue.start + (cue.end - cue.start) * end / ends[-1] - measured))
    errors.sort()
    median, most = (errors[len(errors) * share // 100] for share in (50, 95))
    return f"{median:.2f} s, {most:.2f} s"


def _cues(engine: str, call: str) -> list[_Cue]:
    """Read the cues of an engine with the times that revkaldi measured for their words."""
    spoken = [u for u in fit.source(call, engine).utterances if u.text]
    measured = _measured(engine, call)
    found: list[_Cue] = []
    at = 0
    for said in spoken:
        words = said.text.split()
        if said.start is not None and said.end is not None:
            found.append(_Cue(said.start, said.end, words, measured[at : at + len(words)]))
        at += len(words)
    return found


def _measured(engine: str, call: str) -> list[float | None]:
    """Give for each word of an engine when revkaldi has it begin."""
    told = [word for u in fit.source(call, "revkaldi").utterances for word in u.words]
    words = _words(engine, call)
    times: list[float | None] = [None] * len(words)
    for own, other in _same(words, [word.text for word in told]):
        times[own] = told[other].start
    return times


def _words(engine: str, call: str) -> list[str]:
    return [word for u in fit.source(call, engine).utterances if u.text for word in u.text.split()]


def _same(words: Sequence[str], others: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the numbers of words that both have."""
    interner = Interner()
    ours, theirs = (interner.intern([key(word) for word in each]) for each in (words, others))
    for block in align(ours, theirs):
        for at in range(block.start, block.end if block.equal else block.start):
            yield at, block.other_start + at - block.start
