"""Resolution: from weighted witnesses to one document and its decisions."""

from collections.abc import Sequence

from episodic.canonical.domain import SeriesPolicy
from episodic.canonical.errors import ResolutionError
from episodic.canonical.ingestion import (
    CanonicalDocument,
    Resolution,
    SourceType,
    WeightedSource,
    Witness,
)
from episodic.canonical.resolution import claims, people, prose, transcript
from episodic.canonical.resolution.tokens import printable

__all__ = ["resolve"]


def resolve(sources: Sequence[WeightedSource], policy: SeriesPolicy) -> Resolution:
    """Make one document out of weighted sources.

    Parameters
    ----------
    sources
        In any order: sigla follow weight, then the content's hash, then the URI.
    policy
        The series' policy; `SeriesPolicy.same_text_share` is used here.

    Returns
    -------
    Witnesses, document and decisions. The same sources give an equal result.

    Raises
    ------
    ResolutionError
        When there is nothing to resolve.
    """
    if not sources:
        raise ResolutionError("there is no source to make an episode of; name at least one")
    ordered = sorted(sources, key=lambda s: (-s.weight, s.source.content.sha256, s.source.uri))
    witnesses = tuple(Witness(f"s{number}", source) for number, source in enumerate(ordered, 1))
    everyone, speakers = people.merge(witnesses)
    statements, claim_decisions = claims.decide(witnesses)
    spoken = transcript.merge(witnesses, speakers, policy)
    divisions, prose_decisions = prose.merge(witnesses)
    document = CanonicalDocument(
        language=_language(witnesses),
        base=spoken.base,
        statements=statements,
        people=everyone,
        transcript=spoken.parts,
        divisions=divisions,
    )
    return Resolution(witnesses, document, (*claim_decisions, *spoken.decisions, *prose_decisions))


def _language(witnesses: Sequence[Witness]) -> str | None:
    """Take the language for which most weight speaks, of the transcripts if these say."""
    transcripts = [w for w in witnesses if w.weighted.source.source_type is SourceType.TRANSCRIPT]
    for group in (transcripts, witnesses):
        votes: dict[str, int] = {}
        for witness in group:
            if language := printable(witness.weighted.source.language or ""):
                votes[language] = votes.get(language, 0) + witness.weighted.weight
        if votes:
            return max(votes, key=votes.__getitem__)
    return None
