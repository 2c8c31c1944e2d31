"""Markdown: a transcript where its paragraphs begin with a speaker in bold, else prose."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, override

from episodic.canonical.normalizers.documents.html_text import html_text
from episodic.canonical.normalizers.documents.prose import prose_structure
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.speech.lines import Line
from episodic.canonical.normalizers.speech.margins import calls_transcript
from episodic.canonical.normalizers.statements import link, urls
from episodic.canonical.sources import Passage, PassageKind
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import BRACKETED, CLOCK
from episodic.canonical.text.tokens import fold, with_line_ends

if TYPE_CHECKING:
    from markdown_it.token import Token

_BOLD: Final = rf"(?:[\[(]{CLOCK}[\])][ \t]*)?\*\*[^*\n]{{1,60}}:?\*\*:?(?:[ \t]|$)"
_SIGNS: Final = pattern(
    rf"^(?:#{{1,6}}[ \t]+\S|{_BOLD}|```|\[[^\]\n]+\]:[ \t]+<?(?:https?:|mailto:|[/#])|[^\n]*\[[^\[\]\n]+\]\(https?://)",
    re.MULTILINE,
)
# "[[Ada Lovelace]]" and "[[people/ada|Ada]]", as notebooks link their pages.
_WIKI_LINK: Final = pattern(r"\[\[(?:[^\[\]|\n]{1,200}\|)?([^\[\]|\n]{1,200})\]\]")
# "[!quote] Ada" above what is set apart, as notebooks and GitHub say of what kind that is.
_CALLOUT: Final = pattern(r"^\[!\w{1,20}\][+-]?\s*")
_SUMMARY: Final = pattern(r"<summary\b[^<>]*>(?:\s|<[^<>]*>)*([^<>]*)", re.IGNORECASE)
# "[^1]" in the text, and "[^1]: what it says", as most dialects have footnotes.
_NOTE_MARK: Final = pattern(r"\[\^\w{1,20}\](?!:)")
_NOTE: Final = pattern(r"\[\^\w{1,20}\]:")
_BREAK: Final = pattern(r"</?(?:br|p|div)\b", re.IGNORECASE)
# The inline elements of HTML (https://html.spec.whatwg.org/multipage/text-level-semantics.html) and comments;
# what else stands in angle brackets was said.
_TAG: Final = pattern(
    r"</?(?:a|abbr|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|img|ins|kbd|mark|q|rp|rt|ruby|s|samp|small"
    r"|span|strike|strong|sub|sup|time|tt|u|var|wbr|h[1-6]|ul|ol|li|table|tr|td|th|hr|blockquote|center|details"
    r"|summary|audio|video|source|iframe|figure|section|article)\b|<!--|<\?",
    re.IGNORECASE,
)


class _Line(NamedTuple):
    """A line without markup, its number, and what bold text says at its beginning or after a time there."""

    number: int
    text: str
    bold: str = ""


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of inline text."""

    kind: PassageKind
    level: int
    number: int
    lines: tuple[_Line, ...]
    links: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def where(self) -> str:
        return f"line {self.number}"


class Markdown(Format):
    """CommonMark with tables."""

    name = "markdown"
    title = "Markdown"
    suffixes = (".md", ".markdown", ".mkd")
    isolated_above = 0

    def recognizes(self, head: Head) -> bool:
        """By headings, bold text at the start of a line, links or fences: at the beginning, or in places."""
        return _SIGNS.match(head.text.lstrip()) is not None or len(_SIGNS.findall(head.text)) >= 2

    def read(self, document: Document) -> Structure:
        """Read blocks as speech or as prose."""
        decoded = document.decode()
        blocks = [block for block in _blocks(with_line_ends(decoded.text)) if block.lines]
        notes = {block.where for block in blocks if _NOTE.match(block.lines[0].text)}
        return prose_structure(
            document,
            Structure(
                claims=tuple(
                    claim
                    for block in blocks
                    for label, url in block.links
                    for claim in link(url, block.where, label)
                ),
                passages=tuple(Passage(b.kind, b.text, b.where, b.level) for b in blocks),
                signals=decoded.signals,
            ),
            asides=notes,
            lines=_lines(block for block in blocks if block.where not in notes),
        )


