"""HTML pages: headline, main content, dates and names from their metadata, and the contact block apart."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from episodic.canonical.errors import UnreadableError
from episodic.canonical.normalizers.dates import iso_date, parse_date
from episodic.canonical.normalizers.documents.html_text import HEADINGS, HtmlText, element_text
from episodic.canonical.normalizers.documents.prose import prose_structure, without_comments
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.speech.margins import calls_transcript
from episodic.canonical.normalizers.xml import PROLOG, Element, check_depth, drop, parse_page, select
from episodic.canonical.sources import Claim, ClaimField, Passage, PassageKind, SourceType
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold

_START: Final = pattern(
    PROLOG + r"<(?:!DOCTYPE\s+html|html|head|body|title|article|main|section|h[1-6]|div|p)\b",
    re.DOTALL | re.IGNORECASE,
)
_CHARSET: Final = pattern(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_CONTACT: Final = pattern(
    r"(?:(?:press|media|for more information)[\s/&,]*)*(?:contacts?|enquiries|inquiries)\b", re.IGNORECASE
)
_BOILERPLATE: Final = "//nav | //aside | //header | //footer | //form | //script | //*[@role='navigation']"
# What surrounds an article inside its own element: not the header that has the headline, nor the form that
# some servers have around a whole page.
_AROUND: Final = (
    "self::body//header[//h1[not(ancestor::header)]] | .//nav | .//aside | .//footer | .//form[not(.//h1)]"
    " | .//*[@role='navigation'] | self::article//article"
)
_PARAGRAPHS: Final = "count(.//p[not(ancestor::nav or ancestor::aside or ancestor::footer)])"
# Remarks of colleagues and the marks that lead to them, in pages that Google Docs exports.
_COMMENTS: Final = "//a[starts-with(@id, 'cmnt_ref')] | //div[p/a[starts-with(@href, '#cmnt_ref')]]"
# What WordPress (Jetpack, AddToAny) and Substack put into a text, so that it is shared and subscribed to.
_WIDGETS: Final = " | ".join(
    f"//div[contains(concat(' ', @class, ' '), ' {name} ')]"
    for name in (
        "sharedaddy",
        "jp-relatedposts",
        "addtoany_share_save_container",
        "subscription-widget-wrap",
        "subscription-widget",
        "subscribe-widget",
    )
)
# What may fold a transcript away, or stand above it.
_TITLES: Final = (
    "//h1 | //h2 | //h3 | //h4 | //h5 | //h6 | //summary | //button | //*[@role='button' or @role='tab']"
)
_TAG: Final = pattern(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# What trafilatura calls the elements of its result, in HTML.
_NAMES: Final = {
    "list": "ul", "item": "li", "quote": "blockquote", "row": "tr", "cell": "td", "lb": "br", "ref": "a",
}  # fmt: skip


class Html(Format):
    """A page or a fragment."""

    name = "html"
    title = "HTML"
    suffixes = (".html", ".htm", ".xhtml")
    isolated_above = 0

    def recognizes(self, head: Head) -> bool:
        """By its first element."""
        return _START.match(head.text) is not None

    def read(self, document: Document) -> Structure:
        """Read the main content with what the page says of itself."""
        charset = _CHARSET.search(document.data[:4096])
        decoded = document.decode(charset[1].decode("ascii") if charset else None)
        page = parse_page(decoded.text)
        if page is None:
            raise UnreadableError("has no content as HTML; is it the right file?")
        check_depth(document, page)
        comments = _elements(page, _COMMENTS)
        for other in [*comments, *_elements(page, _WIDGETS)]:
            drop(other)
        language = page.get("lang") or ""
        headline = _headline(page)
        claims = tuple(_claims(document, page, headline))
        published = next((claim.value for claim in _dates(page)), None)
        contacts = _take_contacts(page)
        boxed = _put_transcript_last(page)
        content = _content(page)
        passages = [*content.passages]
        if headline is not None and not any(passage.text == headline.text for passage in passages[:3]):
            passages.insert(0, headline)
        if not passages and not contacts:
            raise UnreadableError("has no text as HTML; is it the right file?")
        return prose_structure(
            document,
            Structure(
                language=language if _TAG.fullmatch(language) else None,
                dated=parse_date(published) if published else None,
                claims=(*claims, *content.links),
                passages=(*contacts, *passages) if boxed else (*passages, *contacts),
                signals=without_comments(decoded.signals, sum(other.tag == "div" for other in comments)),
            ),
            stressed=content.stressed,
        )


def _put_transcript_last(page: Element) -> bool:
    """Move the box that has most of what is below "Transcript" to the end, as what is behind it is not said.

    A page folds it away below a summary, or a button, which become headings.
    """
    called = (element for element in _elements(page, _TITLES) if calls_transcript(_text(element), more=True))
    title = box = next(reversed([*called]), None)
    if title is None or box is None:
        return False
    if title.tag not in HEADINGS:
        title.tag = "h6"
    content = [page, *_elements(title, "ancestor::body | ancestor::main[.//h1] | ancestor::article[.//h1]")][
        -1
    ]
    below = _length_behind(title) - _length_behind(content)
    while len(_text(box)) - len(_text(title)) < below / 2:
        box = box.getparent()
        if box is None or box is content:
            return False
    box.addprevious(mark := box.makeelement("span", None, None))
    mark.tail, box.tail = box.tail, None
    content.append(box)
    return True


def _text(element: Element) -> str:
    return "".join(element.itertext())


def _length_behind(element: Element) -> int:
    return sum(map(len, cast("Sequence[str]", select(element, "following::text()"))))


def _headline(page: Element) -> Passage | None:
    # The first on a page is often the name of the site.
    for path in ("//article//h1 | //main//h1", "//h1[not(ancestor::header)]", "//h1"):
        for heading in _elements(page, path):
            if text := fold("".join(heading.itertext())):
                return Passage(PassageKind.HEADING, text, "h1", 1)
    return None


def _meta(page: Element, *names: str) -> Iterator[tuple[str, str]]:
    """Contents and places of ``meta`` elements."""
    for name in names:
        for element in _elements(page, f"//meta[@name='{name}' or @property='{name}']"):
            if text := fold(element.get("content") or ""):
                yield text, f"meta/{name}"


def _dates(page: Element) -> Iterator[Claim]:
    for text, where in _meta(page, "article:published_time", "date", "dc.date", "DC.date"):
        if moment := parse_date(text):
            yield Claim(ClaimField.PUBLISHED, iso_date(moment), where)
    for element in _elements(page, "//time[@datetime]")[:1]:
        if moment := parse_date(element.get("datetime") or ""):
            yield Claim(ClaimField.PUBLISHED, iso_date(moment), "time")


def _claims(document: Document, page: Element, headline: Passage | None) -> Iterator[Claim]:
    """What the page's metadata say; a press release speaks there of itself, not of the episode."""
    if document.source_type is not SourceType.PRESS_RELEASE:
        title = next(_meta(page, "og:title"), None) or (headline and (headline.text, headline.where))
        if title is None:
            found = [fold("".join(element.itertext())) for element in _elements(page, "//title")[:1]]
            title = (found[0], "title") if found and found[0] else None
        if title is not None:
            yield Claim(ClaimField.TITLE, *title)
        for text, where in list(_meta(page, "description", "og:description"))[:1]:
            yield Claim(ClaimField.SUMMARY, text, where)
        for text, where in _meta(page, "author", "article:author"):
            if "://" not in text:
                yield Claim(ClaimField.PERSON, text, where, "author")
        yield from list(_dates(page))[:1]
    for text, where in _meta(page, "keywords", "article:tag"):
        for word in text.split(","):
            if word.strip():
                yield Claim(ClaimField.KEYWORD, word.strip(), where)
    for element in _elements(page, "//audio[@src] | //audio/source[@src]"):
        url = element.get("src") or ""
        if url.startswith(("http://", "https://")):
            yield Claim(ClaimField.MEDIA, url, "audio", element.get("type"))


