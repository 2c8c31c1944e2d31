"""Plain text: a transcript where its lines begin with ``Name:`` or the user says so, else prose."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from episodic.canonical.normalizers.documents.prose import without_comments, written
from episodic.canonical.normalizers.format import Document, Format, Head, Structure
from episodic.canonical.normalizers.speech.dialogue import SENTENCE_END
from episodic.canonical.normalizers.speech.lines import Line
from episodic.canonical.normalizers.speech.margins import read_speech
from episodic.canonical.normalizers.statements import urls
from episodic.canonical.sources import Claim, ClaimField, DoubtKind, Passage, PassageKind, SourceType
from episodic.canonical.text.patterns import pattern
from episodic.canonical.text.times import CLOCK
from episodic.canonical.text.tokens import fold, with_line_ends

_ITEM: Final = pattern(r"(?P<indent>[ \t]*)(?:[-*\u2022\u2013]|\d{1,3}[.)])[ \t]+(?P<text>\S.*)")
_UNDERLINE: Final = pattern(r"[ \t]*(?P<line>=|-)(?P=line){2,}[ \t]*")
_FIELD: Final = pattern(
    rf"[^\W\d_a-z](?:[^\W\d_]|[\u0300-\u036f ]){{1,30}}(?:\s?:\s+|\uff1a\s*)\S"
    rf"|\W{{0,3}}{CLOCK}\b|.{{1,100}}\s[\[(]?{CLOCK}[\])]?$"
)

_NARROWEST: Final = 60  # characters of a line that is broken at a margin
_WRAPPED: Final = 0.6  # of the longest line has each but the last of a paragraph that is broken at a margin
_COMMENT: Final = pattern(r"\[[a-z]{1,2}\]\S")


class _Block(NamedTuple):
    """Lines between blank lines, and the number of the first."""

    number: int
    lines: Sequence[str]


class PlainText(Format):
    """Text without markup."""

    name = "plain-text"
    title = "plain text"
    suffixes = (".txt", ".text")

    def recognizes(self, head: Head) -> bool:
        """Whatever is text and nothing else is plain text."""
        return bool(head.text.strip())

    def read(self, document: Document) -> Structure:
        """Read blocks of lines as speech or as prose."""
        decoded = document.decode()
        text, comments = _without_comments(with_line_ends(decoded.text))
        signals = without_comments(decoded.signals, comments)
        transcript = document.source_type is SourceType.TRANSCRIPT
        if transcript or document.source_type is None:
            speech = read_speech(_lines(text, apart=False), transcript=transcript)
            if speech is not None and not speech.named:  # nothing but its lines tells what is said in one go
                again = read_speech(_lines(text, apart=True), transcript=True)
                guessed = (doubt for doubt in speech.doubts if doubt.kind is DoubtKind.GUESSED)
                speech = again and again._replace(doubts=tuple(dict.fromkeys((*again.doubts, *guessed))))
            if speech is not None and speech.utterances:
                return speech.structure(signals)
        passages = tuple(passage for block in _blocks(text) for passage in _passages(block))
        links = (Claim(ClaimField.LINK, url, each.where) for each in passages for url in urls(each.text))
        return written(document, Structure(claims=tuple(links), passages=passages, signals=signals))


def _without_comments(text: str) -> tuple[str, int]:
    """A text without the comments that Google Docs writes at its end, ``[a]Why?``, and their marks in it."""
    lines = text.rstrip().split("\n")
    said = len(lines)
    while said and _COMMENT.match(lines[said - 1]):
        said -= 1
    body = "\n".join(lines[:said])
    marks = [line[: line.index("]") + 1] for line in lines[said:]]
    if not all(mark in body for mark in marks):
        return text, 0
    for mark in marks:
        body = body.replace(mark, "")
    return (body, len(marks)) if marks else (text, 0)


def _blocks(text: str) -> Iterator[_Block]:
    lines: list[str] = []
    begin = 1
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            if not lines:
                begin = number
            lines.append(line)
        elif lines:
            yield _Block(begin, lines)
            lines = []
    if lines:
        yield _Block(begin, lines)


def _lines(text: str, *, apart: bool) -> list[Line]:
    """The lines of a text; a paragraph is one, or each line of it that is no part of a wrapped one."""
    return [
        Line(
            f"line {number}", line, begins=number == block.number or (apart and not _is_wrapped(block.lines))
        )
        for block in _blocks(text)
        for number, line in enumerate(block.lines, block.number)
    ]


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether lines are one paragraph broken at a margin: all but the last reach near it."""
    longest = max(map(len, lines))
    return longest <= 100 and all(len(line) >= longest * _WRAPPED for line in lines[:-1])


def _is_below(line: str, above: str, margin: int) -> bool:
    """Whether a line below a list's item goes on with none, neither indented, nor for want of room."""
    if line[:1].isspace() or len(above) + len(line.partition(" ")[0]) >= margin:
        return False
    ended = SENTENCE_END.search(above) is not None and not line[:1].islower()
    return ended or len(above) < margin * _WRAPPED


def _passages(block: _Block) -> Iterator[Passage]:
    lines = list(block.lines)
    number = block.number
    if len(lines) >= 2 and (rule := _UNDERLINE.fullmatch(lines[1])):
        yield Passage(PassageKind.HEADING, fold(lines[0]), f"line {number}", 1 if rule["line"] == "=" else 2)
        lines, number = lines[2:], number + 2
    paragraph: list[str] = []
    begin = number
    apart = bool(lines) and (
        not _is_wrapped(lines) or sum(1 for line in lines if _FIELD.match(line)) * 2 > len(lines)
    )
    item: re.Match[str] | None = None
    listed = False  # whether an item stands above
    margin = max(_NARROWEST, *map(len, lines)) if lines else 0

    def finished() -> Iterator[Passage]:
        if text := fold(" ".join(paragraph)):
            if item is not None:
                depth = 1 + len(item["indent"].expandtabs(4)) // 2
                yield Passage(PassageKind.LIST_ITEM, text, f"line {begin}", depth)
            else:
                yield Passage(PassageKind.PARAGRAPH, text, f"line {begin}")

    for at, line in enumerate(lines, number):
        found = _ITEM.fullmatch(line)
        if found is not None or (_is_below(line, lines[at - number - 1], margin) if listed else apart):
            yield from finished()
            paragraph, begin, item = [], at, found
        listed = listed or found is not None
        paragraph.append(line if found is None else found["text"])
    yield from finished()
