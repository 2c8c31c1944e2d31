"""The text of HTML as passages and links; the structure alone, no judgement of what is content."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from itertools import pairwise
from typing import Final
from urllib.parse import parse_qs, urlsplit

from episodic.canonical.normalizers.statements import link
from episodic.canonical.normalizers.xml import Element, parse_fragment, walk
from episodic.canonical.sources import Claim, Passage, PassageKind
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.tokens import fold
from episodic.canonical.text.wordlists import word_list

BLOCKS: Final = word_list(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol p pre section summary
    table tbody td tfoot th thead tr ul
    """
)
_BREAK: Final = "\u2028"  # the end of a line that the author wrote, and no white space of the markup
_REDIRECT: Final = "https://www.google.com/url?"  # through which Google Docs leads every link
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_STRESS: Final = frozenset({"strong", "b", "em", "i"})
_LISTS: Final = frozenset({"ul", "ol", "menu"})
# How pages style a name; what it is set off by already, or a name in a sentence goes on with.
_SPEAKER: Final = pattern(r"(?:^|[\s_-])speaker(?:[_-]?name)?(?:$|\s)", re.IGNORECASE)
_SET_OFF: Final = pattern(r"[:\uff1a,;|\u2013\u2014-]")
_SAYS: Final = ": "
_LONGEST_NAME: Final = 60
_SILENT: Final = word_list(
    """
    script style template noscript iframe object audio video canvas svg math head title textarea select button
    rt rp
    """
)


@dataclass(frozen=True, slots=True)
class HtmlText:
    """Passages of a piece of HTML in reading order, the links in it, and what is stressed at their start."""

    passages: tuple[Passage, ...]
    links: tuple[Claim, ...]
    stressed: Mapping[Passage, str] = field(default_factory=dict[Passage, str])

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
    reader = _Reader(where, breaks=breaks)
    for starts, element in walk(root):
        if starts:
            reader.start(element)
        else:
            reader.end(element)
            if element is not root:
                reader.add(element.tail)
    reader.flush()
    return HtmlText(tuple(reader.passages), tuple(reader.links), reader.stressed)


class _Reader:
    """Takes elements in document order, and makes a passage wherever a block begins or ends."""

    def __init__(self, where: str, *, breaks: bool) -> None:
        self.passages: list[Passage] = []
        self.links: list[Claim] = []
        self._where = where
        self._breaks = breaks
        self._text: list[str] = []  # of the passage to come
        self._kind, self._level = PassageKind.PARAGRAPH, 0
        self._lists = 0  # those that are open
        self._silent = 0  # open elements whose text nobody sees
        self.stressed: dict[Passage, str] = {}  # what is in bold or in italics at the beginning of each
        self._stresses, self._plain = 0, False  # open elements that stress, and whether there is text outside
        self._stressed: list[str] = []  # before that
        self._rows: list[list[int]] = []  # the open ones: where the passages of each cell begin
        self._term: int | None = None  # where the passage of a term begins, whose definition comes next
        self._href, self._begin = "", 0  # the open link, and where its text begins in `_text`

    def start(self, element: Element) -> None:
        """Take what an element begins with."""
        tag = element.tag
        self._silent += tag in _SILENT
        if self._silent or not isinstance(tag, str):  # a comment
            return
        if tag in BLOCKS:
            self.flush()
            self._begin = 0
            self._open(tag)
        elif tag == "br":
            if self._text and self._text[-1] == _BREAK:
                self.flush()
            else:
                self._text.append(_BREAK)
        elif tag == "a":
            self._href, self._begin = element.get("href") or "", len(self._text)
        self._stresses += tag in _STRESS
        self.add(element.text)

    def end(self, element: Element) -> None:
        """Take an element's end."""
        tag = element.tag
        if tag in _SILENT:
            self._silent -= 1
        elif self._silent:
            return
        elif tag in BLOCKS:
            self.flush()
            self._close(str(tag))
        elif tag == "a":
            self._link()
        self._stresses -= tag in _STRESS
        if tag not in BLOCKS and _SPEAKER.search(element.get("class") or ""):
            self._name(fold("".join(element.itertext())), fold(element.tail or ""))

    def add(self, text: str | None) -> None:
        """Take text."""
        if text and not self._silent:
            text = text.replace("\u00ad", "")  # where a word may be broken
            self._text.append(text)
            self._plain = self._plain or (not self._stresses and not text.isspace())
            if not self._plain:
                self._stressed.append(text)

    def flush(self) -> None:
        """Make a passage of the text since the last."""
        said = "".join(self._text).replace("\u200b", "")
        folded = "\n".join(filter(None, map(fold, said.split(_BREAK)))) if self._breaks else fold(said)
        if self._text[-1:] == [_SAYS] and (self._rows or self._kind is PassageKind.LIST_ITEM):
            folded = folded.removesuffix(_SAYS.strip())  # a cell divides already; a list has who come
        if folded:
            self.passages.append(Passage(self._kind, folded, self._where, self._level))
            if begins := fold("".join(self._stressed)):
                self.stressed[self.passages[-1]] = begins
            # What follows in the same item after a block is a paragraph of it.
            if self._kind is PassageKind.LIST_ITEM:
                self._kind, self._level = PassageKind.PARAGRAPH, 0
        self._text.clear()
        self._stressed.clear()
        self._plain = False

    def _open(self, block: str) -> None:
        if block in HEADINGS:
            self._kind, self._level = PassageKind.HEADING, HEADINGS[block]
        elif block == "li":
            self._kind, self._level = PassageKind.LIST_ITEM, max(1, self._lists)
        elif block in _LISTS:
            self._lists += 1
        elif block == "tr":
            self._rows.append([])
        elif block in {"td", "th"} and self._rows:
            self._rows[-1].append(len(self.passages))
        elif block == "dt":
            self._term = len(self.passages)

    def _close(self, block: str) -> None:
        if block in HEADINGS or block == "li":
            self._kind, self._level = PassageKind.PARAGRAPH, 0
        elif block in _LISTS:
            self._lists -= 1
        elif block == "tr" and self._rows:
            _join_cells(self.passages, self._rows.pop(), self._where)
        elif block == "dd" and self._term is not None:
            if len(self.passages) == self._term + 2:
                _join_cells(self.passages, [self._term, self._term + 1], self._where)
            self._term = None

    def _name(self, name: str, after: str) -> None:
        """Set a name off that begins its line, or stands behind its time; in a sentence it is said."""
        line = fold("".join(self._text).rpartition(_BREAK)[2])
        begins = line.endswith(name) and not any(map(str.isalpha, line.removesuffix(name)))
        goes_on = _SET_OFF.match(after) or after[:1].islower() or _SET_OFF.match(name[-1:])
        if begins and 0 < len(name) <= _LONGEST_NAME and not goes_on:
            self._text.append(_SAYS)

    def _link(self) -> None:
        href, self._href = self._href, ""
        if href.startswith(_REDIRECT):
            href = parse_qs(urlsplit(href).query).get("q", [href])[0]
        self.links += link(href, self._where, "".join(self._text[self._begin :]))


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
