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
# Of the witnesses of one conversation only two speak, or several do.
TWO: Final[Constants] = MappingProxyType(
    {
        "share": 0.0,
        "largest": 0.0,
        "alone": 0.0,
        "nearby": 0.53,
        "whole": 0.0,
        "beforehand": 6.0,
        "silence": 3.78,
        "silence x share": 6.44,
        "placeholder": -4.0,
        "function word": -0.58,
        "number": -5.37,
        "length": 7.92,
        "repeat": 5.72,
        "name": 4.5,
        "elsewhere": 1.01,
        "never elsewhere": -4.03,
        "neighbours": 1.48,
        "confusion": 4.63,
        "usual": 3.2,
        "certainty": 7.89,
    }
)
SEVERAL: Final[Constants] = MappingProxyType(
    {
        "share": 1.45,
        "largest": 0.64,
        "alone": -1.08,
        "nearby": 0.69,
        "whole": 6.28,
        "beforehand": 6.0,
        "silence": 3.03,
        "silence x share": 0.8,
        "placeholder": -4.0,
        "function word": -1.2,
        "number": -3.3,
        "length": 4.72,
        "repeat": 7.52,
        "name": 4.5,
        "elsewhere": 0.58,
        "never elsewhere": -1.96,
        "neighbours": 0.73,
        "confusion": 1.91,
        "usual": 0.0,
        "certainty": 0.0,
    }
)


def scorer(constants: Constants) -> Callable[[Sequence[float]], float]:
    """Say how readings score, rounded so that no platform's last digit decides."""
    factors = [constants[name] for name in NAMES]
    return lambda vector: round(sumprod(vector, factors), 6)
