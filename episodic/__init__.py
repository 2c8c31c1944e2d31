"""Episodic: one canonical TEI episode out of the scattered sources of a podcast episode."""

__version__ = "0.2.0"
