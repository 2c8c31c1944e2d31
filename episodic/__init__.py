"""Episodic: one canonical TEI episode out of the scattered sources of a podcast episode."""

from typing import Final

__version__: Final = "0.2.0"
