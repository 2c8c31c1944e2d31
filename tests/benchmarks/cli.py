"""The command line: how soon it answers, and how many episodes go through it."""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from episodic.canonical.limits import Limits
from episodic.canonical.normalizers.isolation.process import standing_walls
from tests.benchmarks.report import Section, ratios, seconds

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "talk-python"
SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "first-light"
EPISODES = (50, 500)


def sections() -> list[Section]:
    with tempfile.TemporaryDirectory() as folder:
        found = [_start_up(Path(folder)), _shares(Path(folder))]
        if CORPUS.is_dir():
            found += _many(Path(folder))
    return found


def _start_up(folder: Path) -> Section:
    variables = environment(folder / "start-up.sqlite3")

    def run(*command: str) -> None:
        subprocess.run(command, env=variables, check=True, capture_output=True)

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
        "does nothing. Wanted: the help in 11 times that, the sample in 0.40 s on a machine that gives the "
        "help in 0.10 s, which is 40 times.",
        ("command", "seconds, median", "fastest", "ratio"),
        [
            (name, f"{statistics.median(taken):.3f}", f"{min(taken):.3f}", f"{factors[name]:.1f}")
            for name, taken in times.items()
        ],
    )


# What an ingest of the sample loads.
_LOADED = (
    *("episodic.cli.app", "episodic.cli.commands.ingest", "episodic.canonical.normalizers.normalizer"),
    *(
        "episodic.canonical.resolution.resolving",
        "episodic.canonical.tei.writer",
        "episodic.canonical.storage.store",
    ),
)


def _shares(folder: Path) -> Section:
    """Where the time of the sample's ingest goes; steps as its job has recorded them."""
    database = folder / "shares.sqlite3"
    variables = environment(database)
    rounds: list[dict[str, float]] = []

    def run(*command: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], env=variables, check=True, capture_output=True)
        return time.perf_counter() - start

    for number in range(8):
        for file in folder.glob(f"{database.name}*"):
            file.unlink()
        floor = run("-c", "pass")
        imports, sqlalchemy, orm = (
            # As the command: it hardly collects, and leaves without cleaning up.
            run("-c", f"import gc, os; gc.disable(); import {modules}; os._exit(0)") - floor
            for modules in (
                ", ".join(_LOADED),
                "sqlalchemy.dialects.sqlite",
                "sqlalchemy.dialects.sqlite, sqlalchemy.ext.asyncio",
            )
        )
        whole = run("-m", "episodic", "ingest", str(SAMPLE), "--series", "s", "--episode", "first-light")
        start = time.perf_counter()
        standing_walls(Limits(), {path.suffix for path in SAMPLE.iterdir()})
        worker = time.perf_counter() - start
        jobs = [sys.executable, "-m", "episodic", "jobs", "--json"]
        (job,) = json.loads(subprocess.run(jobs, env=variables, check=True, capture_output=True).stdout)
        steps = {step["name"]: step for step in job["steps"]}
        begun = [_moment(step["started_at"]) for step in job["steps"]]
        read = max(_moment(s["started_at"]) + s["seconds"] for s in job["steps"] if s["name"] == "normalize")
        written = _moment(steps["write"]["started_at"]) + steps["write"]["seconds"]
        parts = {
            "the interpreter": floor,
            "imports": imports,
            "reading, with what is waited for the parsers' process": read - min(begun),
            "weighing and resolving": steps["weigh"]["seconds"] + steps["resolve"]["seconds"],
            "writing": steps["write"]["seconds"],
            "storing": _moment(job["finished_at"]) - written,
        }
        parts["the rest: opening a database, asking, telling, ending"] = whole - sum(parts.values())
        parts["all"] = whole
        parts["beside: of the imports, SQLAlchemy alone"] = sqlalchemy
        parts["beside: SQLAlchemy with its ORM, which nothing loads"] = orm
        parts["beside: a parsers' process until it is ready, while all else is loaded"] = worker
        if number:
            rounds.append(parts)
    medians = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
    return Section(
        "Shares of the start",
        "Where the time of `episodic ingest` of the sample into a new database goes.",
        ("part", "seconds, median", "share"),
        [(name, f"{taken:.3f}", f"{taken / medians['all']:.0%}") for name, taken in medians.items()],
    )


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


class _Taken(NamedTuple):
    """Seconds, peak memory in bytes without the workers, and seconds of processors: its own and theirs."""

    seconds: float
    bytes: int
    processor: tuple[float, float]


