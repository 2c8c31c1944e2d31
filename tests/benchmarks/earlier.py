"""The command line beside an earlier state of it, in one run: what a machine gives moves both alike.

``EARLIER=COMMIT make bench ARGS=earlier`` compares with any commit that this clone has; by itself it is the
last before 0.2.0. Of that commit the code alone is taken: Python and libraries are those of this environment.
"""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.benchmarks.cli import CORPUS, SAMPLE, environment, make_episodes
from tests.benchmarks.report import Section, ratios, seconds

ROOT: Final = Path(__file__).parents[2]
COMMIT: Final = os.environ.get("EARLIER", "fe4a184")
EPISODES: Final = 100


def sections() -> list[Section]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = subprocess.run(
            ["git", "archive", COMMIT, "episodic"], cwd=ROOT, check=True, stdout=subprocess.PIPE
        ).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder / "earlier", filter="data")
        compared = {
            "`episodic --help`": _compare(folder, 11, "--help"),
            "`episodic ingest` of the sample into a new database": _compare(
                folder, 11, "ingest", str(SAMPLE), "--series", "s", "--episode", "first-light"
            ),
        }
        if CORPUS.is_dir():
            make_episodes(folder / "many", EPISODES, "395-readme-tools.[vt]*t")
            compared[f"{EPISODES} episodes of two transcripts, 2 workers"] = _compare(
                folder, 3, "ingest", str(folder / "many"), "--series", "s", "--each-subfolder", "--quiet"
            )
    described = subprocess.run(
        ["git", "show", "--no-patch", "--format=%h of %cs", COMMIT], cwd=ROOT, check=True, capture_output=True
    )
    return [
        Section(
            "Beside an earlier state",
            f"Wall clock of the whole process, with bytecode in its cache: this code and that of "
            f"{described.stdout.decode().strip()}, in turn, with the same Python and libraries.",
            ("command", "this, seconds", "earlier, seconds", "this against earlier"),
            [
                (command, f"{min(times['this']):.2f}", f"{min(times['earlier']):.2f}", f"{ratio:.2f}")
                for command, (times, ratio) in compared.items()
            ],
        )
    ]


def _compare(folder: Path, rounds: int, *command: str) -> tuple[dict[str, list[float]], float]:
    """Seconds of both, and the median of their ratio over the rounds."""

    def running(tree: Path) -> Callable[[], None]:
        database = folder / f"{tree.name}.sqlite3"

        def run() -> None:
            for file in folder.glob(f"{database.name}*"):
                file.unlink()
            subprocess.run(
                [sys.executable, "-m", "episodic", *command],
                # Its `episodic` goes before the installed one, here and in the processes that it starts.
                cwd=tree,
                env=environment(database) | {"PYTHONPATH": str(tree)},
                check=True,
                stdout=subprocess.DEVNULL,
            )

        return run

    times = seconds({"this": running(ROOT), "earlier": running(folder / "earlier")}, rounds=rounds)
    return times, ratios(times, "earlier")["this"]
