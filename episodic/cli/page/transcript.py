"""The transcript: paragraphs of one speaker, their times, and passages that differ as a whole."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from string.templatelib import Template

from episodic.canonical.document import (
    CanonicalDocument,
    CanonicalUtterance,
    Difference,
    PassageReading,
    PassageVariation,
    accepted,
)
from episodic.canonical.editing.addresses import clock
from episodic.canonical.text.tokens import ends_sentence, extent
from episodic.cli.output import plural
from episodic.cli.page.apparatus import CARD, Apparatus
from episodic.cli.page.audio import Audio
from episodic.cli.page.markup import Markup, html

# A paragraph ends with the first sentence that ends after this many words, and after twice as many anyway.
_WORDS = 70


@dataclass(slots=True)
class _Paragraph:
    """Utterances of one speaker that are read in one go."""

    speaker: str | None
    turn: bool = False
    utterances: list[CanonicalUtterance] = field(default_factory=list[CanonicalUtterance])
    words: int = 0
    ended: bool = False

    def add(self, utterance: CanonicalUtterance) -> None:
        text = _lemma(utterance)
        self.utterances.append(utterance)
        self.words += len(text.split())
        self.ended = self.words >= (_WORDS if ends_sentence(text) else 2 * _WORDS)


@dataclass(frozen=True, slots=True)
class TranscriptView:
    """Renders the transcript of a document.

    Parameters
    ----------
    audio
        What its times lead to.
    """

    document: CanonicalDocument
    apparatus: Apparatus
    audio: Audio | None

    def render(self) -> Iterator[Markup]:
        """Yield the paragraphs and passages."""
        for _, parts in groupby(self.document.transcript, key=type):
            run = list(parts)
            yield from (self._passage(part) for part in run if isinstance(part, PassageVariation))
            yield from self._paragraphs(part for part in run if isinstance(part, CanonicalUtterance))

    def _paragraphs(self, utterances: Iterable[CanonicalUtterance]) -> Iterator[Markup]:
        """Yield paragraphs; a speaker is named where the speaker changes."""
        last: str | None = None
        for paragraph in _paragraphs(utterances):
            changed = paragraph.turn or paragraph.speaker != last
            speaker = self._speaker(paragraph) if changed else None
            last = paragraph.speaker
            yield self._paragraph(paragraph, speaker)

    def _speaker(self, paragraph: _Paragraph) -> Template:
        if name := self._name(paragraph.speaker):
            return t'<b class="speaker" dir="auto" lang="{self.apparatus.language}">{name}</b>'
        return t'<span class="unknown">{"another speaker" if paragraph.turn else "unknown"}</span>'

    def _paragraph(self, paragraph: _Paragraph, speaker: Template | None) -> Markup:
        start = next((u.start for u in paragraph.utterances if u.start is not None), None)
        said = [self._utterance(utterance) for utterance in paragraph.utterances]
        place = None if start is None else t' id="t={start:.3f}"'
        return html(
            t'<div class="turn"{place}><div class="by">{speaker}{self._time(start)}</div>'
            t'<div class="said" dir="auto" lang="{self.apparatus.language}">{said}</div></div>\n'
        )

    def _utterance(self, utterance: CanonicalUtterance) -> Template:
        # A timed utterance can be clicked; the rest of one that is split has no time of its own.
        start = utterance.start
        time = None if start is None else t' data-t="{start:.3f}"'
        return t'<div class="u"{time}>{self.apparatus.text(utterance.text)}</div>'

    def _time(self, start: float | None) -> Template | None:
        if start is None:
            return None
        # A media fragment (https://www.w3.org/TR/media-frags/): it leads there without the script too.
        title = "Link to this moment" if self.audio is None else "Play from here"
        return (
            t'<a class="time" href="#t={start:.3f}" data-t="{start:.3f}" title="{title}">{clock(start)}</a>'
        )

    def _name(self, key: str | None) -> str | None:
        return next((person.name for person in self.document.people if person.key == key), None)

    def _passage(self, passage: PassageVariation) -> Markup:
        """Render a passage: its lemma as text, the other readings a click away."""
        lemma_rows = list(self._paragraphs(passage.lemma.utterances))
        rows = (
            (self._said(reading, is_lemma=reading is passage.lemma), reading) for reading in passage.readings
        )
        mark = "app" if passage.rivals else "lacuna"
        if passage.difference is Difference.ORTHOGRAPHIC:
            mark += " spelling"
        place = self.apparatus.place(passage.address)
        return html(
            t'<section class="passage">{lemma_rows}<details class="{mark} whole"{place}>'
            t"<summary>{_headline(passage)}</summary>"
            t"{CARD}{self.apparatus.table(rows)}{self.apparatus.why(passage.address)}</div>"
            t"</details></section>\n"
        )

    def _said(self, reading: PassageReading, *, is_lemma: bool) -> Markup | Template:
        if reading.cause == "lacuna":
            return t"<em>does not reach here</em>"
        if not reading.utterances:
            return t"<em>nothing</em>"
        if is_lemma:
            return t"<em>the passage above, {plural(*extent(_texts(reading)))}</em>"
        return html(t"{[self._quoted(paragraph) for paragraph in _paragraphs(reading.utterances)]}")

    def _quoted(self, paragraph: _Paragraph) -> Template:
        name = self._name(paragraph.speaker)
        speaker = t"<b>{name}</b> " if name else None
        texts = [self.apparatus.text(utterance.text) for utterance in paragraph.utterances]
        return t'<p dir="auto" lang="{self.apparatus.language}">{speaker}{texts}</p>'


def _paragraphs(utterances: Iterable[CanonicalUtterance]) -> Iterator[_Paragraph]:
    paragraph: _Paragraph | None = None
    for utterance in utterances:
        goes_on = paragraph is not None and (
            utterance.continues
            or (paragraph.speaker == utterance.speaker and not paragraph.ended and not utterance.turn)
        )
        if paragraph is None or not goes_on:
            if paragraph is not None:
                yield paragraph
            paragraph = _Paragraph(utterance.speaker, utterance.turn)
        paragraph.add(utterance)
    if paragraph is not None:
        yield paragraph


def _headline(passage: PassageVariation) -> str:
    """Say in one line how the witnesses of a passage differ."""
    lemma, others = passage.lemma, passage.others
    if not passage.rivals:
        return f"Beyond the reach of {', '.join(s for other in others for s in other.sigla)}"
    longest = max(others, key=lambda reading: extent(_texts(reading))[0])
    if not lemma.utterances:
        return f"{plural(*extent(_texts(longest)))} of {', '.join(longest.sigla)} left out here"
    if not any(other.utterances for other in others):
        return f"{plural(*extent(_texts(lemma)))} in {', '.join(lemma.sigla)} only"
    return f"Another wording of this passage in {', '.join(s for other in others for s in other.sigla)}"


def _texts(reading: PassageReading) -> Iterator[str]:
    return map(_lemma, reading.utterances)


def _lemma(utterance: CanonicalUtterance) -> str:
    return "".join(map(accepted, utterance.text))
