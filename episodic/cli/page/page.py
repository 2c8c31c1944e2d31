"""The page as a whole."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files
from string.templatelib import Template
from typing import Final

from episodic.canonical.document import CanonicalDocument, Difference
from episodic.canonical.domain import Episode, Revision
from episodic.canonical.editing.addresses import clock
from episodic.canonical.jobs import IngestionJob
from episodic.canonical.sources import ClaimField
from episodic.cli.output import plural
from episodic.cli.page.about import facts, prose, stated
from episodic.cli.page.apparatus import Apparatus, conflicts
from episodic.cli.page.audio import Audio
from episodic.cli.page.markup import Markup, html
from episodic.cli.page.run import timeline
from episodic.cli.page.sources import sources
from episodic.cli.page.transcript import TranscriptView
from episodic.publishing.provenance import Provenance

_KEYS: Final = (
    t'<dialog id="keys" aria-label="Keys"><dl><dt><kbd>/</kbd><dd>search; Enter goes on, Escape ends'
    t"<dt><kbd>j</kbd> <kbd>k</kbd><dd>next and last paragraph"
    t"<dt><kbd>n</kbd> <kbd>p</kbd><dd>next and last conflict"
    t"<dt><kbd>space</kbd><dd>play and pause<dt><kbd>?</kbd><dd>these keys</dl>"
    t'<button type="button">Close</button></dialog>'
)


@dataclass(frozen=True, slots=True)
class Download:
    """A file that a page has in it.

    Parameters
    ----------
    kind
        Its media type.
    """

    label: str
    name: str
    kind: str
    content: bytes


def page(
    episode: Episode,
    revision: Revision,
    document: CanonicalDocument,
    *,
    job: IngestionJob | None = None,
    audio: Audio | None = None,
    downloads: Sequence[Download] = (),
) -> bytes:
    """Make the page of a revision.

    Parameters
    ----------
    document
        Read back from the revision's TEI.
    job
        The one that made the revision.
    audio
        Plays from where an utterance is clicked.
    downloads
        Files that the page has in it.

    Returns
    -------
    One HTML document in UTF-8. It needs nothing but itself, and by its policy a browser loads nothing
    else for it, except the recording when somebody plays it.
    """
    apparatus = Apparatus.of(revision, document.language)
    sections = list(_sections(revision, document, apparatus, job, audio))
    lead = _summary(revision, document, apparatus)
    parts = (
        _head(episode, revision, audio),
        _masthead(episode, revision, document, lead, sections, downloads),
        _tools(revision, document, audio),
        html(t'<main id="main">\n{map(_section, sections)}</main>'),
        html(t"<footer>{_made(episode, revision, job)}</footer>\n<script>{_asset('page.js')}</script>\n"),
        "</body></html>\n",
    )
    return "\n".join(parts).encode()


def _head(episode: Episode, revision: Revision, audio: Audio | None) -> Markup:
    mark = Provenance(episode.name, revision.number, revision.title).mark
    style, script = _asset("page.css"), _asset("page.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            f"media-src {audio.policy if audio else "'none'"}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return html(
        t'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        t'<meta name="generator" content="{mark}">\n'
        t'<meta http-equiv="Content-Security-Policy" content="{Markup(policy)}">\n'
        t'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        t'<meta name="referrer" content="no-referrer">\n'
        t"<title>{revision.title}</title>\n<style>{style}</style>\n</head>\n"
        t'<body data-episode="{episode.name}">'
    )


def _asset(name: str) -> Markup:
    return Markup((files("episodic.cli.page") / name).read_text("utf-8"))


def _hash(text: str) -> str:
    """Name an inline style or script in a policy (Content Security Policy 3, section 2.3.1)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _masthead(
    episode: Episode,
    revision: Revision,
    document: CanonicalDocument,
    lead: str,
    sections: Sequence[_Section],
    downloads: Sequence[Download],
) -> Markup:
    said = stated(document, ClaimField.SUBTITLE)
    subtitle = t'<p class="subtitle" dir="auto" lang="{document.language or ""}">{said}</p>' if said else None
    links = [t'<a href="#{each.name}">{each.title}</a> ' for each in sections]
    return html(
        t'<a class="skip" href="#main">Skip to the text</a>'
        t'<header><p class="series" dir="auto">{_imprint(episode, document)}</p>'
        t'<h1 dir="auto" lang="{document.language or ""}">{revision.title}</h1>{subtitle}'
        t'<p class="lead">{lead}</p>'
        t'<nav aria-label="On this page">{links}</nav>{_downloads(downloads)}</header>'
    )


def _downloads(downloads: Sequence[Download]) -> Template | None:
    if not downloads:
        return None
    links = [
        t'<a download="{each.name}" href="data:{each.kind};base64,{b64encode(each.content).decode()}">'
        t"{each.label}</a> "
        for each in downloads
    ]
    return t'<nav class="downloads" aria-label="Downloads">Download {links}</nav>'


