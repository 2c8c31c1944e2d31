"""What a task with metadata costs, as ratios to a plain one, with the peers beside it.

A few per cent are asked for, and the hash seed and the addresses that a process happens to get move a ratio
by as much. So each table is measured by several processes of its own, each in many short rounds, and says how
far they are apart. Our own cost is measured in an empty context: a variable is set in a time that grows with
the number of those that the context has, and importing Sentry's SDK puts three there.
"""

import asyncio
import gc
import multiprocessing
import os
import random
import statistics
import time
import tracemalloc
import warnings
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from contextvars import Context, ContextVar, copy_context
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
ROUNDS: Final = 100
PROCESSES: Final = 5
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


def ten_variables(_: asyncio.AbstractEventLoop) -> Any:
    """Fill the context; with new ones each time, for where one lands among them is luck."""
    for number in range(10):
        ContextVar[int](str(number)).set(number)
    return nullcontext()


def ignore(_: object) -> None:
    pass


def with_a_callback() -> asyncio.Task[int]:
    context = copy_context()
    task = asyncio.create_task(work(), name="n", context=context)
    task.add_done_callback(ignore, context=context)
    return task


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
NOISE: Final = "the same again: the noise"
type Cases = Mapping[str, tuple[Make, Setup]]
CASES: Final[Cases] = {
    FLOOR: (plain, bare),
    NOISE: (plain, bare),
    "no metadata": (without_metadata, bare),
    "the same plain task, our factory installed": (plain, ours()),
    "metadata, no factory installed": (with_metadata, bare),
    "metadata, our factory, no observer": (with_metadata, ours()),
    "metadata, one observer of start and end": (with_metadata, ours(Both())),
    "metadata, name made by the codec": (unnamed, bare),
    "metadata, no factory installed, ten variables in the context": (with_metadata, ten_variables),
    # Of an observer: the least that tells of an end.
    "no metadata, a callback that does nothing, in a context of the task's own": (with_a_callback, bare),
    # What the lean path buys: with `eager_start=False`, the call takes the general one.
    "metadata, no factory, on the general path": (general, bare),
    "metadata, our factory, on the general path": (general, ours()),
}
AT_MOST: Final = dict(zip(CASES, ("1", "", "1.10", "1.15", "1.30", "1.45", "2.05", "2.2"), strict=False))
PEERS: Final[Cases] = {
    FLOOR: (plain, bare),
    "spans by our adapter on a recording SDK": (with_metadata, ours(SpanObserver(TracerProvider()))),
    "OpenTelemetry's instrumentation, spans on the same SDK": (plain, opentelemetry(spans=True)),
    "OpenTelemetry's instrumentation, no spans": (plain, opentelemetry(spans=False)),
    "sentry-sdk's AsyncioIntegration": (plain, sentry),
    "aiomonitor, hooked": (plain, monitor),
}


def sections() -> list[Section]:
    return [
        cost("Cost of a task", "CASES", "In an empty context.", ("case", "ratio", "processes", "at most")),
        spans(),
        cost("Cost of a task with peers", "PEERS", "", ("case", "ratio", "processes")),
        memory(),
    ]


def once(make: Make, setup: Setup) -> float:
    """Seconds of processor time to create, run and gather a batch, on a new loop that is set up and warm."""

    async def main() -> float:
        with setup(asyncio.get_running_loop()):
            gc.collect()
            gc.disable()
            try:
                for _ in range(2):
                    await asyncio.gather(*[make() for _ in range(BATCH)])
                start = time.process_time()
                await asyncio.gather(*[make() for _ in range(BATCH)])
                return time.process_time() - start
            finally:
                gc.enable()

    return asyncio.run(main())


def interleaved(table: str) -> dict[str, list[float]]:
    """Measure the cases of a table in a process that does nothing else."""
    cases: Cases = globals()[table]
    times: dict[str, list[float]] = {name: [] for name in cases}
    gc.freeze()  # what was imported, so that a collection takes no time and leaves the caches warm
    shuffled = random.Random(0)  # an order, no secret: what runs before a case warms it or cools it
    for _ in range(ROUNDS):
        for name, (make, setup) in shuffled.sample([*cases.items()], len(cases)):
            context = Context() if cases is CASES else copy_context()  # those of peers' own are theirs
            times[name].append(context.run(once, make, setup))
    return times


def measured(table: str) -> list[dict[str, list[float]]]:
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawning, max_tasks_per_child=1) as process:
        return [*process.map(interleaved, [table] * PROCESSES)]


def compared(runs: list[dict[str, list[float]]], floor: str) -> dict[str, tuple[str, str]]:
    """Each case's ratio, in the middle of the processes, and the least and the greatest of them."""
    medians = [ratios(times, floor) for times in runs]
    found = {name: sorted(of[name] for of in medians) for name in medians[0]}
    return {
        name: (f"{statistics.median(of):.2f}", f"{of[0]:.2f} to {of[-1]:.2f}") for name, of in found.items()
    }


def cost(title: str, table: str, where: str, columns: tuple[str, ...]) -> Section:
    runs = measured(table)
    floor = statistics.median(statistics.median(times[FLOOR]) for times in runs)
    rows = [(name, *figures, AT_MOST.get(name, "")) for name, figures in compared(runs, FLOOR).items()]
    return Section(
        title,
        f"Create, run and gather batches of {BATCH} tasks, garbage collector off: median of the ratio of "
        f"processor time to a plain task, over {ROUNDS} rounds in each of {PROCESSES} processes; that of the "
        "process in the middle, and the least and the greatest. Absolute: "
        f"{floor / BATCH * 1e6:.2f} µs a plain task. {where}",
        columns,
        [row[: len(columns)] for row in rows],
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


PARTS: Final[Cases] = {
    FLOOR: (plain, bare),
    "an observer that does nothing": (with_metadata, ours(Both())),
    "… that opens a span and ends it": (with_metadata, ours(Parts(current=False))),
    "… and makes it current in the task": (with_metadata, ours(Parts(current=True))),
    "… and gives it three attributes": (with_metadata, ours(Parts(current=True, attributes=ATTRIBUTES))),
    "our adapter": (with_metadata, ours(SpanObserver(TracerProvider()))),
    "OpenTelemetry's instrumentation: a span, not current, no attributes": (plain, opentelemetry(spans=True)),
    "by hand in the coroutine: a current span, no attributes": (by_hand(None), bare),
    BY_HAND: (by_hand(ATTRIBUTES), bare),
    SAME_TASK: (described_by_hand, ours()),
}


def spans() -> Section:
    runs = measured("PARTS")
    same_task, plain_task = (compared(runs, case)["our adapter"] for case in (SAME_TASK, BY_HAND))
    return Section(
        "Where the cost of a span is",
        "The adapter does more than OpenTelemetry's instrumentation, which opens its span inside the "
        "coroutine, does not make it current (so that spans of children do not find their parent), gives it "
        "no attributes, and needs no callback to end it. Each part adds to the one above. In the same rounds "
        f"our adapter costs {same_task[0]} ({same_task[1]}) of the same task that opens its span by hand, "
        f"with what its metadata says (at most 1.15), and {plain_task[0]} ({plain_task[1]}) of a plain task "
        "that opens it by hand with constants: that one carries no metadata, so that nothing else sees what "
        "it does.",
        ("case", "ratio", "processes"),
        [(name, *figures) for name, figures in compared(runs, FLOOR).items()],
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
