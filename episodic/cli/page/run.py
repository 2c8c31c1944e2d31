"""The run: when each source was read, and what was made of all of them."""

from collections.abc import Iterator
from string.templatelib import Template

from episodic.canonical.domain import Revision, SourceDocument
from episodic.canonical.jobs import IngestionJob, Step
from episodic.canonical.sources import public_name
from episodic.cli.page.markup import Markup, html

_LANE = 100.0  # how wide a run is drawn
_LEAST = 0.4  # what is over at once is seen too


def timeline(revision: Revision, job: IngestionJob) -> Markup:
    """Draw the steps of a job, a row each, with their times in words."""
    ends = [(step.started_at - job.started_at).total_seconds() + step.seconds for step in job.steps]
    if job.finished_at:
        ends.append((job.finished_at - job.started_at).total_seconds())
    sources = {source.uri: source for source in revision.sources}
    return html(
        t'<table class="run"><thead><tr><th>Step<th>Began after<th>Took<th aria-hidden="true"></thead>'
        t"<tbody>{_rows(job, sources, max(*ends, 1e-6))}</tbody></table>\n"
    )


def _rows(job: IngestionJob, sources: dict[str, SourceDocument], total: float) -> Iterator[Template]:
    for step in job.steps:
        begun = max(0.0, (step.started_at - job.started_at).total_seconds())
        left = _LANE * begun / total
        width = min(max(_LEAST, _LANE * step.seconds / total), _LANE - left)
        yield (
            t'<tr{t' class="failed"' if step.failed else None}><th scope="row">{_what(step, sources)}'
            t"<td>{_seconds(begun)}<td>{_seconds(step.seconds)}"
            t'<td aria-hidden="true"><svg class="lane" viewBox="0 0 {_LANE:g} 8" preserveAspectRatio="none">'
            t'<rect x="{left:.4g}" width="{max(width, 0.0):.4g}" height="8"/></svg>\n'
        )


def _what(step: Step, sources: dict[str, SourceDocument]) -> Template:
    if step.about is None:
        return t"{step.name}"
    known = sources.get(step.about)
    siglum = known and known.siglum
    source = t' <a href="#{siglum}">{siglum}</a>' if siglum else None
    name = known.name if known else public_name(step.about)
    failed = t" <strong>failed</strong>" if step.failed else None
    return t'{step.name}{source} <span class="uri" dir="auto">{name}</span>{failed}'


def _seconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 0.9995 else f"{seconds:.2f} s"
