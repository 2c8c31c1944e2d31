"""Text that comes from outside, such as names of files: on a terminal it is only text."""

import unicodedata
from typing import Final

# Joiners belong to the words of several scripts and to emoji; marks give neutral characters a direction.
_HARMLESS: Final = frozenset("\u200c\u200d\u200e\u200f\u061c")


def shown(text: str) -> str:
    r"""Write what a terminal would obey, such as ends of lines and ``ESC``, as escapes: ``\n``, ``\x1b``.

    Examples
    --------
    >>> print(shown("two\nlines"))
    two\nlines
    """
    if text.isprintable():
        return text
    return "".join(c if _is_text(c) else c.encode("unicode_escape").decode() for c in text)


def _is_text(character: str) -> bool:
    # Spaces other than the common one count as not printable.
    return character.isprintable() or character in _HARMLESS or unicodedata.category(character) == "Zs"
