"""The header: what the document is, what it was made from, who decided."""

import re
from collections.abc import Sequence
from datetime import datetime

from episodic import __version__
from episodic.canonical.document import CanonicalDocument, Person, Statement, Variation, Witness
from episodic.canonical.ports import Edition
from episodic.canonical.resolved import Resolution
from episodic.canonical.sources import ClaimField
from episodic.canonical.tei.apparatus import cert, entry
from episodic.canonical.tei.elements import (
    EDITORIAL,
    UNDETERMINED,
    Element,
    append_markup,
    append_text,
    child,
    escaped,
    pointers,
    uri,
)
from episodic.canonical.tei.encoding import write_encoding
from episodic.canonical.tei.history import write_history
from episodic.canonical.text.patterns import pattern

VERSION = __version__
_MIME_TYPE = pattern(r"[a-z0-9.+-]+/[a-z0-9.+-]+", re.ASCII | re.IGNORECASE)
_LANGUAGE = pattern(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def write_header(parent: Element, resolution: Resolution, edition: Edition) -> None:
    """Add the ``teiHeader``."""
    document = resolution.document
    header = child(parent, "teiHeader")
    description = child(header, "fileDesc")
    _write_titles(description, document, edition)
    _write_publication(description, document, edition)
    _write_series(description, document, edition)
    _write_sources(description, resolution)
    write_encoding(header)
    _write_profile(header, document)
    write_history(header, resolution, edition)


def language_tag(language: str | None) -> str:
    """Give a BCP 47 tag, also when there is none or it is malformed."""
    return language if language and _LANGUAGE.fullmatch(language) else UNDETERMINED


def write_decided(parent: Element, variation: Variation) -> None:
    """Add a value with its rivals, or alone when it has none."""
    if variation.others or variation.verdict:
        append_markup(parent, entry(variation))
    else:
        append_text(parent, variation.lemma.text)


def source_of(variation: Variation) -> str | None:
    """Point to the witnesses of a value that nobody contests; an apparatus entry has its own."""
    return None if variation.others or variation.verdict else pointers(variation.lemma.sigla) or None


def _stated(parent: Element, name: str, statement: Statement, **attributes: str) -> Element:
    """Add an element that says what a statement does."""
    element = child(parent, name, **attributes, source=source_of(statement.variation))
    write_decided(element, statement.variation)
    return element


def _write_titles(description: Element, document: CanonicalDocument, edition: Edition) -> None:
    titles = child(description, "titleStmt")
    claimed = document.about(ClaimField.TITLE)
    if edition.title and not any(statement.variation.verdict for statement in claimed):
        app = child(child(titles, "title", type="main"), "app", type="substantive")
        child(app, "lem", edition.title, resp="#editor")
        rivals = [r for statement in claimed for r in statement.variation.readings]
        total = sum(reading.weight for reading in rivals)
        for reading in rivals:
            share = cert(reading, total)
            child(app, "rdg", reading.text, wit=pointers(reading.sigla), cert=share)
    elif claimed:
        _stated(titles, "title", claimed[0], type="main")
    else:
        child(titles, "title", edition.episode.slug, type="main")
    for statement in document.about(ClaimField.SUBTITLE):
        _stated(titles, "title", statement, type="sub")
    merge = child(titles, "respStmt", xml_id="episodic")
    child(merge, "resp", "canonical merge")
    child(merge, "name", f"Episodic {VERSION}")
    if edition.title:
        editor = child(titles, "respStmt", xml_id="editor")
        child(editor, "resp", "title")
        child(editor, "name", "the person who asked for the ingestion")
    for each in document.editors:
        statement = child(titles, "respStmt", xml_id=each.key)
        child(statement, "resp", EDITORIAL)
        child(statement, "name", each.name)


def _write_publication(description: Element, document: CanonicalDocument, edition: Edition) -> None:
    publication = child(description, "publicationStmt")
    claimed = document.about(ClaimField.PUBLISHER)
    if edition.series.publisher or not claimed:
        child(publication, "publisher", edition.series.publisher or edition.series.title)
    else:
        _stated(publication, "publisher", claimed[0])
    for statement in document.about(ClaimField.PUBLISHED):
        date = _stated(publication, "date", statement)
        if when := _w3c_date(statement.variation.lemma.text):
            date.set("when", when)
    child(publication, "idno", str(edition.episode.id), type="uuid")
    child(publication, "idno", edition.episode.name, type="episode")
    for statement in document.about(ClaimField.GUID):
        lemma = statement.variation.lemma
        child(publication, "idno", lemma.text, type="guid", source=pointers(lemma.sigla))
        for other in statement.variation.others:
            child(
                publication, "idno", other.text, type="guid", subtype="rejected", source=pointers(other.sigla)
            )


def _w3c_date(text: str) -> str | None:
    """Give the date as XML Schema writes it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.date().isoformat() if len(text) <= len("2026-01-01") else moment.isoformat()


def _write_series(description: Element, document: CanonicalDocument, edition: Edition) -> None:
    series = child(description, "seriesStmt")
    child(series, "title", edition.series.title, type="main")
    for statement in document.about(ClaimField.SERIES):
        _stated(series, "title", statement, type="claimed")
    for about in (ClaimField.SEASON, ClaimField.EPISODE):
        for statement in document.about(about):
            _stated(series, "biblScope", statement, unit=about.value)


def _write_sources(description: Element, resolution: Resolution) -> None:
    sources = child(description, "sourceDesc")
    _write_recording(sources, resolution.document)
    listed = child(sources, "listWit")
    for witness in resolution.witnesses:
        _write_witness(listed, witness)


def _write_recording(sources: Element, document: CanonicalDocument) -> None:
    durations = document.about(ClaimField.DURATION)
    media = document.about(ClaimField.MEDIA)
    if not durations and not media:
        return
    recording = child(child(sources, "recordingStmt"), "recording", type="audio")
    for statement in durations:
        if duration := _iso_duration(statement.variation.lemma.text):
            recording.set("dur", duration)
        _stated(child(recording, "p"), "measure", statement, type="duration", unit="s")
    for statement in media:
        lemma = statement.variation.lemma
        child(
            recording,
            "media",
            mimeType=_mime_type(statement.qualifier),
            url=uri(lemma.text),
            source=pointers(lemma.sigla),
        )


def _iso_duration(seconds: str) -> str | None:
    """Write seconds as an XML Schema duration: ``PT1H2M3S``."""
    try:
        total = round(float(seconds))
    except ValueError, OverflowError:
        return None
    minutes, rest = divmod(max(0, total), 60)
    hours, minutes = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + f"{rest}S"


def _write_witness(listed: Element, witness: Witness) -> None:
    weighted = witness.weighted
    source = weighted.source
    bibl = child(child(listed, "witness", xml_id=witness.siglum), "bibl", type=source.source_type.value)
    child(bibl, "title", source.name)
    child(bibl, "idno", source.content.sha256, type="sha256")
    if target := uri(source.name):
        child(bibl, "ptr", target=target)
    if source.dated:
        child(bibl, "date", when=source.dated.isoformat())
    if source.language:
        child(bibl, "lang", source.language)
    child(bibl, "note", source.format, type="format")
    child(bibl, "note", f"{weighted.weight / 1000:g}", type="weight")
    for factor in weighted.factors:
        note = child(bibl, "note", type="factor")
        child(note, "label", factor.name)
        child(note, "num", f"{factor.value:.6g}", type="value")
        child(note, "num", f"{factor.coefficient:.6g}", type="coefficient")
        child(note, "seg", factor.reason, type="reason")
    doubts = (doubt.text for doubt in source.signals.doubts)
    for remark in (*doubts, *source.signals.notes, *witness.weighted.notes, *witness.notes):
        child(bibl, "note", remark.replace(source.uri, source.name), type="remark")


def _write_profile(header: Element, document: CanonicalDocument) -> None:
    profile = child(header, "profileDesc")
    for statement in document.about(ClaimField.SUMMARY):
        _stated(child(profile, "abstract"), "p", statement)
    tag = language_tag(document.language)
    child(child(profile, "langUsage"), "language", tag, ident=tag)
    if document.people:
        first, *_ = document.people
        append_markup(child(child(profile, "particDesc"), "listPerson"), person_markup(first))
    if keywords := document.about(ClaimField.KEYWORD):
        terms = child(child(profile, "textClass"), "keywords")
        for statement in keywords:
            _stated(terms, "term", statement)


def person_markup(person: Person) -> str:
    """Give somebody who takes part as markup."""
    role = " ".join(filter(None, map(_role, person.roles)))
    attributes = f' role="{role}"' if role else ""
    resp = f' resp="#{person.verdict.editor}"' if person.verdict else ""
    given = "".join(
        f'<persName type="given" source="{pointers(sigla)}">{escaped(name)}</persName>'
        for name, sigla in _witnesses_by_name(person.names).items()
    )
    main = f'<persName type="main"{resp}>{escaped(person.name)}</persName>'
    return f'<person xml:id="{person.key}"{attributes}>{main}{given}</person>'


def _role(role: str) -> str:
    """Make one word of a role."""
    return "-".join(re.findall(r"\w+", role))


def _mime_type(claimed: str | None) -> str:
    return claimed if claimed and _MIME_TYPE.fullmatch(claimed) else "application/octet-stream"


def _witnesses_by_name(names: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    by_name: dict[str, list[str]] = {}
    for siglum, name in names:
        by_name.setdefault(name, []).append(siglum)
    return by_name
