"""``python -m tests.benchmarks.fit``: fit the constants of the score on the calls of the corpus.

A reading's chance is the softmax of its score among the readings of its region. First the readings that are
nearest to the reference get as likely as can be (a conditional logit), then the expected number of wrong
words is lowered. All sets of two engines give one table, all sets of three to seven the other, so that no
engine is learned by heart.
"""

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any, Final

from rapidfuzz.distance import Levenshtein

from episodic.canonical import weighting
from episodic.canonical.document import Witness
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.transcripts import apparatus, constants
from episodic.canonical.resolution.transcripts.alignment import align
from episodic.canonical.resolution.transcripts.collation import Collation, collate
from episodic.canonical.resolution.transcripts.contest import Contest
from episodic.canonical.resolution.transcripts.features import NAMES, Features, Vector
from episodic.canonical.resolution.transcripts.normal import normalize
from episodic.canonical.sources import NormalizedSource, SourceType
from episodic.canonical.text.tokens import tokenize
from tests.canonical.making import read
from tests.conftest import CORPUS

FOLDER: Final = CORPUS / "earnings-21"
ENGINES: Final = {
    "amazon": "amazon.vtt",
    "espnet": "espnet.txt",
    "google": "google.vtt",
    "kaldilibri": "kaldilibri.json",
    "microsoft": "microsoft.txt",
    "revkaldi": "revkaldi.json",
    "speechmatics": "speechmatics.srt",
}
_LEARNED: Final = [name for name in NAMES if name not in constants.BY_HAND]
# What two witnesses have alike.
_OF_SEVERAL: Final = frozenset(
    {"share", "whole", "unlike", "others silent", "rivals", "function word x share"}
)
# What tells two apart that have one vote each.
_OF_TWO: Final = frozenset({"usual", "certainty"})
_ROUNDS: Final = 300
_STEP: Final = 0.03
_POLICY: Final = SeriesPolicy()

type Engines = tuple[str, ...]
type Vectors = Sequence[Vector]
type Errors = Sequence[int]


@dataclass(frozen=True, slots=True)
class Example:
    """The readings of a region: their vectors, and how many words each has wrong."""

    vectors: Sequence[Sequence[float]]
    errors: Sequence[int]


@cache
def calls() -> tuple[str, ...]:
    """Name the calls of the corpus."""
    return tuple(sorted(path.name for path in FOLDER.iterdir() if path.is_dir()))


@cache
def source(call: str, name: str) -> NormalizedSource:
    """Read what an engine wrote of a call, or the reference."""
    path = FOLDER / call / ENGINES.get(name, "reference.md")
    return read(path, source_type=SourceType.TRANSCRIPT)[0]


def collated(call: str, engines: Engines) -> Collation:
    """Collate what some engines wrote of a call."""
    weighed = weighting.weigh([source(call, name) for name in engines], _POLICY)
    ordered = sorted(weighed, key=lambda s: (-s.weight, s.source.content.sha256))
    made = collate([Witness(f"s{n}", each) for n, each in enumerate(ordered, 1)], _POLICY)
    assert made is not None
    return made


@cache
def _contested(call: str, engines: Engines) -> tuple[Contest, Features, Sequence[Vectors], Sequence[Errors]]:
    """Compare the regions in which some engines differ with the reference, without rivals."""
    collation = collated(call, engines)
    contest = Contest(apparatus.heard_of(collation))
    tokens = tokenize(u.text for u in source(call, "reference").utterances)
    interned = collation.interner.intern(tokens.keys)
    reference = normalize(tokens, interned, collation.interner, "en").words
    before, after = _places(contest, reference)
    features = contest.features()
    errors: list[Errors] = []
    for region in contest.found:
        wanted = reference[before[region.start] : after[region.end]]
        said = [contest.rows[voices[0]][region.start : region.end] for voices in region.readings]
        errors.append([Levenshtein.distance([w for w in own if w >= 0], wanted) for own in said])
    return contest, features, list(map(features.of, contest.found)), errors


def examples(call: str, engines: Engines, table: Mapping[str, float] | None) -> list[Example]:
    """Make examples of the regions in which some engines differ.

    Parameters
    ----------
    table
        By which two engines are looked at first; ``None``: they are not.
    """
    contest, features, found, errors = _contested(call, engines)
    vectors = [[list(vector) for vector in own] for own in found]
    if contest.several or table:
        contest.compare(features, vectors, table or {})
    return [Example(*each) for each in zip(vectors, errors, strict=True) if len(each[1]) > 1]


