"""Writes the canonical document as TEI P5, checked before anyone sees it."""

from episodic.canonical.document import Resolution
from episodic.canonical.errors import DocumentError
from episodic.canonical.ports import Edition
from episodic.canonical.tei.body import witness_clocks, write_body, write_stand_off
from episodic.canonical.tei.elements import root, serialize
from episodic.canonical.tei.header import write_header
from episodic.canonical.tei.pointers import dangling
from episodic.canonical.tei.profile import faults


def write(resolution: Resolution, edition: Edition) -> bytes:
    """Write a TEI P5 document.

    Parameters
    ----------
    resolution
        Witnesses and document.
    edition
        What the document says of itself; its `title` stands above what the sources claim.

    Returns
    -------
    The document in UTF-8. A function of the arguments alone: the same give the same bytes.

    Raises
    ------
    DocumentError
        When it breaks the profile (``profile.rng``) or a pointer dangles.
    """
    document = root("TEI")
    write_header(document, resolution, edition)
    clocks = witness_clocks(resolution)
    write_body(document, resolution.document, clocks)
    write_stand_off(document, resolution, clocks)
    wrong = faults(document) or [f"{pointer} points to nothing" for pointer in dangling(document)]
    if wrong:
        raise DocumentError(f"{edition.episode.name}: {'; '.join(wrong[:3])}; this is a fault of Episodic's")
    return serialize(document)
