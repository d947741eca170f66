"""Coordination: counts that have passed the disclosure function. Nothing here names a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.charts.cells import Cell
from gateway.portal.clients.api import Api

_S = "coordination"
Key = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Cells by the codes of the dimensions asked for, in that order; medians in hours by measure and codes.

    In the totals an added-up dimension has the code "".
    """

    cells: dict[Key, Cell]
    totals: dict[Key, Cell] = field(default_factory=dict)
    threshold: int = 11
    rounded_to: int = 1
    as_of: datetime | None = None
    waits: dict[tuple[str, Key], int | None] = field(default_factory=dict)

    @property
    def pairs(self) -> dict[tuple[str, str], Cell]:
        """The cells of a table of two dimensions."""
        return _pairs(self.cells)

    @property
    def sums(self) -> dict[tuple[str, str], Cell]:
        """The totals of a table of two dimensions."""
        return _pairs(self.totals)


async def table(api: Api, *dimensions: str, filters: Mapping[str, str] | None = None) -> Table:
    """A table of counts by these dimensions, of what the filters let through."""
    question = {"dimensions": list(dimensions), "filters": dict(filters or {})}
    found = await api.post(_S, "/v1/count_queries", question)
    as_of = found.get("as_of")
    return Table(
        cells={_key(one, dimensions): _cell(one) for one in found["rows"]},
        totals={tuple(one["at"].get(name, "") for name in dimensions): _cell(one) for one in found["totals"]},
        threshold=int(found["threshold"]),
        rounded_to=int(found["rounded_to"]),
        as_of=datetime.fromisoformat(as_of) if as_of else None,
        waits={(one["measure"], _key(one, dimensions)): one["median_hours"] for one in found.get("waits", [])},
    )


def _pairs(cells: Mapping[Key, Cell]) -> dict[tuple[str, str], Cell]:
    return {(first, second): cell for (first, second), cell in cells.items()}


def _key(one: dict[str, Any], dimensions: tuple[str, ...]) -> Key:
    """The codes; a total lacks some and has a shorter key."""
    return tuple(str(one["at"][name]) for name in dimensions if name in one["at"])


def _cell(one: dict[str, Any]) -> Cell:
    if one.get("suppressed") == "below_threshold":
        return Cell(None, "below")
    return Cell(one["value"]) if one["value"] is not None else Cell(None, "withheld")
