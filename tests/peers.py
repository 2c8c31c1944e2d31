"""The own tests of libraries that work with tasks, without our factory and with it on every event loop.

``PYTHON tests/peers.py FOLDER…``: each folder is an unpacked source distribution whose tests PYTHON can run;
``make test-peers`` fetches them. With our factory, every task has metadata and is observed. Fails when a test
fails that passes without our factory, unless `EXPECTED` has it; when one of those passes after all; and when
hardly a task was made or observed, for then the tests prove nothing. A test that fails is tried once more.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

HERE: Final = Path(__file__).parent
OPTIONS: Final = {
    "aiojobs": (
        "-p",
        "pytest_asyncio.plugin",
        "-p",
        "pytest_aiohttp.plugin",
        "-o",
        "asyncio_mode=auto",
        "-o",
        "addopts=",
    ),
    "anyio": ("-m", "not network", "-k", "not trio"),
}
# What is not run, and why.
LEFT_OUT: Final = {
    "anyio": {
        "test_sockets.py": "needs IPv6 and name servers",
        "test_fileio.py": "about files; no task of its own",
        "test_to_process.py": "about processes, which our factory does not reach",
        "test_pytest_plugin.py": "starts pytests of its own, which our factory does not reach",
        "[trio]": "no asyncio",
    },
}
# Tests that must fail under our factory, by the end of their name, and why.
EXPECTED: Final[dict[str, dict[str, str]]] = {
    "aiojobs": {
        "test_job.test_get_default_job_name": "asserts asyncio's own default name; ours is the codec's",
    },
    "anyio": {},
}
LEAST: Final = 30  # tasks that our factory has made, and ends that were observed


def pytest_configure() -> None:
    """As a plug-in of the peer's tests: put our factory over whatever factory a new loop has."""
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    counted: Any = import_module("cpython_asyncio")  # not of `tests`: the peer has a package of that name
    runner: Any = asyncio.Runner
    lazy_init = runner._lazy_init  # what each runner calls, with whatever loop

    class Counting(counted.MetadataTaskFactory):
        """Ours, given metadata for every task: itself on the loop, where anyio looks at it."""

        def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> Any:
            counted.calls += 1
            kwargs["episodic_task_metadata"] = counted.METADATA
            return counted.MetadataTaskFactory.__call__(self, loop, coro, **kwargs)

    def init(self: Any) -> None:
        new = self._loop is None
        lazy_init(self)
        if not new:
            return
        self._loop.set_task_factory(Counting(self._loop.get_task_factory(), counted.Watcher()))

    runner._lazy_init = init


def pytest_unconfigure() -> None:
    """Say how many tasks our factory has made, and of how many the end was observed."""
    counted: Any = sys.modules["cpython_asyncio"]
    print(json.dumps([counted.calls, counted.Watcher.ends]))


def run(folder: Path, options: Iterable[str]) -> tuple[int, set[str], str]:
    """Run a peer's tests: how many there are, which fail twice, and the last line of the first run."""
    with tempfile.TemporaryDirectory() as aside:
        report = Path(aside) / "report.xml"

        def once(*more: str) -> tuple[list[ET.Element], str]:
            command = (sys.executable, "-m", "pytest", "-q", "--disable-plugin-autoload")
            done = subprocess.run(
                [*command, *options, *more, "-o", f"cache_dir={aside}", f"--junit-xml={report}", "tests"],
                cwd=folder,
                env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(HERE)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                timeout=600,
            )
            if done.returncode not in {0, 1}:
                raise SystemExit(f"{folder.name}: its tests do not run:\n{done.stdout[-3000:]}")
            return list(ET.parse(report).iter("testcase")), done.stdout.splitlines()[-1]  # pytest's own

        cases, last = once()
        failed = set(_failed(cases))
        return len(cases), failed and failed & set(_failed(once("--last-failed")[0])), last


def _failed(cases: list[ET.Element]) -> Iterator[str]:
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            yield f"{case.get('classname')}.{case.get('name')}"


def compare(folder: Path) -> bool:
    """Run a peer's tests in both ways, say what differs, and return whether that is as it should be."""
    peer = next(peer for peer in OPTIONS if folder.name.startswith(peer))
    left_out, expected = LEFT_OUT.get(peer, {}), EXPECTED[peer]
    options = [*OPTIONS[peer], *(f"--ignore=tests/{name}" for name in left_out if name.endswith(".py"))]
    with ThreadPoolExecutor(2) as pool:
        plain, with_ours = (
            pool.submit(run, folder, options),
            pool.submit(run, folder, [*options, "-p", "peers"]),
        )
        (count, without, _), (_, found, last) = plain.result(), with_ours.result()
    made, observed = json.loads(last)
    as_expected = {name for name in found if name.endswith(tuple(expected))}
    ours = found - without - as_expected
    missing = {end for end in expected if not any(name.endswith(end) for name in as_expected)}
    vacuous = min(made, observed) < LEAST
    print(
        f"{folder.name}: {count} tests; our factory made {made} tasks, observed the end of {observed}; "
        f"{len(without)} fail without it, {len(found)} with it, {len(as_expected)} of them as expected"
    )
    for name, why in left_out.items():
        print(f"  left out: {name} ({why})")
    for name, why in expected.items():
        print(f"  {'expected to fail, and passed' if name in missing else 'as expected'}: {name} ({why})")
    for name in sorted(ours):
        print(f"  fails only with our factory: {name}")
    if vacuous:
        print("  our factory was hardly called: nothing is proved")
    return not (ours or missing or vacuous)


if __name__ == "__main__":
    results = [compare(Path(folder)) for folder in sys.argv[1:]]  # all of them, also after one that fails
    sys.exit(not all(results))
