"""The steps of a resolution, in their order."""

from collections.abc import Sequence
from dataclasses import replace

from episodic.canonical.document import CanonicalDocument, Witness
from episodic.canonical.domain import EditorialDecision, SeriesPolicy
from episodic.canonical.errors import ResolutionError
from episodic.canonical.resolution import claims, people, prose
from episodic.canonical.resolution.editors.fields import Claims, overrule
from episodic.canonical.resolution.editors.places import locate, nowhere
from episodic.canonical.resolution.editors.rulings import read
from episodic.canonical.resolution.editors.speakers import Speaking, labels, speak
from episodic.canonical.resolution.transcripts.attribution import attribute
from episodic.canonical.resolution.transcripts.decisions import doubts_of, notes
from episodic.canonical.resolution.transcripts.identities import identify
from episodic.canonical.resolution.transcripts.transcript import Transcript, write
from episodic.canonical.resolution.transcripts.voted import Voted, vote
from episodic.canonical.resolution.vocabulary import terms, vocabulary
from episodic.canonical.resolved import Learned, Resolution
from episodic.canonical.sources import SourceType, WeightedSource
from episodic.canonical.text.tokens import printable


def resolve(
    sources: Sequence[WeightedSource],
    policy: SeriesPolicy,
    decisions: Sequence[EditorialDecision] = (),
    learned: frozenset[str] = frozenset(),
) -> Resolution:
    """Make one document out of weighted sources.

    Parameters
    ----------
    sources
        In any order: sigla follow weight, then the content's hash, then the URI.
    policy
        The series' policy.
    decisions
        The editors', in the order in which they were made; those taken back are passed over.
    learned
        Names and terms of other episodes.

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
    rulings = read(decisions)
    weighted = [(witness.siglum, witness.weighted) for witness in witnesses]
    language = _language(witnesses)
    voted = vote(witnesses, policy, language, vocabulary(witnesses, policy), learned)
    for_others = terms(witnesses, voted.lemma if voted else (), language)
    tracks = voted.collation.tracks if voted else frozenset[people.Mention]()
    labelled = labels(weighted, policy.speakers, rulings.labels, tracks)
    meant = identify(voted.collation, labelled.called) if voted else None
    everyone, speakers = people.merge(witnesses, labelled.called, rulings.named, meant, tracks)
    statements, claim_decisions = claims.decide(witnesses)
    decided = [*claim_decisions, *people.contradictions(everyone, witnesses)]
    claimed = Claims(list(statements), list(everyone), decided)
    overruled = overrule(claimed, rulings.claims)
    if voted:
        located = locate(voted, rulings, policy)
        voted = voted.cut(located.cuts)
        attribution = attribute(voted.collation, speakers, labelled.called)
        said = speak(voted, attribution, rulings.speakers, speakers, located)
        spoken = write(voted, located.edits, attribution, said.decided, speakers)
    else:
        located, said, spoken = nowhere(rulings), Speaking(), Transcript(None, None, (), ())
    written = prose.merge(witnesses, rulings.prose)
    order = {decision.id: number for number, decision in enumerate(decisions)}
    lost = located.lost.values()
    replays = (*overruled, *spoken.replays, *lost, *labelled.replays, *said.replays, *written.replays)
    replays = tuple(sorted(replays, key=lambda replay: order[replay.decision]))
    document = CanonicalDocument(
        language=language,
        base=spoken.base,
        clock=spoken.clock,
        statements=tuple(claimed.statements),
        people=tuple(claimed.people),
        transcript=spoken.parts,
        divisions=written.divisions,
        editors=(*rulings.editors, *located.editors),
    )
    stages = (claimed, labelled, said, spoken, written)
    every = tuple(decision for stage in stages for decision in stage.decisions)
    anchors = {**located.anchors, **said.anchors, **written.anchors}
    doubts, noted = (doubts_of(voted.collation), _noted(voted)) if voted else ({}, {})
    witnesses = tuple(
        replace(w, notes=noted.get(w.siglum, ()), terms=for_others[w.siglum]) for w in witnesses
    )
    learning = Learned(voted.said if voted else (), spoken.learned)
    return Resolution(witnesses, document, every, replays, anchors, doubts, learning)


def _noted(voted: Voted) -> dict[str, tuple[str, ...]]:
    """Say of witnesses, by siglum, what to know of them beside the others."""
    noted = voted.clocks.notes()
    for siglum, note in notes(voted.collation, voted.agreement):
        noted[siglum] = (*noted.get(siglum, ()), note)
    return noted


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
