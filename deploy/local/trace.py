"""`make trace`: the latest crossing of the demo as its spans; each side's traces link to the other's at the border."""

import json
from collections.abc import Iterator
from typing import Any

from deploy.local.errors import LauncherError
from deploy.local.state import State, read_json

Span = dict[str, Any]
_BEGINS = "/send"


def show_trace(state: State) -> str:
    """The newest recorded sending and every trace that links to it; raises LauncherError when there is none."""
    spans = list(_spans(state))
    begun = read_json(state.crossing) or []
    sendings = [span for span in spans if span["trace_id"] in begun and span["name"].endswith(_BEGINS)]
    if not sendings:
        raise LauncherError("No crossing was recorded yet. Play one with `make demo`, then `make trace`.")
    first = min(sendings, key=lambda span: span["start"])
    traces = _linked(spans, begun)
    lines = ["Times are milliseconds since the sending began; a border is crossed by a link, not by one trace."]
    for trace_id in traces:
        linked = _origins(spans, trace_id, traces)
        origin = ", linked to " + ", ".join(linked) if linked else ", begun by an agency's own system"
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


def _linked(spans: list[Span], begun: list[str]) -> list[str]:
    """The traces that the two agencies' systems began, and what links to them."""
    found = list(begun)
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
