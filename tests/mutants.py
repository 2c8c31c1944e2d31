"""Mutants of the central files: does a test fail when a line does something else?

1. A mutant is a file with one change: a comparison turned round, a condition negated, a call left out, a
   number, a truth or an exception changed. Annotations, messages and logs are left alone.
2. It stands in a copy of the project, where the tests that own the file run until one fails. A mutant that
   hangs is dead, too.
3. One that lives shows a test that is missing, or changes nothing that anybody could see: then `EXPLAINED`
   says why. `make mutants` fails for any other.

Run it with ``make mutants``; ``FILES=canonical/gathering.py`` picks files, ``COUNT=0`` takes all mutants of
each in place of a sample, ``SEED`` picks another sample.
"""

import ast
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, override

ROOT: Final = Path(__file__).parents[1]
_SERVICE: Final = tuple(
    f"tests/canonical/test_{name}.py" for name in ("ingestion_service", "ingestion_ends", "jobs")
)
# The tests that a file's mutants have to pass by.
OWNERS: Final = {
    "canonical/ingestion_service.py": (*_SERVICE, "tests/canonical/test_editing_service.py"),
    "canonical/composition/repeats.py": _SERVICE,
    "canonical/gathering.py": _SERVICE,
    "canonical/composition/composer.py": (
        *_SERVICE,
        "tests/canonical/composition/test_classification.py",
        "tests/canonical/test_editing_service.py",
        "tests/canonical/test_exhaustion.py",
    ),
    "canonical/composition/stopwatch.py": ("tests/canonical/composition/test_stopwatch.py", *_SERVICE),
    "canonical/heartbeat.py": ("tests/canonical/test_heartbeat.py", *_SERVICE),
    "canonical/weighting.py": (
        "tests/canonical/test_weighting.py",
        "tests/canonical/resolution/transcripts/test_trust.py",
    ),
    "canonical/composition/fingerprint.py": ("tests/canonical/composition/test_fingerprint.py",),
    "asyncio_tasks.py": tuple(
        f"tests/{path.name}" for path in sorted(Path(__file__).parent.glob("test_async*.py"))
    ),
}
# By file, function and change: why no test can tell.
EXPLAINED: Final = {
    (
        "canonical/composition/composer.py",
        "Composer.compose",
        "True -> False",
    ): "every source comes back, as itself or as its error",
    ("canonical/composition/fingerprint.py", "", "8 -> 9"): "any number does that was not used before",
    (
        "canonical/composition/fingerprint.py",
        "_digest",
        "True -> False",
    ): "keys of the same document come in one order anyway",
    ("canonical/heartbeat.py", "", "10.0 -> 11.0"): "as long as several fit into a lease, any will do",
    (
        "canonical/ingestion_service.py",
        "IngestionService._compose_and_commit",
        "True -> False",
    ): "who was overtaken would take a turn to write that it has no use for",
    (
        "canonical/ingestion_service.py",
        "IngestionService.outcome",
        "0 -> 1",
    ): "the revision that a job points at is always in the history of its episode",
    (
        "canonical/ingestion_service.py",
        "IngestionService.outcome",
        "series and episode and revision -> series or episode or revision",
    ): "where a job points at a revision, the database has all three",
    ("canonical/ingestion_service.py", "FanOut", "8 -> 9"): "a default: any small number does",
    ("canonical/ingestion_service.py", "FanOut", "120.0 -> 121.0"): "a default: any time does that is long",
    (
        "canonical/composition/repeats.py",
        "find_repeats",
        "True -> False",
    ): "there are as many hashes as sources",
    ("canonical/weighting.py", "weigh", "1.0 -> 2.0"): "it divides coefficients that are all 0",
    ("canonical/weighting.py", "weigh", "0 -> 1"): "a source of its type is as long at least, or empty",
    ("canonical/weighting.py", "_ended", "1.0 -> 2.0"): "where nothing has a start, 0 is multiplied with it",
}

