"""Our helper and factory beside every peer; what is found is published in docs/developers-guide.md.

``python -m tests.test_asyncio_tasks_interoperability`` writes the matrix anew.
"""

import asyncio
import gc
import re
import warnings
from collections.abc import Callable, Coroutine, Generator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import pytest
import sentry_sdk
import uvloop
from opentelemetry.instrumentation.asyncio import AsyncioInstrumentor
from sentry_sdk.integrations.asyncio import AsyncioIntegration, enable_asyncio_integration

from episodic.asyncio_tasks import (
    TASK_METADATA_KWARG,
    TaskMetadata,
    TaskObserver,
    TaskOutcome,
    create_task,
    create_task_in_group,
    current_task_metadata,
    install_task_factory,
    task_metadata,
)

with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
    import aiomonitor  # its console still reads asyncio's event loop policy

GUIDE = Path(__file__).parents[1] / "docs" / "developers-guide.md"
METADATA: TaskMetadata = {"operation_name": "a.b", "correlation_id": "job-7", "priority_hint": 1}

type Loop = asyncio.AbstractEventLoop
type Peer = Callable[[Loop], Any]  # returns a context manager


# --- peers -------------------------------------------------------------------------------------------


@contextmanager
def eager(loop: Loop) -> Generator[None]:
    before = loop.get_task_factory()
    loop.set_task_factory(asyncio.eager_task_factory)
    yield
    loop.set_task_factory(before)


@contextmanager
def sentry(loop: Loop) -> Generator[None]:
    before = loop.get_task_factory()
    sentry_sdk.init(
        dsn="https://key@sentry.invalid/1",
        transport=cast("Any", lambda _: None),  # type: ignore[reportUnknownLambdaType]
        default_integrations=False,
        auto_enabling_integrations=False,
        traces_sample_rate=1.0,
        integrations=[AsyncioIntegration()],
    )
    enable_asyncio_integration()
    assert loop.get_task_factory() is not before
    yield
    loop.set_task_factory(before)
    sentry_sdk.get_client().close()


@contextmanager
def opentelemetry(_: Loop) -> Generator[None]:
    instrumentor = cast("Any", AsyncioInstrumentor())
    instrumentor.instrument()
    yield
    instrumentor.uninstrument()


def monitor(loop: Loop) -> Any:
    return aiomonitor.start_monitor(loop, port=0, webui_port=0, console_enabled=False, hook_task_factory=True)


def forwarder(loop: Loop) -> Any:
    return forwarding(loop, keep=True)


def dropper(loop: Loop) -> Any:
    return forwarding(loop, keep=False)


