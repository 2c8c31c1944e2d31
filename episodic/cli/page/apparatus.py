"""Points of conflict: the accepted reading in its place, and all readings a click or key away."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from string.templatelib import Template

from episodic.canonical.document import (
    CanonicalDocument,
    Decision,
    Difference,
    PassageReading,
    PassageVariation,
    Reading,
    Text,
    Variation,
)
from episodic.canonical.sources import decimal
from episodic.cli.page.markup import Markup, html

_MARKS = {Difference.SUBSTANTIVE: "app", Difference.ORTHOGRAPHIC: "app spelling"}
_NOTHING = t'<summary class="nothing" aria-label="Nothing here; another source has more"></summary>'
# It is in English whatever the language and the direction of the text that it stands in.
CARD = t'<div class="card" lang="en" dir="ltr">'
# A row says these where there is no text to quote.
_LACKING = t"<em>nothing</em>"
_OUT_OF_REACH = t"<em>does not reach here</em>"


@dataclass(frozen=True, slots=True)
class Apparatus:
    """Renders texts with their apparatus.

    Parameters
    ----------
    language
        Of the texts, as HTML's ``lang`` has it; what is said about them is English.
    weights
        Of each witness, by its siglum, in thousandths.
    reasons
        Why each conflict was decided as it was, by its address.
    """

    language: str
    weights: Mapping[str, int]
    reasons: Mapping[str, str]

    def text(self, text: Text) -> Iterator[str | Markup]:
        """Render a text; where a witness merely does not reach, there is no conflict to mark."""
        for part in text:
            if isinstance(part, str):
                yield part
            elif contested(part):
                yield self.entry(part)
            else:
                yield part.lemma.text

    def entry(self, variation: Variation, reason: str | None = None) -> Markup:
        """Render an entry: as text, it is its lemma."""
        text = variation.lemma.text
        lemma = text.strip()
        before, after = text.partition(lemma)[::2] if lemma else ("", text)
        summary = t"<summary>{lemma}</summary>" if lemma else _NOTHING
        readings = (variation.lemma, *variation.others)
        rows = self.table((self._said(reading), reading) for reading in readings)
        return html(
            t'{before}<details class="{_MARKS[variation.difference]}">{summary}{CARD}'
            t"{rows}{self.why(variation.address, reason)}</div></details>{after}"
        )

    def table(self, rows: Iterable[tuple[Markup | Template, Reading | PassageReading]]) -> Markup:
        """Render readings, the accepted one first: what each says, who has it, and what it got."""
        listed = list(rows)
        most = max(reading.weight for _, reading in listed)
        return html(
            t"<table><thead><tr><th>Reading<th>Witnesses<th>Share of the vote</thead>"
            t"<tbody>{[self._row(said, reading, most) for said, reading in listed]}</tbody></table>"
        )

    def why(self, address: str | None, reason: str | None = None) -> Template | None:
        """Render why it was decided so, where that is known."""
        known = reason or self.reasons.get(address or "")
        return t'<p class="why">{known}</p>' if known else None

    def witnesses(self, sigla: Iterable[str]) -> Markup:
        """Render links to witnesses, each with its weight."""
        return html(
            t"{[t'<a href="#{s}">{s}</a>&nbsp;<i>{decimal(self.weights.get(s, 0))}</i> ' for s in sigla]}"
        )

    def _row(self, said: Markup | Template, reading: Reading | PassageReading, most: int) -> Template:
        total = t"{bar(reading.weight, most)}{decimal(reading.weight)}" if reading.weight else None
        return t"<tr><td>{said}<td>{self.witnesses(reading.sigla) or 'a person'}<td>{total}"

    def _said(self, reading: Reading) -> Template:
        if reading.cause == "lacuna":
            return _OUT_OF_REACH
        text = reading.text.strip()
        return t'<q dir=auto lang="{self.language}">{text}</q>' if text else _LACKING


def bar(value: float, most: float) -> Markup:
    """Draw a value as a share of the most; beside it stands the number that it shows."""
    width = 100 * value / most if most else 0
    return html(
        t'<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        t'<rect width="{width:.4g}" height="8"/></svg>'
    )


def contested(variation: Variation | PassageVariation) -> bool:
    """Tell whether another witness says something else here, be it nothing."""
    return any(other.cause is None for other in variation.others)


def conflicts(
    document: CanonicalDocument, decisions: Iterable[Decision]
) -> Iterator[Variation | PassageVariation]:
    """Yield every point of conflict: in the texts of a document, in its order, and about who speaks."""
    for variation in _variations(document):
        if contested(variation):
            yield variation
    yield from (decision.variation for decision in about_speakers(decisions))


def about_speakers(decisions: Iterable[Decision]) -> Iterator[Decision]:
    """Yield the decisions about who speaks: the only conflicts that are not marked in the text."""
    return (decision for decision in decisions if decision.kind == "speaker")


def _variations(document: CanonicalDocument) -> Iterator[Variation | PassageVariation]:
    yield from (statement.variation for statement in document.statements)
    for part in document.transcript:
        if isinstance(part, PassageVariation):
            yield part
        else:
            yield from (v for v in part.text if isinstance(v, Variation))
    for division in document.divisions:
        for passage in division.passages:
            yield from (v for v in passage.text if isinstance(v, Variation))
