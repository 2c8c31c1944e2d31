"""The schema of what Episodic writes: a strict subset of TEI P5."""

from functools import cache
from pathlib import Path

from episodic.canonical.sources import SourceType
from episodic.canonical.tei.elements import Element, etree, local_name


def faults(document: Element) -> list[str]:
    """List where a document breaks the profile, in document order.

    Returns
    -------
    For each fault its line and what is wrong; nothing when the document keeps the profile.
    """
    grammar = schema()
    if grammar.validate(document):
        return []
    found = [f"line {fault.line}: {fault.message}" for fault in grammar.error_log]
    # Pieces are checked too: where a document is wrong inside, the validator misses a piece in its place.
    return [each for each in found if not each.endswith(f", got {local_name(document)}")] or found


@cache
def schema() -> etree.RelaxNG:
    """The profile, in which types of sources are those of the table."""
    grammar = etree.fromstring(Path(__file__).with_name("profile.rng").read_bytes())
    (types,) = grammar.iterfind("{*}define[@name='sourceType']/{*}choice")
    any_name = types[0]
    for known in SourceType:
        etree.SubElement(types, f"{{{any_name.nsmap[None]}}}value").text = known
    types.remove(any_name)
    try:
        return etree.RelaxNG(grammar)
    except etree.RelaxNGParseError as error:  # ours can be read; libxml2 says the same where memory ran out
        raise MemoryError from error
