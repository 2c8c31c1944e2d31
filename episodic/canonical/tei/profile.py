"""The schema of what Episodic writes: a strict subset of TEI P5."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

from episodic.canonical.sources import SourceType
from episodic.canonical.tei.elements import Element, etree

_RNG: Final = "{http://relaxng.org/ns/structure/1.0}"


def faults(document: Element) -> list[str]:
    """List where a document breaks the profile, in document order.

    Returns
    -------
    For each fault its line and what is wrong; nothing when the document keeps the profile.
    """
    schema = _schema()
    if schema.validate(document):
        return []
    return [f"line {fault.line}: {fault.message}" for fault in schema.error_log]


@cache
def _schema() -> Any:
    grammar = etree.fromstring((files(__package__) / "profile.rng").read_bytes())
    types = grammar.find(f"{_RNG}define[@name='sourceType']/{_RNG}choice")
    for known in SourceType:
        etree.SubElement(types, f"{_RNG}value").text = known.value
    return etree.RelaxNG(grammar)
