"""HTML from template strings (PEP 750): what is put into one is escaped unless it is markup already."""

from collections.abc import Iterable
from html import escape
from string.templatelib import Interpolation, Template
from typing import cast
from urllib.parse import urlsplit


class Markup(str):
    """HTML that has been rendered."""

    __slots__ = ()


def html(template: Template) -> Markup:
    """Render a template.

    Parameters
    ----------
    template
        HTML in which attribute values stand in double quotes. Into it go markup and templates as they
        are, ``None`` as nothing, iterables one by one, and all else as escaped text.
    """
    pieces: list[str] = []
    for part in template:
        if isinstance(part, Interpolation):
            pieces.append(_rendered(part.value, part.format_spec))
        else:
            pieces.append(part)
    return Markup("".join(pieces))


def _rendered(value: object, spec: str = "") -> str:
    match value:
        case Markup():
            return value
        case None:
            return ""
        case str():
            return escape(_encodable(value))
        case Template():
            return html(value)
        case Iterable():
            return "".join(map(_rendered, cast("Iterable[object]", value)))
        case _:
            return escape(format(value, spec))


def _encodable(text: str) -> str:
    """Replace what UTF-8 or HTML has no place for: lone surrogates of file names, and control characters."""
    if text.isprintable():
        return text
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if "\ud800" <= c <= "\udfff" or (c < " " and c not in "\t\n") else c
        for c in text
    )


def web_address(text: str) -> str | None:
    """Give the text when it is safe as the target of a link; ``None`` for ``javascript:`` and the like."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.netloc else None
