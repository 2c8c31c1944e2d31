"""Feeds that are not well-formed XML, as feedparser understands them."""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from episodic.canonical.clock import duration_seconds
from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.dates import iso_date, parse_date
from episodic.canonical.normalizers.dialogue import fold
from episodic.canonical.normalizers.documents.html_text import HtmlText, html_text
from episodic.canonical.normalizers.feeds.choice import ItemName, choose_item
from episodic.canonical.normalizers.format import Document, Structure
from episodic.canonical.normalizers.statements import number_text
from episodic.canonical.normalizers.xml import IllFormedXmlError
from episodic.canonical.sources import Claim, ClaimField, Signals


def read_ill_formed(document: Document, refused: IllFormedXmlError, signals: Signals) -> Structure:
    """Read a feed that a strict parser refused.

    feedparser keeps one ``podcast:person`` an item and no places inside it: a claim's place is its item.
    """
    import feedparser

    # As a stream: a string could be taken for a file's name or an address.
    data = refused.text.encode(errors="replace")
    problem = str(refused)
    parse = cast("Callable[..., Any]", feedparser.parse)  # pyright: ignore[reportUnknownMemberType] - untyped
    try:
        parsed = parse(io.BytesIO(data), response_headers={"content-type": "application/xml; charset=utf-8"})
    except MemoryError:
        raise
    except Exception as error:
        raise SourceError(document.uri, f"is not well-formed XML: {problem}") from error
    # As plain dictionaries: feedparser's own answer for keys that are not there.
    entries = [dict(entry) for entry in cast("Sequence[Mapping[str, Any]]", parsed.entries)]
    if not entries:
        raise SourceError(
            document.uri, f"is not well-formed XML, and no feed can be made out in it: {problem}"
        )
    chosen, reason = choose_item(document.uri, [_item_name(entry) for entry in entries], document.metadata)
    entry, where = entries[chosen], f"item {chosen + 1}"
    feed = dict(cast("Mapping[str, Any]", parsed.feed))
    body = _body(entry, where)
    published = _string(entry, "published") or _string(entry, "updated")
    return Structure(
        language=_string(feed, "language"),
        dated=parse_date(published) if published else None,
        claims=(*_channel_claims(feed), *_item_claims(entry, where, body)),
        passages=body.passages if body else (),
        signals=replace(
            signals, well_formed=False, notes=(*signals.notes, f"is not well-formed XML: {problem}", reason)
        ),
    )


def _string(mapping: Mapping[str, Any], key: str) -> str | None:
    value = mapping.get(key)
    return value.strip() or None if isinstance(value, str) else None


def _item_name(entry: Mapping[str, Any]) -> ItemName:
    published = parse_date(_string(entry, "published") or "")
    return ItemName(
        _string(entry, "title"),
        _string(entry, "id"),
        _string(entry, "podcast_episode") or _string(entry, "itunes_episode"),
        iso_date(published) if published else None,
        _string(entry, "link"),
    )


def _body(entry: Mapping[str, Any], where: str) -> HtmlText | None:
    contents = cast("Sequence[Mapping[str, Any]]", entry.get("content") or ())
    text = next((value for content in contents if (value := _string(content, "value"))), None)
    text = text or _string(entry, "summary")
    return html_text(text, where) if text else None


def _channel_claims(feed: Mapping[str, Any]) -> Iterator[Claim]:
    for field, key in ((ClaimField.SERIES, "title"), (ClaimField.PUBLISHER, "author")):
        if value := _string(feed, key):
            yield Claim(field, fold(html_text(value, "channel").text), "channel")


def _item_claims(entry: Mapping[str, Any], where: str, body: HtmlText | None) -> Iterator[Claim]:
    for field, key in (
        (ClaimField.TITLE, "title"),
        (ClaimField.SUBTITLE, "subtitle"),
        (ClaimField.SUMMARY, "summary"),
        (ClaimField.GUID, "id"),
    ):
        if (value := _string(entry, key)) and (folded := html_text(value, where).text):
            yield Claim(field, folded, where)
    if moment := parse_date(_string(entry, "published") or ""):
        yield Claim(ClaimField.PUBLISHED, iso_date(moment), where)
    for field, keys in (
        (ClaimField.EPISODE, ("podcast_episode", "itunes_episode")),
        (ClaimField.SEASON, ("podcast_season", "itunes_season")),
    ):
        value = next((found for key in keys if (found := _string(entry, key))), None)
        if value and re.fullmatch(r"\d{1,9}", value):
            yield Claim(field, str(int(value)), where)
    if (seconds := duration_seconds(_string(entry, "itunes_duration") or "")) is not None:
        yield Claim(ClaimField.DURATION, number_text(seconds), where)
    person = entry.get("podcast_person")
    if isinstance(person, dict):
        fields = cast("Mapping[str, Any]", person)
        if name := _string(fields, "content") or _string(fields, "value"):
            yield Claim(ClaimField.PERSON, fold(name), where, (_string(fields, "role") or "host").lower())
    if author := _string(entry, "author"):
        yield Claim(ClaimField.PERSON, fold(author), where, "author")
    if (link := _string(entry, "link")) and link.startswith(("http://", "https://")):
        yield Claim(ClaimField.LINK, link, where)
    if body is not None:
        yield from body.links
    for tag in cast("Sequence[Mapping[str, Any]]", entry.get("tags") or ()):
        if term := _string(tag, "term"):
            yield Claim(ClaimField.KEYWORD, fold(term), where)
    for enclosure in cast("Sequence[Mapping[str, Any]]", entry.get("enclosures") or ()):
        if url := _string(enclosure, "href"):
            yield Claim(ClaimField.MEDIA, url, where, _string(enclosure, "type"))
