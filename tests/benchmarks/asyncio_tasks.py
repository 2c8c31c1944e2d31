"""What a task with metadata costs, as ratios to a plain one, with the peers beside it."""

import asyncio
import gc
import os
import statistics
import time
import tracemalloc
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from typing import Any, Final, cast

import sentry_sdk
from opentelemetry.instrumentation.asyncio import AsyncioInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from sentry_sdk.integrations.asyncio import AsyncioIntegration, enable_asyncio_integration

from episodic.asyncio_tasks import (
    TaskMetadata,
    TaskObserver,
    TaskOutcome,
    create_task,
    install_task_factory,
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
    "no metadata": (without_metadata, bare, "1.05"),
    "metadata, no factory installed": (with_metadata, bare, "1.30"),
    "metadata, our factory, no observer": (with_metadata, ours(), "1.45"),
    "metadata, one observer of start and end": (with_metadata, ours(Both()), "2.0"),
    "metadata, name made by the codec": (unnamed, bare, ""),
    "metadata, spans by our adapter on a recording SDK": (
        with_metadata,
        ours(SpanObserver(TracerProvider())),
        "OpenTelemetry's",
    ),
    "OpenTelemetry's instrumentation, spans on the same SDK": (plain, opentelemetry(spans=True), ""),
    "OpenTelemetry's instrumentation, no spans": (plain, opentelemetry(spans=False), ""),
    "sentry-sdk's AsyncioIntegration": (plain, sentry, ""),
    "aiomonitor, hooked": (plain, monitor, ""),
}


def sections() -> list[Section]:
    return [cost(), memory()]


def once(make: Make, setup: Setup) -> float:
    """Seconds of create, run and gather of five batches, on a new loop that is set up already."""

    async def main() -> float:
        with setup(asyncio.get_running_loop()):
            await asyncio.gather(*[make() for _ in range(BATCH)])
            gc.collect()
            gc.disable()
            try:
                start = time.perf_counter()
                for _ in range(5):
                    await asyncio.gather(*[make() for _ in range(BATCH)])
                return time.perf_counter() - start
            finally:
                gc.enable()

    return asyncio.run(main())


def cost(rounds: int = 40) -> Section:
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(rounds):
        for name, (make, setup, _) in CASES.items():
            times[name].append(once(make, setup))
    medians = ratios(times, FLOOR)
    return Section(
        "Cost of a task",
        f"Create, run and gather batches of {BATCH} tasks: median over {rounds} interleaved rounds of the "
        "ratio to a plain task, garbage collector off. Absolute: "
        f"{statistics.median(times[FLOOR]) / 5 / BATCH * 1e6:.2f} µs a plain task.",
        ("case", "ratio", "at most"),
        [(name, f"{medians[name]:.2f}", goal) for name, (_, _, goal) in CASES.items()],
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
