"""Counts as a file for a spreadsheet: codes, not words, so that it reads the same in every language."""

import csv
from collections.abc import Iterator
from io import StringIO

from gateway.charts.cells import Cell
from gateway.portal.present.region import Counts
from gateway.portal.present.waits import Medians

HEAD = (
    *("table", "sent_from", "received_in", "service", "outcome", "month"),
    *("referrals", "median_hours", "not_shown", "rounded_to"),
)


def written(counts: Counts, monthly: Medians) -> str:
    """CSV with a header; `not_shown` is below_threshold or withheld, and the number then empty; others are rounded.

    A code left out is added up: all countries, all outcomes.
    """
    file = StringIO()
    lines = ((*line, str(counts.rounded_to) if line[6] else "") for line in _lines(counts, monthly))
    csv.writer(file).writerows([HEAD, *lines])
    return file.getvalue()


def _lines(counts: Counts, monthly: Medians) -> Iterator[tuple[str, ...]]:
    for (origin, destination), cell in {**counts.flows, **counts.sent_sums}.items():
        yield ("corridors", origin, destination, "", "", "", *_number(cell))
    for (destination, outcome), cell in {**counts.ends, **counts.end_sums}.items():
        yield ("outcomes", "", destination, "", outcome, "", *_number(cell))
    for (service, destination), cell in counts.asked.items():
        yield ("services", "", destination, service, "", "", *_number(cell))
    for (measure, at), hours in counts.waits.items():
        yield (f"hours_to_{measure}", "", *(at or ("",)), "", "", "", "", *_hours(hours))
    for (measure, at), hours in monthly.items():
        if len(at) == 2:  # noqa: PLR2004  (country and month; totals are there already)
            yield (f"hours_to_{measure}", "", at[0], "", "", at[1], "", *_hours(hours))


def _number(cell: Cell) -> tuple[str, str, str]:
    held = {"": "", "below": "below_threshold", "withheld": "withheld"}[cell.held]
    return ("" if cell.held else str(cell.count), "", held)


def _hours(median: int | None) -> tuple[str, str]:
    return ("", "withheld") if median is None else (str(median), "")
