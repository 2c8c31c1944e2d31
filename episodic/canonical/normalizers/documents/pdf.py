"""PDF through PDFium: paragraphs in reading order, headings where tags or the outline say so, and links."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Final, NamedTuple, cast

from episodic.canonical.errors import SourceLimitError, UnreadableError
from episodic.canonical.normalizers.dates import aware
from episodic.canonical.normalizers.documents.pdfium import (
    PdfDocument,
    Tag,
    TextPage,
    character_tag,
    functions,
    page_links,
    page_tags,
)
from episodic.canonical.normalizers.documents.prose import prose_structure
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.speech.dialogue import SENTENCE_END
from episodic.canonical.normalizers.speech.labelling import find_label
from episodic.canonical.normalizers.speech.names import Standing, standing
from episodic.canonical.normalizers.statements import link
from episodic.canonical.sources import Claim, Passage, PassageKind, Signals
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold, fold_lines

_DATE: Final = pattern(
    r"D:(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:Z|(?P<sign>[+-])(?P<hours>\d{2})'?(?P<minutes>\d{2})?)?"
)
_BULLET: Final = pattern(r"(?:[\u2022\u2023\u25aa\u25cf\u25e6\uf0b7\u00b7\u2013*-]|\d{1,2}[.)])\s+(?=\S)")
# Bullets and times that sentences have too, of which one may come to stand at the margin.
_MARK_OR_WORD: Final = pattern(r"(?:[\u2013*-]|\d{1,2}(?:[.)]|(?::\d\d){1,2}))\s")
_NUMBER: Final = pattern(r"(?:\d+(?:\.\d+)*|[A-Z]|[IVXLC]+)[.)]?\s+")
# PDFium gives one of these for the hyphen at which a line was broken.
_BREAK: Final = pattern("[\ufffe\u0002\u00ad]\\s*")
_MARGIN: Final = 2  # lines of a head, and of a foot
_ENDINGS: Final = (".", "!", "?", ":", ";", ".\u201d", '."', ".)", "\u201d")


class _Line(NamedTuple):
    """A line of text with its box, in points from the lower left corner of the page."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    tag: Tag | None


class Pdf(Format):
    """PDF."""

    name = "pdf"
    title = "PDF"
    suffixes = (".pdf",)
    isolated_above = 0

    def recognizes(self, head: Head) -> bool:
        """By its first bytes; some programs put others before them."""
        return b"%PDF-" in head.data[:1024]

    def read(self, document: Document) -> Structure:
        """Read the pages' text; refuse what is encrypted or has none."""
        pdf = _open(document)
        try:
            pages = len(pdf)
            if pages > document.limits.pages:
                problem = f"has {pages} pages, more than {document.limits.pages}, the limit"
                raise SourceLimitError(document.uri, f"{problem}; raise EPISODIC_PAGES or leave it out")
            outline = dict(_outline(pdf))
            read: list[list[_Line]] = []
            links: list[Claim] = []
            for number in range(1, pages + 1):
                lines, found = _page(pdf, number - 1)
                read.append(lines)
                for url, label in found:
                    links += link(url, f"page {number}", label)
            properties = pdf.get_metadata_dict()
        finally:
            pdf.close()
        running = _running(read)
        passages = [
            passage
            for number, lines in enumerate(read, 1)
            for passage in _passages(
                [line for line in lines if _key_on(line, number, pages) not in running],
                f"page {number}",
                outline,
            )
        ]
        if not passages:
            raise UnreadableError("has no text, only images; run text recognition (OCR) over it first")
        empty = len(read) - sum(map(bool, read))
        notes = (f"{empty} of {pages} pages have no text",) if empty else ()
        if running:
            shown = ", ".join(repr(text[:40]) for text in sorted({text for text, *_ in running}))
            notes += (f"heads and feet of pages left out: {shown}",)
        found = Structure(
            dated=_date(properties.get("ModDate") or properties.get("CreationDate") or ""),
            claims=tuple(links),
            passages=tuple(_joined(passages)),
            signals=Signals(notes=notes),
        )
        return prose_structure(document, found)


def _open(document: Document) -> PdfDocument:
    import pypdfium2

    try:
        return cast("PdfDocument", pypdfium2.PdfDocument(document.data))
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableError("is encrypted; save it without a password") from error
        raise UnreadableError(f"cannot be read as a PDF: {error}") from error


