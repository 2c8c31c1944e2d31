"""Editors' decisions in a transcript: where they apply, and what becomes of the columns there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.canonical.additions import additions
from episodic.canonical.addresses import Names, beside_of, xml_id
from episodic.canonical.document import Anchors, Authority, Editor, Replay, Verdict
from episodic.canonical.domain import EditorialDecision
from episodic.canonical.resolution.editors.anchors import Place, quote
from episodic.canonical.resolution.editors.places import Places, locate, words_at
from episodic.canonical.resolution.transcripts.apparatus import Edit
from episodic.canonical.resolution.transcripts.voted import Voted
from episodic.canonical.tokens import tokenize

_AROUND: Final = re.compile(r"(\W*).*?(\W*)", re.DOTALL)
SERIES: Final = Editor("series-replacements", "the replacements of the series")


@dataclass(frozen=True, slots=True)
class Edited:
    """What editors' decisions came to in a collation: edits in the order of columns, and the rest."""

    edits: tuple[Edit, ...]
    anchors: Anchors
    lost: tuple[Replay, ...]

    @property
    def editors(self) -> tuple[Editor, ...]:
        """Who edited beside those whose decisions were given."""
        return (SERIES,) if any(edit.decision is None for edit in self.edits) else ()


def editors_of(decisions: Sequence[EditorialDecision]) -> dict[str, Editor]:
    """Give every editor a key, by name."""
    names = sorted({name for each in decisions for name in (each.by, each.withdrawn_by or each.by)})
    keys = Names()
    return {name: Editor(keys.unique(xml_id("ed", name.casefold())), name) for name in names}


def edit(
    voted: Voted,
    decisions: Sequence[EditorialDecision],
    editors: Mapping[str, Editor],
    replacements: Mapping[str, str],
) -> Edited:
    """Turn decisions, and what the series wants to be replaced, into edits of the voted text.

    Parameters
    ----------
    decisions
        About the transcript, in the order in which they were made. Of two that want the same words, the
        later is in force.
    editors
        By name.
    replacements
        By the words that engines get wrong.
    """
    places, lost = locate(voted, decisions, lambda known: _edits(voted, known, editors, replacements)[0])
    edits, overtaken = _edits(voted, places, editors, replacements)
    anchors = {each.decision: quote(voted.collation, each.start, each.end) for each in edits if each.decision}
    return Edited(edits, anchors, (*lost, *overtaken))


def edits_before(
    voted: Voted,
    decisions: Sequence[EditorialDecision],
    editors: Mapping[str, Editor],
    replacements: Mapping[str, str],
) -> Sequence[Edit]:
    """Make the edits that were in force before the new decisions; arguments as those of `edit`."""
    return edit(voted, [each for each in decisions if each.quotations], editors, replacements).edits


def no_place(decisions: Sequence[EditorialDecision]) -> Edited:
    """Say of decisions that there is nothing any more that they could be about."""
    reason = "there is no transcript any more"
    return Edited((), {}, tuple(Replay(each.id, None, reason) for each in decisions))


def _edits(
    voted: Voted, places: Places, editors: Mapping[str, Editor], replacements: Mapping[str, str]
) -> tuple[tuple[Edit, ...], list[Replay]]:
    """Make edits of places, and say which decisions later ones overtook."""
    lost: list[Replay] = []
    taken: list[tuple[int, int, EditorialDecision]] = []
    edits: list[Edit] = []
    for decision, place in reversed(places):
        start, end = _apart(place, [other for each, other in places if each is not decision])
        rival = next((d for low, high, d in taken if _overlap(start, end, low, high)), None)
        if rival:
            reason = f"its words are part of what {rival.by} decided later at {rival.address}"
            lost.append(Replay(decision.id, None, reason, rival.id))
            continue
        taken.append((start, end, decision))
        verdict = Verdict(Authority.DECISION, editors[decision.by].key, decision.by, decision.note)
        turns = additions(decision.text) if beside_of(decision.address) else ()
        said = tokenize([turn.text for turn in turns] or [decision.text])
        edits.append(Edit(start, end, said.text, verdict, decision.id, turns))
    return _replaced(voted.lemma, replacements, edits), lost


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


def _replaced(
    lemma: Sequence[str], replacements: Mapping[str, str], edits: Sequence[Edit]
) -> tuple[Edit, ...]:
    """Add to the editors' edits what the series wants to be replaced wherever it was voted.

    Parameters
    ----------
    lemma
        The form that won in each column.
    replacements
        By the words that engines get wrong, in whatever spelling. Punctuation around them stays.
    edits
        The editors', whose words are not replaced.
    """
    made = list(edits)
    verdict = Verdict(Authority.REPLACEMENT, SERIES.key, SERIES.name)
    for wrong, right in sorted(replacements.items(), key=lambda each: (-len(each[0]), each)):
        for start, end in words_at(lemma, wrong):
            if not any(start < edit.end and edit.start < end for edit in made):
                around = _AROUND.fullmatch("".join(lemma[start:end]))
                text = f"{around[1]}{right}{around[2]}" if around else right
                made.append(Edit(start, end, text, verdict))
    return tuple(sorted(made, key=lambda edit: (edit.start, edit.end)))
