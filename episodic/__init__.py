"""Episodic: one canonical TEI episode out of the scattered sources of a podcast episode."""
