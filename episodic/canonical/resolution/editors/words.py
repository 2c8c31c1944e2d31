"""Editors' decisions in a transcript: where they apply, and what becomes of the columns there."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from episodic.canonical.document import Authority, Editor, Quotation, Replay, Verdict
from episodic.canonical.domain import EditorialDecision
from episodic.canonical.resolution.editors.anchors import LostPlaceError, Place, find, quote
from episodic.canonical.resolution.transcripts.apparatus import Edit, Group, Run
from episodic.canonical.resolution.transcripts.collation import Collation
from episodic.canonical.tokens import key, tokenize

_XML_NAME: Final = re.compile(r"[^a-z0-9]+")
_AROUND: Final = re.compile(r"(\W*).*?(\W*)", re.DOTALL)
SERIES: Final = Editor("series-replacements", "the replacements of the series")


@dataclass(frozen=True, slots=True)
class Edited:
    """What editors' decisions came to in a collation: edits in the order of columns, and the rest."""

    edits: tuple[Edit, ...]
    anchors: Mapping[uuid.UUID, tuple[Quotation, ...]]
    lost: tuple[Replay, ...]


NOTHING: Final = Edited((), {}, ())


def editors_of(decisions: Sequence[EditorialDecision]) -> dict[str, Editor]:
    """Give every editor a key, by name."""
    editors: dict[str, Editor] = {}
    taken: set[str] = set()
    for name in sorted({name for each in decisions for name in (each.by, each.withdrawn_by or each.by)}):
        stem = "ed-" + (_XML_NAME.sub("-", name.casefold()).strip("-") or "x")
        made, number = stem, 2
        while made in taken:
            made, number = f"{stem}-{number}", number + 1
        taken.add(made)
        editors[name] = Editor(made, name)
    return editors


def locate(
    collation: Collation, decisions: Sequence[EditorialDecision], editors: Mapping[str, Editor]
) -> Edited:
    """Find the places of decisions.

    Parameters
    ----------
    decisions
        About the transcript, in the order in which they were made. Of two that want the same words, the
        later is in force.
    """
    places: dict[uuid.UUID, Place] = {}
    lost: list[Replay] = []
    for decision in decisions:
        try:
            places[decision.id] = find(collation, decision.quotations)
        except LostPlaceError as error:
            lost.append(Replay(decision.id, None, str(error)))
    taken: list[tuple[int, int, EditorialDecision]] = []
    edits: list[Edit] = []
    for decision in reversed(decisions):
        if (place := places.get(decision.id)) is None:
            continue
        start, end = _apart(place, [other for name, other in places.items() if name != decision.id])
        rival = next((d for low, high, d in taken if _overlap(start, end, low, high)), None)
        if rival:
            reason = f"its words are part of what {rival.by} decided later at {rival.address}"
            lost.append(Replay(decision.id, None, reason))
            continue
        taken.append((start, end, decision))
        verdict = Verdict(Authority.DECISION, editors[decision.by].key, decision.by, decision.note)
        edits.append(Edit(start, end, tokenize([decision.text]).text, verdict, decision.id))
    edits.sort(key=lambda edit: (edit.start, edit.end))
    anchors = {edit.decision: quote(collation, edit.start, edit.end) for edit in edits if edit.decision}
    return Edited(tuple(edits), anchors, tuple(lost))


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


def words_at(lemma: Sequence[str], words: str) -> list[tuple[int, int]]:
    """Find the columns where the lemma has some words, however it spells them."""
    wanted = [own for own in tokenize([words]).keys if own]
    said = [(column, own) for column, form in enumerate(lemma) if (own := key(form))]
    keys = [own for _, own in said]
    return [
        (said[at][0], said[at + len(wanted) - 1][0] + 1)
        for at in range(len(keys) - len(wanted) + 1)
        if wanted and keys[at] == wanted[0] and keys[at : at + len(wanted)] == wanted
    ]


def replaced(
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


def overrule(collation: Collation, runs: Sequence[Run], edits: Sequence[Edit]) -> list[Run]:
    """Cut the runs at the edits, and put a run for each edit in the place of what the vote made there.

    Parameters
    ----------
    runs
        That cover all columns, in order.
    edits
        In the order of columns, none over another.
    """
    if not edits:
        return list(runs)
    made: list[Run] = []
    waiting = iter(runs)
    run = next(waiting, None)
    for edit in edits:
        if edit.start == edit.end and not edit.text:
            continue  # nothing is to stand where nothing stands
        while run and run.end <= edit.start:
            made.append(run)
            run = next(waiting, None)
        if run and run.start < edit.start:
            made.append(Run(run.start, edit.start, run.groups))
        made.append(_edited(collation, edit))
        while run and run.end <= edit.end:
            run = next(waiting, None)
        if run and run.start < edit.end:
            run = Run(edit.end, run.end, run.groups)
        elif run and run.start < edit.start:
            run = Run(edit.start, run.end, run.groups)
    if run:
        made += [run, *waiting]
    return made


def _edited(collation: Collation, edit: Edit) -> Run:
    """Group the voices by what they have in the columns; the group that has the edit's text comes first."""
    members: dict[str | None, list[int]] = {}
    for index, (voice, row, (low, high)) in enumerate(
        zip(collation.voices, collation.rows, collation.spans, strict=True)
    ):
        own = [place for place in row[edit.start : edit.end] if place >= 0]
        text = "".join(voice.tokens.forms[own[0] : own[-1] + 1]) if own else ""
        reaches = bool(own) or (high > low and low <= edit.start and edit.end <= high)
        members.setdefault(text if reaches else None, []).append(index)
    groups = [
        (text, Group(tuple(voices), _weight(collation, voices), lacuna=text is None))
        for text, voices in members.items()
    ]
    groups.sort(key=lambda each: (not _is(edit, each[0]), each[1].lacuna, -each[1].weight, each[1].voices))
    if not _is(edit, groups[0][0]) and edit.verdict.authority is Authority.DECISION:
        edit = replace(edit, verdict=replace(edit.verdict, authority=Authority.EMENDATION))
    return Run(edit.start, edit.end, tuple(group for _, group in groups), edit)


def _weight(collation: Collation, voices: Sequence[int]) -> int:
    return sum(collation.voices[index].weight for index in voices if index not in collation.copies)


def _is(edit: Edit, text: str | None) -> bool:
    return text is not None and text.rstrip() == edit.text.rstrip()
