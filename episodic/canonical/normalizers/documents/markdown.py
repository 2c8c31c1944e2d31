"""Markdown: a transcript where its paragraphs begin with a speaker in bold, else prose."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from episodic.canonical.clock import BRACKETED, CLOCK, clock_seconds
from episodic.canonical.normalizers.dates import parse_date
from episodic.canonical.normalizers.dialogue import NO_NAMES, ROLES, Labels, covered, fold, recur
from episodic.canonical.normalizers.documents.html_text import html_text
from episodic.canonical.normalizers.format import Document, Head, Structure
from episodic.canonical.normalizers.prose import brief_title, dateline
from episodic.canonical.normalizers.statements import (
    heading_claims,
    labelled_claims,
    rows_claim,
    urls,
)
from episodic.canonical.sources import Claim, ClaimField, Passage, PassageKind, SourceType, Utterance

if TYPE_CHECKING:
    from markdown_it.token import Token

_BOLD: Final = rf"(?:[\[(]{CLOCK}[\])][ \t]*)?\*\*[^*\n]{{1,60}}:?\*\*:?(?:[ \t]|$)"
_SIGNS: Final = re.compile(
    rf"^(?:#{{1,6}}[ \t]+\S|{_BOLD}|```|\[[^\]\n]+\]:[ \t]+<?(?:https?:|mailto:|[/#])|[^\n]*\[[^\[\]\n]+\]\(https?://)",
    re.MULTILINE,
)
_AFTER_NAME: Final = re.compile(rf"\s*(:?)\s*(?:[\[(]({CLOCK})[\])]\s*(:?)\s*)?")
_BREAK: Final = re.compile(r"</?(?:br|p|div)\b", re.IGNORECASE)


class _Line(NamedTuple):
    """A line without markup, its number, and what bold text says at its beginning or after a time there."""

    number: int
    text: str
    bold: str = ""


class _Turn(NamedTuple):
    """A name and a time with which a line begins, whether a colon follows, and the rest of it."""

    speaker: str
    start: float | None
    colon: bool
    text: str


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
        return " ".join(line.text for line in self.lines)

    @property
    def where(self) -> str:
        return f"line {self.number}"


class Markdown:
    """CommonMark with tables."""

    name = "markdown"
    title = "Markdown"
    suffixes = (".md", ".markdown", ".mkd")

    def recognizes(self, head: Head) -> bool:
        """By headings, bold text at the start of a line, links or code fences."""
        return _signs(head.text)

    def read(self, document: Document) -> Structure:
        """Read blocks as speech or as prose."""
        decoded = document.decode()
        claims: list[Claim] = []
        blocks = [block for block in _blocks(decoded.text) if block.text]
        transcript = document.source_type is SourceType.TRANSCRIPT
        turns: Mapping[_Line, _Turn] = {}
        if transcript or document.source_type is None:
            turns = _turns(blocks, transcript)
        if transcript or turns:
            for block in blocks:
                if block.kind is PassageKind.HEADING:
                    claims.extend(heading_claims(block.text, block.where))
            utterances = tuple(_utterances(blocks, turns))
            return Structure(
                dated=_dated(claims),
                claims=tuple(claims),
                utterances=utterances,
                signals=covered(decoded.signals, utterances),
            )
        passages: list[Passage] = []
        rows = rows_claim(line.text for block in blocks for line in block.lines)
        for block in blocks:
            passages.append(Passage(block.kind, block.text, block.where, block.level))
            if block.kind is PassageKind.HEADING:
                claims.extend(heading_claims(block.text, block.where))
            else:
                lines = [line.text for line in block.lines]
                claims.extend(labelled_claims(lines, block.where, rows=rows))
            claims.extend(
                Claim(ClaimField.LINK, url, block.where, label or None)
                for label, url in block.links
                if url.startswith(("http://", "https://"))
            )
        claims.extend(brief_title(document, passages))
        return Structure(
            dated=dateline(document, passages) or _dated(claims),
            claims=tuple(claims),
            passages=tuple(passages),
            signals=decoded.signals,
        )


def _signs(text: str) -> bool:
    """Whether a text begins with markup, or has some in several places."""
    return _SIGNS.match(text.lstrip()) is not None or len(_SIGNS.findall(text)) >= 2


def _dated(claims: Sequence[Claim]) -> datetime | None:
    return next((parse_date(claim.value) for claim in claims if claim.field is ClaimField.PUBLISHED), None)


def _blocks(text: str) -> Iterator[_Block]:
    from markdown_it import MarkdownIt

    heading: int | None = None
    depth = 0
    begins_item = False
    row: list[Token] | None = None
    row_number = 0
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        number = 1 + (token.map[0] if token.map else 0)
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
                row, row_number = [], number
            case "tr_close" if row is not None:
                yield _block(PassageKind.PARAGRAPH, 0, row_number, row)
                row = None
            case "inline" if row is not None:
                row.append(token)
            case "inline":
                if heading is not None:
                    yield _block(PassageKind.HEADING, heading, number, [token])
                elif depth and begins_item:
                    yield _block(PassageKind.LIST_ITEM, depth, number, [token])
                    begins_item = False
                else:
                    yield _block(PassageKind.PARAGRAPH, 0, number, [token])
            case "fence" | "code_block":
                first = number + (token.type == "fence")
                texts = map(fold, token.content.split("\n"))
                lines = tuple(_Line(at, text) for at, text in enumerate(texts, first) if text)
                yield _Block(PassageKind.PARAGRAPH, 0, number, lines)
            case "html_block":
                yield from _html_blocks(token.content, number)
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
    lines: list[_Line] = []
    text: list[str] = []
    bold: list[str] = []
    links: list[tuple[str, str]] = []
    depth = 0  # of bold text at the very start of a line
    leading = True  # whether none has begun in it
    link: tuple[str, list[str]] | None = None

    def finish() -> None:
        nonlocal depth, leading
        if folded := fold("".join(text)):
            lines.append(_Line(number, folded, fold("".join(bold))))
        text.clear()
        bold.clear()
        depth, leading = 0, True
        if link is not None:
            link[1].append(" ")

    for position, cell in enumerate(cells):
        if position:
            text.append(" | ")
        for token in cell.children or ():
            match token.type:
                case "text" | "code_inline" | "image":
                    text.append(token.content)
                    if depth:
                        bold.append(token.content)
                    if link is not None:
                        link[1].append(token.content)
                    elif token.type == "text":
                        links.extend(("", url) for url in urls(token.content))
                case "softbreak" | "hardbreak":
                    finish()
                    number += 1
                case "html_inline" if _BREAK.match(token.content):
                    finish()
                case "strong_open":
                    before = "".join(text).strip() if leading else ""
                    depth += 1 if depth or (leading and (not before or BRACKETED.fullmatch(before))) else 0
                    leading = False
                case "strong_close":
                    depth -= 1 if depth else 0
                case "link_open":
                    link = str(token.attrGet("href") or ""), []
                case "link_close" if link is not None:
                    links.append((fold("".join(link[1])), link[0]))
                    link = None
                case _:
                    pass
    finish()
    return _Block(kind, level, lines[0].number if lines else number, tuple(lines), tuple(links))


def _turns(blocks: Sequence[_Block], transcript: bool) -> Mapping[_Line, _Turn]:
    """The speakers with whom lines of paragraphs begin.

    ``**Name:** …`` and ``**Name**: …`` are speakers, and bold texts beside times are if they recur; but there
    are none where few blocks have one, or half where none recurs. What the user calls a transcript always has
    them, or else bold texts that recur, or else names that are not bold.
    """
    lines = [line for block in blocks if block.kind is PassageKind.PARAGRAPH for line in block.lines]
    found = {line: turn for line in lines if (turn := _turn(line)) is not None}
    timed = Counter(turn.speaker for turn in found.values() if turn.start is not None)
    beside = recur(timed) or (transcript and len(timed) < timed.total())
    turns = {line: turn for line, turn in found.items() if turn.colon or (beside and turn.start is not None)}
    if transcript and not turns:
        bold = Counter(turn.speaker for turn in found.values())
        turns = {line: turn for line, turn in found.items() if bold[turn.speaker] > 1}
    if transcript and not turns and lines:
        labels = Labels.among((line.text for line in lines), len(lines), lines[0].text, speech=True)
        for line in lines:
            name, said = labels.split(line.text)
            if name is not None:
                turns[line] = _Turn(name, None, True, said)
    if transcript:
        return turns
    again = len({turn.speaker for turn in turns.values()}) < len(turns)
    if not again:  # "**Host:** Ada" says who takes part
        turns = {line: turn for line, turn in turns.items() if turn.speaker.lower() not in ROLES}
    spoken = sum(1 for block in blocks if any(line in turns for line in block.lines))
    return turns if spoken * (4 if again else 2) >= len(blocks) else {}


def _turn(line: _Line) -> _Turn | None:
    if not line.bold or len(line.bold) > 60:
        return None
    before, _, rest = line.text.partition(line.bold)
    name = fold(BRACKETED.sub(" ", line.bold))
    after = _AFTER_NAME.match(rest)
    assert after is not None
    time = BRACKETED.search(before + line.bold)
    clock = time[1] if time else after[2]
    speaker = name.rstrip(" :")
    if not speaker or speaker.lower() in NO_NAMES:
        return None
    start = clock_seconds(clock) if clock else None
    return _Turn(speaker, start, name != speaker or bool(after[1] or after[3]), rest[after.end() :])


def _utterances(blocks: Iterable[_Block], turns: Mapping[_Line, _Turn]) -> Iterator[Utterance]:
    """A paragraph an utterance, more where a speaker begins in it; a name holds until the next.

    A time beside the name, or in brackets in front of a paragraph, is the start of what is said next.
    """
    speaker: str | None = None
    start: float | None = None
    for block in blocks:
        if block.kind is PassageKind.HEADING:
            continue
        said: list[str] = []
        begin = block.number
        for line in block.lines:
            turn = turns.get(line)
            text = line.text
            if turn is not None:
                if said:
                    yield Utterance(" ".join(said), f"line {begin}", speaker, start)
                    said, start = [], None
                begin, speaker, text = line.number, turn.speaker, turn.text
                start = start if turn.start is None else turn.start
            elif not said and (time := BRACKETED.match(text)):
                start, text = clock_seconds(time[1]), text[time.end() :]
            if text:
                said.append(text)
        if said:
            yield Utterance(" ".join(said), f"line {begin}", speaker, start)
            start = None