_OTHER: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What a node may become."""
    match node:
        case ast.Compare(ops=[op, *_]):
            other = deepcopy(node)
            other.ops[0] = _OTHER[type(op)]()
            yield other
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(op=ast.Or() if isinstance(op, ast.And) else ast.And(), values=values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(op=ast.Add() | ast.Sub() as op):
            yield ast.BinOp(node.left, ast.Sub() if isinstance(op, ast.Add) else ast.Add(), node.right)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(value=not value)
        case ast.Constant(value=int(number) | float(number)):
            yield ast.Constant(value=number + 1)
        case ast.If(test=test) if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            other = deepcopy(node)
            other.test = ast.UnaryOp(op=ast.Not(), operand=other.test)
            yield other
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise():
            yield ast.Pass()
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield ast.Return(value=ast.Constant(value=None))
        case ast.Continue():
            yield ast.Break()
        case _:
            pass


class _Mutation(ast.NodeTransformer):
    """Makes the change of one number, and counts them all."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.count = 0
        self.place = ""
        self.change = ""
        self.line = 0
        self._names: list[str] = []

    @override
    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.arg | ast.JoinedStr) or _is_log(node):
            return node
        if isinstance(node, ast.AnnAssign):
            node.value = self.visit(node.value) if node.value else None
            return node
        for other in changes(node):
            if self.count == self.number:
                self.place, self.line = ".".join(self._names), getattr(node, "lineno", 0)
                self.change = f"{_first(node)} -> {_first(other)}"
                self.count += 1
                return other
            self.count += 1
        if isinstance(node, ast.Raise):
            return node  # what a message says is its own business
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._names.append(node.name)
            node.body = [self.visit(statement) for statement in node.body]
            self._names.pop()
            return node
        return self.generic_visit(node)


def _is_log(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and ast.unparse(node).startswith("log.")


def _first(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(deepcopy(node))).splitlines()[0]


def mutated(source: str, number: int) -> tuple[str, _Mutation]:
    """The source with a change, and which one it is; a number below 0 only counts them."""
    mutation = _Mutation(number)
    tree = ast.fix_missing_locations(mutation.visit(ast.parse(source)))
    return ast.unparse(tree), mutation


def survives(copy: Path, tests: Sequence[str], seconds: float) -> bool:
    """Whether all tests pass in a copy of the project."""
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    process = subprocess.Popen(
        command,
        cwd=copy,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a mutant may leave processes behind
        process.wait()


def hunt(copy: Path, file: str, count: int, seed: int) -> int:
    """Run a sample of a file's mutants; returns how many lived unexplained."""
    place = copy / "episodic" / file
    source = place.read_text()
    total = mutated(source, -1)[1].count
    chosen = sorted(random.Random(seed).sample(range(total), min(count or total, total)))
    began = time.monotonic()
    assert survives(copy, OWNERS[file], 600), f"the tests of {file} fail as it is"
    limit = 10 + 4 * (time.monotonic() - began)
    lived = unexplained = 0
    for number in chosen:
        text, mutation = mutated(source, number)
        place.write_text(text)
        if survives(copy, OWNERS[file], limit):
            why = EXPLAINED.get((file, mutation.place, mutation.change))
            lived += 1
            unexplained += why is None
            print(f"{file}:{mutation.line} {mutation.place}: {mutation.change}")
            print(f"    {why or 'nobody noticed'}", flush=True)
    place.write_text(source)
    print(f"{file}: {len(chosen)} of {total} mutants, {lived} lived, {unexplained} unexplained", flush=True)
    return unexplained


def main() -> int:
    signal.signal(
        signal.SIGTERM, lambda _number, _frame: sys.exit(1)
    )  # the copy goes, and the tests in it end
    files = os.environ.get("FILES", "").split() or list(OWNERS)
    count, seed = int(os.environ.get("COUNT") or 20), int(os.environ.get("SEED") or 1)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("episodic", "tests", "docs"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        return 1 if sum(hunt(copy, file, count, seed) for file in files) else 0


if __name__ == "__main__":
    sys.exit(main())
