"""What the sources say of the episode, with the claims that lost, and the prose that they bring."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from string.templatelib import Template

from episodic.canonical.document import CanonicalDocument, CanonicalPassage, Division, Person, Statement
from episodic.canonical.editing.addresses import clock
from episodic.canonical.resolved import Decision
from episodic.canonical.sources import ClaimField, PassageKind, SourceType
from episodic.cli.page.apparatus import Apparatus, about_speakers
from episodic.cli.page.markup import Markup, html, web_address

_LABELS = {
    ClaimField.TITLE: "Title",
    ClaimField.SUBTITLE: "Subtitle",
    ClaimField.SUMMARY: "Summary",
    ClaimField.PUBLISHED: "Published",
    ClaimField.EPISODE: "Episode",
    ClaimField.SEASON: "Season",
    ClaimField.DURATION: "Duration",
    ClaimField.LINK: "Links",
    ClaimField.KEYWORD: "Keywords",
    ClaimField.MEDIA: "Recording",
    ClaimField.GUID: "GUID",
    ClaimField.SERIES: "Series",
    ClaimField.PUBLISHER: "Publisher",
    ClaimField.TRANSCRIPT: "Transcripts",
    ClaimField.CHAPTER: "Chapters",
    ClaimField.CHAPTERS: "Files of chapters",
    ClaimField.SOUNDBITE: "Soundbites",
}


def facts(
    document: CanonicalDocument, apparatus: Apparatus, decisions: Iterable[Decision]
) -> Iterator[Markup]:
    """Yield terms and descriptions: a field, and what is said in it by whom."""
    if document.people:
        people = [t"<dd>{_person(person)}" for person in document.people]
        yield html(t"<dt>People{people}")
    if speaking := [apparatus.entry(d.variation, d.address) for d in about_speakers(decisions)]:
        yield html(t"<dt>Who speaks{[t'<dd>{entry}' for entry in speaking]}\n")
    for about, label in _LABELS.items():
        if said := document.about(about):
            values = [t'<dd dir="auto">{_value(statement, apparatus)}' for statement in said]
            yield html(t"<dt>{label}{values}\n")


def _person(person: Person) -> Template:
    roles = t' <span class="small">{", ".join(person.roles)}</span>' if person.roles else None
    return t'<span dir="auto">{person.name}</span>{roles}'


def _value(statement: Statement, apparatus: Apparatus) -> Template:
    variation = statement.variation
    said = variation.lemma.text
    if variation.others:
        value = apparatus.entry(variation, statement.field.value)
    elif address := web_address(said):
        label = said if statement.field is ClaimField.MEDIA else statement.qualifier or said
        value = html(t'<a href="{address}">{label}</a>')
    else:
        value = html(t"{_for_people(statement.field, said)}")
    at = None
    if statement.field is ClaimField.CHAPTER:
        start = float(statement.qualifier or 0)
        at = t'<a class="time" href="#t={start:.3f}">{clock(start)}</a> '
    named = statement.qualifier if statement.field is ClaimField.SOUNDBITE else None
    sigla = [t' <a class="small" href="#{siglum}">{siglum}</a>' for siglum in variation.lemma.sigla]
    return t"{at}{value}{named and f' {named}'}{sigla}"


def stated(document: CanonicalDocument, about: ClaimField) -> str | None:
    """Give what the document says in a field, in the form for people; ``None``: nothing."""
    said = document.about(about)
    return _for_people(about, said[0].variation.lemma.text) if said else None


def _for_people(about: ClaimField, text: str) -> str:
    """Write a date or a duration as people do; what is none is left as it is."""
    try:
        if about is ClaimField.DURATION:
            return clock(float(text))
        if about is ClaimField.PUBLISHED:
            return f"{datetime.fromisoformat(text):%-d %B %Y}"
    except ValueError, OverflowError:
        pass
    return text


def prose(document: CanonicalDocument, apparatus: Apparatus) -> Iterator[Markup]:
    """Yield the prose of each witness, in its own order."""
    owners = {p.key: division.siglum for division in document.divisions for p in division.passages}
    for division in document.divisions:
        blocks: list[Template] = []
        for listed, group in groupby(division.passages, key=lambda p: p.kind is PassageKind.LIST_ITEM):
            passages = [_passage(passage, apparatus, owners) for passage in group]
            blocks.append(t"<ul>{passages}</ul>" if listed else t"{passages}")
        yield html(t'<section class="prose"><h3>{_heading(division)}</h3>{blocks}</section>\n')


def _heading(division: Division) -> Template:
    said = division.source_type.value.replace("_", " ")
    kind = said.upper() if division.source_type is SourceType.RSS else said.capitalize()
    return t'{kind} <a class="small" href="#{division.siglum}">{division.siglum}</a>'


def _passage(passage: CanonicalPassage, apparatus: Apparatus, owners: Mapping[str, str]) -> Template:
    if passage.stands_at:
        owner = owners.get(passage.stands_at)
        text = html(t'<a class="small" href="#{passage.stands_at}">shared with {owner}</a>')
        shared = None
    else:
        text = html(t"{apparatus.text(passage.text)}")
        also = passage.sigla[1:]
        shared = t' <span class="small">also in {apparatus.witnesses(also)}</span>' if also else None
    content = t'id="{passage.key}" dir="auto">{text}{shared}'
    # Not p and h4: they could not hold the readings.
    match passage.kind:
        case PassageKind.HEADING:
            level = min(6, 3 + max(1, passage.level))
            return t'<div class="head" role="heading" aria-level="{level}" {content}</div>\n'
        case PassageKind.LIST_ITEM:
            return t'<li data-depth="{passage.level}" {content}\n'
        case PassageKind.PARAGRAPH:
            return t'<div class="p" {content}</div>\n'
