"""What can be checked of a written document without its sources."""

from episodic.canonical.errors import DocumentError
from episodic.canonical.ports import WrittenDocument
from episodic.canonical.tei import profile
from episodic.canonical.tei.bounds import former_lists
from episodic.canonical.tei.elements import TEI
from episodic.canonical.tei.header import VERSION
from episodic.canonical.tei.pointers import dangling
from episodic.canonical.tei.reader import read


def read_to_check(tei: bytes) -> WrittenDocument:
    """Read a document back; raises `DocumentError`."""
    document = read(tei)
    root = document.root
    versions = {application.get("version") for application in root.iter(f"{TEI}application")}
    is_ours = versions == {VERSION} and not list(former_lists(root))
    try:
        return WrittenDocument(
            witnesses={(each.siglum, each.sha256) for each in document.witnesses},
            texts={siglum: document.text(siglum) for siglum in document.transcripts},
            is_ours=is_ours,
            dangling=dangling(root),
            unlike_profile=profile.faults(root) if is_ours else (),
        )
    except (LookupError, ValueError) as error:
        raise DocumentError(str(error)) from error