def _imprint(episode: Episode, document: CanonicalDocument) -> str:
    """Say of which series the episode is, where in it, and when it came out."""
    parts = [stated(document, ClaimField.SERIES) or episode.series_slug]
    parts += [
        f"{about.value} {said}"
        for about in (ClaimField.SEASON, ClaimField.EPISODE)
        if (said := stated(document, about))
    ]
    parts += filter(None, [stated(document, ClaimField.PUBLISHED)])
    return " · ".join(parts)


def _summary(revision: Revision, document: CanonicalDocument, apparatus: Apparatus) -> str:
    used = sum(source.siglum is not None for source in revision.sources)
    found = list(conflicts(document, revision.decisions))
    spelling = sum(variation.difference is Difference.ORTHOGRAPHIC for variation in found)
    text = f"One episode out of {plural(used, 'source')}. "
    if not found:
        return text + "They agree in everything."
    looks = sum(judgement.is_worth_a_look for judgement in apparatus.judgements.values())
    points = plural(len(found), "point")
    return text + f"{points} of conflict: {looks:,} worth a look, {spelling:,} in spelling only."


def _tools(revision: Revision, document: CanonicalDocument, audio: Audio | None) -> Markup:
    """Render what works with the script alone; the script shows it."""
    player = t'<audio controls preload="none" src="{audio.url}"></audio>' if audio else None
    walk = (
        t'<span class="walk"><button type="button" id="back" aria-label="Conflict before this">'
        t"&lsaquo;</button>"
        t'<output id="at" aria-live="polite"></output>'
        t'<button type="button" id="on" aria-label="Next conflict">&rsaquo;</button></span>'
        t'<select id="order" aria-label="Order of conflicts"><option value="worth">worth mending first'
        t'<option value="text">in order of the text</select>'
        t'<label><input type="checkbox" id="spelling" checked> spelling</label>'
    )
    tools = walk if any(conflicts(document, revision.decisions)) else None
    return html(
        t'<div class="tools" role="region" aria-label="Player, search and conflicts" hidden>{player}{tools}'
        t'<search><input type="search" id="find" placeholder="Search" aria-label="Search the text" '
        t'aria-keyshortcuts="/"><output id="found" aria-live="polite"></output></search>'
        t'<button type="button" id="help" aria-label="Keys">?</button>'
        t'<span id="trouble" role="status"></span></div>{_KEYS}'
    )


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of the page that its head links to."""

    name: str
    title: str
    content: Template
    classed: str | None = None


def _sections(
    revision: Revision,
    document: CanonicalDocument,
    apparatus: Apparatus,
    job: IngestionJob | None,
    audio: Audio | None,
) -> Iterator[_Section]:
    """Yield the parts for which there is something."""
    if document.transcript:
        rows = TranscriptView(document, apparatus, audio).render()
        plays = "plays" if audio else ""
        yield _Section("transcript", "Transcript", t"{_chapters(document)}{rows}", plays)
    if document.divisions:
        yield _Section("prose", "Notes", t"{prose(document, apparatus)}")
    if document.statements or document.people:
        said = facts(document, apparatus, revision.decisions)
        yield _Section("about", "What the sources say", t"<dl>{said}</dl>")
    if revision.sources:
        yield _Section("sources", "Sources", t"{sources(revision)}{_names(revision)}")
    if job and job.steps:
        yield _Section("run", "The run", t"{timeline(revision, job)}")


def _section(one: _Section) -> Template:
    classed = None if one.classed is None else t' class="{one.classed}"'
    return (
        t'<section id="{one.name}"{classed} aria-labelledby="{one.name}-head">'
        t'<h2 id="{one.name}-head">{one.title}</h2>{one.content}</section>'
    )


def _names(revision: Revision) -> Template | None:
    if not revision.learned.said:
        return None
    return t'<p class="small">Names of other episodes: <span dir="auto">{revision.learned.summary}</span></p>'


def _chapters(document: CanonicalDocument) -> Template | None:
    if not document.chapters:
        return None
    links = [
        t'<li><a href="#t={start:.3f}"><span class="time">{clock(start)}</span> '
        t'<span dir="auto">{title}</span></a>'
        for start, title in sorted(document.chapters)
    ]
    return t'<nav class="chapters" aria-label="Chapters"><ol>{links}</ol></nav>\n'


def _made(episode: Episode, revision: Revision, job: IngestionJob | None) -> Template:
    run = None
    if job and job.finished_at:
        took = (job.finished_at - job.started_at).total_seconds()
        run = t" Job <code>{job.id}</code> took {took:.1f} s, from {_moment(job.started_at)}."
    return t"<p>{episode.name}, revision {revision.number}, made {_moment(revision.created_at)}.{run}</p>"


def _moment(moment: datetime) -> Template:
    return t'<time datetime="{moment.isoformat()}">{moment:%Y-%m-%d %H:%M:%S %Z}</time>'
