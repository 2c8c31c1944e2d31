"""How many of the conflicts that an editor is shown first improve the text, by the human reference."""

import random
from collections.abc import Iterator, Sequence
from functools import cache

from rapidfuzz.distance import Levenshtein

from episodic.canonical import weighting
from episodic.canonical.document import CanonicalUtterance, Variation
from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.resolution.kinds import count_looks, is_open, judge
from episodic.canonical.resolution.resolving import resolve
from episodic.canonical.resolution.transcripts.alignment import Interner, align
from episodic.canonical.resolved import Resolution
from episodic.canonical.text.tokens import key
from tests.benchmarks import fit, measures
from tests.benchmarks.report import Section

_FIRST = 100
_BESIDE = 3  # words on each side that both texts have


def sections() -> list[Section]:
    rows: list[list[str]] = []
    sets = {
        "six": tuple(e for e in fit.ENGINES if e != "kaldilibri"),
        "three": ("amazon", "google", "speechmatics"),
    }
    for name, engines in sets.items():
        for call in fit.calls():
            resolution = resolved(call, engines)
            open_ = [d for d in resolution.decisions if d.kind == "transcript" and is_open(d)]
            ordered = sorted(open_, key=lambda d: -judge(d).worth)
            improving = improvements(call, engines)
            looked = count_looks(open_)
            chance = random.Random(0).sample(open_, min(_FIRST, len(open_)))
            rows.append(
                [
                    name,
                    call,
                    str(len(open_)),
                    str(looked),
                    str(sum(d.address in improving for d in chance)),
                    str(sum(d.address in improving for d in ordered[:_FIRST])),
                ]
            )
    return [
        Section(
            "Conflicts that an editor sees first",
            "Of the first hundred of all conflicts in the words, in how many another reading is nearer to "
            "the reference than the one that was chosen: in the order of `decisions --open`, and at random.",
            ["engines", "call", "conflicts", "worth a look", "at random", "first hundred"],
            rows,
        )
    ]


@cache
def resolved(call: str, engines: fit.Engines) -> Resolution:
    policy = SeriesPolicy()
    return resolve(weighting.weigh([fit.source(call, name) for name in engines], policy), policy)


@cache
def improvements(call: str, engines: fit.Engines) -> frozenset[str]:
    """Give the addresses of the conflicts in which another reading is nearer to the reference."""
    pieces = list(_pieces(resolved(call, engines)))
    words: list[str] = []
    starts: list[int] = []
    for piece in pieces:
        starts.append(len(words))
        words += (piece if isinstance(piece, str) else piece.lemma.text).split()
    reference = [word for u in fit.source(call, "reference").utterances for word in u.text.split()]
    interner = Interner()
    ours, theirs = (interner.intern([key(word) for word in text]) for text in (words, reference))
    there: dict[int, int] = {}
    for block in align(ours, theirs):
        if block.equal:
            there |= zip(
                range(block.start, block.end), range(block.other_start, block.other_end), strict=True
            )
    found: set[str] = set()
    for piece, start in zip(pieces, starts, strict=True):
        if isinstance(piece, str) or not piece.address:
            continue
        end = start + len(piece.lemma.text.split())
        low = next((at for at in range(start - _BESIDE, -1, -1) if at in there), None)
        high = next((at for at in range(end + _BESIDE - 1, len(words)) if at in there), None)
        if low is None or high is None:
            continue
        wanted = measures.words(" ".join(reference[there[low] : there[high] + 1]))
        texts = [r.text for r in (piece.lemma, *piece.others) if r.cause is None]
        made = [" ".join([*words[low:start], text.strip(), *words[end : high + 1]]) for text in texts]
        chosen, *others = [Levenshtein.distance(measures.words(text), wanted) for text in made]
        if min(others, default=chosen) < chosen:
            found.add(piece.address)
    return frozenset(found)


def _pieces(resolution: Resolution) -> Iterator[str | Variation]:
    for part in resolution.document.transcript:
        utterances: Sequence[CanonicalUtterance] = (
            (part,) if isinstance(part, CanonicalUtterance) else part.lemma.utterances
        )
        for utterance in utterances:
            yield from utterance.text
