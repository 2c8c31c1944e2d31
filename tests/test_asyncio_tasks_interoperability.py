"""Our helper and factory beside every peer; what is found is published in docs/interoperability.md.

``python -m tests.test_asyncio_tasks_interoperability`` writes the matrix anew.
"""

import asyncio
import gc
import logging
import os
import re
import time
import warnings
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import aiojobs
import anyio
import anyio.abc
import anyio.to_thread
import logfire
import pytest
import sentry_sdk
import structlog
import uvloop
from opentelemetry.instrumentation.asyncio import AsyncioInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
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

with (
    warnings.catch_warnings(action="ignore", category=DeprecationWarning),
    # Nothing leaves this machine: no agent is looked for, and nothing is told about this program.
    patch.dict(
        os.environ,
        {"DD_INSTRUMENTATION_TELEMETRY_ENABLED": "0", "DD_REMOTE_CONFIGURATION_ENABLED": "0"},
    ),
):
    import aiomonitor  # its console still reads asyncio's event loop policy
    import ddtrace.contrib.internal.asyncio.patch as ddtrace_asyncio
    import ddtrace.trace

PAGE = Path(__file__).parents[1] / "docs" / "interoperability.md"
METADATA: TaskMetadata = {"operation_name": "a.b", "correlation_id": "job-7", "priority_hint": 1}

type Loop = asyncio.AbstractEventLoop
type Work = Callable[[], Awaitable[bool]]  # whether the peer does for a task of ours what it is there for
type Peer = Callable[[Loop], Generator[Work]]


# --- peers -------------------------------------------------------------------------------------------


async def both_ways(coro: Callable[[], Coroutine[Any, Any, Any]], name: str = "probed") -> list[Any]:
    """Run a coroutine in a task of `create_task` and in one of a group."""
    task = create_task(coro(), name=name, metadata=METADATA)
    async with asyncio.TaskGroup() as group:
        grouped = create_task_in_group(group, coro(), name=name, metadata=METADATA)
    return [await task, grouped.result()]


def nothing(_: Loop) -> Generator[Work]:
    async def work() -> bool:
        return await both_ways(succeed) == [METADATA, METADATA]

    yield work


def eager(loop: Loop) -> Generator[Work]:
    """Tasks start at once; on uvloop, which passes on ``eager_start=None``, as plain ones do."""
    before = loop.get_task_factory()
    loop.set_task_factory(asyncio.eager_task_factory)

    async def at_once() -> None:
        pass

    async def work() -> bool:
        tasks = [asyncio.create_task(at_once()), create_task(at_once(), metadata=METADATA)]
        async with asyncio.TaskGroup() as group:
            tasks.append(create_task_in_group(group, at_once(), metadata=METADATA))
            done = [task.done() for task in tasks]
        await asyncio.gather(*tasks)
        return done[0] == done[1] == done[2] and (done[0] or isinstance(loop, uvloop.Loop))

    yield work
    loop.set_task_factory(before)


def sentry(loop: Loop) -> Generator[Work]:
    """A span of each task, child of the running one, and an event of a failing one."""
    transactions: list[Any] = []
    events: list[Any] = []
    before = loop.get_task_factory()
    sentry_sdk.init(
        dsn="https://key@sentry.invalid/1",
        transport=cast("Any", lambda _: None),  # type: ignore[reportUnknownLambdaType]
        default_integrations=False,
        auto_enabling_integrations=False,
        traces_sample_rate=1.0,
        integrations=[AsyncioIntegration()],
        before_send=lambda event, _: events.append(event),
        before_send_transaction=lambda event, _: transactions.append(event),
    )
    enable_asyncio_integration()
    assert loop.get_task_factory() is not before

    async def work() -> bool:
        events.clear()
        with sentry_sdk.start_transaction(name="parent") as parent:
            await both_ways(succeed)
            await asyncio.gather(create_task(fail(), metadata=METADATA), return_exceptions=True)
        spans = [span for span in transactions[-1]["spans"] if span["description"] == "succeed"]
        children = [span for span in spans if span["parent_span_id"] == parent.span_id]
        return len(children) == 2 and len(events) == 1

    yield work
    loop.set_task_factory(before)
    sentry_sdk.get_client().close()


