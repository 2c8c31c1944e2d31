"""Weights of sources from evidence of quality, dates and type."""