def _blocks(text: str) -> Iterator[_Block]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    definitions: dict[str, Any] = {}
    read = _Blocks()
    parser.block.parse(text.replace("\0", "\ufffd"), parser, definitions, read)
    # A footnote that is an address alone is a link's definition for CommonMark, and its mark that link.
    links: dict[str, Any] = definitions.get("references", {})
    notes = [(label.lower(), links.pop(label)) for label in [*links] if label.startswith("^")]
    for each in _transcript_last(read.finished()):
        if each.verbatim == "html_block":
            yield from _html_blocks(each.texts[0], each.number)
        elif each.verbatim:
            texts = map(fold, each.texts[0].split("\n"))
            first = each.number + (each.verbatim == "fence")
            lines = tuple(_Line(at, text) for at, text in enumerate(texts, first) if text)
            yield _Block(each.kind, 0, each.number, lines)
        else:
            cells = [parser.parseInline(text, definitions)[0] for text in each.texts]
            yield _block(each.kind, each.level, each.number, cells)
    for label, note in notes:
        number = 1 + note["map"][0]
        line = _Line(number, f"[{label}]: {note['href']}")
        yield _Block(PassageKind.PARAGRAPH, 0, number, (line,), (("", str(note["href"])),))


def _transcript_last(blocks: Sequence[_Raw]) -> Sequence[_Raw]:
    """The blocks, those last that are folded away as "Transcript", as what is behind them is not said."""
    folded = [at for at, each in enumerate(blocks) if each.verbatim and _folds_transcript(each.texts[0])]
    for begin in folded[-1:]:
        for end, each in enumerate(blocks[begin:], begin + 1):
            if each.verbatim and "</details" in each.texts[0]:
                return [*blocks[:begin], *blocks[end:], *blocks[begin:end]]
    return blocks


def _folds_transcript(markup: str) -> bool:
    summary = _SUMMARY.search(markup)
    return summary is not None and calls_transcript(summary[1], more=True)


class _Raw(NamedTuple):
    """A block whose text is not read yet, for what its links refer to may stand below it.

    Parameters
    ----------
    texts
        Its own, or of each cell of a row.
    verbatim
        The type of token of what is no Markdown inside.
    """

    kind: PassageKind
    level: int
    number: int
    texts: tuple[str, ...]
    verbatim: str = ""


class _Blocks(list["Token"]):
    """Takes the tokens of blocks from the parser and keeps none, as each takes hundreds of bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._raw: list[_Raw] = []
        self._last: Token | None = None  # which its rule fills when it is here
        self._heading: int | None = None
        self._depth = 0
        self._begins_item = False
        self._row: tuple[int, list[str]] | None = None

    @override
    def append(self, token: Token) -> None:
        if self._last is not None:
            self._take(self._last)
        self._last = token

    def finished(self) -> Sequence[_Raw]:
        """All blocks, in order."""
        if self._last is not None:
            self._take(self._last)
        return self._raw

    def _take(self, token: Token) -> None:
        number = 1 + (token.map[0] if token.map else 0)
        match token.type:
            case "heading_open":
                self._heading = int(token.tag[1:])
            case "heading_close":
                self._heading = None
            case "bullet_list_open" | "ordered_list_open":
                self._depth += 1
            case "bullet_list_close" | "ordered_list_close":
                self._depth -= 1
            case "list_item_open":
                self._begins_item = True
            case "tr_open":
                self._row = number, []
            case "tr_close" if self._row is not None:
                self._raw.append(_Raw(PassageKind.PARAGRAPH, 0, self._row[0], tuple(self._row[1])))
                self._row = None
            case "inline" if self._row is not None:
                self._row[1].append(token.content)
            case "inline":
                kind, level = PassageKind.PARAGRAPH, 0
                if self._heading is not None:
                    kind, level = PassageKind.HEADING, self._heading
                elif self._depth and self._begins_item:
                    kind, level = PassageKind.LIST_ITEM, self._depth
                    self._begins_item = False
                self._raw.append(_Raw(kind, level, number, (token.content,)))
            case "fence" | "code_block" | "html_block":
                self._raw.append(_Raw(PassageKind.PARAGRAPH, 0, number, (token.content,), token.type))
            case _:
                pass


def _html_blocks(markup: str, number: int) -> Iterator[_Block]:
    """The passages of a piece of HTML; its links go with the last."""
    found = html_text(markup, f"line {number}")
    links = tuple((link.qualifier or "", link.value) for link in found.links)
    last = len(found.passages)
    for count, passage in enumerate(found.passages, 1):
        lines = (_Line(number, passage.text),)
        yield _Block(passage.kind, passage.level, number, lines, links if count == last else ())


def _block(kind: PassageKind, level: int, number: int, cells: Sequence[Token]) -> _Block:
    """Make a block of inline tokens; the cells of a table's row are set apart by bars."""
    inline = _Inline(number)
    for position, cell in enumerate(cells):
        if position:
            inline.say(" | ")
        for token in cell.children or ():
            inline.take(token)
    inline.end_line()
    lines = tuple(inline.lines)
    return _Block(kind, level, lines[0].number if lines else inline.number, lines, tuple(inline.links))


