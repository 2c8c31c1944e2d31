"""The episode as a page: one HTML file to look at, with everything that it needs inside it."""

from episodic.cli.page.audio import Audio
from episodic.cli.page.page import page

__all__ = ["Audio", "page"]
