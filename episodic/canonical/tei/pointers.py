"""The pointer check: no attribute of a document points to an id that it does not have."""

import re
from typing import Final

from episodic.canonical.tei.elements import Element, etree, local_name

# Attributes that point: to one element, and to any number. All but a `target` point into the document itself.
_ONE: Final = ("start", "end", "synch", "since", "origin", "next", "prev", "from", "to", "copyOf", "corresp")
_MANY: Final = ("who", "wit", "source", "resp", "target")
# A former version's documents point to the words of a witness so.
_STRING_RANGE: Final = re.compile(r"#string-range\((?P<id>[^,]+),\d+,\d+\)")
_IDS: Final = etree.XPath("//@xml:id", smart_strings=False)
_IN_MARKUP: Final = {
    names: re.compile(f' (?:{"|".join(names)})="([^"]*)"'.encode()) for names in (_ONE, _MANY)
}


def dangling(root: Element) -> list[str]:
    """Find the pointers to what is not there.

    Parameters
    ----------
    root
        A TEI document.

    Returns
    -------
    A description of each dangling pointer: element, attribute and value, in document order.
    """
    pointers = Pointers()
    pointers.read(root, etree.tostring(root))
    return pointers.dangling()


class Pointers:
    """The ids and pointers of a document that is read in pieces."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._open: list[tuple[str, str]] = []  # pointers to what was not there yet, and their descriptions

    def read(self, piece: Element, markup: bytes) -> None:
        """Read a piece.

        Parameters
        ----------
        markup
            Its markup, which is much faster to search than its elements are to visit: they are visited only
            where something looks wrong, be it words that look like an attribute.
        """
        self._known.update(f"#{name}" for name in _IDS(piece))
        ones, manies = ({found.decode() for found in p.findall(markup)} for p in _IN_MARKUP.values())
        if not ones <= self._known or not all(map(self._all_known, manies)):
            self._open += [
                (pointer, f'{local_name(element)}/@{name}="{pointer}"')
                for element in piece.iter("*")
                for name, value in element.items()
                if name in _ONE or name in _MANY
                for pointer in ([value] if name in _ONE else value.split() or [value])
                if _target(pointer) not in self._known and (name != "target" or pointer.startswith("#"))
            ]

    def dangling(self) -> list[str]:
        """Describe the pointers to what none of the pieces has."""
        return [description for pointer, description in self._open if _target(pointer) not in self._known]

    def _all_known(self, pointers: str) -> bool:
        return pointers in self._known or (
            bool(pointers.strip()) and self._known.issuperset(pointers.split())
        )


def _target(pointer: str) -> str:
    match = _STRING_RANGE.fullmatch(pointer)
    return f"#{match['id']}" if match else pointer