@contextmanager
def forwarding(loop: Loop, *, keep: bool) -> Generator[None]:
    """Install a naive factory that wraps the coroutine and passes its keywords on, or only the known ones."""
    before = loop.get_task_factory()

    def factory(loop: Loop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        async def wrapper() -> Any:
            return await coro

        if not keep:
            kwargs.pop(TASK_METADATA_KWARG, None)
        below = cast("Any", before)
        return below(loop, wrapper(), **kwargs) if below else asyncio.Task(wrapper(), loop=loop, **kwargs)

    loop.set_task_factory(cast("Any", factory))
    yield
    loop.set_task_factory(before)


def debug(loop: Loop) -> Any:
    loop.set_debug(True)
    return nullcontext()


@contextmanager
def ours(loop: Loop) -> Generator[None]:
    with install_task_factory(loop, told):
        yield


class Told(TaskObserver):
    def __init__(self) -> None:
        self.ends: list[tuple[str, TaskOutcome]] = []

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        self.ends.append((name, outcome))


told = Told()

# Peer, and the arrangements in which it can be met: without us, beneath us, over us.
PEERS: dict[str, tuple[Peer, tuple[str, ...]]] = {
    "none": (lambda _: nullcontext(), ("without", "beneath")),
    "`asyncio.eager_task_factory`": (eager, ("without", "beneath", "over")),
    "sentry-sdk's `AsyncioIntegration`": (sentry, ("without", "beneath", "over")),
    "opentelemetry-instrumentation-asyncio": (opentelemetry, ("without", "beneath", "over")),
    "aiomonitor, hooked": (monitor, ("without", "beneath", "over")),
    "a wrapper that forwards keywords": (forwarder, ("without", "beneath", "over")),
    "a wrapper that drops keywords": (dropper, ("without", "beneath", "over")),
    "debug mode": (debug, ("without", "beneath")),
}
LOOPS: dict[str, Callable[[], Loop]] = {"standard": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
ARRANGEMENTS = [
    (loop, peer, place)
    for loop in LOOPS
    for peer, (_, places) in PEERS.items()
    for place in places
    # uvloop passes `eager_start=None` to aiomonitor, which does not know it: together they make no task at
    # all, unless our factory stands between them.
    if (loop, peer) != ("uvloop", "aiomonitor, hooked") or place == "beneath"
]


# --- what is found -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Findings:
    """What a task with metadata does in one arrangement; every field is a column."""

    result: bool  # the coroutine's own result comes out
    exception: bool  # the coroutine's own exception comes out
    inside: bool  # metadata readable inside, in a task and in a group
    outside: bool  # metadata readable on the task
    child: bool  # a plain child inherits
    name: bool  # the task has the name that was given, or one of the codec's
    coroutine: bool  # nothing is left unawaited, whatever went wrong
    observed: bool | None  # our observer is told of each end; None: our factory is not there


async def succeed() -> TaskMetadata | None:
    await asyncio.sleep(0)
    return current_task_metadata()


async def fail() -> None:
    raise LookupError("nothing there")


async def parent() -> TaskMetadata | None:
    return await asyncio.create_task(succeed())


async def probe(place: str) -> Findings:
    told.ends.clear()
    coros = succeed(), succeed(), succeed(), fail(), parent(), succeed()
    task = create_task(coros[0], name="mine", metadata=METADATA)
    unnamed = create_task(coros[1], metadata=METADATA)
    names = task.get_name(), unnamed.get_name()
    async with asyncio.TaskGroup() as group:
        grouped = create_task_in_group(group, coros[2], name="grouped", metadata=METADATA)
    failing = create_task(coros[3], name="failing", metadata=METADATA)
    child = await create_task(coros[4], name="parent", metadata=METADATA)
    with pytest.raises(ValueError, match="colour"):
        create_task(coros[5], metadata=cast("Any", {"colour": "red"}))
    [outcome] = await asyncio.gather(failing, return_exceptions=True)
    inside = [await task, await unnamed, grouped.result()]
    await asyncio.sleep(0)
    expected = {("mine", "returned"), ("grouped", "returned"), ("failing", "raised"), ("parent", "returned")}
    return Findings(
        result=all(r is not None for r in inside),
        exception=isinstance(outcome, LookupError) and outcome.args == ("nothing there",),
        inside=inside == [METADATA] * 3,
        outside=[task_metadata(t) for t in (task, unnamed, grouped, failing)] == [METADATA] * 4,
        child=child == METADATA,
        name=names[0] == "mine" and names[1].startswith("a.b#job-7@"),
        coroutine=all(coro.cr_frame is None for coro in coros),
        observed=None if place == "without" else expected < set(told.ends) and len(told.ends) == 5,
    )


def find(loop: str, peer: str, place: str) -> Findings:
    """Run the probe in one arrangement."""

    async def main() -> Findings:
        running = asyncio.get_running_loop()
        layers = {"without": [install], "beneath": [install, ours], "over": [ours, install]}[place]
        with ExitStack() as stack:
            for layer in layers:
                stack.enter_context(layer(running))
            return await probe(place)

    install = PEERS[peer][0]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            findings = runner.run(main())
        gc.collect()
    # A wrapper that nobody knows is tried once, which leaves one wrapper unawaited.
    unawaited = [str(w.message) for w in caught if "never awaited" in str(w.message)]
    unawaited = [message for message in unawaited if "forwarding.<locals>" not in message]
    assert unawaited == []
    return findings


# asyncio.eager_task_factory and aiomonitor replace a factory instead of calling it: our observers are not
# told of tasks made while they are on top. Metadata does not depend on that.
REPLACES = {"`asyncio.eager_task_factory`", "aiomonitor, hooked"}


@pytest.mark.parametrize(("loop", "peer", "place"), ARRANGEMENTS)
def test_arrangement(loop: str, peer: str, place: str) -> None:
    found = find(loop, peer, place)
    observed = None if place == "without" else not (place == "over" and peer in REPLACES)
    assert found == Findings(True, True, True, True, True, True, True, observed)


# --- the published matrix -----------------------------------------------------------------------------

MARKED = re.compile("(<!-- interoperability -->\n).*(<!-- /interoperability -->)", re.DOTALL)
PLACES = {"without": "without our factory", "beneath": "beneath our factory", "over": "over our factory"}


def matrix() -> str:
    columns = [field.name for field in fields(Findings)]
    lines = [f"| Loop | Peer | Where | {' | '.join(columns)} |", "| --- " * (3 + len(columns)) + "|"]
    for loop, peer, place in ARRANGEMENTS:
        found = find(loop, peer, place)
        cells = [{True: "yes", False: "no", None: ""}[getattr(found, column)] for column in columns]
        lines.append(f"| {loop} | {peer} | {PLACES[place]} | {' | '.join(cells)} |")
    return "\n" + "\n".join(lines) + "\n\n"


def test_published_matrix_is_what_is_found() -> None:
    published = MARKED.search(GUIDE.read_text())
    assert published is not None, f"{GUIDE} has no interoperability section"
    assert published[0] == MARKED.sub(lambda m: m[1] + matrix() + m[2], published[0]), (
        "run: python -m tests.test_asyncio_tasks_interoperability"
    )


if __name__ == "__main__":
    GUIDE.write_text(MARKED.sub(lambda m: m[1] + matrix() + m[2], GUIDE.read_text()))
