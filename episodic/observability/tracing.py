"""OpenTelemetry spans, one for each instrumented task; needs the extra ``otel``."""

from contextvars import ContextVar
from typing import override

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome


class SpanObserver(TaskObserver):
    """Opens a span when a task starts and ends it when the task does.

    The span is named for the operation, or for the task without one. Its parent is the span that was current
    where the task was created; in the task, and in what it creates, it is current itself (not so where the
    caller supplied the task's context, which must end as it was). A task that raises sets the status to error
    and records the exception; one that was cancelled is no error.

    Parameters
    ----------
    tracer_provider
        OpenTelemetry's global one if ``None``.
    """

    def __init__(self, tracer_provider: trace.TracerProvider | None = None) -> None:
        self._tracer = trace.get_tracer(__name__, tracer_provider=tracer_provider)
        # Not the current span: the task may have made another current, and an observer beside this one too.
        self._span: ContextVar[trace.Span] = ContextVar("episodic_span")

    @override
    def started(self, metadata: TaskMetadata, name: str, /) -> None:
        """Open the span, in the context that the task copies."""
        attributes: dict[str, str | int] = {"episodic.task_name": name}
        if (correlation := metadata.get("correlation_id")) is not None:
            attributes["episodic.correlation_id"] = correlation
        if (priority := metadata.get("priority_hint")) is not None:
            attributes["episodic.priority_hint"] = priority
        current = otel_context.get_current()
        span = self._tracer.start_span(metadata.get("operation_name", name), current, attributes=attributes)
        self._span.set(span)
        otel_context.attach(trace.set_span_in_context(span, current))

    @override
    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        """End the span."""
        span = self._span.get()
        if outcome == "cancelled":
            span.set_attribute("episodic.outcome", outcome)
        if error is not None:
            span.record_exception(error)
            span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        span.end()
