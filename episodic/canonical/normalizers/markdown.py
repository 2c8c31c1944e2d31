"""Markdown: a transcript where its paragraphs begin with a speaker in bold, else prose."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from episodic.canonical.ingestion import (
    Claim,
    ClaimField,
    Passage,
    PassageKind,
    Signals,
    SourceType,
    Utterance,
)
from episodic.canonical.normalizers.clock import clock_seconds
from episodic.canonical.normalizers.dates import parse_date
from episodic.canonical.normalizers.dialogue import coverage, fold
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.normalizers.prose import brief_title, dateline
from episodic.canonical.normalizers.statements import field_claims, heading_claims, labelled_claims

if TYPE_CHECKING:
    from markdown_it.token import Token

_SIGNS: Final = re.compile(
    r"^(?:#{1,6}[ \t]+\S|\*\*[^*\n]{1,60}:?\*\*:?[ \t]|```|\[[^\]\n]+\]:[ \t]|[^\n]*\[[^\[\]\n]+\]\(https?://)",
    re.MULTILINE,
)
_TIME: Final = re.compile(r"[\[(](\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)[\])]\s*")
_FRONT: Final = re.compile(r"---[ \t]*\n(?P<body>.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of inline text.

    `lines` are its lines without markup, `bold` is what its leading bold text says, when it has any.
    """

    kind: PassageKind
    level: int
    where: str
    lines: tuple[str, ...]
    bold: str | None
    links: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        return fold(" ".join(self.lines))


class Markdown:
    """CommonMark with tables and front matter."""

    name = "markdown"
    title = "Markdown"
    suffixes = (".md", ".markdown", ".mkd")

    def recognizes(self, head: Head) -> bool:
        """By headings, bold text at the start of a line, links, code fences or front matter."""
        return _FRONT.match(head.text) is not None or _signs(head.text)

    def read(self, document: Document) -> Structure:
        """Read blocks as speech or as prose."""
        decoded = document.decode()
        text = decoded.text
        claims: list[Claim] = []
        language: str | None = None
        offset = 0
        if front := _FRONT.match(text):
            for key, value, where in _front_matter(front["body"]):
                claims.extend(field_claims(key, value, where))
                language = value if key in {"lang", "language"} else language
            offset = front[0].count("\n")
            text = text[front.end() :]
        blocks = [block for block in _blocks(text, offset) if block.text]
        notes = decoded.notes
        spoken = sum(1 for block in blocks if _speaker(block) is not None)
        prose = document.source_type not in {None, SourceType.TRANSCRIPT}
        if not prose and spoken and (document.source_type is not None or spoken * 4 >= len(blocks)):
            for block in blocks:
                if block.kind is PassageKind.HEADING:
                    claims.extend(heading_claims(block.text, block.where))
            utterances = tuple(_utterances(blocks))
            speakers, times = coverage(utterances)
            return Structure(
                language=language,
                dated=_dated(claims),
                claims=tuple(claims),
                utterances=utterances,
                signals=Signals(
                    speaker_coverage=speakers, timing_coverage=times, damage=decoded.damage, notes=notes
                ),
            )
        passages: list[Passage] = []
        for block in blocks:
            passages.append(Passage(block.kind, block.text, block.where, block.level))
            if block.kind is PassageKind.HEADING:
                claims.extend(heading_claims(block.text, block.where))
            else:
                claims.extend(labelled_claims(block.lines, block.where))
            claims.extend(
                Claim(ClaimField.LINK, url, block.where, label or None)
                for label, url in block.links
                if url.startswith(("http://", "https://"))
            )
        claims.extend(brief_title(document, passages))
        return Structure(
            language=language,
            dated=dateline(document, passages) or _dated(claims),
            claims=tuple(claims),
            passages=tuple(passages),
            signals=Signals(damage=decoded.damage, notes=notes),
        )


def _signs(text: str) -> bool:
    """Whether a text begins with markup, or has some in several places."""
    return _SIGNS.match(text.lstrip()) is not None or len(_SIGNS.findall(text)) >= 2


def _dated(claims: Sequence[Claim]) -> datetime | None:
    return next((parse_date(claim.value) for claim in claims if claim.field is ClaimField.PUBLISHED), None)


