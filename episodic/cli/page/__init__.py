"""The episode as a page: one HTML file to look at, with everything that it needs inside it."""

from episodic.cli.page.apparatus import place_of
from episodic.cli.page.audio import Audio
from episodic.cli.page.page import Download, page

__all__ = ["Audio", "Download", "page", "place_of"]