def _many(folder: Path) -> list[Section]:
    make_episodes(folder / "heavy", 30, "395-*")
    rounds: list[tuple[float, float, float, float]] = []
    for _ in range(3):
        taken = [_ingest(folder / "heavy", folder / "x.sqlite3", workers=count).seconds for count in (1, 2)]
        rounds.append((taken[0], taken[1], _compute(2, 1), _compute(1, 2)))
    alone, both = (statistics.median(column) for column in list(zip(*rounds, strict=True))[:2])
    speed_up = statistics.median(one / two for one, two, _, _ in rounds)
    ceiling = statistics.median(one / two for _, _, one, two in rounds)
    few, many = EPISODES
    for count in EPISODES:
        make_episodes(folder / str(count), count, "395-readme-tools.[vt]*t")
    new_few = _ingest(folder / str(few), folder / "few.sqlite3", workers=2)
    new_many = _ingest(folder / str(many), folder / "many.sqlite3", workers=2)
    first = new_many.seconds
    budget = _budget(new_few, new_many, folder / "many.sqlite3")
    _, few_again, _ = _ingest(folder / str(few), folder / "few.sqlite3", workers=2, anew=False)
    again, many_again, _ = _ingest(folder / str(many), folder / "many.sqlite3", workers=2, anew=False)
    cores = len(os.sched_getaffinity(0))
    section = Section(
        "Many episodes",
        "`episodic ingest --each-subfolder` of episodes with transcripts copied from real ones and varied: "
        f"three in each of the 30 episodes, two in each of the {few} and {many}. {cores} cores, of which the "
        "other programs of the machine take their part. The memory is the peak of the process that writes.",
        ("what", "measured", "wanted"),
        [
            ("30 episodes, 1 worker", f"{alone:.1f} s", ""),
            ("30 episodes, 2 workers", f"{both:.1f} s", ""),
            ("2 workers against 1", f"{speed_up:.2f} times as fast", "1.6 on two idle cores"),
            ("2 processes that only count, against 1", f"{ceiling:.2f} times as fast", "the most there is"),
            (f"{many} episodes, 2 workers", f"{first:.1f} s, {many / first:.1f} a second", ""),
            (f"memory at {many} against {few}", _grown(new_few.bytes, new_many.bytes), "1.2 at the most"),
            (f"the same {many} again", f"{again:.1f} s, {again / first:.3f} of the first time", "5 s"),
            (f"memory then, at {many} against {few}", _grown(few_again, many_again), "1.2 at the most"),
        ],
    )
    return [section, budget]


def _budget(few: _Taken, many: _Taken, database: Path) -> Section:
    """Where the time of an episode goes: by processes as the kernel has it, and by recorded steps."""
    count = EPISODES[1] - EPISODES[0]
    wall = (many.seconds - few.seconds) * 2
    own, others = (after - before for before, after in zip(few.processor, many.processor, strict=True))
    jobs = [sys.executable, "-m", "episodic", "jobs", "--json"]
    listed = subprocess.run(jobs, env=environment(database), check=True, capture_output=True).stdout
    steps: dict[str, list[float]] = {}
    for job in json.loads(listed):
        spans: dict[str, list[tuple[float, float]]] = {}
        for step in job["steps"]:
            begun = _moment(step["started_at"])
            spans.setdefault(step["name"], []).append((begun, begun + step["seconds"]))
        for name, times in spans.items():  # sources are read beside each other
            begins, ends = zip(*times, strict=True)
            steps.setdefault(name, []).append(max(ends) - min(begins))
    rows = [
        ("two cores", wall / count),
        ("processor time of the process that writes", own / count),
        ("processor time of the two that compose", others / count),
        ("idle, or others'", (wall - own - others) / count),
        *(
            (f"the step '{name}', wall clock, median", statistics.median(spent))
            for name, spent in steps.items()
        ),
    ]
    return Section(
        "Shares of an episode of many",
        f"Milliseconds an episode, from the {EPISODES[0]}th to the {EPISODES[1]}th, so that no start counts; "
        "steps as the last jobs have recorded them.",
        ("what", "ms"),
        [(name, f"{1000 * taken:.1f}") for name, taken in rows],
    )


def make_episodes(root: Path, count: int, which: str) -> None:
    """Make folders with transcripts of one conversation, each varied so that no two are equal."""
    texts = {path.name: path.read_text().split(" ") for path in sorted(CORPUS.glob(which))}
    for number in range(count):
        chosen = random.Random(number)
        folder = root / f"episode-{number:03}"
        folder.mkdir(parents=True)
        for name, words in texts.items():
            varied = words.copy()
            for place in chosen.sample(range(len(words)), 50):
                if varied[place].isalpha():
                    varied[place] += f"{number}"
            (folder / name).write_text(" ".join(varied))


# The program, which says at its end what it took.
_TELLING: Final = """
import resource
from episodic import cli
cli.collect_rarely()
code = cli.main()
print(*(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
from tests.benchmarks.normalizers import memory_bytes  # no earlier, as it takes memory itself
print(memory_bytes("VmHWM"))
raise SystemExit(code)
"""


def _ingest(root: Path, database: Path, *, workers: int, anew: bool = True) -> _Taken:
    for file in database.parent.glob(f"{database.name}*") if anew else ():
        file.unlink()
    command = [
        sys.executable, "-c", _TELLING, "ingest", str(root), "--series", "s", "--each-subfolder", "--quiet",
        "--workers", str(workers),
    ]  # fmt: skip
    start = time.perf_counter()
    done = subprocess.run(command, env=environment(database), check=True, stdout=subprocess.PIPE)
    *_, own, others, memory = done.stdout.split()
    return _Taken(time.perf_counter() - start, int(memory), (float(own), float(others)))


def _grown(few: int, many: int) -> str:
    return f"{many / few:.2f} ({few / 1e6:.0f} and {many / 1e6:.0f} MB)"


def _compute(turns: int, processes: int) -> float:
    """Seconds that processes take which do nothing but count."""
    start = time.perf_counter()
    counting = [
        subprocess.Popen([sys.executable, "-c", f"for _ in range({turns} * 60_000_000): pass"])
        for _ in range(processes)
    ]
    for process in counting:
        process.wait()
    return time.perf_counter() - start


def environment(database: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("EPISODIC_", "PYTHON"))}
    return kept | {
        "EPISODIC_DATABASE_URL": f"sqlite:///{database}",
        "PYTHONPYCACHEPREFIX": str(database.parent / "bytecode"),
    }
