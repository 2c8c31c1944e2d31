"""What can be checked of a written document without its sources."""

from collections.abc import Sequence
from dataclasses import dataclass

from episodic.canonical.errors import DocumentError
from episodic.canonical.tei import profile
from episodic.canonical.tei.bounds import former_lists
from episodic.canonical.tei.elements import TEI
from episodic.canonical.tei.header import VERSION
from episodic.canonical.tei.pointers import dangling
from episodic.canonical.tei.reader import TeiDocument, read


@dataclass(frozen=True)
class CheckedDocument:
    """A document as `episodic.canonical.ports.WrittenDocument` asks for it."""

    document: TeiDocument

    @property
    def witnesses(self) -> set[tuple[str, str]]:
        """Siglum and SHA-256 of each."""
        return {(each.siglum, each.sha256) for each in self.document.witnesses}

    @property
    def transcripts(self) -> Sequence[str]:
        """Sigla of those that have words in the transcript."""
        return self.document.transcripts

    @property
    def is_ours(self) -> bool:
        """Whether this version of Episodic wrote it, in its present form; another may do otherwise."""
        versions = {e.get("version") for e in self.document.root.iter(f"{TEI}application")}
        return versions == {VERSION} and not list(former_lists(self.document.root))

    def dangling(self) -> Sequence[str]:
        """List the pointers that point to nothing."""
        return dangling(self.document.root)

    def unlike_profile(self) -> Sequence[str]:
        """List where it does not keep the profile of what this version writes."""
        return profile.faults(self.document.root)

    def text(self, siglum: str) -> str:
        """Give the words of a witness."""
        return self.document.text(siglum)


def read_to_check(document: bytes) -> CheckedDocument:
    """Read a document back; raises `DocumentError`."""
    try:
        checked = CheckedDocument(read(document))
        _ = checked.witnesses
    except (LookupError, ValueError) as error:
        raise DocumentError(str(error)) from error
    return checked