def _front_matter(body: str) -> Iterator[tuple[str, str, str]]:
    """Key, value and place of ``key: value`` lines; items of a list belong to the key above them."""
    key = ""
    for number, line in enumerate(body.split("\n"), 2):
        if line.lstrip().startswith("- ") and key:
            yield key, _unquoted(line.lstrip()[2:]), f"line {number}"
        elif not line.startswith((" ", "\t", "#")) and ":" in line:
            key, _, value = line.partition(":")
            key = key.strip().lower().replace("_", " ")
            value = _unquoted(value)
            if value.startswith("[") and value.endswith("]"):
                for part in value[1:-1].split(","):
                    yield key, _unquoted(part), f"line {number}"
            elif value:
                yield key, value, f"line {number}"


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" else value


def _blocks(text: str, offset: int) -> Iterator[_Block]:
    from markdown_it import MarkdownIt

    heading: int | None = None
    depth = 0
    begins_item = False
    row: list[Token] | None = None
    row_line = 0
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        line = 1 + offset + (token.map[0] if token.map else 0)
        match token.type:
            case "heading_open":
                heading = int(token.tag[1:])
            case "heading_close":
                heading = None
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
            case "list_item_open":
                begins_item = True
            case "tr_open":
                row, row_line = [], line
            case "tr_close" if row is not None:
                yield _block(PassageKind.PARAGRAPH, 0, f"line {row_line}", row)
                row = None
            case "inline" if row is not None:
                row.append(token)
            case "inline":
                if heading is not None:
                    yield _block(PassageKind.HEADING, heading, f"line {line}", [token])
                elif depth and begins_item:
                    yield _block(PassageKind.LIST_ITEM, depth, f"line {line}", [token])
                    begins_item = False
                else:
                    yield _block(PassageKind.PARAGRAPH, 0, f"line {line}", [token])
            case "fence" | "code_block":
                lines = tuple(token.content.split("\n"))
                yield _Block(PassageKind.PARAGRAPH, 0, f"line {line}", lines, None, ())
            case _:
                pass


def _block(kind: PassageKind, level: int, where: str, cells: Sequence[Token]) -> _Block:
    """Make a block of inline tokens; the cells of a table's row are set apart by bars."""
    text: list[str] = []
    bold: list[str] = []
    links: list[tuple[str, str]] = []
    depth = 0  # of bold text at the very start
    link: tuple[str, int] | None = None
    for number, cell in enumerate(cells):
        if number:
            text.append(" | ")
        for token in cell.children or ():
            match token.type:
                case "text" | "code_inline":
                    text.append(token.content)
                    if depth:
                        bold.append(token.content)
                case "softbreak" | "hardbreak":
                    text.append("\n")
                case "strong_open":
                    depth += 1 if depth or not "".join(text).strip() else 0
                case "strong_close":
                    depth -= 1 if depth else 0
                case "link_open":
                    link = str(token.attrGet("href") or ""), len(text)
                case "link_close" if link is not None:
                    links.append((fold("".join(text[link[1] :])), link[0]))
                    link = None
                case "image":
                    text.append(token.content)
                case _:
                    pass
    lines = tuple(line for line in "".join(text).split("\n") if line.strip())
    return _Block(kind, level, where, lines, fold("".join(bold)) or None, tuple(links))


def _speaker(block: _Block) -> tuple[str, str] | None:
    """The speaker in bold with whom a paragraph begins, and the rest: ``**Name:** …`` or ``**Name**: …``."""
    if block.kind is not PassageKind.PARAGRAPH or block.bold is None or len(block.bold) > 60:
        return None
    rest = block.text[len(block.bold) :]
    if block.bold.endswith(":"):
        return block.bold[:-1].rstrip(), rest.lstrip()
    if rest.lstrip().startswith(":"):
        return block.bold, rest.lstrip()[1:].lstrip()
    return None


def _utterances(blocks: Iterable[_Block]) -> Iterator[Utterance]:
    """A paragraph an utterance; a name holds until the next, and a time in brackets in front is its start."""
    speaker: str | None = None
    for block in blocks:
        if block.kind is PassageKind.HEADING:
            continue
        text = block.text
        if found := _speaker(block):
            speaker, text = found
        start: float | None = None
        if match := _TIME.match(text):
            start = clock_seconds(match[1])
            text = text[match.end() :]
        if text:
            yield Utterance(text, block.where, speaker, start)
