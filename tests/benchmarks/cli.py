"""The command line: how soon it answers, and how many episodes go through it."""

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.report import Section, ratios, seconds

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "talk-python"
SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "first-light"
EPISODES = (50, 500)


def sections() -> list[Section]:
    with tempfile.TemporaryDirectory() as folder:
        found = [_start_up(Path(folder))]
        if CORPUS.is_dir():
            found.append(_many(Path(folder)))
    return found


def _start_up(folder: Path) -> Section:
    environment = _environment(folder / "start-up.sqlite3")

    def run(*command: str) -> None:
        subprocess.run(command, env=environment, check=True, capture_output=True)

    def ingest() -> None:
        (folder / "start-up.sqlite3").unlink(missing_ok=True)
        run(
            sys.executable,
            "-m",
            "episodic",
            "ingest",
            str(SAMPLE),
            "--series",
            "s",
            "--episode",
            "first-light",
        )

    floor = "`python -c pass`"
    cases = {
        floor: lambda: run(sys.executable, "-c", "pass"),
        "`python -c 'import cyclopts'`": lambda: run(sys.executable, "-c", "import cyclopts"),
        "`episodic --help`": lambda: run(sys.executable, "-m", "episodic", "--help"),
        "`episodic ingest` of the sample into a new database": ingest,
    }
    times = seconds(cases, rounds=7)
    factors = ratios(times, floor)
    return Section(
        "Start",
        "Wall clock of the whole process, with bytecode in its cache, and its ratio to an interpreter that "
        "does nothing. To be under 0.2 s for the help and 1.5 s for the sample, on an idle machine.",
        ("command", "seconds, median", "fastest", "ratio"),
        [
            (name, f"{statistics.median(taken):.3f}", f"{min(taken):.3f}", f"{factors[name]:.1f}")
            for name, taken in times.items()
        ],
    )


def _many(folder: Path) -> Section:
    few, many = EPISODES
    for count in EPISODES:
        make_episodes(folder / str(count), count)
    alone, _ = _ingest(folder / str(few), folder / "alone.sqlite3", workers=1)
    both, few_bytes = _ingest(folder / str(few), folder / "both.sqlite3", workers=2)
    first, many_bytes = _ingest(folder / str(many), folder / "many.sqlite3", workers=2)
    again, _ = _ingest(folder / str(many), folder / "many.sqlite3", workers=2)
    cores = len(os.sched_getaffinity(0))
    return Section(
        "Many episodes",
        "`episodic ingest --each-subfolder` of episodes with two transcripts, made from real ones by cutting "
        f"and varying them; {cores} cores, of which other programs of the machine take their part. The "
        "memory is the peak of the process that writes.",
        ("what", "measured", "wanted"),
        [
            (f"{few} episodes, 1 worker", f"{alone:.1f} s", ""),
            (f"{few} episodes, 2 workers", f"{both:.1f} s", ""),
            ("2 workers against 1", f"{alone / both:.2f} times as fast", "1.6 on two idle cores"),
            (f"{many} episodes, 2 workers", f"{first:.1f} s, {many / first:.1f} a second", ""),
            (
                f"memory at {many} against {few}",
                f"{many_bytes / few_bytes:.2f} ({few_bytes / 1e6:.0f} and {many_bytes / 1e6:.0f} MB)",
                "1.2 at the most",
            ),
            (f"the same {many} again", f"{again:.1f} s, {again / first:.3f} of the first time", "5 s"),
        ],
    )


def make_episodes(root: Path, count: int) -> None:
    """Cut folders of two transcripts out of a real conversation, no two of them equal."""
    cues = (CORPUS / "395-readme-tools.vtt").read_text().split("\n\n")
    lines = (CORPUS / "395-readme-tools.txt").read_text().splitlines()
    for number in range(count):
        chosen = random.Random(number)
        folder = root / f"episode-{number:03}"
        folder.mkdir(parents=True)
        share = chosen.randrange(0, 50) / 100
        part = cues[1 + int(share * len(cues)) :][: len(cues) // 2]
        (folder / "show.vtt").write_text("\n\n".join([cues[0], *part]))
        words = "\n".join(lines[int(share * len(lines)) :][: len(lines) // 2])
        (folder / "live.txt").write_text(words.replace(" the ", f" the{number} ", 20))


def _ingest(root: Path, database: Path, *, workers: int) -> tuple[float, int]:
    """Seconds, and the peak memory in bytes of the process itself, without its workers."""
    command = [
        sys.executable, "-m", "episodic", "ingest", str(root), "--series", "s", "--each-subfolder", "--quiet",
        "--workers", str(workers),
    ]  # fmt: skip
    start = time.perf_counter()
    process = subprocess.Popen(command, env=_environment(database), stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return time.perf_counter() - start, _bytes(usage)


def _bytes(usage: resource.struct_rusage) -> int:
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _environment(database: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("EPISODIC_", "PYTHON"))}
    return kept | {
        "EPISODIC_DATABASE_URL": f"sqlite:///{database}",
        "PYTHONPYCACHEPREFIX": str(database.parent / "bytecode"),
    }
