"""The history: what every revision changed, when and by whom."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise

from episodic.canonical.domain import EarlierRevision, EditorialDecision
from episodic.canonical.ports import Edition
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import public_name
from episodic.canonical.tei.elements import Element, append_text, child, pointers


def write_history(header: Element, resolution: Resolution, edition: Edition) -> None:
    """Add the ``revisionDesc``: a ``change`` for each revision, the newest first."""
    sources = [witness.weighted.source for witness in resolution.witnesses]
    newest = EarlierRevision(
        number=edition.number,
        created_at=edition.created_at,
        sources=tuple((source.uri, source.content.sha256) for source in sources),
    )
    open_paths = {source.uri for source in sources if source.has_open_path}
    revisions = [_named(revision, open_paths) for revision in (*edition.history, newest)]
    edits = edits_by_revision(edition.decisions, revisions)
    keys = {editor.name: editor.key for editor in resolution.document.editors}
    history = child(header, "revisionDesc")
    for before, revision in reversed(list(pairwise((None, *revisions)))):
        assert revision is not None
        made = edits.get(revision.number, {})
        change = child(
            history,
            "change",
            when=revision.created_at.isoformat(),
            who=pointers(dict.fromkeys(keys[name] for name in made.values())) or "#episodic",
            n=str(revision.number),
        )
        merged = f"merged from {_sources(before, revision)}"
        append_text(change, f"Revision {revision.number}, {'; '.join(made) or merged}.")


def edits_by_revision(
    decisions: Sequence[EditorialDecision], revisions: Sequence[EarlierRevision]
) -> Mapping[int, Mapping[str, str]]:
    """Give for each revision what editors did in it, and who did it.

    An edit makes its revision at the same moment; a revision of another clock may lie between. What was
    decided in a revision that is no longer kept is the first later one's.
    """
    edits: dict[int, dict[str, str]] = {}
    for decision in decisions:
        acts = [(decision.made_at, _decided(decision), decision.by)]
        if decision.withdrawn_at:
            act = f"{_place(decision)}: {decision.quoted} taken back"
            acts.append((decision.withdrawn_at, act, decision.withdrawn_by or decision.by))
        for moment, act, name in acts:
            later = next((r for r in revisions if r.created_at > moment), revisions[-1])
            made_in = next((r for r in revisions if r.created_at == moment), later)
            edits.setdefault(made_in.number, {})[act] = name
    return edits


def _decided(decision: EditorialDecision) -> str:
    instead = f" instead of “{decision.readings[0].text.strip()}”" if decision.readings else ""
    note = f" ({decision.note})" if decision.note else ""
    return f"{_place(decision)}: {decision.quoted}{instead}{note}"


def _place(decision: EditorialDecision) -> str:
    """Name a place with its kind, which some addresses begin with: ``speaker 0:00:14``."""
    own = decision.address.startswith(decision.kind)
    return decision.address if own else f"{decision.kind} {decision.address}"


def _named(revision: EarlierRevision, open_paths: AbstractSet[str]) -> EarlierRevision:
    """Give a revision whose sources have the names that the world may know."""
    sources = tuple(
        (uri if uri in open_paths else public_name(uri), sha256) for uri, sha256 in revision.sources
    )
    return replace(revision, sources=sources)


def _sources(before: EarlierRevision | None, revision: EarlierRevision) -> str:
    """Say what a revision was made from, and how that differs from the one before."""
    count = len(revision.sources)
    witnesses = f"{count} witnesses" if count > 1 else "1 witness"
    if before is None:
        return f"{witnesses}: {', '.join(uri for uri, _ in revision.sources)}"
    changed = "; ".join(changes(before, revision))
    return f"{witnesses}; {changed}" if changed else f"the same {witnesses}"


def changes(before: EarlierRevision, revision: EarlierRevision) -> Iterator[str]:
    """Name what came, went and changed; the same bytes are the same source, wherever they were read."""
    hashes = {sha256 for _, sha256 in before.sources} & {sha256 for _, sha256 in revision.sources}
    old = dict.fromkeys(uri for uri, sha256 in before.sources if sha256 not in hashes)
    new = dict.fromkeys(uri for uri, sha256 in revision.sources if sha256 not in hashes)
    for what, uris in (
        ("added", [uri for uri in new if uri not in old]),
        ("removed", [uri for uri in old if uri not in new]),
        ("changed", [uri for uri in new if uri in old]),
    ):
        if uris:
            yield f"{what}: {', '.join(uris)}"
