"""Points of conflict: the accepted reading in its place, and all readings a click or key away."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string.templatelib import Template
from typing import Self

from episodic.canonical.document import (
    CanonicalDocument,
    Difference,
    PassageReading,
    PassageVariation,
    Reading,
    Text,
    Variation,
)
from episodic.canonical.domain import Revision
from episodic.canonical.resolution.kinds import Judgement, judge
from episodic.canonical.resolved import Decision, Ground
from episodic.canonical.sources import decimal
from episodic.canonical.text.patterns import pattern
from episodic.cli.page.markup import Markup, html

_NO_PLACE = pattern(r"[^\w.-]+")
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
    decisions, judgements
        Of each conflict, by its address.
    copies
        Why a witness has no vote of its own beside which other: ``{"s2": ("s1", "s2 copies s1 …")}``.
    """

    language: str
    weights: Mapping[str, int]
    decisions: Mapping[str, Decision]
    judgements: Mapping[str, Judgement]
    copies: Mapping[str, tuple[str, str]]
    _linked: dict[tuple[str, ...], Markup] = field(default_factory=dict[tuple[str, ...], Markup], init=False)

    @classmethod
    def of(cls, revision: Revision, language: str | None) -> Self:
        """Gather what is said of the conflicts of a revision."""
        copies = {
            copy.sigla[0]: (decision.variation.lemma.sigla[0], decision.reason)
            for decision in revision.decisions
            if decision.ground is Ground.COPY
            for copy in decision.variation.others
        }
        return cls(
            language=language or "",
            weights={source.siglum: source.weight for source in revision.sources if source.siglum},
            decisions={decision.address: decision for decision in revision.decisions},
            judgements={each.address: judge(each, revision.language) for each in revision.decisions},
            copies=copies,
        )

    def text(self, text: Text) -> Iterator[str | Markup]:
        """Render a text; where a witness merely does not reach, there is no conflict to mark."""
        for part in text:
            if isinstance(part, str):
                yield part
            elif part.rivals:
                yield self.entry(part)
            else:
                yield part.lemma.text

    def entry(self, variation: Variation, address: str | None = None) -> Markup:
        """Render an entry: as text, it is its lemma; one about a field has its address elsewhere."""
        address = address or variation.address
        text = variation.lemma.text
        lemma = text.strip()
        before, after = text.partition(lemma)[::2] if lemma else ("", text)
        summary = t"<summary>{lemma}</summary>" if lemma else _NOTHING
        rows = self.table((self._said(reading), reading) for reading in variation.readings)
        return html(
            t'{before}<details class="{_MARKS[variation.difference]}"{self.place(address)}>{summary}'
            # Where there is a script, this is text, of which it makes a card when somebody opens it.
            t"<noscript>{CARD}{rows}{self.why(address)}</div></noscript></details>{after}"
        )

    def place(self, address: str | None) -> Template | None:
        """Render the attributes by which a conflict is found, and by which the walk goes."""
        if address is None or (judgement := self.judgements.get(address)) is None:
            return None
        return t' id="{place_of(address)}" data-w="{judgement.worth}"'

    def table(self, rows: Iterable[tuple[Markup | Template, Reading | PassageReading]]) -> Markup:
        """Render readings, the accepted one first: what each says, who has it, and what it got."""
        listed = list(rows)
        most = max(reading.weight for _, reading in listed)
        return html(
            t"<table><thead><tr><th>Reading<th>Witnesses<th>Share of the vote</thead>"
            t"<tbody>{[self._row(said, reading, most) for said, reading in listed]}</tbody></table>"
        )

    def why(self, address: str | None) -> Template | None:
        """Render why it was decided so and what kind of conflict it is, and the address, as a link to it."""
        if address is None or (decision := self.decisions.get(address)) is None:
            return None
        return (
            t'<p class="why">{decision.reason} <span class="kind">{self.judgements[address].kind}</span></p>'
            t'<p class="at"><a href="#{place_of(address)}"><code>{address}</code></a></p>'
        )

    def witnesses(self, sigla: tuple[str, ...]) -> Markup:
        """Render links to witnesses, each with its weight; copies beside the one with which they vote."""
        if (linked := self._linked.get(sigla)) is None:  # the same have a reading together again and again
            linked = self._linked[sigla] = self._links(sigla)
        return linked

    def _links(self, own: Sequence[str]) -> Markup:
        copies = {siglum: self.copies[siglum] for siglum in own if siglum in self.copies}
        beside = {siglum: one for siglum, one in copies.items() if one[0] in own}
        return html(t"{[self._witness(siglum, beside) for siglum in own if siglum not in beside]}")

    def _witness(self, siglum: str, copies: Mapping[str, tuple[str, str]]) -> Template:
        same = [
            t'<span class="copy" title="{reason}">= <a href="#{copy}">{copy}</a>, one vote</span> '
            for copy, (original, reason) in copies.items()
            if original == siglum
        ]
        return t'<a href="#{siglum}">{siglum}</a>&nbsp;<i>{decimal(self.weights.get(siglum, 0))}</i> {same}'

    def _row(self, said: Markup | Template, reading: Reading | PassageReading, most: int) -> Template:
        total = t"{bar(reading.weight, most)}{decimal(reading.weight)}" if reading.weight else None
        return t"<tr><td>{said}<td>{self.witnesses(reading.sigla) or 'a person'}<td>{total}"

    def _said(self, reading: Reading) -> Template:
        if reading.cause == "lacuna":
            return _OUT_OF_REACH
        text = reading.text.strip()
        return t'<q dir=auto lang="{self.language}">{text}</q>' if text else _LACKING


def place_of(address: str) -> str:
    """Name the place of a conflict in a page, as the fragment of a link has it."""
    return f"c-{_NO_PLACE.sub('-', address)}"


def bar(value: float, most: float) -> Markup:
    """Draw a value as a share of the most; beside it stands the number that it shows."""
    width = 100 * value / most if most else 0
    return html(
        t'<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        t'<rect width="{width:.4g}" height="8"/></svg>'
    )


def conflicts(
    document: CanonicalDocument, decisions: Iterable[Decision]
) -> Iterator[Variation | PassageVariation]:
    """Yield every point of conflict: in the texts of a document, in its order, and about who speaks."""
    yield from (variation for variation in _variations(document) if variation.rivals)
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