def opentelemetry(_: Loop) -> Generator[Work]:
    """A span of each task, child of the running one."""
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    instrumentor = cast("Any", AsyncioInstrumentor())
    with patch.dict(os.environ, {"OTEL_PYTHON_ASYNCIO_COROUTINE_NAMES_TO_TRACE": "succeed"}):
        instrumentor.instrument(tracer_provider=provider)

    async def work() -> bool:
        spans.clear()
        with provider.get_tracer(__name__).start_as_current_span("parent") as parent:
            await both_ways(succeed)
        return children_of(spans, parent.get_span_context().span_id) == ["asyncio coro-succeed"] * 2

    yield work
    instrumentor.uninstrument()


def children_of(spans: InMemorySpanExporter, parent: int) -> list[str]:
    def is_child(span: ReadableSpan) -> bool:
        return span.parent is not None and span.parent.span_id == parent

    return [span.name for span in spans.get_finished_spans() if is_child(span)]


def datadog(_: Loop) -> Generator[Work]:
    """A span that is opened in a task has the parent that was active where the task was created."""
    spans: list[Any] = []

    class Keep(ddtrace.trace.TraceFilter):
        def process_trace(self, trace: list[Any]) -> None:
            spans.extend(trace)

    tracer = cast("Any", ddtrace.trace.tracer)
    tracer.configure(trace_processors=[Keep()])
    ddtrace_asyncio.patch()

    async def traced() -> None:
        await asyncio.sleep(0)
        with tracer.trace("child"):
            await asyncio.sleep(0)

    async def work() -> bool:
        spans.clear()
        async with asyncio.TaskGroup() as group:
            with tracer.trace("parent") as parent:
                task = create_task(traced(), metadata=METADATA)
                create_task_in_group(group, traced(), metadata=METADATA)
            # It has ended when they run: without ddtrace's own wrapper they would not find it.
        await task
        children = [span for span in spans if span.name == "child"]
        # It wraps asyncio's loops: on uvloop, no task of anybody's has that span.
        found = None if isinstance(asyncio.get_running_loop(), uvloop.Loop) else parent.span_id
        return [span.parent_id for span in children] == [found] * 2

    yield work
    ddtrace_asyncio.unpatch()


def pydantic_logfire(_: Loop) -> Generator[Work]:
    """Spans have the right parent, and a step that blocks is said to be of our task."""
    spans = InMemorySpanExporter()
    fire = logfire.configure(
        local=True,
        send_to_logfire=False,
        console=False,
        metrics=False,
        inspect_arguments=False,
        additional_span_processors=[SimpleSpanProcessor(spans)],
    )

    async def blocks() -> None:
        with fire.span("child"):
            time.sleep(0.01)  # noqa: ASYNC251 # that is what it is about

    async def work() -> bool:
        spans.clear()
        with fire.span("parent") as parent:
            await both_ways(blocks, "our task")
        context = parent.get_span_context()
        children = children_of(spans, context.span_id if context else 0)
        said = [str(span.attributes) for span in spans.get_finished_spans() if "blocked" in span.name]
        # uvloop calls callbacks itself, and logfire watches those of asyncio.
        slow = (
            isinstance(asyncio.get_running_loop(), uvloop.Loop)
            or sum("our task" in text for text in said) == 2
        )
        return children.count("child") == 2 and slow

    with fire.log_slow_async_callbacks(slow_duration=0.005):
        yield work


def struct_log(_: Loop) -> Generator[Work]:
    """What is bound where a task is created is in its events; what it binds stays its own."""
    events: list[Any] = []

    def keep(_logger: object, _method: str, event: Any) -> Any:
        events.append(event)
        raise structlog.DropEvent

    log = structlog.wrap_logger(None, processors=[structlog.contextvars.merge_contextvars, keep])

    async def logs() -> None:
        structlog.contextvars.bind_contextvars(inner=1)
        await asyncio.sleep(0)
        log.info("inside")

    async def work() -> bool:
        events.clear()
        with structlog.contextvars.bound_contextvars(request="r-1"):
            await both_ways(logs)
            log.info("outside")
        inside = {"request": "r-1", "inner": 1, "event": "inside"}
        return events == [inside, inside, {"request": "r-1", "event": "outside"}]

    yield work


def any_io(_: Loop) -> Generator[Work]:
    """Its task groups and threads inherit, its cancel scopes cancel and end where they should."""

    async def inside() -> bool:
        seen: list[TaskMetadata | None] = []
        started = False

        async def child() -> None:
            seen.append(current_task_metadata())

        async def ready(*, task_status: anyio.abc.TaskStatus[bool]) -> None:
            task_status.started(True)

        async with anyio.create_task_group() as group:
            group.start_soon(child)
            group.start_soon(anyio.sleep_forever)
            started = await group.start(ready)
            group.cancel_scope.cancel()
        seen.append(await anyio.to_thread.run_sync(current_task_metadata))
        with anyio.move_on_after(0.001) as scope:
            await anyio.sleep_forever()
        return started and scope.cancelled_caught and seen == [METADATA, METADATA]

    async def work() -> bool:
        return await both_ways(inside) == [True, True]

    yield work


