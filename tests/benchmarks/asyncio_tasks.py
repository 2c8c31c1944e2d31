"""What a task with metadata costs, as ratios to a plain one, with the peers beside it."""

import asyncio
import gc
import os
import random
import statistics
import time
import tracemalloc
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, Final, cast

import sentry_sdk
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.instrumentation.asyncio import AsyncioInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from sentry_sdk.integrations.asyncio import AsyncioIntegration, enable_asyncio_integration

from episodic.asyncio_tasks import (
    TaskMetadata,
    TaskObserver,
    TaskOutcome,
    create_task,
    install_task_factory,
    task_metadata,
)
from episodic.observability.tracing import SpanObserver
from tests.benchmarks.report import Section, ratios

with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
    import aiomonitor

METADATA: Final[TaskMetadata] = {
    "operation_name": "canonical.ingestion.normalize",
    "correlation_id": "019a8f3e-7c1e-7d32-8a4e-6f0c5b1a2d3e",
    "priority_hint": 3,
}
BATCH: Final = 100
type Make = Callable[[], asyncio.Task[int]]
type Setup = Callable[[asyncio.AbstractEventLoop], Any]


async def work() -> int:
    return 1


def plain() -> asyncio.Task[int]:
    return asyncio.create_task(work(), name="n")


def without_metadata() -> asyncio.Task[int]:
    return create_task(work(), name="n")


def with_metadata() -> asyncio.Task[int]:
    return create_task(work(), name="n", metadata=METADATA)


def unnamed() -> asyncio.Task[int]:
    return create_task(work(), metadata=METADATA)


def general() -> asyncio.Task[int]:
    return create_task(work(), name="n", eager_start=False, metadata=METADATA)


class Both(TaskObserver):
    """One observer of start and end that does nothing itself."""

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        pass

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        pass


def bare(_: asyncio.AbstractEventLoop) -> Any:
    return nullcontext()


def ours(*observers: TaskObserver) -> Setup:
    return lambda loop: install_task_factory(loop, *observers)


@contextmanager
def sentry(_: asyncio.AbstractEventLoop) -> Generator[None]:
    sentry_sdk.init(
        dsn="https://key@sentry.invalid/1",
        transport=cast("Any", lambda _: None),  # type: ignore[reportUnknownLambdaType]
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[AsyncioIntegration()],
    )
    enable_asyncio_integration()
    yield
    sentry_sdk.get_client().close()


def opentelemetry(*, spans: bool) -> Setup:
    @contextmanager
    def setup(_: asyncio.AbstractEventLoop) -> Generator[None]:
        with traced_coroutines("work" if spans else ""):
            instrumentor = cast("Any", AsyncioInstrumentor())
            instrumentor.instrument(tracer_provider=TracerProvider())
            yield
            instrumentor.uninstrument()

    return setup


@contextmanager
def traced_coroutines(coroutines: str) -> Generator[None]:
    """Name the coroutines for which OpenTelemetry's instrumentation opens spans."""
    os.environ["OTEL_PYTHON_ASYNCIO_COROUTINE_NAMES_TO_TRACE"] = coroutines
    yield
    del os.environ["OTEL_PYTHON_ASYNCIO_COROUTINE_NAMES_TO_TRACE"]


def monitor(loop: asyncio.AbstractEventLoop) -> Any:
    with warnings.catch_warnings(action="ignore"):  # of its web server, about itself
        return aiomonitor.start_monitor(
            loop, port=0, webui_port=0, console_enabled=False, hook_task_factory=True
        )


