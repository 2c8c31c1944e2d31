"""The pointer check: no attribute of a document points to an id that it does not have."""

from typing import Final

from episodic.canonical.tei.elements import ID, Element, local_name
from episodic.canonical.text.patterns import pattern

# Attributes that point into the document: to one element, and to any number. A `target` may, too.
_ONE: Final = ("start", "end", "synch", "since", "origin", "next", "prev", "from", "to", "copyOf", "corresp")
_MANY: Final = ("who", "wit", "source", "resp")
# A former version's documents point to the words of a witness so.
_STRING_RANGE: Final = pattern(r"#string-range\((?P<id>[^,]+),\d+,\d+\)")
_IDS, _POINTERS = pattern(b' xml:id="([^"]*)"'), pattern(b'="#([^"]*)"')


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
    known = {f"#{name}" for element in root.iter("*") if (name := element.get(ID))}
    return [
        f'{local_name(element)}/@{name}="{pointer}"'
        for element in root.iter("*")
        for name, value in element.items()
        if name in _ONE or name in _MANY or (name == "target" and value.startswith("#"))
        for pointer in ([value] if name in _ONE else value.split() or [value])
        if _target(pointer) not in known
    ]


def all_hold(markup: bytes) -> bool:
    """Whether nothing dangles in a document that Episodic has written, much faster than `dangling` says what.

    Its markup is searched, where any words may look like an attribute, and an empty one like a pointer: then
    the answer may be no.
    """
    known = set(_IDS.findall(markup))
    others = set(_POINTERS.findall(markup)) - known  # also those to several
    return b'=""' not in markup and all(known.issuperset(each.split(b" #")) for each in others)


def _target(pointer: str) -> str:
    match = _STRING_RANGE.fullmatch(pointer)
    return f"#{match['id']}" if match else pointer
