"""The constants of the score, with their provenance.

Fitted by ``make fit`` (`tests.benchmarks.fit`) on the four calls of Earnings-21 that are in the corpus,
each as seven engines wrote it: a conditional logit over the readings of each region, then the least
expected number of wrong words, over all sets of two (``TWO``) and of three to seven engines (``SEVERAL``).
What cannot be learned there is set by hand: *name*, which these calls have no papers for, and *beforehand*,
which decides where a text is too short to know anything from it; and ``MARKS``, by a search for the best F1
of marks and capitals in the five sets of ``make bench ARGS=engines``, over all four calls at once.
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
# What the scores of two witnesses are multiplied by in a first look, which knows less than they say: by hand.
DOUBT: Final = 0.5
# Of the witnesses of one conversation only two speak, or several do.
TWO: Final[Constants] = MappingProxyType(
    {
        "share": 0.0,
        "nearby": 0.6,
        "whole": 0.0,
        "beforehand": 6.0,
        "silence": 4.02,
        "silence x share": 7.69,
        "unlike": 0.0,
        "others silent": 0.0,
        "rivals": 0.0,
        "placeholder": -4.0,
        "function word": -1.04,
        "function word x share": 0.0,
        "function word, others silent": 3.41,
        "number": -4.76,
        "length": 7.48,
        "repeat": 5.42,
        "name": 4.5,
        "elsewhere": 1.05,
        "never elsewhere": -4.1,
        "neighbours": 1.45,
        "confusion": 3.58,
        "usual": 3.02,
        "certainty": 8.08,
    }
)
SEVERAL: Final[Constants] = MappingProxyType(
    {
        "share": 2.5,
        "nearby": 1.12,
        "whole": 5.69,
        "beforehand": 6.0,
        "silence": 1.48,
        "silence x share": 2.32,
        "unlike": -0.71,
        "others silent": -2.66,
        "rivals": -1.29,
        "placeholder": -4.0,
        "function word": -2.45,
        "function word x share": 3.01,
        "function word, others silent": 2.99,
        "number": -2.06,
        "length": 5.67,
        "repeat": 6.86,
        "name": 4.5,
        "elsewhere": 0.61,
        "never elsewhere": -1.7,
        "neighbours": 0.83,
        "confusion": 1.52,
        "usual": 0.0,
        "certainty": 0.0,
    }
)


def scorer(constants: Constants) -> Callable[[Sequence[float]], float]:
    """Say how readings score, rounded so that no platform's last digit decides."""
    factors = [constants[name] for name in NAMES]
    return lambda vector: round(sumprod(vector, factors), 6)
