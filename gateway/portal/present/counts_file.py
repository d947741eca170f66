"""Counts as a file for a spreadsheet: codes, not words, so that it reads the same in every language."""

import csv
from collections.abc import Iterator
from io import StringIO

from gateway.charts.cells import Cell
from gateway.portal.present.region import Counts

HEAD = ("table", "sent_from", "received_in", "service", "outcome", "referrals", "median_hours", "not_shown")


def written(counts: Counts) -> str:
    """CSV with a header; `not_shown` is below_threshold or withheld, and the number then empty."""
    file = StringIO()
    csv.writer(file).writerows([HEAD, *_lines(counts)])
    return file.getvalue()


def _lines(counts: Counts) -> Iterator[tuple[str, ...]]:
    for (origin, destination), cell in counts.flows.items():
        yield ("corridors", origin, destination, "", "", *_number(cell))
    for (destination, outcome), cell in counts.ends.items():
        yield ("outcomes", "", destination, "", outcome, *_number(cell))
    for (service, destination), cell in counts.asked.items():
        yield ("services", "", destination, service, "", *_number(cell))
    for (measure, at), hours in counts.waits.items():
        yield (f"hours_to_{measure}", "", *(at or ("",)), "", "", "", *_hours(hours))


def _number(cell: Cell) -> tuple[str, str, str]:
    held = {"": "", "below": "below_threshold", "withheld": "withheld"}[cell.held]
    return ("" if cell.held else str(cell.count), "", held)


def _hours(median: int | None) -> tuple[str, str]:
    return ("", "withheld") if median is None else (str(median), "")