class _Inline:
    """Takes the inline tokens of a block, and makes lines and links of them."""

    def __init__(self, number: int) -> None:
        self.lines: list[_Line] = []
        self.links: list[tuple[str, str]] = []
        self.number = number
        self._text: list[str] = []  # of the line to come
        self._bold: list[str] = []
        self._depth = 0  # of bold text at the very start of a line
        self._leading = True  # whether none has begun in it
        self._link: tuple[str, list[str]] | None = None

    def take(self, token: Token) -> None:
        """Take the next token."""
        match token.type:
            case "text" | "code_inline" | "image":
                self._write(token)
            case "softbreak" | "hardbreak":
                self.end_line()
                self.number += 1
            case "html_inline" if _BREAK.match(token.content):
                self.end_line()
            case "html_inline" if not _TAG.match(token.content):
                self.say(token.content)  # List<String>
            case "strong_open" | "em_open":
                before = "".join(self._text).strip() if self._leading else ""
                if self._depth or (self._leading and (not before or BRACKETED.fullmatch(before))):
                    self._depth += 1
                self._leading = False
            case "strong_close" | "em_close":
                self._depth = max(0, self._depth - 1)
            case "link_open":
                self._link = str(token.attrGet("href") or ""), []
            case "link_close" if self._link is not None:
                href, label = self._link
                self.links.append((fold("".join(label)), href))
                self._link = None
            case _:
                pass

    def say(self, text: str) -> None:
        """Take text that no link or bold text has part in."""
        self._text.append(text)

    def end_line(self) -> None:
        """Make a line of the text since the last."""
        if folded := _CALLOUT.sub("", _WIKI_LINK.sub(r"\1", fold("".join(self._text)))):
            self.lines.append(_Line(self.number, folded, fold("".join(self._bold))))
        self._text.clear()
        self._bold.clear()
        self._depth, self._leading = 0, True
        if self._link is not None:
            self._link[1].append(" ")

    def _write(self, token: Token) -> None:
        content = _NOTE_MARK.sub("", token.content) if token.type == "text" else token.content
        self.say(content)
        if self._depth:
            self._bold.append(content)
        if self._link is not None:
            self._link[1].append(content)
        elif token.type == "text":
            self.links.extend(("", url) for url in urls(token.content))


def _lines(blocks: Iterable[_Block]) -> Iterator[Line]:
    """The lines of blocks, as `read_speech` wants them."""
    for block in blocks:
        for at, line in enumerate(block.lines):
            yield Line(
                f"line {line.number}",
                line.text,
                line.bold,
                level=block.level if block.kind is PassageKind.HEADING else 0,
                begins=at == 0,
                item=block.kind is PassageKind.LIST_ITEM,
            )
