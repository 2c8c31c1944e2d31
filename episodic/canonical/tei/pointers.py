"""The pointer check: no attribute of a document points to an id that it does not have."""

from collections.abc import Iterable
from typing import Final

from episodic.canonical.patterns import pattern
from episodic.canonical.tei.elements import Element, etree, local_name

# Attributes that point into the document: to one element, and to any number. A `target` may, too.
_ONE: Final = ("start", "end", "synch", "since", "origin", "next", "prev", "from", "to", "copyOf", "corresp")
_MANY: Final = ("who", "wit", "source", "resp")
# A former version's documents point to the words of a witness so.
_STRING_RANGE: Final = pattern(r"#string-range\((?P<id>[^,]+),\d+,\d+\)")
_IDS: Final = etree.XPath("//@xml:id", smart_strings=False)
_ONES, _MANIES = (
    pattern(f' (?:{"|".join(names)})="([^"]*)"'.encode()) for names in (_ONE, (*_MANY, 'target(?=="#)'))
)


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
    if pointers.all_hold():
        return []
    known = pointers.known
    return [
        f'{local_name(element)}/@{name}="{pointer}"'
        for element in root.iter("*")
        for name, value in element.items()
        if name in _ONE or name in _MANY or (name == "target" and value.startswith("#"))
        for pointer in ([value] if name in _ONE else value.split() or [value])
        if _target(pointer) not in known
    ]


class Pointers:
    """The ids and pointers of a document that is read in pieces.

    Its markup is searched, which is much faster than to visit its elements.
    """

    def __init__(self) -> None:
        self.known: set[str] = set()
        self._ones: set[bytes] = set()
        self._manies: set[bytes] = set()

    def read(self, piece: Element, markup: bytes) -> None:
        """Read a piece, which is given as markup too."""
        self.know(_IDS(piece))
        self._ones.update(_ONES.findall(markup))
        self._manies.update(_MANIES.findall(markup))

    def know(self, ids: Iterable[str]) -> None:
        """Take elements of these ids for known."""
        self.known.update(f"#{name}" for name in ids)

    def all_hold(self) -> bool:
        """Whether nothing dangles; where words look like an attribute, only `dangling` knows."""
        manies = [value.split() for value in self._manies]
        pointers = self._ones.union(*manies)
        return all(manies) and self.known.issuperset(pointer.decode() for pointer in pointers)


def _target(pointer: str) -> str:
    match = _STRING_RANGE.fullmatch(pointer)
    return f"#{match['id']}" if match else pointer
