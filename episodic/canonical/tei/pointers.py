"""The pointer check: no attribute of a document points to an id that it does not have."""

import re
from typing import Final

from episodic.canonical.tei.elements import ID, Element, local_name

# Attributes that point, and all but a `target` into the document itself.
POINTING: Final = frozenset(
    [
        "who",
        "wit",
        "source",
        "start",
        "end",
        "since",
        "origin",
        "resp",
        "next",
        "prev",
        "corresp",
        "copyOf",
        "from",
        "to",
        "target",
        "synch",
    ]
)
_STRING_RANGE: Final = re.compile(r"#string-range\((?P<id>[^,]+),\d+,\d+\)")


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
    known = {f"#{element.get(ID)}" for element in root.iter()}
    return [
        f'{local_name(element)}/@{attribute}="{pointer}"'
        for element in root.iter()
        for attribute, value in element.items()
        if attribute in POINTING and value not in known  # most are one pointer, and point to something
        for pointer in value.split()
        if _target(pointer) not in known and (attribute != "target" or pointer.startswith("#"))
    ]


def _target(pointer: str) -> str:
    match = _STRING_RANGE.fullmatch(pointer)
    return f"#{match['id']}" if match else pointer
