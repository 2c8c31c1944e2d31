"""A review, driven through a terminal."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "first-light"
EPISODE = "lantern-hour/first-light"


class Terminal:
    """A program on a pseudo-terminal: what it writes is waited for, and keys are pressed one by one."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self._own, other = pty.openpty()
        self.process = subprocess.Popen(
            arguments, stdin=other, stdout=other, stderr=other, env=environment, start_new_session=True
        )
        os.close(other)
        self._unread = ""

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Read until the pattern comes; what is before it is gone."""
        deadline = time.monotonic() + 20
        while not (found := re.search(pattern, self._unread)):
            ready, _, _ = select.select([self._own], [], [], deadline - time.monotonic())
            assert ready, f"waited for {pattern}, got {self._unread}"
            self._unread += os.read(self._own, 4096).decode().replace("\r\n", "\n")
        self._unread = self._unread[found.end() :]
        return found

    def press(self, keys: str) -> None:
        os.write(self._own, keys.encode())

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._own)


type Start = Callable[[], Terminal]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a home in which the sample is ingested."""
    environment = os.environ | {"EPISODIC_DATABASE_URL": f"sqlite:///{tmp_path}/db", "TERM": "dumb"}
    command = ["ingest", str(SAMPLE), "--series", "lantern-hour", "--episode", "first-light"]
    subprocess.run(
        [sys.executable, "-m", "episodic", *command], env=environment, check=True, capture_output=True
    )
    return environment


@pytest.fixture
def start(environment: dict[str, str]) -> Generator[Start]:
    """Start a review."""
    terminals: list[Terminal] = []

    def start() -> Terminal:
        command = [sys.executable, "-m", "episodic", "review", EPISODE, "--by", "Maya"]
        terminals.append(Terminal(command, environment))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def decisions(environment: dict[str, str]) -> dict[str, str | None]:
    """The lemma of every address that an editor has decided."""
    done = subprocess.run(
        [sys.executable, "-m", "episodic", "decisions", EPISODE, "--json"],
        env=environment,
        check=True,
        capture_output=True,
    )
    listed = json.loads(done.stdout)
    return {d["address"]: d["variation"]["lemma"]["text"] for d in listed if d["variation"]["verdict"]}


CONFLICT = r"(\d+) conflicts? left: \w+ (\S+).*\n"
ASKED = r"q quit: "


def test_a_key_decides_and_the_next_review_goes_on_there(start: Start, environment: dict[str, str]) -> None:
    first = start()
    count, address = first.wait_for(CONFLICT).groups()
    chosen = first.wait_for(r"  2  [\d.]+  (.*)  \(").group(1)
    first.wait_for(ASKED)
    first.press("2")
    first.wait_for(r"revision 2\n")
    skipped = first.wait_for(CONFLICT).group(2)
    first.wait_for(ASKED)
    first.press("s")
    following = first.wait_for(CONFLICT).group(2)
    first.wait_for(ASKED)
    first.press("e")
    first.wait_for("text: ")
    first.press("what nobody has\n")
    first.wait_for(r"“what nobody has”, revision 3\n")
    first.wait_for(ASKED)
    first.press("q")
    assert first.wait_for(r"2 decided, (\d+) conflicts left").group(1) == str(int(count) - 2)
    assert first.process.wait(10) == 0
    made = decisions(environment)
    assert made.keys() == {address, following}
    assert (made[address] or "").strip() == chosen
    assert (made[following] or "").strip() == "what nobody has"

    second = start()
    assert second.wait_for(CONFLICT).group(2) == skipped


def test_a_review_that_is_killed_loses_nothing(start: Start, environment: dict[str, str]) -> None:
    review = start()
    address = review.wait_for(CONFLICT).group(2)
    review.wait_for(ASKED)
    review.press("1")
    review.wait_for(r"revision 2\n")
    review.process.kill()
    assert decisions(environment).keys() == {address}


def test_a_reviewer_is_told_what_another_editor_decided_meanwhile(
    start: Start, environment: dict[str, str]
) -> None:
    review = start()
    address = review.wait_for(CONFLICT).group(2)
    review.wait_for(ASKED)
    subprocess.run(
        [sys.executable, "-m", "episodic", "decide", EPISODE, address, "--text", "theirs", "--by", "Tomas"],
        env=environment,
        check=True,
        capture_output=True,
    )
    review.press("1")
    review.wait_for(r"not decided: .*Tomas decided .*“theirs”")
    review.wait_for(CONFLICT)
    assert (decisions(environment)[address] or "").strip() == "theirs"


def test_a_review_needs_a_terminal(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "episodic", "review", EPISODE],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert b"needs a terminal" in done.stderr
