"""OpenTelemetry spans, one for each instrumented task; needs the extra ``otel``."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import override

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from episodic.asyncio_tasks import TaskMetadata, TaskObserver, TaskOutcome


@contextmanager
def continued(traceparent: str | None) -> Generator[None]:
    """Make a span of another process current, so that the spans of tasks made in the block are its children.

    Parameters
    ----------
    traceparent
        As W3C Trace Context writes it; ``None``, or what is none: nothing is current.
    """
    carrier = {"traceparent": traceparent} if traceparent else {}
    token = otel_context.attach(TraceContextTextMapPropagator().extract(carrier))
    try:
        yield
    finally:
        otel_context.detach(token)


class SpanObserver(TaskObserver):
    """Opens a span when a task starts and ends it when the task does.

    The span is named for the operation, or for the task without one. Its parent is the span that was current
    where the task was created; in the task, and in what it creates, it is current itself (not so where the
    caller supplied the task's context, which must end as it was). A task that raises sets the status to error
    and records the exception; one that was cancelled or is lost is no error, and says so in
    ``episodic.outcome``.

    Parameters
    ----------
    tracer_provider
        OpenTelemetry's global one if ``None``.
    link_ended
        Whether a parent that has ended by then is a link instead: a task that outlives the request that
        created it then begins a trace of its own, as OpenTelemetry advises for work that is fire-and-forget.

    Notes
    -----
    Links between spans: OpenTelemetry Specification, "Overview", section "Links between spans".
    """

    def __init__(
        self, tracer_provider: trace.TracerProvider | None = None, *, link_ended: bool = False
    ) -> None:
        self._link_ended = link_ended
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
        current, links = otel_context.get_current(), None
        if self._link_ended and _has_ended(parent := trace.get_current_span(current)):
            links = [trace.Link(parent.get_span_context())]
            current = trace.set_span_in_context(trace.INVALID_SPAN, current)
        name = metadata.get("operation_name", name)
        span = self._tracer.start_span(name, current, attributes=attributes, links=links)
        self._span.set(span)
        otel_context.attach(trace.set_span_in_context(span, current))

    @override
    def finished(
        self, metadata: TaskMetadata, name: str, outcome: TaskOutcome, ns: int, error: BaseException | None, /
    ) -> None:
        """End the span."""
        span = self._span.get()
        if outcome in {"cancelled", "lost"}:
            span.set_attribute("episodic.outcome", outcome)
        if error is not None:
            span.record_exception(error)
            span.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        span.end()


def _has_ended(span: trace.Span) -> bool:
    """Whether a span of this process is over: what is sampled records as long as it lasts."""
    context = span.get_span_context()
    local = context.is_valid and not context.is_remote
    return local and context.trace_flags.sampled and not span.is_recording()
