"""Golden pairs: ``*.expected.json`` under ``tests/data/normalizers`` says what the file beside it becomes.

What an expectation leaves out is not compared. ``with`` holds the metadata and ``type`` the source type that
the user gives; ``error`` is a pattern of the error instead of a result.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from episodic.canonical.errors import SourceError
from episodic.canonical.normalizers.files import path_source
from episodic.canonical.normalizers.normalizer import SourceNormalizer
from episodic.canonical.sources import NormalizedSource, SourceType

DATA = Path(__file__).parents[2] / "data" / "normalizers"
ENDING = ".expected.json"


def shown(source: NormalizedSource) -> dict[str, Any]:
    """A source in the form of the expectations."""
    signals = source.signals
    return {
        "format": source.format,
        "source_type": source.source_type.value,
        "language": source.language,
        "dated": source.dated.isoformat() if source.dated else None,
        "claims": [[c.field.value, c.value, c.qualifier, c.where] for c in source.claims],
        "utterances": [[u.where, u.speaker, u.start, u.end, u.text] for u in source.utterances],
        "turns": [u.where for u in source.utterances if u.turn],
        "words": [[[w.text, w.start, w.end, w.confidence] for w in u.words] for u in source.utterances],
        "confidences": [u.confidence for u in source.utterances],
        "passages": [[p.where, p.kind.value, p.level, p.text] for p in source.passages],
        "well_formed": signals.well_formed,
        "damage": signals.damage,
        "speaker_coverage": signals.speaker_coverage,
        "timing_coverage": signals.timing_coverage,
        "avg_logprob": signals.avg_logprob,
        "no_speech_prob": signals.no_speech_prob,
        "compression_ratio": signals.compression_ratio,
        "doubts": [doubt.text for doubt in signals.doubts],
        "notes": list(signals.notes),
    }


def beside(expectation: Path) -> Path:
    """The file that an expectation is about; a second one for a file is told apart: ``feed@number``."""
    stem = expectation.name.removesuffix(ENDING).partition("@")[0]
    (path,) = (found for found in expectation.parent.glob(f"{stem}.*") if not found.name.endswith(ENDING))
    return path


@pytest.mark.parametrize(
    "expectation",
    sorted(DATA.rglob(f"*{ENDING}")),
    ids=lambda path: str(path.relative_to(DATA)).removesuffix(ENDING),
)
async def test_a_source_becomes_what_its_expectation_says(expectation: Path) -> None:
    expected: dict[str, Any] = json.loads(expectation.read_text())
    path = beside(expectation)
    given = expected.pop("type", None)
    raw = path_source(path, SourceType(given) if given else None, expected.pop("with", {}))
    normalizer = SourceNormalizer()
    if pattern := expected.pop("error", None):
        with pytest.raises(SourceError, match=pattern):
            await normalizer.normalize(raw)
        return
    source = shown(await normalizer.normalize(raw))
    normalizer.close()
    assert {key: source[key] for key in expected} == expected
