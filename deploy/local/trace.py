"""`make trace`: the latest crossing as its spans, one trace per country, linked at the border."""

import json
from collections.abc import Iterator
from typing import Any

from deploy.local.errors import LauncherError
from deploy.local.state import State

Span = dict[str, Any]
_BEGINS = "/send"


def show_trace(state: State) -> str:
    """The newest recorded sending and every trace that links to it; raises LauncherError when there is none."""
    spans = list(_spans(state))
    sendings = [span for span in spans if span["name"].endswith(_BEGINS)]
    if not sendings:
        raise LauncherError("No crossing was recorded yet. Play one with `make demo`, then `make trace`.")
    first = max(sendings, key=lambda span: span["start"])
    traces = _linked(spans, first["trace_id"])
    lines = ["Times are milliseconds since the sending began; a border is crossed by a link, not by one trace."]
    for number, trace_id in enumerate(traces):
        origin = "" if number == 0 else ", linked to " + ", ".join(_origins(spans, trace_id, traces))
        lines.append(f"\ntrace {trace_id[:8]}{origin}")
        lines += _rows([span for span in spans if span["trace_id"] == trace_id], first["start"])
    return "\n".join(lines)


def _spans(state: State) -> Iterator[Span]:
    for path in sorted((state.folder / "traces").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue  # the last line of a process that was killed while it wrote


def _linked(spans: list[Span], first: str) -> list[str]:
    found = [first]
    for trace_id in found:
        for span in sorted(spans, key=lambda one: one["start"]):
            if trace_id in span["links"] and span["trace_id"] not in found:
                found.append(span["trace_id"])
    return found


def _origins(spans: list[Span], trace_id: str, traces: list[str]) -> list[str]:
    linked = {link for span in spans if span["trace_id"] == trace_id for link in span["links"]}
    return [one[:8] for one in traces if one in linked]


def _rows(spans: list[Span], began: int) -> list[str]:
    parents = {span["span_id"]: span.get("parent_id") for span in spans}
    rows = []
    for span in sorted(spans, key=lambda one: one["start"]):
        depth, parent = 0, span.get("parent_id")
        while parent in parents:
            depth, parent = depth + 1, parents[parent]
        at, took = (span["start"] - began) / 1e6, (span["end"] - span["start"]) / 1e6
        rows.append(f"  {at:>9.1f}  {took:>7.1f} ms  {span['service']:<18} {'  ' * depth}{span['name']}")
    return rows
