"""Fixtures that several test modules share."""

from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
TEI_ALL = Path(__file__).parents[2] / "shared" / "tei" / "tei_all.rng"


@pytest.fixture
def corpus() -> Path:
    """The folder of real inputs beside the project."""
    if not CORPUS.is_dir():
        pytest.skip(f"no real inputs: {CORPUS} is missing")
    return CORPUS
