"""The pointer check: no attribute of a document points to an id that it does not have."""

import re
from collections.abc import Iterator
from typing import Final

from episodic.canonical.tei.elements import ID, Element, local_name

POINTING: Final = (
    *("who", "wit", "source", "start", "end", "since", "origin", "resp"),
    *("next", "prev", "corresp", "copyOf", "from", "to", "target"),
)
_STRING_RANGE: Final = re.compile(r"string-range\((?P<id>[^,]+),\d+,\d+\)")


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
    known = {element.get(ID) for element in root.iter("{*}*")}
    return [
        f'{local_name(element)}/@{attribute}="{pointer}"'
        for element, attribute, pointer in _pointers(root)
        if _target(pointer) not in known
    ]


def _pointers(root: Element) -> Iterator[tuple[Element, str, str]]:
    """Yield the pointers into the document itself."""
    for element in root.iter("{*}*"):
        attributes = element.attrib
        for attribute in POINTING:
            if attribute in attributes:
                for pointer in attributes[attribute].split():
                    if pointer.startswith("#"):
                        yield element, attribute, pointer


def _target(pointer: str) -> str:
    name = pointer[1:]
    match = _STRING_RANGE.fullmatch(name)
    return match["id"] if match else name