def eager_any_io(loop: Loop) -> Generator[Work]:
    """The same where tasks start at once; its groups start theirs later, for they know the eager factory."""
    before = loop.get_task_factory()
    loop.set_task_factory(asyncio.eager_task_factory)
    yield from any_io(loop)
    loop.set_task_factory(before)


def jobs(_: Loop) -> Generator[Work]:
    """Its jobs inherit, keep to its limit, and end with their scheduler."""

    async def inside() -> bool:
        running = most = 0

        async def job() -> TaskMetadata | None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            return current_task_metadata()

        async with aiojobs.Scheduler(limit=2) as scheduler:
            spawned = [await scheduler.spawn(job()) for _ in range(5)]
            results = [await one.wait() for one in spawned]
        return results == [METADATA] * 5 and int(most) == 2

    async def work() -> bool:
        return await both_ways(inside) == [True, True]

    yield work


def monitor(loop: Loop) -> Generator[Work]:
    """Its list of tasks has ours, with its name and where it was created."""
    with aiomonitor.start_monitor(
        loop, port=0, webui_port=0, console_enabled=False, hook_task_factory=True
    ) as watching:

        async def work() -> bool:
            event = asyncio.Event()
            tasks = [create_task(event.wait(), name="our task", metadata=METADATA)]
            async with asyncio.TaskGroup() as group:
                tasks.append(create_task_in_group(group, event.wait(), name="our task", metadata=METADATA))
                await asyncio.sleep(0)
                listed = [
                    one
                    for one in watching.format_running_task_list("", persistent=False)
                    if one.name == "our task" and one.created_location != "-"
                ]
                event.set()
            await asyncio.gather(*tasks)
            return len(listed) == 2

        yield work


def forwarder(loop: Loop) -> Generator[Work]:
    yield from forwarding(loop, keep=True)


def dropper(loop: Loop) -> Generator[Work]:
    yield from forwarding(loop, keep=False)


def forwarding(loop: Loop, *, keep: bool) -> Generator[Work]:
    """A naive factory wraps the coroutine and passes its keywords on, or only the known ones."""
    before = loop.get_task_factory()
    wrapped = 0

    def factory(loop: Loop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> Any:
        async def wrapper() -> Any:
            nonlocal wrapped
            wrapped += 1
            return await coro

        if not keep:
            kwargs.pop(TASK_METADATA_KWARG, None)
        below = cast("Any", before)
        return below(loop, wrapper(), **kwargs) if below else asyncio.Task(wrapper(), loop=loop, **kwargs)

    async def work() -> bool:
        already = wrapped
        await both_ways(succeed)
        return wrapped == already + 2

    loop.set_task_factory(cast("Any", factory))
    yield work
    loop.set_task_factory(before)


def debug(loop: Loop) -> Generator[Work]:
    """A step that takes long is said to be of our task."""
    loop.set_debug(True)
    records: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record.getMessage())

    async def blocks() -> None:
        time.sleep(0.01)  # noqa: ASYNC251 # that is what it is about

    async def work() -> bool:
        loop.slow_callback_duration = 0.005
        await both_ways(blocks, "our task")
        await asyncio.sleep(0)
        return sum("our task" in record and "took" in record for record in records) == 2

    handler, log = Keep(), logging.getLogger("asyncio")
    log.addHandler(handler)
    yield work
    log.removeHandler(handler)


def ours(loop: Loop) -> Generator[Work]:
    with install_task_factory(loop, told):
        yield nothing_more


async def nothing_more() -> bool:
    return True


class Told(TaskObserver):
    def __init__(self) -> None:
        self.ends: list[tuple[str, TaskOutcome]] = []

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        self.ends.append((name, outcome))


told = Told()

