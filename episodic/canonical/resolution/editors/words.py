"""What editors' decisions, and the replacements and the style of the series, make of the columns."""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from typing import Final

from episodic.canonical.document import Authority, Editor, Verdict
from episodic.canonical.domain import SeriesPolicy, Style
from episodic.canonical.resolution.editors.anchors import Place
from episodic.canonical.resolution.editors.clean import clean
from episodic.canonical.resolution.editors.phrases import Phrases
from episodic.canonical.resolution.editors.rulings import Ruling
from episodic.canonical.resolution.transcripts import language_tables
from episodic.canonical.resolution.transcripts.apparatus import Override
from episodic.canonical.resolution.transcripts.voted import Voted
from episodic.canonical.resolved import Replay
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import tokenize

_AROUND: Final = pattern(r"(\W*).*?(\W*)", re.DOTALL)
SERIES: Final = Editor("series-replacements", "the replacements of the series")
STYLE: Final = Editor("series-style", "the clean style of the series")

# Rulings with their places; of two that want the same words the later is in force.
type Placed = Sequence[tuple[Ruling, Place]]


def edits_of(voted: Voted, placed: Placed, policy: SeriesPolicy) -> tuple[tuple[Override, ...], list[Replay]]:
    """Make edits of places, in the order of columns, and say which decisions later ones overtook.

    Parameters
    ----------
    policy
        Its replacements and its style are made where no decision is.
    """
    lost: list[Replay] = []
    taken = _Taken()
    rulings: list[Ruling] = []
    edits: list[Override] = []
    near = _Near(placed)
    for ruling, place in reversed(placed):
        decision = ruling.decision
        start, end = _apart(place, [other for each, other in near.to(place) if each is not ruling])
        if rivals := taken.over(start, end):
            rival = rulings[min(rivals)].decision
            reason = f"its words are part of what {rival.by} decided later at {rival.address}"
            lost.append(Replay(decision.id, None, reason, rival.id))
            continue
        taken.take(start, end)
        rulings.append(ruling)
        said = tokenize([turn.text for turn in ruling.turns] if ruling.side else [decision.text])
        edits.append(Override(start, end, said.text, ruling.verdict, decision.id, ruling.turns))
    edits += _replaced(voted, policy.replacements, taken) if policy.replacements else ()
    edits += _cleaned(voted, taken) if policy.style is Style.CLEAN else ()
    return tuple(sorted(edits, key=lambda edit: (edit.start, edit.end))), lost


class _Near:
    """Places, to find those that touch what came in beside one without a look at all."""

    def __init__(self, placed: Placed) -> None:
        self._placed = sorted(placed, key=lambda each: each[1].start)
        self._starts = [place.start for _, place in self._placed]
        self._ends = list(accumulate((place.end for _, place in self._placed), max))

    def to(self, place: Place) -> Placed:
        """Give those that may touch it, in the order of columns."""
        low, high = place.most
        return self._placed[bisect_left(self._ends, low) : bisect_right(self._starts, high)]


class _Taken:
    """Ranges of columns that are taken, none of which lies over another."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int, int]] = []  # with their numbers, in the order of columns

    def over(self, start: int, end: int) -> Sequence[int]:
        """Give the numbers of those that lie over a range."""
        first = last = bisect_left(self._ranges, (start,))
        while first and self._ranges[first - 1][1] >= start:
            first -= 1
        while last < len(self._ranges) and self._ranges[last][0] <= end:
            last += 1
        return [n for low, high, n in self._ranges[first:last] if _overlap(start, end, low, high)]

    def take(self, start: int, end: int) -> None:
        """Take a range over which none lies."""
        insort(self._ranges, (start, end, len(self._ranges)))


def _apart(place: Place, others: Sequence[Place]) -> tuple[int, int]:
    """Take what came in beside a place, as far as it belongs to no other."""
    low, high = place.most
    for other in others:
        if other.end <= place.start and other.start < place.start:
            low = max(low, other.end)
        elif other.start >= place.end and other.end > place.end:
            high = min(high, other.start)
        elif other.start == other.end == place.start < place.end:
            low = place.start
        elif other.start == other.end == place.end > place.start:
            high = place.end
    return low, max(low, high)


def _overlap(start: int, end: int, low: int, high: int) -> bool:
    if start == end and low == high:
        return start == low
    return start < high and low < end


def _replaced(voted: Voted, replacements: Mapping[str, str], taken: _Taken) -> Iterator[Override]:
    """Replace what was voted, in whatever spelling, where no edit is; punctuation around it stays."""
    said = Phrases(voted.keys)
    verdict = Verdict(Authority.REPLACEMENT, SERIES.key, SERIES.name)
    for wrong, right in sorted(replacements.items(), key=lambda each: (-len(each[0]), each)):
        for start, end in said.columns(wrong):
            if not taken.over(start, end):
                around = _AROUND.fullmatch("".join(voted.lemma[start:end]))
                text = f"{around[1]}{right}{around[2]}" if around else right
                taken.take(start, end)
                yield Override(start, end, text, verdict)


def _cleaned(voted: Voted, taken: _Taken) -> Iterator[Override]:
    """Leave out of each utterance, where no edit is, what a clean text does not have."""
    _, language = language_tables.of(voted.collation.language)
    verdict = Verdict(Authority.DECISION, STYLE.key, STYLE.name)
    for first, after, _ in voted.utterances():
        made = clean(voted.lemma[first:after], language)
        for group in _changed(voted.lemma[first:after], made):
            free = [at for at in group if not taken.over(first + at, first + at + 1)]
            if len(free) < len(group):  # the word beside what an editor has put there needs no other spelling
                free = [at for at in free if not made[at]]
            for _, columns in groupby(enumerate(free), lambda each: each[1] - each[0]):
                own = [at for _, at in columns]
                yield Override(first + own[0], first + own[-1] + 1, made[own[-1]], verdict)


def _changed(forms: Sequence[str], made: Sequence[str]) -> Iterator[list[int]]:
    """Yield which forms are not as they were: of neighbours one word, so that an editor can name it."""
    group: list[int] = []
    for at, (form, own) in enumerate(zip(forms, made, strict=True)):
        if form != own:
            group.append(at)
        if group and (form == own or own):
            yield group
            group = []
    if group:
        yield group
