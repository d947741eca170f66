"""Traces by hand-placed spans. Attributes are codes and opaque ids only; baggage is never written."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.environment_variables import (
    OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    OTEL_TRACES_SAMPLER,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags, Tracer, TraceState
from opentelemetry.util.types import Attributes

tracer: Tracer = trace.get_tracer("safar")

ROOT_RATIO = 0.05
"""The share of journeys recorded unasked; OTEL_TRACES_SAMPLER overrides it."""


def set_up(component: str, node: str, trace_file: Path | None, environment: dict[str, str]) -> None:
    """Install the exporters: OTLP by the standard variables, and a file of JSON lines for a single machine."""
    sampler = None if OTEL_TRACES_SAMPLER in environment else ParentBased(LinkedOrRatio(ROOT_RATIO))
    provider = TracerProvider(sampler, Resource.create({"service.name": f"{node}.{component}"}))
    if OTEL_EXPORTER_OTLP_ENDPOINT in environment or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT in environment:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    if trace_file is not None:
        trace_file.parent.mkdir(parents=True, exist_ok=True)
        provider.add_span_processor(BatchSpanProcessor(FileExporter(trace_file.open("a")), schedule_delay_millis=500))
    trace.set_tracer_provider(provider)


class LinkedOrRatio(Sampler):
    """Records a new trace when what it links to was recorded, else a share of them: a span costs half a request.

    Whoever wants a journey recorded sends a sampled traceparent; it is honoured across the border.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = TraceIdRatioBased(ratio)

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        if any(link.context.trace_flags.sampled for link in links or ()):
            return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes, trace_state)
        return self._ratio.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        return "LinkedOrRatio"


class FileExporter(SpanExporter):
    """One JSON line a span: what `make trace` reads."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            self._file.write(json.dumps(_line(span), separators=(",", ":")) + "\n")
        self._file.flush()
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self._file.close()


def _line(span: ReadableSpan) -> dict[str, object]:
    context = span.get_span_context()
    return {
        "service": span.resource.attributes.get("service.name"),
        "name": span.name,
        "trace_id": f"{context.trace_id:032x}" if context else None,
        "span_id": f"{context.span_id:016x}" if context else None,
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "start": span.start_time,
        "end": span.end_time,
        "attributes": dict(span.attributes or {}),
        "links": [f"{link.context.trace_id:032x}" for link in span.links],
    }


def current_traceparent() -> str | None:
    """The W3C traceparent of the running span, to be stored with an outbox row."""
    context = trace.get_current_span().get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}" if context.is_valid else None


def trace_id() -> str | None:
    """The running trace's id, for problem documents and logs."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def context_of(traceparent: str | None) -> SpanContext | None:
    """The remote span that a traceparent names; None when it is absent or none."""
    if not traceparent or not _TRACEPARENT.match(traceparent):
        return None
    _, trace_hex, span_hex, flags = traceparent.split("-")
    return SpanContext(int(trace_hex, 16), int(span_hex, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def linked_span(name: str, traceparent: str | None, **attributes: str | int) -> Span:
    """A new trace with a link to where the message came from: the gap may be hours and crosses an organisation."""
    origin = context_of(traceparent)
    links = [Link(origin)] if origin else []
    return tracer.start_span(name, context=trace.set_span_in_context(_NOTHING), links=links, attributes=attributes)


def parent_of(traceparent: str | None) -> Context | None:
    """The context to continue a caller's trace in; None when the header is absent or not ours to trust."""
    origin = context_of(traceparent)
    return trace.set_span_in_context(NonRecordingSpan(origin)) if origin else None


def continued_span(name: str, traceparent: str | None, **attributes: str | int) -> Span:
    """A span in the trace of the node's own message."""
    return tracer.start_span(name, context=parent_of(traceparent), attributes=attributes)


_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_NOTHING = NonRecordingSpan(trace.INVALID_SPAN_CONTEXT)
