"""The text of HTML as passages and links; the structure alone, no judgement of what is content."""

from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import Final
from urllib.parse import parse_qs, urlsplit

from episodic.canonical.normalizers.dialogue import fold
from episodic.canonical.normalizers.xml import Element, parse_fragment, walk
from episodic.canonical.sources import Claim, ClaimField, Passage, PassageKind

BLOCKS: Final = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol p pre section summary
    table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905 - a list of words, read as such
)
_BREAK: Final = "\u2028"  # the end of a line that the author wrote, and no white space of the markup
_REDIRECT: Final = "https://www.google.com/url?"  # through which Google Docs leads every link
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_SILENT: Final = frozenset(
    """
    script style template noscript iframe object audio video canvas svg math head title textarea select button
    """.split()  # noqa: SIM905 - a list of words, read as such
)


@dataclass(frozen=True, slots=True)
class HtmlText:
    """Passages of a piece of HTML in reading order, and the links in it."""

    passages: tuple[Passage, ...]
    links: tuple[Claim, ...]

    @property
    def text(self) -> str:
        """All of it, folded."""
        return " ".join(passage.text for passage in self.passages)


def html_text(markup: str, where: str) -> HtmlText:
    """Read a fragment such as a feed's description; `where` is its place in the source."""
    if "<" not in markup:
        return HtmlText(_paragraphs(unescape(markup), where), ())
    return element_text(parse_fragment(markup), where)


def element_text(root: Element, where: str, *, breaks: bool = False) -> HtmlText:
    """Read an element and everything inside it; a passage keeps the ends of its lines for `breaks`."""
    passages: list[Passage] = []
    links: list[Claim] = []
    text: list[str] = []
    kind, level, lists = PassageKind.PARAGRAPH, 0, 0
    silent = 0
    rows: list[list[int]] = []  # the open ones: where the passages of each cell begin
    href, begin = "", 0  # the open link, and where its text begins in `text`

    def flush() -> None:
        nonlocal kind, level
        said = "".join(text).replace("\u200b", "")
        folded = "\n".join(filter(None, map(fold, said.split(_BREAK)))) if breaks else fold(said)
        if folded:
            passages.append(Passage(kind, folded, where, level))
            # What follows in the same item after a block is a paragraph of it.
            if kind is PassageKind.LIST_ITEM:
                kind, level = PassageKind.PARAGRAPH, 0
        text.clear()

    for starts, element in walk(root):
        tag = element.tag
        if not isinstance(tag, str):
            if not starts and not silent and element.tail:
                text.append(element.tail)
            continue
        if starts:
            if tag in _SILENT:
                silent += 1
                continue
            if silent:
                continue
            if tag in BLOCKS:
                flush()
                begin = 0
                if tag in HEADINGS:
                    kind, level = PassageKind.HEADING, HEADINGS[tag]
                elif tag == "li":
                    kind, level = PassageKind.LIST_ITEM, max(1, lists)
                elif tag in {"ul", "ol", "menu"}:
                    lists += 1
                elif tag == "tr":
                    rows.append([])
                elif tag in {"td", "th"} and rows:
                    rows[-1].append(len(passages))
            elif tag == "br":
                if text and text[-1] == _BREAK:
                    flush()
                else:
                    text.append(_BREAK)
            elif tag == "a":
                href, begin = element.get("href") or "", len(text)
            if element.text:
                text.append(element.text)
            continue
        if tag in _SILENT:
            silent -= 1
        elif not silent:
            if tag in BLOCKS:
                flush()
                if tag in {"ul", "ol", "menu"}:
                    lists -= 1
                elif tag == "tr" and rows:
                    _join_cells(passages, rows.pop(), where)
                if tag in HEADINGS or tag == "li":
                    kind, level = PassageKind.PARAGRAPH, 0
            elif tag == "a":
                if href.startswith(_REDIRECT):
                    href = parse_qs(urlsplit(href).query).get("q", [href])[0]
                if href.startswith(("http://", "https://")):
                    label = fold("".join(text[begin:]))
                    links.append(Claim(ClaimField.LINK, href, where, label or None))
                href = ""
        if not silent and element is not root and element.tail:
            text.append(element.tail)
    flush()
    return HtmlText(tuple(passages), tuple(links))


def _join_cells(passages: list[Passage], begins: list[int], where: str) -> None:
    """Make one passage of the last ones, the cells of a row, unless there is more in one than a text."""
    cells = [passages[begin:end] for begin, end in pairwise((*begins, len(passages)))]
    if sum(map(bool, cells)) > 1 and all(
        len(cell) <= 1 and all(passage.kind is PassageKind.PARAGRAPH for passage in cell) for cell in cells
    ):
        text = fold(" | ".join(cell[0].text if cell else "" for cell in cells))
        passages[begins[0] :] = [Passage(PassageKind.PARAGRAPH, text, where)]


def _paragraphs(text: str, where: str) -> tuple[Passage, ...]:
    return tuple(
        Passage(PassageKind.PARAGRAPH, folded, where)
        for part in text.replace("\r\n", "\n").split("\n\n")
        if (folded := fold(part))
    )