FLOOR: Final = "`asyncio.create_task(coro, name=…)`"
CASES: Final[dict[str, tuple[Make, Setup, str]]] = {
    FLOOR: (plain, bare, "1"),
    "the same again: the noise": (plain, bare, ""),
    "no metadata": (without_metadata, bare, "1.10"),
    "the same plain task, our factory installed": (plain, ours(), "1.15"),
    "metadata, no factory installed": (with_metadata, bare, "1.30"),
    "metadata, our factory, no observer": (with_metadata, ours(), "1.45"),
    "metadata, one observer of start and end": (with_metadata, ours(Both()), "2.05"),
    "metadata, name made by the codec": (unnamed, bare, "2.2"),
    # What the lean path buys: with `eager_start=False`, the call takes the general one.
    "metadata, no factory, on the general path": (general, bare, ""),
    "metadata, our factory, on the general path": (general, ours(), ""),
}
PEERS: Final[dict[str, tuple[Make, Setup, str]]] = {
    FLOOR: (plain, bare, "1"),
    "spans by our adapter on a recording SDK": (
        with_metadata,
        ours(SpanObserver(TracerProvider())),
        "",
    ),
    "OpenTelemetry's instrumentation, spans on the same SDK": (plain, opentelemetry(spans=True), ""),
    "OpenTelemetry's instrumentation, no spans": (plain, opentelemetry(spans=False), ""),
    "sentry-sdk's AsyncioIntegration": (plain, sentry, ""),
    "aiomonitor, hooked": (plain, monitor, ""),
}


def sections() -> list[Section]:
    """What replaces asyncio's parts comes last, so that it is in nobody's way."""
    ours_alone, footprint = cost("Cost of a task", CASES), memory()
    return [ours_alone, spans(), cost("Cost of a task with peers", PEERS), footprint]


def once(make: Make, setup: Setup) -> float:
    """Seconds of processor time to create, run and gather five batches, on a new loop that is set up."""

    async def main() -> float:
        with setup(asyncio.get_running_loop()):
            await asyncio.gather(*[make() for _ in range(BATCH)])
            gc.collect()
            gc.disable()
            try:
                start = time.process_time()
                for _ in range(5):
                    await asyncio.gather(*[make() for _ in range(BATCH)])
                return time.process_time() - start
            finally:
                gc.enable()

    return asyncio.run(main())


def interleaved(cases: Mapping[str, tuple[Make, Setup]], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in cases}
    shuffled = random.Random(0)  # an order, no secret: what runs before a case warms it or cools it
    for _ in range(rounds):
        for name, (make, setup) in shuffled.sample([*cases.items()], len(cases)):
            times[name].append(once(make, setup))
    return times


def cost(title: str, cases: Mapping[str, tuple[Make, Setup, str]], rounds: int = 40) -> Section:
    times = interleaved({name: (make, setup) for name, (make, setup, _) in cases.items()}, rounds)
    medians = ratios(times, FLOOR)
    return Section(
        title,
        f"Create, run and gather batches of {BATCH} tasks: median over {rounds} rounds, each in another "
        "order, of the ratio of processor time to a plain task, garbage collector off. Absolute: "
        f"{statistics.median(times[FLOOR]) / 5 / BATCH * 1e6:.2f} µs a plain task.",
        ("case", "ratio", "at most"),
        [(name, f"{medians[name]:.2f}", goal) for name, (_, _, goal) in cases.items()],
    )


TRACER: Final = TracerProvider().get_tracer(__name__)
ATTRIBUTES: Final[dict[str, str | int]] = {
    "episodic.task_name": "n",
    "episodic.correlation_id": "019a8f3e-7c1e-7d32-8a4e-6f0c5b1a2d3e",
    "episodic.priority_hint": 3,
}
SPAN: Final[ContextVar[trace.Span]] = ContextVar("span")


class Parts(TaskObserver):
    """Does a part of what our adapter does: a span, made current or not, with attributes or without."""

    def __init__(self, *, current: bool, attributes: dict[str, str | int] | None = None) -> None:
        self._current = current
        self._attributes = attributes

    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        context = otel_context.get_current()
        span = TRACER.start_span("n", context, attributes=self._attributes)
        SPAN.set(span)
        if self._current:
            otel_context.attach(trace.set_span_in_context(span, context))

    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        SPAN.get().end()


async def in_a_span(attributes: dict[str, str | int] | None) -> int:
    with TRACER.start_as_current_span("n", attributes=attributes):
        return 1


def by_hand(attributes: dict[str, str | int] | None) -> Make:
    return lambda: asyncio.create_task(in_a_span(attributes), name="n")


