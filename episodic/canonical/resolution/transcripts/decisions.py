"""What was decided in a transcript, and why."""

from collections.abc import Iterable

from episodic.canonical.document import Decision, Difference, Reading, Variation
from episodic.canonical.resolution.transcripts.collation import Collation, Voice
from episodic.canonical.sources import decimal
from episodic.canonical.tokens import printable


def about(variation: Variation, time: float | None) -> Decision | None:
    """Say why a reading won; ``None`` when the others just do not reach here."""
    rivals = [other for other in variation.others if other.cause is None]
    if not rivals and not variation.verdict:
        return None
    weight = decimal(variation.lemma.weight)
    strongest = max((rival.weight for rival in rivals), default=0)
    if variation.verdict:
        reason = variation.verdict.reason
    elif variation.difference is Difference.ORTHOGRAPHIC:
        reason = f"only the spelling differs; {weight} for it, {decimal(strongest)} for another"
    elif variation.lemma.weight < strongest:
        reason = (
            f"{weight} for it, {decimal(strongest)} for the strongest other; agreement with the others "
            "and the words of the episode speak for it"
        )
    else:
        reason = f"{weight} for it, {decimal(strongest)} for the strongest other"
    return Decision("transcript", variation.address or "", variation, reason, time)


def about_witnesses(collation: Collation) -> Iterable[Decision]:
    """Say which witnesses vote as one, and which do not belong to the rest."""
    voices = collation.voices
    base = voices[collation.base]
    for index, original in sorted(collation.copies.items()):
        yield _witness_decision(
            voices[original],
            voices[index],
            f"{voices[index].siglum} copies {voices[original].siglum} in other packaging; "
            f"they vote once, with {decimal(voices[original].weight)}",
        )
    apart = set_apart(collation)
    for index in sorted(collation.apart):
        yield _witness_decision(base, voices[index], apart[voices[index].siglum])


def set_apart(collation: Collation) -> dict[str, str]:
    """Say why witnesses have no vote that do not belong to the rest, by their sigla."""
    base = collation.voices[collation.base]
    strange = [(collation.voices[index], collation.shared[index]) for index in collation.apart]
    return {
        voice.siglum: f"{_strangeness(voice, base, shared)}; it is kept, but has no vote"
        for voice, shared in strange
    }


def _strangeness(voice: Voice, base: Voice, shared: float) -> str:
    """Say why a witness is set apart: its language, where both are known and differ, or its words."""
    languages = [each.witness.weighted.source.language for each in (voice, base)]
    own, common = (printable(language or "") for language in languages)
    if own and common and own.partition("-")[0].lower() != common.partition("-")[0].lower():
        return f"{voice.siglum} is in another language ({own}) than {base.siglum} ({common})"
    return (
        f"{voice.siglum} does not belong together with {base.siglum}: they share "
        f"{shared:.0%} of their words in order"
    )


def _witness_decision(accepted: Voice, other: Voice, reason: str) -> Decision:
    readings = [
        Reading(printable(voice.witness.weighted.source.uri), (voice.siglum,), voice.weight)
        for voice in (accepted, other)
    ]
    return Decision("transcript", f"witness {other.siglum}", Variation(readings[0], (readings[1],)), reason)