def _take_contacts(page: Element) -> Sequence[Passage]:
    """Take the blocks that say whom to ask out of the page; they come last, under their own place."""
    passages: list[Passage] = []
    blocks = [
        *_elements(page, "//address"),
        *_elements(page, "//*[self::div or self::section or self::aside][contains(@class, 'contact')]"),
    ]
    for heading in _elements(page, "//h2 | //h3 | //h4 | //h5 | //p[strong or b]"):
        text = fold("".join(heading.itertext()))
        if _CONTACT.match(text) and len(text) < 200:
            blocks.append(heading)
            for sibling in _elements(heading, "following-sibling::*"):
                if sibling.tag in {"h1", "h2", "h3", "h4", "h5", "h6", "hr"}:
                    break
                blocks.append(sibling)
    for block in blocks:
        if select(block, "ancestor::body") or select(block, "ancestor::html"):
            passages.extend(element_text(block, "contact").passages)
            drop(block)
    return passages


def _content(page: Element) -> HtmlText:
    """The main content: all of a plain document, the article that says so, else what trafilatura finds.

    trafilatura takes lists of links for navigation; in show notes they are the notes.
    """
    body = next(iter(_elements(page, "//body")), page)
    if not _elements(page, _BOILERPLATE):
        return element_text(body, "body", breaks=True)
    for path in ("//article[.//h1]", "//main[.//h1]"):
        articles = _elements(page, path)
        # A headline with a teaser can be an article, too.
        if len(articles) == 1 and _paragraphs(articles[0]) * 2 >= _paragraphs(body):
            return _without_surroundings(articles[0])
    from trafilatura import bare_extraction

    found = cast(
        "Any",
        bare_extraction(
            cast("Any", page),
            with_metadata=False,
            include_comments=False,
            include_links=True,
            favor_recall=True,
        ),
    )
    root = None if found is None else found.body
    if root is None or len(root) < 2:  # nothing, or a short page's text without its structure
        return _without_surroundings(body)
    for element in root.iter():
        if element.tag == "head":
            rend = element.get("rend") or ""
            element.tag = rend if re.fullmatch(r"h[1-6]", rend) else "h2"
        elif element.tag == "ref":
            element.set("href", element.get("target") or "")
        elif element.tag == "code":
            element.tag = "pre" if "\n" in "".join(element.itertext()) else "span"
        if element.tag in _NAMES:  # any other tag stays: lxml reads names from HTML that it refuses to set
            element.tag = _NAMES[element.tag]
    return element_text(cast("Element", root), "body", breaks=True)


def _paragraphs(element: Element) -> float:
    return cast("float", select(element, _PARAGRAPHS))


def _without_surroundings(element: Element) -> HtmlText:
    for other in _elements(element, _AROUND):
        drop(other)
    return element_text(element, "body", breaks=True)


def _elements(root: Element, path: str) -> list[Element]:
    return cast("list[Element]", select(root, path))
