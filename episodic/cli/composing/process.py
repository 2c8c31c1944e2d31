"""A process that composes, ``python -m episodic.cli.composing.process PIPE PARENT``; see `processes`."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection

from episodic.asyncio_tasks import install_task_factory
from episodic.canonical.composition.composer import Composer, Composition, IngestionRequest
from episodic.canonical.ingestion_service import COMPOSE, named_task
from episodic.canonical.ports import Edition
from episodic.cli import collect_rarely
from episodic.cli.composing.allowance import Leap
from episodic.cli.composing.processes import Failed, Report
from episodic.cli.running import described, in_a_thread, own_observers, task_threads
from episodic.observability.inspection import look_inside
from episodic.observability.logs import TaskContextFilter
from episodic.observability.relay import Sender, portable
from episodic.parentage import end_with


def main(arguments: Sequence[str]) -> None:
    """Serve, as ``python -m episodic.cli.composing.process PIPE PARENT``."""
    pipe, parent = map(int, arguments)
    end_with(parent)
    collect_rarely()
    _serve(Connection(pipe))


def _serve(pipe: Connection) -> None:
    """Compose what comes through the pipe until it ends."""
    from episodic.cli.composing.composers import composer

    options, log_level = pipe.recv()
    sending = threading.Lock()

    def send(message: object) -> None:
        with sending:
            pipe.send(message)

    handler = _PipeHandler(send)
    handler.setFormatter(logging.Formatter("%(message)s"))  # the rest is said where it is printed
    handler.addFilter(TaskContextFilter())
    logging.basicConfig(level=log_level, handlers=[handler], force=True)
    leap = Leap(options, send)
    composes = composer(options, leap.admit)
    with asyncio.Runner() as runner:
        loop, threads = runner.get_loop(), task_threads()
        loop.set_default_executor(threads)
        install_task_factory(loop, *own_observers(options.slow_source, threads), Sender(send))
        signal.signal(
            signal.SIGUSR1, in_a_thread(lambda: send(Report(described(look_inside(loop, threads)))))
        )
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
        while True:
            try:
                request, correlation_id, edition = pipe.recv()
            except EOFError:
                break
            try:
                answer = runner.run(_compose(composes, leap, request, correlation_id, edition))
            except Exception as error:  # noqa: BLE001 - it is raised in the parent
                answer = Failed(portable(error))
            send(answer)
    os._exit(0)  # a thread that hangs in a source would be waited for


async def _compose(
    composes: Composer, leap: Leap, request: IngestionRequest, correlation_id: uuid.UUID, edition: Edition
) -> Composition:
    async def compose() -> Composition:
        with leap:  # in the task, as those who hear of its end need memory too
            return await composes.compose(request, correlation_id, edition)

    return await named_task(compose(), COMPOSE, correlation_id, request.episode_name)


class _PipeHandler(QueueHandler):
    """Sends log records through the pipe, made ready for it like for a queue."""

    def __init__(self, send: Callable[[object], None]) -> None:
        super().__init__(None)  # pyright: ignore[reportArgumentType]  # enqueue needs none
        self._send = send

    def enqueue(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):  # the parent is gone; so shall we be
            self._send(record)


if __name__ == "__main__":
    main(sys.argv[1:])
