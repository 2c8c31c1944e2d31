"""OpenTelemetry spans of instrumented tasks, against the real SDK."""

import asyncio
import contextvars
import subprocess
import sys
from collections.abc import Sequence

import pytest
from opentelemetry.context import attach
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    INVALID_SPAN,
    NonRecordingSpan,
    SpanContext,
    StatusCode,
    TraceFlags,
    get_current_span,
    set_span_in_context,
    use_span,
)

from episodic.asyncio_tasks import MetadataTaskFactory, TaskMetadata, create_task, install_task_factory
from episodic.observability.tracing import SpanObserver

METADATA: TaskMetadata = {"operation_name": "normalize", "correlation_id": "job-7", "priority_hint": 2}


@pytest.fixture
async def exporter() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    install_task_factory(asyncio.get_running_loop(), SpanObserver(provider))
    return exporter


async def finished(exporter: InMemorySpanExporter) -> Sequence[ReadableSpan]:
    await asyncio.sleep(0)
    return exporter.get_finished_spans()


async def succeed() -> int:
    return 1


async def test_task_has_one_span_named_for_its_operation(exporter: InMemorySpanExporter) -> None:
    await create_task(succeed(), name="mine", metadata=METADATA)
    [span] = await finished(exporter)
    assert span.name == "normalize"
    assert dict(span.attributes or {}) == {
        "episodic.task_name": "mine",
        "episodic.correlation_id": "job-7",
        "episodic.priority_hint": 2,
    }
    assert span.status.status_code is StatusCode.UNSET


async def test_without_an_operation_the_span_has_the_tasks_name(exporter: InMemorySpanExporter) -> None:
    await create_task(succeed(), name="mine", metadata={"correlation_id": "job-7"})
    assert [span.name for span in await finished(exporter)] == ["mine"]


@pytest.mark.parametrize("eager_start", [False, True])
async def test_parent_is_kept_across_tasks(exporter: InMemorySpanExporter, eager_start: bool) -> None:
    async def between() -> None:
        await create_task(succeed(), metadata={"operation_name": "child"}, eager_start=eager_start)

    async def parent() -> None:
        await asyncio.create_task(between())

    await create_task(parent(), metadata={"operation_name": "parent"}, eager_start=eager_start)
    child, above = await finished(exporter)
    assert (child.name, above.name) == ("child", "parent")
    assert child.parent is not None
    assert above.context is not None
    assert child.parent.span_id == above.context.span_id
    assert above.parent is None


async def test_siblings_do_not_become_each_others_parents(exporter: InMemorySpanExporter) -> None:
    await asyncio.gather(*(create_task(succeed(), metadata=METADATA) for _ in range(3)))
    assert [span.parent for span in await finished(exporter)] == [None] * 3


async def test_span_is_current_in_its_task(exporter: InMemorySpanExporter) -> None:
    async def current() -> int:
        return get_current_span().get_span_context().span_id

    inside = await create_task(current(), metadata=METADATA)
    [span] = await finished(exporter)
    assert span.context is not None
    assert span.context.span_id == inside
    assert not get_current_span().is_recording()


async def test_span_ends_though_the_task_made_another_current(exporter: InMemorySpanExporter) -> None:
    async def leave_another_current() -> None:
        attach(set_span_in_context(INVALID_SPAN))

    await create_task(leave_another_current(), metadata=METADATA)
    assert [span.name for span in await finished(exporter)] == ["normalize"]


async def test_two_observers_end_a_span_each(exporter: InMemorySpanExporter) -> None:
    other = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(other))
    with install_task_factory(asyncio.get_running_loop(), SpanObserver(provider), SpanObserver(provider)):
        await create_task(succeed(), metadata=METADATA)
        assert [span.name for span in await finished(other)] == ["normalize", "normalize"]


async def test_supplied_context_has_a_span_and_no_trace_of_it(exporter: InMemorySpanExporter) -> None:
    context = contextvars.copy_context()
    before = dict(context)
    await create_task(succeed(), context=context, metadata=METADATA)
    assert [span.name for span in await finished(exporter)] == ["normalize"]
    assert dict(context) == before


async def test_exception_is_recorded_as_an_error(exporter: InMemorySpanExporter) -> None:
    async def fail() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError):
        await create_task(fail(), metadata=METADATA)
    [span] = await finished(exporter)
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "LookupError: nothing there"
    assert [event.name for event in span.events] == ["exception"]


async def test_cancellation_is_no_error(exporter: InMemorySpanExporter) -> None:
    task = create_task(asyncio.Event().wait(), metadata=METADATA)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    [span] = await finished(exporter)
    assert span.status.status_code is StatusCode.UNSET
    assert (span.attributes or {})["episodic.outcome"] == "cancelled"


@pytest.mark.parametrize("link_ended", [False, True])
async def test_parent_that_has_ended_is_a_link_where_asked(
    exporter: InMemorySpanExporter, link_ended: bool
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_task_factory(None)
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer(__name__)

    async def create_later() -> None:
        await ended.wait()
        await create_task(succeed(), metadata={"operation_name": "late"})

    ended = asyncio.Event()
    with install_task_factory(loop, SpanObserver(provider, link_ended=link_ended)):
        with tracer.start_as_current_span("parent") as parent:
            await create_task(succeed(), metadata={"operation_name": "in time"})
            later = asyncio.create_task(create_later())
            await asyncio.sleep(0)
        ended.set()
        await later
        spans = {span.name: span for span in await finished(exporter)}
    here = parent.get_span_context()
    assert spans["in time"].parent == here
    assert list(spans["in time"].links) == []
    assert spans["late"].parent == (None if link_ended else here)
    assert [link.context for link in spans["late"].links] == ([here] if link_ended else [])
    late = spans["late"].context
    assert late is not None
    assert (late.trace_id == here.trace_id) is not link_ended


@pytest.mark.parametrize(("is_remote", "flags"), [(True, 1), (False, 0)], ids=["remote", "not sampled"])
async def test_parent_that_only_does_not_record_is_no_link(
    exporter: InMemorySpanExporter, is_remote: bool, flags: int
) -> None:
    provider = TracerProvider(sampler=ALWAYS_ON)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    elsewhere = NonRecordingSpan(SpanContext(1, 2, is_remote, TraceFlags(flags)))
    loop = asyncio.get_running_loop()
    loop.set_task_factory(None)
    with install_task_factory(loop, SpanObserver(provider, link_ended=True)), use_span(elsewhere):
        await create_task(succeed(), metadata=METADATA)
        [span] = await finished(exporter)
    assert span.parent == elsewhere.get_span_context()
    assert list(span.links) == []


async def test_lost_task_ends_its_span_and_says_so(exporter: InMemorySpanExporter) -> None:
    task = create_task(asyncio.Event().wait(), metadata=METADATA)
    factory = asyncio.get_running_loop().get_task_factory()
    assert isinstance(factory, MetadataTaskFactory)
    factory.uninstall()
    task.cancel()
    [span] = await finished(exporter)
    assert span.status.status_code is StatusCode.UNSET
    assert (span.attributes or {})["episodic.outcome"] == "lost"


def test_tasks_need_no_opentelemetry() -> None:
    program = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "import episodic.asyncio_tasks, episodic.observability.logs, episodic.observability.timeline\n"
        "import episodic.observability.notes, episodic.observability\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
