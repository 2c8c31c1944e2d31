"""What becomes of the vote where editors decided: a run for each edit, cut out of those of the vote."""

from collections.abc import Sequence
from dataclasses import replace

from episodic.canonical.document import Authority
from episodic.canonical.resolution.transcripts.apparatus import Group, Override, Run
from episodic.canonical.resolution.transcripts.collation import Collation


def overrule(collation: Collation, runs: Sequence[Run], edits: Sequence[Override]) -> list[Run]:
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


def _edited(collation: Collation, edit: Override) -> Run:
    """Group the voices by what they have in the columns; the group that has the edit's text comes first."""
    members: dict[str | None, list[int]] = {}
    for index in range(collation.witnesses):
        text = collation.text_in(index, edit.start, edit.end)
        reaches = bool(text) or collation.hears(index, edit.start, edit.end)
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


def _is(edit: Override, text: str | None) -> bool:
    return text is not None and text.rstrip() == edit.text.rstrip()