# Peer, and the arrangements in which it can be met: without us, beneath us, over us.
ANYWHERE = ("without", "beneath", "over")
BESIDE = ("without", "beneath")  # it has no factory, and stands nowhere
PEERS: dict[str, tuple[Peer, tuple[str, ...]]] = {
    "none": (nothing, BESIDE),
    "`asyncio.eager_task_factory`": (eager, ANYWHERE),
    "ddtrace": (datadog, BESIDE),
    "opentelemetry-instrumentation-asyncio": (opentelemetry, BESIDE),
    "sentry-sdk's `AsyncioIntegration`": (sentry, ANYWHERE),
    "logfire": (pydantic_logfire, BESIDE),
    "structlog's `contextvars`": (struct_log, BESIDE),
    "anyio's task groups and threads": (any_io, BESIDE),
    "anyio on `asyncio.eager_task_factory`": (eager_any_io, ANYWHERE),
    "aiojobs": (jobs, BESIDE),
    "aiomonitor, hooked": (monitor, ANYWHERE),
    "a wrapper that forwards keywords": (forwarder, ANYWHERE),
    "a wrapper that drops keywords": (dropper, ANYWHERE),
    "debug mode": (debug, BESIDE),
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
    peer: bool  # the peer still does its own work for our tasks: span and parent, event, list, slow step


async def succeed() -> TaskMetadata | None:
    await asyncio.sleep(0)
    return current_task_metadata()


async def fail() -> None:
    raise LookupError("nothing there")


async def parent() -> TaskMetadata | None:
    return await asyncio.create_task(succeed())


async def probe(place: str, work: Work) -> Findings:
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
    ends = told.ends.copy()
    expected = {("mine", "returned"), ("grouped", "returned"), ("failing", "raised"), ("parent", "returned")}
    return Findings(
        result=all(r is not None for r in inside),
        exception=isinstance(outcome, LookupError) and outcome.args == ("nothing there",),
        inside=inside == [METADATA] * 3,
        outside=[task_metadata(t) for t in (task, unnamed, grouped, failing)] == [METADATA] * 4,
        child=child == METADATA,
        name=names[0] == "mine" and names[1].startswith("a.b#job-7@"),
        coroutine=all(coro.cr_frame is None for coro in coros),
        observed=None if place == "without" else expected < set(ends) and len(ends) == 5,
        peer=await work(),
    )


@pytest.fixture(scope="module", autouse=True)
def what_was_there_is_no_garbage() -> Generator[None]:
    """Each arrangement looks for what it left; all that other tests keep need not be looked through."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@cache
def find(loop: str, peer: str, place: str) -> Findings:
    """Run the probe in one arrangement, once: what it finds is asserted, and published."""

    async def main() -> Findings:
        running = asyncio.get_running_loop()
        work = nothing_more
        layers = {"without": [install], "beneath": [install, ours], "over": [ours, install]}[place]
        with ExitStack() as stack:
            for layer in layers:
                does = stack.enter_context(contextmanager(layer)(running))
                work = does if layer is install else work
            return await probe(place, work)

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
REPLACES = {
    "`asyncio.eager_task_factory`",
    "anyio on `asyncio.eager_task_factory`",
    "aiomonitor, hooked",
}


@pytest.mark.parametrize(("loop", "peer", "place"), ARRANGEMENTS)
def test_arrangement(loop: str, peer: str, place: str) -> None:
    found = find(loop, peer, place)
    observed = None if place == "without" else not (place == "over" and peer in REPLACES)
    assert found == Findings(True, True, True, True, True, True, True, observed, True)


# --- the published matrix -----------------------------------------------------------------------------

MARKED = re.compile("(<!-- interoperability -->\n).*(<!-- /interoperability -->)", re.DOTALL)
PLACES = {"without": "without our factory", "beneath": "beneath our factory", "over": "over our factory"}
COLUMNS = {"peer": "the peer still does its own work"}


def matrix() -> str:
    columns = [field.name for field in fields(Findings)]
    titles = " | ".join(COLUMNS.get(column, column) for column in columns)
    lines = [f"| Loop | Peer | Where | {titles} |", "| --- " * (3 + len(columns)) + "|"]
    for loop, peer, place in ARRANGEMENTS:
        found = find(loop, peer, place)
        cells = [{True: "yes", False: "no", None: ""}[getattr(found, column)] for column in columns]
        lines.append(f"| {loop} | {peer} | {PLACES[place]} | {' | '.join(cells)} |")
    return "\n" + "\n".join(lines) + "\n\n"


def test_published_matrix_is_what_is_found() -> None:
    published = MARKED.search(PAGE.read_text())
    assert published is not None, f"{PAGE} has no interoperability section"
    assert published[0] == MARKED.sub(lambda m: m[1] + matrix() + m[2], published[0]), (
        "run: python -m tests.test_asyncio_tasks_interoperability"
    )


if __name__ == "__main__":
    PAGE.write_text(MARKED.sub(lambda m: m[1] + matrix() + m[2], PAGE.read_text()))
