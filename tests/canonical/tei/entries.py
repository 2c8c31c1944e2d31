"""The entries of a document's apparatus, whatever they stand in."""

from episodic.canonical.document import Variation
from episodic.canonical.tei.elements import TEI
from episodic.canonical.tei.parts import variation
from episodic.canonical.tei.reader import TeiDocument


def entries(document: TeiDocument) -> list[Variation]:
    return [variation(app, {}) for app in document.root.iter(f"{TEI}app")]
