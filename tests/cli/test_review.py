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

from tests.cli.program import PATIENCE
from tests.cli.sample import EPISODE, SAMPLE


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
        deadline = time.monotonic() + PATIENCE
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


type Start = Callable[..., Terminal]


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

    def start(*more: str) -> Terminal:
        command = [sys.executable, "-m", "episodic", "review", EPISODE, "--by", "Maya", *more]
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


CONFLICT = r"(\d+) conflicts? left, \d+ worth a look, \d+ of \w+: \w+ (\S+).*\n"
ASKED = r"q quit: "


def test_a_key_decides_and_the_next_review_goes_on_there(start: Start, environment: dict[str, str]) -> None:
    first = start()
    count, address = first.wait_for(CONFLICT).groups()
    chosen = first.wait_for(r"  2  [\d.]+  (.*)  \(").group(1)
    first.wait_for(ASKED)
    first.press("2")
    first.wait_for(rf"“{re.escape(chosen)}”, revision 2\n")
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
    assert first.process.wait(PATIENCE) == 0
    made = decisions(environment)
    assert made.keys() == {address, following}
    assert (made[address] or "").strip() == chosen
    assert (made[following] or "").strip() == "what nobody has"

    second = start()
    assert second.wait_for(CONFLICT).group(2) == skipped


def test_the_sentence_is_shown_with_the_readings_in_it(start: Start) -> None:
    review = start()
    review.wait_for(ASKED)
    review.press("sssssssssssssssssssssssssssssss")
    review.wait_for(
        r"  Maya Okafor: I'm Maya Okafor, and tonight we climb \[a hundred and ninety-six\|196\] steps"
    )


def test_a_key_goes_back_and_takes_back_what_was_decided(start: Start, environment: dict[str, str]) -> None:
    review = start()
    first = review.wait_for(CONFLICT).group(2)
    review.wait_for(ASKED)
    review.press("b")
    review.wait_for("this is the first")
    review.wait_for(ASKED)
    review.press("1")
    review.wait_for(r"revision 2\n")
    assert review.wait_for(CONFLICT).group(2) != first
    review.wait_for(ASKED)
    review.press("b")
    assert review.wait_for(CONFLICT).group(2) == first
    assert decisions(environment) == {}
    review.wait_for(ASKED)
    review.press("s")
    assert review.wait_for(CONFLICT).group(2) != first
    review.wait_for(ASKED)
    review.press("b")
    assert review.wait_for(CONFLICT).group(2) == first
    review.wait_for(ASKED)
    review.press("q")
    review.wait_for("0 decided")


def test_after_the_last_one_goes_back_as_well(start: Start, environment: dict[str, str]) -> None:
    review = start("--kind", "words")
    places: list[str] = []
    while True:
        found = review.wait_for(rf"{CONFLICT}|that was the last")
        if found.group(2) is None:
            break
        places.append(found.group(2))
        review.wait_for(ASKED)
        review.press("1")
    assert len(decisions(environment)) == len(places) > 0
    review.wait_for(ASKED)
    review.press("b")
    assert review.wait_for(CONFLICT).group(2) == places[-1]
    assert len(decisions(environment)) == len(places) - 1
    review.wait_for(ASKED)
    review.press("q")
    review.wait_for(f"{len(places) - 1} decided")


def test_a_key_skips_all_of_a_kind(start: Start) -> None:
    review = start()
    kinds: list[str] = []
    while True:
        found = review.wait_for(r"conflicts? left, \d+ worth a look, (\d+) of (\w+):|that was the last")
        if found.group(2) is None:
            break
        assert found.group(2) not in kinds
        kinds.append(found.group(2))
        review.wait_for(ASKED)
        review.press("k")
    assert len(kinds) > 1


def test_only_what_is_asked_for_is_walked_through(start: Start) -> None:
    review = start("--kind", "spelling")
    count = review.wait_for(CONFLICT).group(1)
    review.wait_for(ASKED)
    review.press("k")
    review.wait_for("that was the last: b back, q quit: ")
    review.press("\n")
    assert int(review.wait_for(r"0 decided, (\d+) conflicts left").group(1)) > int(count) > 0


def test_a_key_opens_the_page_at_the_place(start: Start, environment: dict[str, str], tmp_path: Path) -> None:
    opened = tmp_path / "opened.html"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\ncp "${{1#file://}}" {opened}; echo page is there\n')
    browser.chmod(0o755)
    environment["BROWSER"] = f"{browser} %s"
    review = start()
    address = review.wait_for(CONFLICT).group(2)
    review.wait_for(ASKED)
    review.press("o")
    review.wait_for("page is there")
    assert review.wait_for(CONFLICT).group(2) == address
    (place,) = re.findall(r"url=(file://\S+)#(\S+?)\"", opened.read_text())
    page = Path(place[0].removeprefix("file://")).read_text()
    assert f'id="{place[1]}"' in page


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


def test_a_reviewer_is_told_what_editors_decide_again_and_again(
    start: Start, environment: dict[str, str]
) -> None:
    review = start("--kind", "name")
    address = review.wait_for(CONFLICT).group(2)
    while "[Tomas Lindqvist,|" not in review.wait_for(rf"(?s).*?{ASKED}").group():
        review.press("s")
        address = review.wait_for(CONFLICT).group(2)
    for command in (
        ["ingest", str(SAMPLE), "--series", "lantern-hour", "--episode", "12"],
        ["decide", "lantern-hour/12", address, "--text", "Tomas Lindkvist"],
    ):
        subprocess.run(
            [sys.executable, "-m", "episodic", *command], env=environment, check=True, capture_output=True
        )
    review.press("e")
    review.wait_for("text: ")
    review.press("Tomas Lindkvist\n")
    review.wait_for(r"2 places of 2 episodes; .* series set lantern-hour --replace Lindqvist=Lindkvist\n")
    review.wait_for(r"revision 2\n")


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
