"""What editors' decisions, and the replacements of the series, make of the columns where they lie."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from episodic.canonical.document import Authority, Editor, Replay, Verdict
from episodic.canonical.resolution.editors.anchors import Place
from episodic.canonical.resolution.editors.phrases import columns_of, words_of
from episodic.canonical.resolution.editors.rulings import Ruling
from episodic.canonical.resolution.transcripts.apparatus import Edit
from episodic.canonical.resolution.transcripts.voted import Voted
from episodic.canonical.tokens import tokenize

_AROUND: Final = re.compile(r"(\W*).*?(\W*)", re.DOTALL)
SERIES: Final = Editor("series-replacements", "the replacements of the series")

# Rulings with their places; of two that want the same words the later is in force.
type Placed = Sequence[tuple[Ruling, Place]]


def edits_of(
    voted: Voted, placed: Placed, replacements: Mapping[str, str]
) -> tuple[tuple[Edit, ...], list[Replay]]:
    """Make edits of places, in the order of columns, and say which decisions later ones overtook.

    Parameters
    ----------
    replacements
        What the series wants to be replaced, by the words that engines get wrong.
    """
    lost: list[Replay] = []
    taken: list[tuple[int, int, Ruling]] = []
    edits: list[Edit] = []
    for ruling, place in reversed(placed):
        decision = ruling.decision
        start, end = _apart(place, [other for each, other in placed if each is not ruling])
        rival = next((r.decision for low, high, r in taken if _overlap(start, end, low, high)), None)
        if rival:
            reason = f"its words are part of what {rival.by} decided later at {rival.address}"
            lost.append(Replay(decision.id, None, reason, rival.id))
            continue
        taken.append((start, end, ruling))
        said = tokenize([turn.text for turn in ruling.turns] if ruling.side else [decision.text])
        edits.append(Edit(start, end, said.text, ruling.verdict, decision.id, ruling.turns))
    edits += _replaced(voted, replacements, edits) if replacements else ()
    return tuple(sorted(edits, key=lambda edit: (edit.start, edit.end))), lost


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


def _replaced(voted: Voted, replacements: Mapping[str, str], edits: Sequence[Edit]) -> Iterator[Edit]:
    """Replace what was voted, in whatever spelling, where no edit is; punctuation around it stays."""
    said = words_of(voted.keys)
    made = list(edits)
    verdict = Verdict(Authority.REPLACEMENT, SERIES.key, SERIES.name)
    for wrong, right in sorted(replacements.items(), key=lambda each: (-len(each[0]), each)):
        for start, end in columns_of(said, wrong):
            if not any(start < edit.end and edit.start < end for edit in made):
                around = _AROUND.fullmatch("".join(voted.lemma[start:end]))
                text = f"{around[1]}{right}{around[2]}" if around else right
                made.append(Edit(start, end, text, verdict))
                yield made[-1]
