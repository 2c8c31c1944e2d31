"""What a published file says of where it comes from, and how an ingest knows it again."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provenance:
    """The revision that a file was made from.

    Parameters
    ----------
    episode
        ``series/episode``.
    """

    episode: str
    revision: int
    title: str
    language: str | None = None

    @property
    def mark(self) -> str:
        """``Episodic lantern-hour/first-light revision 3``; `normalizers.detection` knows its beginning."""
        return f"Episodic {self.episode} revision {self.revision}"
