"""The constants of the score, with their provenance.

Fitted by ``make fit`` (`tests.benchmarks.fit`) on the four calls of Earnings-21 that are in the corpus,
each as seven engines wrote it: a conditional logit over the readings of each region, then the least
expected number of wrong words, over all sets of two (``TWO``) and of three to seven engines (``SEVERAL``).
What cannot be learned there is set by hand: *name*, which these calls have no papers for; *beforehand*,
which decides where a text is too short to know anything from it; the least of *usual*; and ``MARKS``, by a
search for the best F1 of marks and capitals in the five sets of ``make bench ARGS=engines``, over all four
calls at once.
"""

from collections.abc import Callable, Mapping, Sequence
from math import sumprod
from types import MappingProxyType
from typing import Final

from episodic.canonical.resolution.transcripts.features import NAMES

type Constants = Mapping[str, float]

BY_HAND: Final[Constants] = MappingProxyType({"name": 4.5, "beforehand": 6.0, "placeholder": -4.0})
# Votes of a mark beside those of its absence, the share of votes that those give who have another mark, and
# how fast the votes of those fall who write less well than the best (`spelling`).
MARKS: Final[Constants] = MappingProxyType({"stop": 1.8, "comma": 2.5, "other": 0.15, "steep": 4.0})
# The least that *usual* counts: where one of two is right far more often than the other, what is learned on
# other calls is too little. On call 4320211 google and revkaldi have 1.07 times the wrong words of revkaldi
# alone with it, and .98 times with this; elsewhere it changes little. By hand, over all four calls at once.
USUAL: Final = 5.0
# What the scores of two witnesses are multiplied by in a first look, which knows less than they say: by hand.
DOUBT: Final = 0.5
# Of the witnesses of one conversation only two speak, or several do.
TWO: Final[Constants] = MappingProxyType(
    {
        "share": 0.0,
        "nearby": 0.61,
        "whole": 0.0,
        "beforehand": 6.0,
        "silence": 3.88,
        "silence x share": 7.39,
        "unlike": 0.0,
        "others silent": 0.0,
        "rivals": 0.0,
        "placeholder": -4.0,
        "function word": -1.0,
        "function word x share": 0.0,
        "function word, others silent": 3.28,
        "number": -4.55,
        "length": 7.2,
        "repeat": 5.25,
        "name": 4.5,
        "elsewhere": 1.01,
        "never elsewhere": -3.92,
        "neighbours": 1.39,
        "confusion": 3.33,
        "usual": 5.0,
        "certainty": 7.81,
    }
)
SEVERAL: Final[Constants] = MappingProxyType(
    {
        "share": 2.53,
        "nearby": 1.12,
        "whole": 5.66,
        "beforehand": 6.0,
        "silence": 1.44,
        "silence x share": 2.19,
        "unlike": -0.71,
        "others silent": -2.51,
        "rivals": -1.26,
        "placeholder": -4.0,
        "function word": -2.35,
        "function word x share": 2.91,
        "function word, others silent": 2.69,
        "number": -1.78,
        "length": 5.43,
        "repeat": 7.04,
        "name": 4.5,
        "elsewhere": 0.59,
        "never elsewhere": -1.64,
        "neighbours": 0.8,
        "confusion": 1.58,
        "usual": 0.0,
        "certainty": 0.0,
    }
)


def scorer(constants: Constants) -> Callable[[Sequence[float]], float]:
    """Say how readings score, rounded so that no platform's last digit decides."""
    factors = [constants[name] for name in NAMES]
    return lambda vector: round(sumprod(vector, factors), 6)
