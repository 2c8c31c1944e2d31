"""The schema of TEI P5, compiled once a run."""

from collections.abc import Callable

import pytest
from lxml import etree

from tests.conftest import TEI_ALL


@pytest.fixture(scope="session")
def tei_all() -> Callable[[bytes], list[str]]:
    """Give a function that lists what is wrong with a document by the rules of TEI P5."""
    if not TEI_ALL.is_file():
        pytest.skip(f"no TEI schema: {TEI_ALL} is missing")
    schema = etree.RelaxNG(etree.parse(str(TEI_ALL)))

    def faults(document: bytes) -> list[str]:
        valid = schema.validate(etree.fromstring(document))
        return [] if valid else [f"line {e.line}: {e.message}" for e in schema.error_log]

    return faults
