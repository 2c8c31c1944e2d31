"""`episodic queue`: what is to be ingested, what is at it, what failed and why."""

import time
from collections.abc import Awaitable, Callable
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number

from episodic import settings
from episodic.canonical.editing.addresses import clock
from episodic.canonical.ingestion_service import IngestionOutcome
from episodic.canonical.queue import Queue, QueueState, Submission, SubmissionStatus
from episodic.cli.app import OPTIONS
from episodic.cli.exits import DONE, FAILED
from episodic.cli.ingesting.queues import opened_queue, say_ended
from episodic.cli.interrupts import finished
from episodic.cli.options import SubmissionId
from episodic.cli.output import day_and_time, plural, print_json, print_table, say
from episodic.cli.running import run

app = App(name="queue", group_parameters=OPTIONS)


@app.default
def show(
    *,
    watch: bool = False,
    seconds: Annotated[float, Parameter(validator=Number(gt=0, lte=3600))] = 2.0,
    json: bool = False,
) -> None:
    """Show depth, age, rate, workers, and what failed last.

    Parameters
    ----------
    watch
        Show it again and again, until interrupted.
    seconds
        With --watch: how long to wait in between.
    json
        Print one JSON document; with --watch, one after the other.
    """
    while True:
        state = finished(_look())
        if json:
            print_json(_as_json(state))
        else:
            _print(state)
        if not watch:
            return
        if not json:
            say()
        time.sleep(seconds)


@app.command
def retry(submission: SubmissionId, /) -> int:
    """Try a submission again that failed or was cancelled, as if nothing had happened to it."""
    return _change(lambda queue: queue.retry(submission), f"{submission} is in the queue again")


@app.command
def cancel(submission: SubmissionId, /) -> int:
    """End a submission, also one that a worker is at."""
    return _change(lambda queue: queue.cancel(submission), f"{submission} is cancelled")


@app.command
def pause() -> int:
    """Let nobody begin another submission; those under way go on to their end."""
    return _change(lambda queue: queue.pause(), "paused; go on with: episodic queue resume")


@app.command
def resume() -> int:
    """Go on after a pause."""
    return _change(lambda queue: queue.resume(), "the queue goes on")


def _change(change: Callable[[Queue], Awaitable[None]], says: str) -> int:
    failed = False

    def told(ended: Submission, outcome: IngestionOutcome | None) -> None:
        nonlocal failed
        failed |= outcome is None
        say_ended(ended, outcome)

    async def changed() -> None:
        async with opened_queue(options, told) as queue:
            await change(queue)

    options = settings.load()
    run(changed(), slow_source=options.slow_source)
    say(says)
    return FAILED if failed else DONE


async def _look() -> QueueState:
    async with opened_queue(settings.load(), make=False) as queue:
        return await queue.look()


def _as_json(state: QueueState) -> dict[str, object]:
    return {
        "at": state.at,
        "depth": state.unfinished,
        "running": state.running,
        "oldest_seconds": _age(state),
        "per_minute": state.last_minute,
        "per_hour": state.last_hour,
        "workers": [{"seconds_since_heartbeat": (state.at - beat).total_seconds()} for beat in state.workers],
        "paused_since": state.paused_since,
        "counts": {status: state.counts.get(status, 0) for status in SubmissionStatus},
        "failed": [
            {"submission": each.id, "episode": each.episode_name, "at": each.finished_at, "error": each.error}
            for each in state.failed
        ],
    }


def _age(state: QueueState) -> float | None:
    return (state.at - state.oldest).total_seconds() if state.oldest else None


def _print(state: QueueState) -> None:
    age = _age(state)
    depth = f"{state.unfinished:,} to do, {state.running:,} of them under way"
    say(depth if age is None else f"{depth}; the oldest for {clock(max(age, 0))}")
    say(f"{state.last_minute:,} ended in the last minute, {state.last_hour:,} in the last hour")
    beats = ", ".join(f"{max((state.at - beat).total_seconds(), 0):.0f} s" for beat in state.workers)
    say(f"{plural(len(state.workers), 'worker')}" + (f", last heard of {beats} ago" if beats else ""))
    if state.paused_since:
        say(f"paused since {day_and_time(state.paused_since)}; go on with: episodic queue resume")
    if state.failed:
        say()
        print_table(
            ("failed", "submission", "episode", "error"),
            [
                (
                    day_and_time(each.finished_at) if each.finished_at else "",
                    str(each.id),
                    each.episode_name,
                    each.error or "",
                )
                for each in state.failed
            ],
        )
