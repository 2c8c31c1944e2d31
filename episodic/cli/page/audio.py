"""The recording that a page plays."""

from dataclasses import dataclass
from os import path
from pathlib import Path
from typing import Self
from urllib.parse import quote

from episodic.canonical.document import CanonicalDocument
from episodic.canonical.errors import SourceError
from episodic.canonical.sources import ClaimField
from episodic.cli.page.markup import web_address


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording.

    Parameters
    ----------
    url
        Where it is: on the web, or relative to the page.
    policy
        The source list that lets a page play it (CSP's ``media-src``).
    """

    url: str
    policy: str

    @classmethod
    def claimed(cls, document: CanonicalDocument) -> Self | None:
        """Take the first recording that the sources claim, if it is on the web."""
        for statement in document.about(ClaimField.MEDIA):
            url = statement.variation.lemma.text
            if web_address(url):
                # Hosts of podcasts redirect to wherever the file is today: the whole scheme is allowed.
                return cls(url, "https:" if url.startswith("https:") else "http: https:")
        return None

    @classmethod
    def file(cls, file: Path, page: Path | None) -> Self:
        """Take a file, by its way from the page's folder when that is known, so that both can move.

        Raises
        ------
        SourceError
            When there is no such file.
        """
        if not file.is_file():
            reason = "a folder" if file.is_dir() else "no such file"
            raise SourceError(str(file), f"{reason}; --audio takes the file of the episode's recording")
        if page is None:
            return cls(file.resolve().as_uri(), "file:")
        way = path.relpath(file.resolve(), page.resolve().parent)
        return cls(quote(Path(way).as_posix()), "'self' file:")
