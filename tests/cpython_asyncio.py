"""CPython's own asyncio tests, with our factory as the default of every event loop.

``PYTHON tests/cpython_asyncio.py [--metadata] [TEST…]``, where PYTHON has CPython's ``test`` package;
``make test-cpython`` finds or fetches one. With ``--metadata``, every task has metadata and is observed.
Fails when a test fails that passes without our factory, unless `EXPECTED` has it; when one of those passes
after all; and when the factory was hardly called, for then the tests prove nothing.
"""

import asyncio
import subprocess
import sys
import time
import unittest
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from episodic.asyncio_tasks import MetadataTaskFactory, TaskMetadata, TaskObserver, TaskOutcome

MODULES: Final = (
    "test_tasks",
    "test_taskgroups",
    "test_eager_task_factory",
    "test_free_threading",
    "test_base_events",
    "test_runners",
    "test_context",
    "test_graph",
    "test_timeouts",
    "test_waitfor",
    "test_locks",
    "test_queues",
    "test_staggered",
    "test_futures",
    "test_futures2",
    "test_pep492",
    "test_threads",
)

# Tests that must fail, by the end of their id, and why.
EXPECTED: Final = {
    "BaseEventLoopTests.test_set_task_factory": "asserts that a new loop has no factory",
    "BaseEventLoopTests.test_set_task_factory_invalid": "asserts that a new loop still has no factory",
}
LEAST_CALLS: Final = 5000
METADATA: Final[TaskMetadata] = {"operation_name": "cpython.test", "correlation_id": "1", "priority_hint": 0}


class Watcher(TaskObserver):
    """Has both hooks, so that tasks are observed, and counts ends."""

    ends = 0

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        pass

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        Watcher.ends += 1


calls = 0


def install(*, metadata: bool) -> None:
    """Give every loop made from now on our factory, beneath one that counts and may add metadata."""
    original = asyncio.BaseEventLoop.__init__

    def init(self: asyncio.BaseEventLoop) -> None:
        original(self)
        ours = MetadataTaskFactory(None, *([Watcher()] if metadata else []))

        def factory(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
            global calls  # noqa: PLW0603 # of all loops together
            calls += 1
            return ours(loop, coro, **kwargs, **({"episodic_task_metadata": METADATA} if metadata else {}))

        self.set_task_factory(factory)

    asyncio.BaseEventLoop.__init__ = init


def run(names: Iterable[str]) -> unittest.TestResult:
    suite = unittest.defaultTestLoader.loadTestsFromNames(list(names))
    return unittest.TextTestRunner(verbosity=0, stream=sys.stderr).run(suite)


def fails_because_of_us(test: str, options: list[str]) -> bool:
    """Whether a test fails again, alone, with our factory, and passes without it."""
    with_us = subprocess.run([sys.executable, __file__, *options, test], capture_output=True, check=False)
    without = subprocess.run([sys.executable, "-m", "unittest", "-q", test], capture_output=True, check=False)
    return with_us.returncode != 0 and without.returncode == 0


def main(arguments: list[str]) -> int:
    options = [argument for argument in arguments if argument.startswith("--")]
    chosen = [argument for argument in arguments if not argument.startswith("--")]
    names = chosen or [f"test.test_asyncio.{module}" for module in MODULES]
    started = time.monotonic()
    install(metadata="--metadata" in options)
    result = run(names)
    if chosen:
        return int(not result.wasSuccessful())
    failed = {test.id().split(" ")[0] for test, _ in result.failures + result.errors}
    expected = {test for test in failed if test.endswith(tuple(EXPECTED))}
    ours = {test for test in failed - expected if fails_because_of_us(test, options)}
    missing = {end for end in EXPECTED if not any(test.endswith(end) for test in expected)}
    vacuous = calls < LEAST_CALLS or ("--metadata" in options and Watcher.ends < LEAST_CALLS)
    print(
        f"{' '.join(options) or 'plain'}: {result.testsRun} tests of CPython {sys.version.split()[0]} in "
        f"{time.monotonic() - started:.0f} s, {len(result.skipped)} skipped; our factory made {calls} tasks, "
        f"observed {Watcher.ends}; {len(expected)} failed as expected, {len(failed - expected - ours)} on "
        f"their own account, {len(ours)} because of us"
    )
    for test in sorted(ours):
        print(f"fails only with our factory: {test}")
    for end in sorted(missing):
        print(f"expected to fail ({EXPECTED[end]}), and passed: {end}")
    if vacuous:
        print("our factory was hardly called: nothing is proved")
    return int(bool(ours or missing or vacuous))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
