"""The ```console blocks of the documents: run, compared with what the page says, or written anew.

``python -m tests.console PAGE…`` runs every line that begins with ``$ `` and puts its output below it.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.warm import warm

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"(?<=^```console\n)(?=\$ ).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ (?P<command>.*(?:\\\n.*)*)\n(?P<output>(?:(?!\$ ).*\n)*)", re.MULTILINE)

# What differs from run to run: times, ids, and how long something took.
_VARYING = re.compile(
    r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?"
    r"|(?<=  )\d+\.\d(?=  |$)|\b\d+\.\d(?= s:)"
    # The width of a table's rule follows its cells.
    r"|─+",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Step:
    """A command of a page and what the page says that it prints."""

    command: str
    output: str


@contextmanager
def shell(home: Path) -> Generator[Shell]:
    """Open a shell with a home of its own, in which the commands of one page run one after the other."""
    path = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
    kept = {key: value for key, value in os.environ.items() if key in {"LANG", "SSL_CERT_FILE"}}
    environment = kept | {"HOME": str(home), "PATH": path, "TERM": "dumb", "TZ": "UTC"}
    with warm(environment) as programs:
        yield Shell(home, environment | {"PATH": f"{programs}:{path}"})


@dataclass(frozen=True)
class Shell:
    """What runs commands, and hides where."""

    home: Path
    environment: dict[str, str]

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        return (
            done.stdout.decode().replace(str(self.home), "/home/you").replace(str(ROOT), "/home/you/episodic")
        )


def steps(page: str) -> Iterator[Step]:
    for block in _BLOCK.findall(page):
        for match in _COMMAND.finditer(block):
            yield Step(match["command"], match["output"])


def comparable(output: str) -> str:
    return _VARYING.sub("…", output)


def rewritten(page: str, shell: Shell) -> str:
    def run(match: re.Match[str]) -> str:
        output = shell.run(match["command"])
        same = comparable(output) == comparable(match["output"])
        return f"$ {match['command']}\n{match['output'] if same else output}"

    return _BLOCK.sub(lambda block: _COMMAND.sub(run, block[0]), page)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        page = Path(name)
        with tempfile.TemporaryDirectory() as home, shell(Path(home)) as opened:
            page.write_text(rewritten(page.read_text(), opened))