def _places(contest: Contest, reference: Sequence[int]) -> tuple[list[int], list[int]]:
    """Give for each column the word of the reference after the last before it, and the next from it on."""
    said = [
        max([w for w in column if w >= 0] or [-3], key=column.count)
        for column in zip(*contest.rows, strict=True)
    ]
    there: dict[int, int] = {}
    for block in align(said, reference):
        if block.equal:
            there |= zip(
                range(block.start, block.end), range(block.other_start, block.other_end), strict=True
            )
    before, after = [0], [len(reference)]
    for column in range(len(said)):
        before.append(there.get(column, before[-1] - 1) + 1)
        after.append(there.get(len(said) - 1 - column, after[-1]))
    return before, after[::-1]


def sets(sizes: Sequence[int]) -> list[Engines]:
    """Give the sets of engines of some sizes; of large ones those with the noisiest are too many of a
    kind."""
    chance = random.Random(0)
    made: list[Engines] = []
    for size in sizes:
        every = [e for e in combinations(sorted(ENGINES), size) if "kaldilibri" not in e or size > 6]
        made += every if len(every) <= 20 else chance.sample(every, 20)
    return made


def fit(
    groups: Sequence[Engines], learn_from: Sequence[str], first: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Fit the constants that can be learned, and add the others; of two after a first look."""
    import numpy as np

    several = any(len(group) > 2 for group in groups)
    names = [name for name in _LEARNED if name not in (_OF_TWO if several else _OF_SEVERAL)]
    learned = [NAMES.index(name) for name in names]
    regions = [each for call in learn_from for engines in groups for each in examples(call, engines, first)]
    vectors: Any = np.array([v for each in regions for v in each.vectors])[:, learned]
    errors: Any = np.array([e - min(each.errors) for each in regions for e in each.errors], float)
    sizes = np.array([len(each.errors) for each in regions])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    scale = vectors.std(0) + 1e-9
    scaled = vectors / scale
    right = (errors == 0).astype(float)
    made = np.zeros(len(learned))
    mean, square = np.zeros_like(made), np.zeros_like(made)
    for step in range(1, _ROUNDS + 1):  # Adam (Kingma and Ba, 2015)
        scores = scaled @ made
        chances = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        chances /= np.add.reduceat(chances, starts)[owner]
        if step <= _ROUNDS // 2:
            among = chances * right
            among /= np.maximum(np.add.reduceat(among, starts)[owner], 1e-12)
            gradient = scaled.T @ (chances - among)
        else:
            risk = np.add.reduceat(chances * errors, starts)[owner]
            gradient = scaled.T @ (chances * (errors - risk))
        gradient = gradient / len(sizes) + made / len(sizes)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        made -= _STEP * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-9)
    fitted = dict(zip(names, (made / scale).tolist(), strict=True))
    if not several:
        fitted["usual"] = max(fitted["usual"], constants.USUAL)
    return {name: round(fitted.get(name, 0.0) + constants.BY_HAND.get(name, 0.0), 2) for name in NAMES}


def avoidable(made: Sequence[Example], table: Mapping[str, float]) -> int:
    """Count the wrong words that other whole readings of the regions would have avoided."""
    lost = 0
    score = constants.scorer(table)
    for each in made:
        scores = list(map(score, each.vectors))
        lost += each.errors[scores.index(max(scores))] - min(each.errors)
    return lost


PAIRS: Final = sets([2])
SEVERAL: Final = sets([3, 4, 5, 6, 7])


def tables(learn_from: Sequence[str]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Fit the tables for two and for several witnesses."""
    return fit(PAIRS, learn_from, fit(PAIRS, learn_from)), fit(SEVERAL, learn_from)


def main() -> int:
    if not FOLDER.is_dir():
        print(f"nothing to fit on: {FOLDER} is missing", file=sys.stderr)
        return 1
    for name, table in zip(("TWO", "SEVERAL"), tables(calls()), strict=True):
        print(f"{name}: Final[Constants] = MappingProxyType(\n    {{")
        print("".join(f'        "{key}": {value},\n' for key, value in table.items()), end="    }\n)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
