"""The canonical transcript and the decisions behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.ingestion import (
    CanonicalUtterance,
    Decision,
    PassageVariation,
    Reading,
    SourceType,
    Variation,
    Witness,
)
from episodic.canonical.resolution.people import Speakers
from episodic.canonical.resolution.tokens import printable, tokenize


@dataclass(frozen=True, slots=True)
class Transcript:
    """The canonical transcript, the siglum of its base, and every decision in it."""

    base: str | None
    parts: tuple[CanonicalUtterance | PassageVariation, ...]
    decisions: tuple[Decision, ...]


def collate(witnesses: Sequence[Witness], speakers: Speakers, policy: SeriesPolicy) -> Transcript:
    """Make one transcript of all: the heaviest is the canonical one.

    Parameters
    ----------
    witnesses
        By falling weight.
    speakers
        Whom each witness means by each of its speakers' names.
    policy
        The series' policy.
    """
    del policy
    transcripts = [
        w
        for w in witnesses
        if w.weighted.source.source_type is SourceType.TRANSCRIPT and w.weighted.source.utterances
    ]
    if not transcripts:
        return Transcript(None, (), ())
    base, *others = transcripts
    utterances = base.weighted.source.utterances
    tokens = tokenize(u.text for u in utterances)
    parts: list[CanonicalUtterance] = []
    at = 0
    for utterance, length in zip(utterances, tokens.lengths, strict=True):
        text = "".join(tokens.forms[at : at + length])
        at += length
        if not text:
            continue
        speaker = speakers.get((base.siglum, printable(utterance.speaker or "")))
        parts.append(CanonicalUtterance((text,), base.siglum, speaker, utterance.start, utterance.end))
    decisions = (_choice(base, others),) if others else ()
    return Transcript(base.siglum, tuple(parts), decisions)


def _choice(base: Witness, others: Sequence[Witness]) -> Decision:
    """Say which transcript was taken, and which were not."""
    readings = [
        Reading(printable(w.weighted.source.uri), (w.siglum,), w.weighted.weight) for w in (base, *others)
    ]
    return Decision(
        "transcript",
        "transcript",
        Variation(readings[0], tuple(readings[1:])),
        f"the heaviest transcript, with {base.weighted.weight} thousandths",
    )
