"""The prose of a witness as markup: its division, with sections, lists and passages.

It is made in pieces, each of which can be checked by itself between what is open around it. A section that
goes on in a piece is open there with its heading, which the schema asks for.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from episodic.canonical.document import CanonicalPassage, Division
from episodic.canonical.sources import PassageKind, SourceType
from episodic.canonical.tei.apparatus import markup
from episodic.canonical.tei.elements import pointers

_NAMES: Final = {PassageKind.HEADING: "head", PassageKind.PARAGRAPH: "p", PassageKind.LIST_ITEM: "item"}


class _Open(NamedTuple):
    """An element that is open; lists are below all sections."""

    level: int
    opening: str
    closing: str


class Fragment(NamedTuple):
    """Markup, and what is open before and after it."""

    before: str
    markup: bytes
    after: str


_LIST: Final = _Open(7, "<list>", "</list>")


def outermost(division: Division) -> str:
    """Give the start tag of a division."""
    own = division.source_type
    subtype = ' subtype="prose"' if own is SourceType.TRANSCRIPT else ""
    return f'<div type="{own.value}"{subtype} source="#{division.siglum}">'


def pieces(division: Division, size: int) -> Iterator[Fragment]:
    """Yield what a division holds, in pieces of about so many characters."""
    stack = [_Open(0, outermost(division), "</div>")]
    before, made, length = stack[0].opening, list[str](), 0
    for passage in division.passages:
        is_item = passage.kind is PassageKind.LIST_ITEM
        level = passage.level if passage.kind is PassageKind.HEADING else _LIST.level + is_item
        while len(stack) > 1 and stack[-1].level >= level:
            made.append(stack.pop().closing)
        if length > size:
            yield Fragment(before, "".join(made).encode(), "".join(each.closing for each in reversed(stack)))
            before, made, length = "".join(each.opening for each in stack), [], 0
        said = _passage(passage)
        if passage.kind is PassageKind.HEADING:
            said = f'<div n="{level}">{said}'
            stack.append(_Open(level, f'<div n="{level}">{_passage(passage, told=False)}', "</div>"))
        elif is_item and stack[-1] is not _LIST:
            said = f"{_LIST.opening}{said}"
            stack.append(_LIST)
        made.append(said)
        length += len(said)
    made += [each.closing for each in reversed(stack[1:])]
    yield Fragment(before, "".join(made).encode(), stack[0].closing)


def _passage(passage: CanonicalPassage, *, told: bool = True) -> str:
    name = _NAMES[passage.kind]
    elsewhere = f' corresp="#{passage.stands_at}"' if passage.stands_at else ""
    depth = f' n="{passage.level}"' if passage.level and name == "item" else ""
    text = markup(passage.text) if told else ""
    end = f">{text}</{name}>" if text else "/>"
    return f'<{name} xml:id="{passage.key}" source="{pointers(passage.sigla)}"{elsewhere}{depth}{end}'