def _outline(pdf: PdfDocument) -> Iterator[tuple[str, int]]:
    """The titles that the file's outline has, with their levels from 1."""
    for bookmark in pdf.get_toc(max_depth=6):
        if title := _key(bookmark.get_title()):
            yield title, min(6, bookmark.level + 1)


def _key(title: str) -> str:
    """A heading without its number, to compare the outline's form with the page's."""
    return _NUMBER.sub("", fold(title)).casefold()


def _page(pdf: PdfDocument, number: int) -> tuple[list[_Line], list[tuple[str, str]]]:
    """The lines of a page, and its links with their labels."""
    import pypdfium2

    try:
        page = pdf[number]
        text = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise UnreadableError(f"cannot be read: {error}", f"page {number + 1}") from error
    lines: list[_Line] = []
    letters = _letters(text)
    tags = page_tags(page)
    begin = 0
    for index in (*[at for at, letter in enumerate(letters) if letter == 10], len(letters)):
        inked = [at for at in range(begin, index) if letters[at] not in {9, 10, 13, 32, 160}]
        if inked:
            first, last = text.get_charbox(inked[0]), text.get_charbox(inked[-1])
            line = "".join(map(_character, letters[begin:index]))
            if folded := fold(line):
                bottom, top = min(first[1], last[1]), max(first[3], last[3])
                lines.append(
                    _Line(folded, first[0], bottom, last[2], top, character_tag(text, inked[0], tags))
                )
        begin = index + 1
    links = [(url, _BREAK.sub("", " ".join(labels))) for url, labels in page_links(pdf, page, text)]
    text.close()
    page.close()
    return _without_number(lines), links


def _without_number(lines: list[_Line]) -> list[_Line]:
    """A page's lines without the number that stands above or below them."""
    for end in (-1, 0):
        if lines and re.fullmatch(r"\d{1,4}", lines[end].text):
            del lines[end]
    return lines


def _key_on(line: _Line, page: int, pages: int) -> tuple[str, int, int]:
    """What a line says on whatever page, and where it stands; its number counts for none, nor that of all."""
    return re.sub(rf"\b(?:{page}|{pages})\b", "#", line.text), round(line.bottom), round(line.top)


def _running(pages: Sequence[Sequence[_Line]]) -> frozenset[tuple[str, int, int]]:
    """The heads and feet that come again on each page, or on all but the first; a single one's numbered foot.

    They say what hardly any line between them says: the name of who speaks is no head, though all pages begin
    with it.
    """
    every = len(pages)
    keys = [
        [_key_on(line, number, every) for line in lines] for number, lines in enumerate(pages, 1) if lines
    ]
    if every == 1 and len(pages[0]) > _MARGIN:
        above, last = pages[0][-2:]
        apart = above.bottom - last.top > _MARGIN * (last.top - last.bottom)
        if apart and "#" in keys[0][-1][0] and find_label(last.text) is None:
            return frozenset(keys[0][-1:])
    ends = Counter(key for page in keys for key in {*page[:_MARGIN], *page[-_MARGIN:]})
    texts = Counter(text for page in keys for text, *_ in page)
    return frozenset(
        key
        for key, times in ends.items()
        if times >= max(2, len(keys) - 1) and texts[key[0]] <= times + 1 and not _may_be_said(key[0], times)
    )


def _may_be_said(text: str, times: int) -> bool:
    """Whether a line is a sentence, or two pages may begin with the turns of one person."""
    is_name = find_label(text) is not None or (standing(text) >= Standing.WORD and "#" not in text)
    return SENTENCE_END.search(text) is not None or (times == 2 and is_name)


def _letters(text: TextPage) -> list[int]:
    """The code points of a page."""
    read = functions().FPDFText_GetUnicode
    return [read(text, index) for index in range(text.count_chars())]


def _character(code: int) -> str:
    return "\ufffd" if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


