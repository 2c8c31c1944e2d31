"""`episodic` without its start: a process in which everything is imported is forked for each command.

A page of documents has fifty commands, and half a second of each goes into importing the same libraries.
What is put on the path asks the warm process, over a socket, to be the program in its place: with its
arguments, environment, folder and streams.
"""

import gc
import importlib
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import episodic
from episodic.cli import program
from episodic.observability.progress import Progress

_ASKS = """#!{python} -ISE
import os, socket, sys
with socket.socket(socket.AF_UNIX) as warm:
    warm.connect({address!r})
    asked = [os.getcwd(), str(len(sys.argv)), *sys.argv, *(f"{{k}}={{v}}" for k, v in os.environ.items())]
    socket.send_fds(warm, ["\\0".join(asked).encode(errors="surrogateescape")], [0, 1, 2])
    sys.exit(int(warm.recv(8) or 1))
"""


@contextmanager
def warm(environment: Mapping[str, str]) -> Generator[Path]:
    """Keep a warm process; the folder for the path, in which its `episodic` is."""
    with tempfile.TemporaryDirectory() as folder:
        asks = Path(folder, "episodic")
        address = f"{folder}/socket"
        asks.write_text(_ASKS.format(python=sys.executable, address=address))
        asks.chmod(0o755)
        command = [sys.executable, "-m", "tests.warm", address]
        with subprocess.Popen(
            command,
            cwd=Path(__file__).parents[1],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                assert process.stdout
                assert process.stdout.readline() == b"warm\n"
                yield Path(folder)
            finally:
                os.killpg(process.pid, signal.SIGKILL)


def _serve(address: str) -> NoReturn:
    for module in pkgutil.walk_packages(episodic.__path__, "episodic."):
        if not module.name.endswith((".__main__", ".migrations.env")):  # they act
            importlib.import_module(module.name)
    # What takes longer than five seconds says how far it is: here a matter of the machine's load.
    (Progress.__init__.__kwdefaults__ or {})["interval"] = 3600
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("warm", flush=True)
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                _answer(connection)
            connection.close()


def _answer(connection: socket.socket) -> NoReturn:
    asked, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    child = os.fork()
    if child == 0:
        connection.close()
        for to, stream in enumerate(streams):
            os.dup2(stream, to)
            os.close(stream)
        # What Python found out of the streams that it began with is not true of these.
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(fd, mode) for fd, mode in enumerate("rww"))
        folder, count, *rest = os.fsdecode(asked).split("\0")
        os.chdir(folder)
        sys.argv = rest[: int(count)]
        os.environ.clear()
        for variable in rest[int(count) :]:
            name, _, value = variable.partition("=")
            os.environ[name] = value
        program()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    connection.send(str(code).encode())
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1])
