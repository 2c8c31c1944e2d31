"""The sample episode, and its ingest."""

from pathlib import Path

from tests.cli.program import Finished, Run

SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "first-light"
EPISODE = "lantern-hour/first-light"


def ingest_sample(run: Run, *more: str) -> Finished:
    return run("ingest", str(SAMPLE), "--series", "lantern-hour", "--episode", "first-light", *more)
