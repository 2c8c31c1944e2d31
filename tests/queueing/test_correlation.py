"""What an attempt's tasks say: the submission's id, its priority, and the span in which it was made."""

import asyncio
from dataclasses import replace

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from episodic.asyncio_tasks import install_task_factory
from episodic.observability.tracing import SpanObserver
from tests.queueing.working import Rig, submission

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def test_the_tasks_of_an_attempt_belong_to_its_submission_and_its_span(rig: Rig) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    install_task_factory(asyncio.get_running_loop(), SpanObserver(provider))
    await rig.queue.pause()
    made, content = submission(priority=7)
    made = replace(made, traceparent=f"00-{TRACE}-{SPAN}-01")
    await rig.submit(made, content)
    await rig.queue.resume()
    await rig.work()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    ingest = spans["canonical.ingestion.ingest"]
    assert ingest.attributes
    assert ingest.attributes["episodic.priority_hint"] == 7
    assert ingest.parent
    assert f"{ingest.parent.span_id:016x}" == SPAN
    for name in ("canonical.ingestion.ingest", "canonical.ingestion.normalize"):
        span = spans[name]
        assert span.attributes
        assert span.attributes["episodic.correlation_id"] == str(made.id)
        assert span.context
        assert f"{span.context.trace_id:032x}" == TRACE
