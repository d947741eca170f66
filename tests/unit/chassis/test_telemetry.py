"""Traces: a caller's trace is continued, a foreign one is only linked, and nonsense is ignored."""

import pytest
from opentelemetry import trace

from services.chassis import telemetry

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    "header", [None, "", "x", PARENT[:-1], PARENT.upper(), "00-" + "g" * 32 + "-" + "0" * 16 + "-01"]
)
def test_a_traceparent_that_is_none_is_ignored(header: str | None) -> None:
    assert telemetry.parent_of(header) is None


def test_a_callers_trace_is_continued() -> None:
    context = telemetry.parent_of(PARENT)

    assert trace.get_current_span(context).get_span_context().trace_id == 0x0AF7651916CD43DD8448EB211C80319C


def test_a_zero_trace_is_no_trace() -> None:
    assert telemetry.context_of(None) is None


def test_a_new_trace_is_recorded_when_what_it_links_to_was() -> None:
    sampler = telemetry.LinkedOrRatio(0)
    linked = [trace.Link(telemetry.context_of(PARENT))]
    unlinked = [trace.Link(telemetry.context_of(PARENT[:-2] + "00"))]

    assert sampler.should_sample(None, 1, "receive", links=linked).decision.is_sampled()
    assert not sampler.should_sample(None, 1, "receive", links=unlinked).decision.is_sampled()
