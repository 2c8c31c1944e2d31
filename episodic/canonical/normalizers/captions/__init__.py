"""Captions: cues with times."""
