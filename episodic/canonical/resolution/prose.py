"""Prose of brief, notes, press release and feed, under its source type."""

from collections.abc import Iterator, Sequence

from episodic.canonical.ingestion import (
    CanonicalPassage,
    Decision,
    Division,
    Passage,
    PassageKind,
    SourceType,
    Witness,
)
from episodic.canonical.resolution.tokens import printable


def merge(witnesses: Sequence[Witness]) -> tuple[tuple[Division, ...], tuple[Decision, ...]]:
    """Gather the prose of all witnesses, one division each, by falling weight."""
    divisions: list[Division] = []
    for witness in witnesses:
        passages = tuple(
            CanonicalPassage(
                f"{witness.siglum}.p{number}",
                passage.kind,
                (printable(passage.text),),
                (witness.siglum,),
                passage.level,
            )
            for number, passage in enumerate(_prose_of(witness), 1)
        )
        if passages:
            divisions.append(Division(witness.weighted.source.source_type, witness.siglum, passages))
    return tuple(divisions), ()


def _prose_of(witness: Witness) -> Iterator[Passage]:
    """Yield what a witness has in prose; speech outside a transcript is prose, with its speaker."""
    source = witness.weighted.source
    if source.source_type is not SourceType.TRANSCRIPT:
        for utterance in source.utterances:
            text = f"{utterance.speaker}: {utterance.text}" if utterance.speaker else utterance.text
            yield Passage(PassageKind.PARAGRAPH, text, utterance.where)
    for passage in source.passages:
        if printable(passage.text):
            yield passage