async def in_a_span_of_its_task() -> int:
    """Open by hand the span that our adapter opens: named and described by what its task carries."""
    task = cast("asyncio.Task[int]", asyncio.current_task())
    metadata = task_metadata(task) or TaskMetadata()
    attributes: dict[str, str | int] = {"episodic.task_name": task.get_name()}
    if (correlation := metadata.get("correlation_id")) is not None:
        attributes["episodic.correlation_id"] = correlation
    if (priority := metadata.get("priority_hint")) is not None:
        attributes["episodic.priority_hint"] = priority
    name = metadata.get("operation_name", task.get_name())
    with TRACER.start_as_current_span(name, attributes=attributes):
        return 1


def described_by_hand() -> asyncio.Task[int]:
    return create_task(in_a_span_of_its_task(), name="n", metadata=METADATA)


BY_HAND: Final = "by hand in the coroutine: a current span, three attributes"
SAME_TASK: Final = "by hand in the same task: a current span, three attributes from its metadata"


def spans() -> Section:
    parts = {
        FLOOR: (plain, bare),
        "an observer that does nothing": (with_metadata, ours(Both())),
        "… that opens a span and ends it": (with_metadata, ours(Parts(current=False))),
        "… and makes it current in the task": (with_metadata, ours(Parts(current=True))),
        "… and gives it three attributes": (with_metadata, ours(Parts(current=True, attributes=ATTRIBUTES))),
        "our adapter": (with_metadata, ours(SpanObserver(TracerProvider()))),
        "OpenTelemetry's instrumentation: a span, not current, no attributes": (
            plain,
            opentelemetry(spans=True),
        ),
        "by hand in the coroutine: a current span, no attributes": (by_hand(None), bare),
        BY_HAND: (by_hand(ATTRIBUTES), bare),
        SAME_TASK: (described_by_hand, ours()),
    }
    times = interleaved(parts, 40)
    medians = ratios(times, FLOOR)
    same_task, plain_task = (ratios(times, case)["our adapter"] for case in (SAME_TASK, BY_HAND))
    return Section(
        "Where the cost of a span is",
        "The adapter does more than OpenTelemetry's instrumentation, which opens its span inside the "
        "coroutine, does not make it current (so that spans of children do not find their parent), gives it "
        "no attributes, and needs no callback to end it. Each part adds to the one above. In the same rounds "
        f"our adapter costs {same_task:.2f} of the same task that opens its span by hand, with what its "
        f"metadata says (at most 1.15), and {plain_task:.2f} of a plain task that opens it by hand with "
        "constants: that one carries no metadata, so that nothing else sees what it does.",
        ("case", "ratio"),
        [(name, f"{ratio:.2f}") for name, ratio in medians.items()],
    )


def memory(count: int = 1000) -> Section:
    async def sleeper() -> None:
        await asyncio.Event().wait()

    makes: dict[str, tuple[Callable[[], asyncio.Task[None]], Setup]] = {
        FLOOR: (lambda: asyncio.create_task(sleeper(), name="n"), bare),
        "metadata, no factory installed": (
            lambda: create_task(sleeper(), name="n", metadata=METADATA),
            bare,
        ),
        "metadata, our factory, no observer": (
            lambda: create_task(sleeper(), name="n", metadata=METADATA),
            ours(),
        ),
        "metadata, one observer of start and end": (
            lambda: create_task(sleeper(), name="n", metadata=METADATA),
            ours(Both()),
        ),
    }

    async def live(make: Callable[[], asyncio.Task[None]], setup: Setup) -> float:
        with setup(asyncio.get_running_loop()):
            gc.collect()
            tracemalloc.start()
            tasks = [make() for _ in range(count)]
            await asyncio.sleep(0)
            gc.collect()
            used = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return used / count

    rows = [(name, f"{asyncio.run(live(make, setup)):.0f}") for name, (make, setup) in makes.items()]
    return Section(
        "Memory of a task",
        f"Bytes per live task, coroutine and event included, as tracemalloc sees {count} of them.",
        ("case", "bytes"),
        rows,
    )
