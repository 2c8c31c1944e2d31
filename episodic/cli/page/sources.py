"""The sources: what each counted for, and what that was made from."""

from collections.abc import Iterator
from string.templatelib import Template

from episodic.canonical.domain import Revision, SourceDocument
from episodic.canonical.sources import Factor, decimal
from episodic.cli.page.apparatus import bar
from episodic.cli.page.markup import Markup, html, web_address


def sources(revision: Revision) -> Iterator[Markup]:
    """Yield the sources of a revision, the heaviest first, the skipped ones last."""
    reasons = {decision.address: decision.reason for decision in revision.decisions}
    for source in sorted(revision.sources, key=lambda source: (source.siglum is None, -source.weight)):
        yield _used(source, reasons.get(f"witness {source.siglum}")) if source.siglum else _skipped(source)


def _used(source: SourceDocument, vote: str | None) -> Markup:
    """Render a source; `vote` says why it has none of its own, where that is so."""
    doubts = (doubt.text for doubt in source.doubts if doubt.text != vote)
    known = [source.told(each) for each in (*doubts, *source.notes, vote) if each]
    kind = (source.source_type or "").replace("_", " ")
    kind = kind if source.format in {kind, None} else f"{kind}, {source.format}"
    notes = t"<ul>{[t'<li dir="auto">{note}' for note in known]}</ul>" if known else None
    return html(
        t'<article class="source" id="{source.siglum}"><h3><span class="siglum">{source.siglum}</span> '
        t'<span class="uri" dir="auto">{_linked(source.name)}</span></h3>'
        t'<p class="weight"><strong>{decimal(source.weight)}</strong>{bar(source.weight, 1000)}{kind}</p>'
        t'<table class="factors"><thead><tr><th>Factor<th>Value &times; share<th>Why</thead>'
        t"<tbody>{[_factor(factor) for factor in source.factors]}</tbody></table>{notes}"
        t'<p class="small">{_particulars(source)}</p></article>\n'
    )


def _factor(factor: Factor) -> Template:
    return (
        t"<tr><th scope=row>{factor.name}<td>{_share(factor)}"
        t"{factor.value:.3f} &times; {factor.coefficient:.3f}<td>{factor.reason}"
    )


def _share(factor: Factor) -> Template:
    """Draw a factor: as long as its share of the weight, filled as far as its value."""
    share = 100 * factor.coefficient
    return (
        t'<svg class="meter" viewBox="0 0 50 8" preserveAspectRatio="none" aria-hidden="true">'
        t'<rect class="track" width="{share:.4g}" height="8"/>'
        t'<rect width="{share * factor.value:.4g}" height="8"/></svg>'
    )


def _particulars(source: SourceDocument) -> Markup:
    dated = f"dated {source.dated:%Y-%m-%d}" if source.dated else "undated"
    size = None if source.size is None else f"{source.size:,} bytes"
    known = [dated, source.language, size]
    return html(t"{', '.join(filter(None, known))} · sha256 <code>{source.sha256}</code>")


def _skipped(source: SourceDocument) -> Markup:
    return html(
        t'<article class="source skipped"><h3><span class="uri" dir="auto">{_linked(source.name)}</span></h3>'
        t'<p>Skipped: <span dir="auto">{source.told(source.error or "")}</span></p></article>\n'
    )


def _linked(name: str) -> str | Template:
    address = web_address(name)
    return name if address is None else t'<a href="{address}">{address}</a>'
