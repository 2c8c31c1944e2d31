"""The real program as a process: in a pipe, or on a terminal of its own."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

PLUGIN = Path(__file__).parent / "plugin"
# Seconds after which what is waited for does not come, on the slowest machine. Sources act for longer.
PATIENCE = 100.0
COMMAND = (sys.executable, "-m", "episodic")
# Where the tests run detached from any terminal, they ignore these, and what they start inherits that.
_OBEYING = ("env", "--default-signal=HUP,INT,QUIT") if sys.platform == "linux" else ()
_ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


def environment(database: Path, **more: str) -> dict[str, str]:
    """An environment with a database of its own and the plug-in that makes sources act."""
    hidden = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("EPISODIC_") and key not in hidden
    }
    return kept | {
        "EPISODIC_DATABASE_URL": f"sqlite:///{database}",
        "PYTHONPATH": str(PLUGIN),
        # What takes longer than five seconds says how far it is: here a matter of the machine's load.
        "TESTS_PROGRESS_SECONDS": "3600",
        # As for a user: bytecode is kept. Where, is no matter, but it is not here.
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"episodic-tests-{os.getuid()}"),
        "TERM": "xterm-256color",
        **more,
    }


class Finished(NamedTuple):
    """What became of a command that ran in this process."""

    code: int
    out: str
    err: str


type Run = Callable[..., Finished]


def until[T](find: Callable[[], T]) -> T:
    """Try again and again, until something is found."""
    end = time.monotonic() + PATIENCE
    while not (found := find()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


@dataclass
class Terminal:
    """A program on a terminal; `out` is all that it has printed to it."""

    process: subprocess.Popen[bytes]
    master: int
    out: bytes = b""

    def wait_for(self, pattern: str) -> None:
        """Read until what matches has been printed."""
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self.text):
            assert time.monotonic() < end, f"{pattern!r} is not in {self.text!r}"
            assert self._read(0.1) or self.process.poll() is None, f"{pattern!r} is not in {self.text!r}"

    def press(self, keys: bytes) -> None:
        """Type."""
        os.write(self.master, keys)

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            self._read(0.05)
            assert time.monotonic() < end, f"still running after {self.text!r}"
        while self._read(0.05):
            pass
        return self.process.returncode

    @property
    def text(self) -> str:
        """What was printed, without colours and moves of the cursor."""
        return _ESCAPE.sub(b"", self.out).decode(errors="replace")

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            got = os.read(self.master, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.out += got
        return bool(got)


@contextmanager
def terminal(
    *arguments: str, env: dict[str, str], columns: int = 100, stdout: int | None = None
) -> Generator[Terminal]:
    """Run the program on a terminal that is its controlling one, so that Ctrl-C is a key."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    process = subprocess.Popen(
        [*_OBEYING, "setsid", "--ctty", *COMMAND, *arguments],
        stdin=slave,
        stdout=slave if stdout is None else stdout,
        stderr=slave,
        env=env,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


@dataclass
class Piped:
    """A program whose outputs are pipes."""

    process: subprocess.Popen[str]
    out: str = field(default="", init=False)
    err: str = field(default="", init=False)

    def wait(self) -> int:
        """Wait for the end and return the exit code."""
        self.out, self.err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


@contextmanager
def piped(*arguments: str, env: dict[str, str]) -> Generator[Piped]:
    """Run the program with pipes."""
    process = subprocess.Popen(
        [*_OBEYING, *COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )
    try:
        yield Piped(process)
    finally:
        process.kill()
        process.communicate()