def _passages(lines: Sequence[_Line], where: str, outline: Mapping[str, int]) -> Iterator[Passage]:
    """Put lines together: untagged, a paragraph ends at a gap, at a short last line, before a bullet."""
    if not lines:
        return
    right = max(line.right for line in lines)
    width = right - min(line.left for line in lines)
    paragraph: list[_Line] = []
    for line in lines:
        tag = line.tag
        heading = outline.get(_key(line.text)) if tag is None or tag.kind is PassageKind.PARAGRAPH else None
        if paragraph and (
            heading is not None
            or tag != paragraph[-1].tag
            or (
                tag is None
                and not _goes_on(paragraph[0], paragraph[-1], line, right)
                and (_BULLET.match(line.text) or _breaks(paragraph, line, right, width))
            )
        ):
            yield _paragraph(paragraph, where, right)
            paragraph = []
        if heading is not None:
            yield Passage(PassageKind.HEADING, line.text, where, heading)
        else:
            paragraph.append(line)
    if paragraph:
        yield _paragraph(paragraph, where, right)


def _goes_on(first: _Line, above: _Line, line: _Line, right: float) -> bool:
    """Whether a line of a paragraph is in the middle of a sentence, and neither an item nor somebody's turn.

    It looks like neither but for a mark, and the line above had no room left for its first word.
    """
    letter = (above.right - above.left) / len(above.text)
    is_mark = (
        _MARK_OR_WORD.match(line.text)
        and not (_BULLET.match(first.text) or _MARK_OR_WORD.match(first.text))
        and line.left < above.left + letter  # items are often indented
    )
    if line.tag or above.text.endswith(_ENDINGS) or not (is_mark or line.text[0].islower()):
        return False
    word = line.text.split(maxsplit=1)[0]
    return above.right + letter * (len(word) + 1) > right


def _breaks(paragraph: Sequence[_Line], line: _Line, right: float, width: float) -> bool:
    last = paragraph[-1]
    height = max(1.0, last.top - last.bottom)
    if line.text[:1].islower() and not last.text.endswith(_ENDINGS):
        return False
    if line.bottom > last.top:
        # The next column, or a note at the margin: the sentence may go on.
        return last.text.endswith(_ENDINGS)
    if last.bottom - line.top > height * 1.2:
        return True
    if last.right < right - width * 0.12 and last.text.endswith(_ENDINGS):
        return True
    return len(paragraph) > 1 and line.left > last.left + height and last.text.endswith(_ENDINGS)


def _paragraph(lines: Sequence[_Line], where: str, right: float) -> Passage:
    text = lines[0].text
    for above, line in pairwise(lines):
        # In a transcript that leaves no gaps, each line may begin a turn.
        text += (" " if _goes_on(lines[0], above, line, right) else "\n") + line.text
    text = fold_lines(_BREAK.sub("", text))
    tag = lines[0].tag or Tag(0, PassageKind.PARAGRAPH, 0)
    if tag.kind is PassageKind.HEADING:
        return Passage(tag.kind, text, where, tag.level)
    match = _BULLET.match(text)
    if match or tag.kind is PassageKind.LIST_ITEM:
        return Passage(PassageKind.LIST_ITEM, text[match.end() if match else 0 :], where, max(1, tag.level))
    return Passage(PassageKind.PARAGRAPH, text, where)


def _joined(passages: Sequence[Passage]) -> list[Passage]:
    """Join a paragraph that goes on over the page: it ends in the middle of a sentence, in lower case."""
    joined: list[Passage] = []
    for passage in passages:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.where != passage.where
            and before.kind is PassageKind.PARAGRAPH is passage.kind
            and passage.text[:1].islower()
            and not before.text.endswith(_ENDINGS)
        ):
            joined[-1] = Passage(before.kind, f"{before.text} {passage.text}", before.where)
        else:
            joined.append(passage)
    return joined


def _date(text: str) -> datetime | None:
    """A date of ISO 32000-1, section 7.9.4."""
    if (match := _DATE.match(text)) is None:
        return None
    year, month, day, hour, minute, second = (
        int(part) if part else least
        for part, least in zip(match.groups()[:6], (0, 1, 1, 0, 0, 0), strict=True)
    )
    zone = UTC
    try:
        if match["sign"]:
            offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
            zone = timezone(offset if match["sign"] == "+" else -offset)
        return aware(datetime(year, month, day, hour, minute, second, tzinfo=zone))
    except ValueError, OverflowError:
        return None
